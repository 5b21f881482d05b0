// EmotionIndex: what each turn of the user felt like, kept with the turns, and how that went over time.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "memory/emotion/emotion.h"
#include "memory/store/database.h"
#include "memory/store/turn_store.h"
#include "memory/turn.h"

namespace loam {

// The mean over the turns of one day.
struct EmotionDay {
  UnixTime day;  // its midnight, local time at `utc_offset`, as UTC
  int64_t n_turns;
  double valence, arousal;
  std::array<int64_t, kEmotionLabels> n_labels;
};

// Only turns whose role is user are felt. Judged by their words when they are stored; `update` judges once more when
// the vector is there.
class EmotionIndex final : public DerivedIndex {
 public:
  static constexpr int kVersion = 1;

  explicit EmotionIndex(Database& database);

  std::string_view name() const override { return "emotion"; }
  void add(const Turn& turn) override;
  void remove(std::span<const TurnId> turns) override;
  void clear() override;

  // `vector` is that of `kEmotionHeadModel`. Nothing happens to a turn that is not the user's or not stored any more.
  void update(const Turn& turn, std::span<const float> vector);

  std::optional<Emotion> find(TurnId turn);
  // The days of a namespace (empty: all of them) from `from` until before `until` that have turns, the earliest first.
  // `utc_offset` in milliseconds tells where days end.
  std::vector<EmotionDay> by_day(std::string_view space, UnixTime from, UnixTime until, int64_t utc_offset = 0);

 private:
  void store(const Turn& turn, const Emotion& emotion);

  Database& database_;
};

}  // namespace loam
