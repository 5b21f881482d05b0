#include "memory/patterns/pattern_log.h"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "base/utf8.h"
#include "memory/emotion/emotion.h"

namespace loam {
namespace {

constexpr int64_t kDayLength = 24LL * 3600 * 1000;
constexpr int64_t kHourLength = 3600 * 1000;
constexpr size_t kMostItems = 400;           // words that are looked at: pairs are counted for all of them
constexpr size_t kMostWordsOfLog = 200'000;  // different ones that are counted at all
constexpr size_t kMostWordsOfTurn = 2'000;
constexpr size_t kLeastSessions = 3, kLeastDays = 3;

int64_t floor_of(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

class LogReader {
 public:
  explicit LogReader(const PatternOptions& options) : options_(options) {}

  void add(const Turn& turn) {
    if (turn.role != TurnRole::user || turn.origin != TurnOrigin::user) return;
    const size_t session = session_of(turn);
    std::vector<Word> words = words_of(turn.text);
    if (words.size() > kMostWordsOfTurn) words.resize(kMostWordsOfTurn);
    for (const Word& word : words) {
      if (!word.stop && count_code_points(word.term) > 1 && word.language != Language::other) {
        add_item(word.term, std::string(word.text), session, turn.id);
      }
    }
    const Emotion emotion = feel(turn.text);
    if (emotion.label != EmotionLabel::neutral) add_emotion(emotion.label, session, turn.id);
  }

  PatternLog take() {
    for (const PatternItem& item : items_) {
      if (item.emotion != EmotionLabel::neutral) continue;
      for (const auto& [session, turn] : item.sessions) ++log_.sessions[session].size;
    }
    std::ranges::stable_sort(
        items_, [](const PatternItem& a, const PatternItem& b) { return a.sessions.size() > b.sessions.size(); });
    for (PatternItem& item : items_) {
      if (log_.items.size() < kMostItems && is_frequent(item)) log_.items.push_back(std::move(item));
    }
    for (PatternItem& item : log_.items) {
      item.feels = item.emotion == EmotionLabel::neutral && feel(item.name).label != EmotionLabel::neutral;
    }
    measure_days();
    return std::move(log_);
  }

 private:
  size_t session_of(const Turn& turn) {
    const auto [found, fresh] = numbers_.emplace(turn.space + '\n' + turn.session, log_.sessions.size());
    if (!fresh) return found->second;
    const int64_t local = turn.time + options_.utc_offset;
    PatternSession session;
    session.day = floor_of(local, kDayLength);
    session.weekday = static_cast<int>(((session.day + 4) % 7 + 7) % 7);  // 1970 began on a Thursday
    session.hours = static_cast<int>((local - session.day * kDayLength) / (4 * kHourLength));
    log_.sessions.push_back(session);
    return found->second;
  }

  void add_item(const std::string& term, std::string name, size_t session, TurnId turn) {
    auto found = places_.find(term);
    if (found == places_.end()) {
      if (items_.size() >= kMostWordsOfLog) return;
      found = places_.emplace(term, items_.size()).first;
      items_.emplace_back();
      items_.back().name = std::move(name);
      items_.back().term = term;
    }
    items_[found->second].sessions.emplace(session, turn);
  }

  void add_emotion(EmotionLabel label, size_t session, TurnId turn) {
    const std::string name(emotion_label_name(label));
    add_item("\n" + name, name, session, turn);
    items_[places_.at("\n" + name)].emotion = label;
  }

  bool is_frequent(const PatternItem& item) const {
    if (item.sessions.size() < kLeastSessions || 2 * item.sessions.size() > log_.sessions.size()) return false;
    std::set<int64_t> days;
    for (const auto& [session, turn] : item.sessions) days.insert(log_.sessions[session].day);
    return days.size() >= kLeastDays;
  }

  void measure_days() {
    if (log_.sessions.empty()) return;
    const auto by_day = [](const PatternSession& a, const PatternSession& b) { return a.day < b.day; };
    const auto [first, last] = std::ranges::minmax_element(log_.sessions, by_day);
    log_.first_day = first->day;
    log_.n_days = last->day - first->day + 1;
  }

  const PatternOptions& options_;
  PatternLog log_;
  std::vector<PatternItem> items_;
  std::unordered_map<std::string, size_t> numbers_, places_;
};

}  // namespace

PatternLog read_pattern_log(TurnStore& store, const PatternOptions& options) {
  LogReader reader(options);
  store.for_each(options.space, "", [&](const Turn& turn) {
    reader.add(turn);
    return true;
  });
  return reader.take();
}

}  // namespace loam
