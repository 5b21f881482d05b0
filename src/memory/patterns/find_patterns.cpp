#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/hash.h"
#include "memory/patterns/pattern_log.h"
#include "memory/patterns/pattern_statistics.h"
#include "memory/patterns/patterns.h"
#include "memory/text/names.h"

namespace loam {
namespace {

constexpr int64_t kLeastJoint = 3;  // sessions, and days
constexpr double kLeastNpmi = 0.3, kLeastG2 = 10.83, kLeastLift = 2;
constexpr size_t kMostPatterns = 200, kMostEvidence = 100;
constexpr int kPatternKinds = 5;

using SessionSet = std::vector<size_t>;  // ascending

// No word can be read from a key: what a user muted may be kept when the turns are forgotten.
std::string hidden_key(const std::string& text) { return sha256_of(text).substr(0, 24); }

class PatternFinder {
 public:
  PatternFinder(TurnStore& store, const PatternLog& log, double rate)
      : store_(store), log_(log), rate_(rate / kPatternKinds) {
    for (const PatternSession& session : log_.sessions) size_ += session.size;
    for (const PatternItem& item : log_.items) {
      sessions_of_.emplace_back();
      for (const auto& [session, turn] : item.sessions) sessions_of_.back().push_back(session);
    }
  }

  std::vector<TurnPattern> find() {
    count_pairs();
    find_pairs();
    find_emotions();
    find_times(PatternKind::weekday, 7, 1, [](const PatternSession& session) { return session.weekday; });
    find_times(PatternKind::hour, 6, 4, [](const PatternSession& session) { return session.hours; });
    find_raised_days();
    std::ranges::stable_sort(found_, {}, &TurnPattern::p);
    if (found_.size() > kMostPatterns) found_.resize(kMostPatterns);
    return std::move(found_);
  }

 private:
  bool is_word(size_t i) const { return log_.items[i].emotion == EmotionLabel::neutral; }

  // Anna and Anna Petrova, or the name Rose and a rose.
  bool is_part(size_t a, size_t b) const {
    if (!log_.items[a].name_kind && !log_.items[b].name_kind) return false;
    const std::string one = " " + log_.items[a].term + " ", other = " " + log_.items[b].term + " ";
    return one.find(other) != std::string::npos || other.find(one) != std::string::npos;
  }

  std::string name_of(size_t i) const {
    const auto& kind = log_.items[i].name_kind;
    return kind ? std::string(name_kind_name(*kind)) : "";
  }

  void count_pairs() {
    std::vector<std::vector<uint32_t>> items_of(log_.sessions.size());
    for (size_t i = 0; i < log_.items.size(); ++i) {
      for (const auto& [session, turn] : log_.items[i].sessions) items_of[session].push_back(static_cast<uint32_t>(i));
    }
    n_joint_.assign(log_.items.size() * log_.items.size(), 0);
    for (const auto& items : items_of) {
      for (const uint32_t a : items) {
        for (const uint32_t b : items) ++n_joint_[a * log_.items.size() + b];
      }
    }
  }

  const SessionSet& sessions_of(size_t item) const { return sessions_of_[item]; }

  // The item's chance of being in `both` of the sessions `there` as it is, or nothing where it is too weak to matter.
  // Long sessions hold more of everything, so `there` counts at least as many sessions as its share of all words.
  std::optional<TurnPattern> test(size_t item, const SessionSet& there, const SessionSet& both) const {
    Association table{static_cast<int64_t>(log_.sessions.size()),
                      static_cast<int64_t>(log_.items[item].sessions.size()), static_cast<int64_t>(there.size()),
                      static_cast<int64_t>(both.size())};
    std::set<int64_t> days;
    for (const size_t session : both) days.insert(log_.sessions[session].day);
    TurnPattern pattern;
    pattern.n_sessions = table.n_both;
    pattern.n_days = static_cast<int64_t>(days.size());
    if (pattern.n_sessions < kLeastJoint || pattern.n_days < kLeastJoint) return std::nullopt;
    pattern.npmi = table.npmi();
    pattern.g2 = table.g2();
    pattern.lift = table.lift();
    if (pattern.npmi < kLeastNpmi || pattern.g2 < kLeastG2) return std::nullopt;
    double size = 0;
    for (const size_t session : there) size += log_.sessions[session].size;
    const auto share = static_cast<int64_t>(std::ceil(size / size_ * static_cast<double>(table.n)));
    table.n_b = std::clamp(share, table.n_b, table.n);
    pattern.p = hypergeometric_tail(table);
    return pattern;
  }

  static SessionSet intersection(const SessionSet& a, const SessionSet& b) {
    SessionSet both;
    std::ranges::set_intersection(a, b, std::back_inserter(both));
    return both;
  }

  void take_evidence(TurnPattern& pattern, size_t item, const SessionSet& both) const {
    for (const size_t session : both) pattern.turns.push_back(log_.items[item].sessions.at(session));
  }

  void find_pairs() {
    std::vector<TurnPattern> candidates;
    double n_tests = 0;
    for (size_t a = 0; a < log_.items.size(); ++a) {
      const SessionSet& first = sessions_of(a);
      for (size_t b = a + 1; is_word(a) && b < log_.items.size(); ++b) {
        if (!is_word(b) || is_part(a, b)) continue;
        ++n_tests;
        if (n_joint_[a * log_.items.size() + b] < kLeastJoint) continue;
        const SessionSet& second = sessions_of(b);
        const SessionSet both = intersection(first, second);
        std::optional<TurnPattern> pattern = test(a, second, both);
        if (!pattern) continue;
        pattern->items = {log_.items[a].name, log_.items[b].name};
        pattern->names = {name_of(a), name_of(b)};
        pattern->key =
            std::min(log_.items[a].term, log_.items[b].term) + " " + std::max(log_.items[a].term, log_.items[b].term);
        take_evidence(*pattern, a, both);
        take_evidence(*pattern, b, both);
        candidates.push_back(std::move(*pattern));
      }
    }
    keep_discoveries(PatternKind::pair, std::move(candidates), n_tests);
  }

  // A word that tells of an emotion goes with it by itself: that is no finding.
  void find_emotions() {
    std::vector<TurnPattern> candidates;
    double n_tests = 0;
    for (size_t e = 0; e < log_.items.size(); ++e) {
      if (is_word(e)) continue;
      const SessionSet& there = sessions_of(e);
      for (size_t w = 0; w < log_.items.size(); ++w) {
        if (!is_word(w) || log_.items[w].feels) continue;
        ++n_tests;
        if (n_joint_[e * log_.items.size() + w] < kLeastJoint) continue;
        const SessionSet both = intersection(there, sessions_of(w));
        if (!test(w, there, both)) continue;
        const SessionSet without = felt_without(e, w, both);
        std::optional<TurnPattern> pattern = test(w, there, without);
        if (!pattern || pattern->lift < kLeastLift) continue;
        pattern->items = {log_.items[w].name, log_.items[e].name};
        pattern->names = {name_of(w), ""};
        pattern->key = log_.items[w].term + " " + log_.items[e].name;
        take_evidence(*pattern, w, without);
        take_evidence(*pattern, e, without);
        candidates.push_back(std::move(*pattern));
      }
    }
    keep_discoveries(PatternKind::emotion, std::move(candidates), n_tests);
  }

  // Those sessions whose turn feels the same when the word, or every word of the name, is taken out of it.
  SessionSet felt_without(size_t emotion, size_t word, const SessionSet& both) const {
    SessionSet felt;
    const std::string taken = " " + log_.items[word].term + " ";
    for (const size_t session : both) {
      const auto turn = store_.find(log_.items[emotion].sessions.at(session));
      if (!turn) continue;
      std::string text;
      size_t end = 0;
      for (const Word& found : words_of(turn->text)) {
        if (taken.find(" " + found.term + " ") == std::string::npos || found.offset < end) continue;
        text.append(turn->text, end, found.offset - end);
        end = found.offset + found.text.size();
      }
      text.append(turn->text, end);
      if (feel(text).label == log_.items[emotion].emotion) felt.push_back(session);
    }
    return felt;
  }

  void find_times(PatternKind kind, int n_parts, int unit, const std::function<int(const PatternSession&)>& part_of) {
    std::vector<SessionSet> parts(static_cast<size_t>(n_parts));
    for (size_t s = 0; s < log_.sessions.size(); ++s) {
      parts[static_cast<size_t>(part_of(log_.sessions[s]))].push_back(s);
    }
    std::vector<TurnPattern> candidates;
    for (size_t i = 0; i < log_.items.size(); ++i) {
      for (size_t part = 0; part < parts.size(); ++part) {
        const SessionSet both = intersection(sessions_of(i), parts[part]);
        std::optional<TurnPattern> pattern = test(i, parts[part], both);
        if (!pattern) continue;
        const std::string value = std::to_string(static_cast<int>(part) * unit);
        pattern->items = {log_.items[i].name, value};
        pattern->names = {name_of(i), ""};
        pattern->key = log_.items[i].term + " " + value;
        take_evidence(*pattern, i, both);
        candidates.push_back(std::move(*pattern));
      }
    }
    keep_discoveries(kind, std::move(candidates), static_cast<double>(log_.items.size()) * n_parts);
  }

  // A burst is found by looking at all runs of days, so its p is that of one run times their number.
  void find_raised_days() {
    if (log_.n_days < kLeastJoint || log_.n_days > 100'000) return;
    const auto n_days = static_cast<size_t>(log_.n_days);
    const double n_runs = static_cast<double>(n_days) * (static_cast<double>(n_days) + 1) / 2;
    std::vector<SessionSet> sessions_on(n_days);
    for (size_t s = 0; s < log_.sessions.size(); ++s) {
      sessions_on[static_cast<size_t>(log_.sessions[s].day - log_.first_day)].push_back(s);
    }
    std::vector<int64_t> all(n_days);
    for (size_t day = 0; day < n_days; ++day) all[day] = static_cast<int64_t>(sessions_on[day].size());
    std::vector<TurnPattern> candidates;
    for (size_t i = 0; i < log_.items.size(); ++i) {
      std::vector<int64_t> hits(n_days, 0);
      for (const auto& [s, turn] : log_.items[i].sessions) {
        ++hits[static_cast<size_t>(log_.sessions[s].day - log_.first_day)];
      }
      std::optional<TurnPattern> best;
      for (const auto& [begin, end] : find_bursts(hits, all)) {
        SessionSet there;
        for (size_t day = begin; day < end; ++day) {
          there.insert(there.end(), sessions_on[day].begin(), sessions_on[day].end());
        }
        std::ranges::sort(there);
        const SessionSet both = intersection(sessions_of(i), there);
        std::optional<TurnPattern> pattern = test(i, there, both);
        if (!pattern || (best && best->p <= pattern->p)) continue;
        pattern->items = {log_.items[i].name};
        pattern->names = {name_of(i)};
        pattern->key = log_.items[i].term;
        pattern->p = std::min(1.0, pattern->p * n_runs);
        take_evidence(*pattern, i, both);
        best = std::move(pattern);
      }
      if (best) candidates.push_back(std::move(*best));
    }
    keep_discoveries(PatternKind::burst, std::move(candidates), static_cast<double>(log_.items.size()));
  }

  void keep_discoveries(PatternKind kind, std::vector<TurnPattern> candidates, double n_tests) {
    std::vector<double> values;
    for (const TurnPattern& pattern : candidates) values.push_back(pattern.p);
    const double limit = discovery_limit(std::move(values), n_tests, rate_);
    for (TurnPattern& pattern : candidates) {
      if (pattern.p > limit) continue;
      pattern.kind = kind;
      finish(pattern);
      found_.push_back(std::move(pattern));
    }
  }

  void finish(TurnPattern& pattern) const {
    std::ranges::sort(pattern.turns);
    pattern.turns.erase(std::unique(pattern.turns.begin(), pattern.turns.end()), pattern.turns.end());
    if (pattern.turns.size() > kMostEvidence) pattern.turns.resize(kMostEvidence);
    const std::vector<Turn> turns = store_.find(pattern.turns);
    for (const Turn& turn : turns) {
      pattern.first = pattern.first == 0 ? turn.time : std::min(pattern.first, turn.time);
      pattern.last = std::max(pattern.last, turn.time);
    }
    pattern.key = hidden_key(std::string(pattern_kind_name(pattern.kind)) + " " + pattern.key);
  }

  TurnStore& store_;
  const PatternLog& log_;
  const double rate_;
  double size_ = 0;
  std::vector<SessionSet> sessions_of_;  // for each item
  std::vector<int32_t> n_joint_;         // items × items
  std::vector<TurnPattern> found_;
};

}  // namespace

std::string_view pattern_kind_name(PatternKind kind) {
  constexpr std::array<std::string_view, kPatternKinds> kNames = {"pair", "emotion", "burst", "weekday", "hour"};
  return kNames[static_cast<size_t>(kind)];
}

std::vector<TurnPattern> find_patterns(TurnStore& store, const PatternOptions& options) {
  const PatternLog log = read_pattern_log(store, options);
  return PatternFinder(store, log, options.false_discovery).find();
}

}  // namespace loam
