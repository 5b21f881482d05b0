#include "memory/patterns/pattern_log.h"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "base/utf8.h"
#include "memory/emotion/emotion.h"
#include "memory/patterns/item_table.h"

namespace loam {
namespace {

constexpr int64_t kDayLength = 24LL * 3600 * 1000;
constexpr int64_t kHourLength = 3600 * 1000;
constexpr size_t kMostItems = 400;  // words that are looked at: pairs are counted for all of them
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
    table_.add(turn.text, words, session, turn.id);
    const Emotion emotion = feel(turn.text);
    if (emotion.label != EmotionLabel::neutral) table_.add(emotion.label, session, turn.id);
  }

  PatternLog take() {
    std::vector<PatternItem> items = table_.take();
    for (const PatternItem& item : items) {
      if (item.emotion != EmotionLabel::neutral) continue;
      for (const auto& [session, turn] : item.sessions) ++log_.sessions[session].size;
    }
    std::ranges::stable_sort(
        items, [](const PatternItem& a, const PatternItem& b) { return a.sessions.size() > b.sessions.size(); });
    for (PatternItem& item : items) {
      if (log_.items.size() < kMostItems && is_frequent(item)) log_.items.push_back(std::move(item));
    }
    for (PatternItem& item : log_.items) {
      item.feels =
          item.emotion == EmotionLabel::neutral && !item.name_kind && feel(item.name).label != EmotionLabel::neutral;
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
  ItemTable table_;
  std::unordered_map<std::string, size_t> numbers_;
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
