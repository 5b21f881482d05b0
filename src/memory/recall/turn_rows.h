// TurnRows: what ranking looks at in every turn, in memory in the order of ids, so that a recall over 100,000 turns
// reads only those that it returns.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "memory/turn.h"

namespace loam {

// What a word in the turn one, two, three before or after counts, beside 1 in the turn itself: what a turn is about
// stands as often in the question that it answers.
inline constexpr std::array<float, 3> kNeighbourWeights = {0.5F, 0.25F, 0.125F};

struct TurnRow {
  TurnId id;
  UnixTime time;
  uint32_t space, session, speaker;  // indices of names
  int32_t previous, next;            // rows of the same session; -1 where there is none
  float length;                      // words that are no stop words
  float context_length;              // and those around it, by kNeighbourWeights
  bool question;                     // ends with a question mark
};

class TurnRows {
 public:
  struct Source {
    TurnId id;
    UnixTime time;
    std::string_view space, session, speaker;
    int64_t length;
    bool question;
  };
  void append(const Source& turn);  // ids ascend
  void clear() { *this = TurnRows(); }

  size_t size() const { return rows_.size(); }
  const TurnRow& operator[](size_t row) const { return rows_[row]; }
  TurnId last_id() const { return rows_.empty() ? 0 : rows_.back().id; }
  std::optional<size_t> find(TurnId id) const;
  double mean_context_length() const { return rows_.empty() ? 0 : sum_context_length_ / static_cast<double>(size()); }

  // `visit(row, weight)` for the turn itself and those around it in its session.
  template <class Visit>
  void around(size_t row, Visit&& visit) const {
    visit(row, 1.0F);
    int32_t before = rows_[row].previous, after = rows_[row].next;
    for (const float weight : kNeighbourWeights) {
      if (before >= 0) {
        visit(static_cast<size_t>(before), weight);
        before = rows_[static_cast<size_t>(before)].previous;
      }
      if (after >= 0) {
        visit(static_cast<size_t>(after), weight);
        after = rows_[static_cast<size_t>(after)].next;
      }
    }
  }

  size_t n_sessions() const { return session_lengths_.size(); }
  double session_length(size_t session) const { return session_lengths_[session]; }  // words of all its turns
  double mean_session_length() const;
  // The index of a name; nullopt where no turn has it.
  std::optional<uint32_t> space(std::string_view name) const { return spaces_.find(name); }
  std::vector<uint32_t> sessions_called(std::string_view name) const;  // in whatever space
  const std::vector<std::string>& speakers() const { return speakers_.names; }
  size_t n_turns_of_speaker(size_t speaker) const { return turns_of_speaker_[speaker]; }

 private:
  struct Names {
    std::vector<std::string> names;
    std::unordered_map<std::string, uint32_t> indices;
    uint32_t add(std::string_view name);
    std::optional<uint32_t> find(std::string_view name) const;
  };

  std::vector<TurnRow> rows_;
  Names spaces_, speakers_;
  std::unordered_map<std::string, uint32_t> sessions_;  // indices by space and name
  std::vector<int32_t> last_of_session_;
  std::vector<double> session_lengths_;
  std::vector<size_t> turns_of_speaker_;
  double sum_context_length_ = 0, sum_length_ = 0;
};

}  // namespace loam
