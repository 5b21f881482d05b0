#include "memory/recall/turn_rows.h"

#include <algorithm>

namespace loam {
namespace {

std::string session_key(std::string_view space, std::string_view name) {
  return std::string(space) + '\0' + std::string(name);
}

}  // namespace

uint32_t TurnRows::Names::add(std::string_view name) {
  const auto [found, is_new] = indices.try_emplace(std::string(name), static_cast<uint32_t>(names.size()));
  if (is_new) names.emplace_back(name);
  return found->second;
}

std::optional<uint32_t> TurnRows::Names::find(std::string_view name) const {
  const auto found = indices.find(std::string(name));
  if (found == indices.end()) return std::nullopt;
  return found->second;
}

void TurnRows::append(const Source& turn) {
  const auto row = static_cast<int32_t>(rows_.size());
  const uint32_t space = spaces_.add(turn.space), speaker = speakers_.add(turn.speaker);
  const auto next_session = static_cast<uint32_t>(sessions_.size());
  const uint32_t session = sessions_.try_emplace(session_key(turn.space, turn.session), next_session).first->second;
  last_of_session_.resize(sessions_.size(), -1);
  session_lengths_.resize(sessions_.size());
  turns_of_speaker_.resize(speakers_.names.size());
  const auto length = static_cast<float>(turn.length);
  const int32_t previous = last_of_session_[session];
  rows_.push_back({turn.id, turn.time, space, session, speaker, previous, -1, length, 0, turn.question});
  if (previous >= 0) rows_[static_cast<size_t>(previous)].next = row;
  last_of_session_[session] = row;
  session_lengths_[session] += length;
  sum_length_ += length;
  ++turns_of_speaker_[speaker];
  around(static_cast<size_t>(row), [&](size_t other, float weight) {
    const float added = rows_[other].length * weight;
    rows_.back().context_length += added;
    sum_context_length_ += added;
    if (other == static_cast<size_t>(row)) return;
    rows_[other].context_length += length * weight;
    sum_context_length_ += length * weight;
  });
}

std::optional<size_t> TurnRows::find(TurnId id) const {
  const auto found = std::ranges::lower_bound(rows_, id, {}, &TurnRow::id);
  if (found == rows_.end() || found->id != id) return std::nullopt;
  return static_cast<size_t>(found - rows_.begin());
}

double TurnRows::mean_session_length() const {
  return n_sessions() == 0 ? 0 : sum_length_ / static_cast<double>(n_sessions());
}

std::vector<uint32_t> TurnRows::sessions_called(std::string_view name) const {
  std::vector<uint32_t> found;
  for (const std::string& space : spaces_.names) {
    const auto session = sessions_.find(session_key(space, name));
    if (session != sessions_.end()) found.push_back(session->second);
  }
  return found;
}

}  // namespace loam
