#include "memory/recall/recall.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/utf8.h"
#include "memory/recall/query_context.h"
#include "memory/recall/selection.h"
#include "memory/text/time_expression.h"

namespace loam {
namespace {

constexpr double kSessionWeight = 0.15;
constexpr double kSimilarityWeight = 1.5;
// Questions share the words of their answers and hold less; who is named in the question likely says the answer.
constexpr double kOfQuestions = 0.9;
constexpr double kOfNamedSpeaker = 1.1;
// Of questions about something else, 9 in 10 find nothing above; of those that are answered, 1 in 20 loses its answer.
constexpr double kWordsFloor = 0.35;
constexpr double kSimilarityFloor = 0.38;
constexpr size_t kMostCandidates = 200;                        // that are read and weighed
constexpr size_t kMostSelected = 60;                           // that are compared with each other
constexpr size_t kEmbeddedBytes = 1500, kEmbeddedBefore = 24;  // of a turn, and of the one before it

// Which rows may be recalled.
class RowFilter {
 public:
  RowFilter(const RecallQuery& query, const TurnRows& rows) : rows_(rows) {
    last_ = query.as_of.value_or(std::numeric_limits<UnixTime>::max());
    all_spaces_ = query.spaces.empty();
    for (const std::string& space : query.spaces) {
      if (const auto index = rows.space(space)) spaces_.insert(*index);
    }
    if (!query.exclude_session.empty()) {
      for (const uint32_t session : rows.sessions_called(query.exclude_session)) sessions_.insert(session);
    }
    turns_.insert(query.exclude_turns.begin(), query.exclude_turns.end());
  }

  bool admits(size_t row) const {
    const TurnRow& turn = rows_[row];
    return turn.time <= last_ && (all_spaces_ || spaces_.contains(turn.space)) && !sessions_.contains(turn.session) &&
           !turns_.contains(turn.id);
  }

 private:
  const TurnRows& rows_;
  UnixTime last_;
  bool all_spaces_;
  std::unordered_set<uint32_t> spaces_, sessions_;
  std::unordered_set<TurnId> turns_;
};

std::string beginning_of(std::string_view text, size_t most) {
  text = text.substr(0, most);
  return std::string(text.substr(0, complete_utf8_prefix(text)));
}

}  // namespace

Recaller::Recaller(TurnStore& store, LexicalIndex& words, VectorIndex* vectors, TextEmbedder* embedder)
    : store_(store), words_(words), vectors_(vectors), embedder_(embedder) {}

std::future<std::vector<float>> Recaller::begin_vector(const std::string& text) const {
  if (vectors_ == nullptr || embedder_ == nullptr)
    return std::async(std::launch::deferred, [] { return std::vector<float>(); });
  return std::async(std::launch::async,
                    [this, begin = beginning_of(text, kEmbeddedBytes)] { return embedder_->embed_query(begin); });
}

// The best first.
void Recaller::keep_best(std::vector<Ranked>& ranked, size_t most) {
  const auto better = [](const Ranked& a, const Ranked& b) {
    return a.score > b.score || (a.score == b.score && a.row < b.row);
  };
  const auto end = ranked.begin() + static_cast<ptrdiff_t>(std::min(most, ranked.size()));
  std::partial_sort(ranked.begin(), end, ranked.end(), better);
  ranked.erase(end, ranked.end());
}

std::vector<Recaller::Ranked> Recaller::rank(const RecallQuery& query, std::future<std::vector<float>> begun,
                                             size_t most) {
  const TurnRows& rows = words_.rows();
  const LexicalScores words = words_.score(query.text, query.deep);
  const std::vector<float> vector = begun.get();
  const std::vector<float> close =
      vector.empty() ? std::vector<float>(rows.size()) : vectors_->similarities(vector, rows);
  const RowFilter filter(query, rows);
  // Words that tell a time need not stand in what was said then.
  const UnixTime now = query.now != 0 ? query.now : unix_now();
  const double words_floor = find_time_expression(query.text, now) ? kWordsFloor / 2 : kWordsFloor;
  std::vector<Ranked> ranked;
  for (size_t row = 0; row < rows.size(); ++row) {
    RecallReasons reasons;
    reasons.words = words.turns[row] * (rows[row].question ? kOfQuestions : 1);
    if (words.speakers.size() == 1 && rows[row].speaker == words.speakers[0]) reasons.words *= kOfNamedSpeaker;
    reasons.similarity = close[row];
    const bool passes = reasons.words >= words_floor || reasons.similarity >= kSimilarityFloor;
    if ((query.floor && !passes) || (reasons.words <= 0 && reasons.similarity <= 0) || !filter.admits(row)) continue;
    reasons.session = reasons.words > 0 ? words.sessions[rows[row].session] : 0;
    const double score = reasons.words + kSessionWeight * reasons.session + kSimilarityWeight * reasons.similarity;
    ranked.push_back({row, score, std::move(reasons)});
    if (ranked.size() >= 2 * most) keep_best(ranked, most);  // a common word stands in every row
  }
  keep_best(ranked, most);
  return ranked;
}

std::vector<Recalled> Recaller::recall(const RecallQuery& query) {
  auto vector = begin_vector(query.text);
  const QueryContext context(query);
  std::vector<Recalled> candidates;
  {
    const Reading reading(store_.database());
    for (Ranked& each : rank(query, std::move(vector), std::max(kMostCandidates, 2 * query.limit))) {
      auto turn = store_.find(words_.rows()[each.row].id);
      if (turn) candidates.push_back({std::move(*turn), "", each.score, std::move(each.reasons)});
    }
  }
  for (Recalled& each : candidates) {
    context.weigh(each.turn, each.reasons);
    const RecallReasons& by = each.reasons;
    each.score *= by.time * by.phrase * by.name * by.recency * by.importance;
  }
  std::ranges::stable_sort(candidates, std::greater(), &Recalled::score);
  candidates.resize(std::min(candidates.size(), std::max(kMostSelected, 2 * query.limit)));
  return select_recalled(std::move(candidates), query);
}

std::vector<TurnId> Recaller::ranking(const RecallQuery& query, size_t most) {
  auto vector = begin_vector(query.text);
  const Reading reading(store_.database());
  std::vector<TurnId> ids;
  for (const Ranked& each : rank(query, std::move(vector), most)) ids.push_back(words_.rows()[each.row].id);
  return ids;
}

std::vector<RecalledSession> Recaller::recall_sessions(const RecallQuery& query) {
  auto vector = begin_vector(query.text);
  const Reading reading(store_.database());
  const TurnRows& rows = words_.rows();
  std::unordered_map<uint32_t, std::pair<double, size_t>> best;  // score and row
  for (const Ranked& each : rank(query, std::move(vector), rows.size())) {
    const double score = each.score + each.reasons.session * (1 - kSessionWeight);
    auto& [known, row] = best.try_emplace(rows[each.row].session, 0.0, each.row).first->second;
    if (score > known) std::tie(known, row) = std::pair(score, each.row);
  }
  std::vector<RecalledSession> sessions;
  for (const auto& [session, found] : best) {
    if (auto turn = store_.find(rows[found.second].id)) sessions.push_back({turn->space, turn->session, found.first});
  }
  std::ranges::sort(sessions, [](const RecalledSession& a, const RecalledSession& b) {
    return a.score > b.score || (a.score == b.score && std::tie(a.space, a.session) < std::tie(b.space, b.session));
  });
  sessions.resize(std::min(sessions.size(), query.limit));
  return sessions;
}

// With the turn before it, whose question it may answer; who speaks is a part of what is said.
std::string Recaller::embedded_text(const Turn& turn) {
  const auto said = [](const Turn& each, size_t most) {
    return (each.speaker.empty() ? std::string() : each.speaker + ": ") + beginning_of(each.text, most);
  };
  std::string text;
  for (const Turn& before : store_.before(turn, 1)) text = said(before, kEmbeddedBefore) + '\n';
  return text + said(turn, kEmbeddedBytes);
}

size_t Recaller::catch_up(size_t most, const std::function<bool()>& stop) {
  if (vectors_ == nullptr || embedder_ == nullptr) return 0;
  std::vector<TurnId> ids;
  std::vector<std::string> texts;
  {
    const Reading reading(store_.database());
    for (const Turn& turn : store_.find(vectors_->pending(most))) {
      ids.push_back(turn.id);
      texts.push_back(embedded_text(turn));
    }
  }
  if (ids.empty()) return 0;
  const auto vectors = embed_until(*embedder_, texts, stop);
  Transaction transaction(store_.database());
  for (size_t i = 0; i < vectors.size(); ++i) {
    if (store_.find(ids[i])) vectors_->add(ids[i], vectors[i]);  // it may have been erased meanwhile
  }
  transaction.commit();
  return vectors.size();
}

}  // namespace loam
