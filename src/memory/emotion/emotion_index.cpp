#include "memory/emotion/emotion_index.h"

#include <algorithm>
#include <cstring>

namespace loam {
namespace {

constexpr int64_t kDay = 24LL * 3600 * 1000;

int64_t floor_to_day(int64_t time) { return time - ((time % kDay) + kDay) % kDay; }

Emotion emotion_of_row(Statement& row) {
  Emotion emotion;
  emotion.label = static_cast<EmotionLabel>(std::clamp<int64_t>(row.integer(0), 0, kEmotionLabels - 1));
  emotion.valence = static_cast<float>(row.real(1));
  emotion.arousal = static_cast<float>(row.real(2));
  emotion.method = row.integer(3) == 0 ? EmotionMethod::words : EmotionMethod::head;
  const auto scores = row.blob(4);
  if (scores.size() == sizeof(emotion.scores)) std::memcpy(emotion.scores.data(), scores.data(), scores.size());
  return emotion;
}

}  // namespace

EmotionIndex::EmotionIndex(Database& database) : database_(database) {
  Transaction transaction(database_);
  database_.run(
      "CREATE TABLE IF NOT EXISTS emotion(turn INTEGER PRIMARY KEY, space TEXT NOT NULL, time INTEGER NOT NULL, "
      "label INTEGER NOT NULL, valence REAL NOT NULL, arousal REAL NOT NULL, method INTEGER NOT NULL, "
      "scores BLOB NOT NULL)");
  database_.run("CREATE INDEX IF NOT EXISTS emotion_time ON emotion(time)");
  transaction.commit();
}

void EmotionIndex::add(const Turn& turn) {
  if (turn.role == TurnRole::user) store(turn, feel(turn.text));
}

void EmotionIndex::remove(std::span<const TurnId> turns) {
  Transaction transaction(database_);
  for (const TurnId turn : turns) database_.prepare("DELETE FROM emotion WHERE turn = ?1").bind(1, turn).run();
  transaction.commit();
}

void EmotionIndex::clear() {
  Transaction transaction(database_);
  database_.run("DELETE FROM emotion");
  transaction.commit();
}

void EmotionIndex::update(const Turn& turn, std::span<const float> vector) {
  if (turn.role != TurnRole::user) return;
  const Emotion emotion = feel(turn.text, vector);
  Transaction transaction(database_);
  if (find(turn.id)) store(turn, emotion);
  transaction.commit();
}

std::optional<Emotion> EmotionIndex::find(TurnId turn) {
  const Reading reading(database_);
  Statement row = database_.prepare("SELECT label, valence, arousal, method, scores FROM emotion WHERE turn = ?1");
  row.bind(1, turn);
  if (!row.step()) return std::nullopt;
  return emotion_of_row(row);
}

std::vector<EmotionDay> EmotionIndex::by_day(std::string_view space, UnixTime from, UnixTime until,
                                             int64_t utc_offset) {
  const Reading reading(database_);
  Statement rows = database_.prepare(
      "SELECT time, label, valence, arousal FROM emotion WHERE time >= ?1 AND time < ?2 AND (?3 = '' OR space = ?3) "
      "ORDER BY time");
  rows.bind(1, from).bind(2, until).bind(3, space);
  std::vector<EmotionDay> days;
  while (rows.step()) {
    const UnixTime day = floor_to_day(rows.integer(0) + utc_offset) - utc_offset;
    if (days.empty() || days.back().day != day) days.push_back({day, 0, 0, 0, {}});
    EmotionDay& last = days.back();
    ++last.n_turns;
    last.valence += rows.real(2);
    last.arousal += rows.real(3);
    ++last.n_labels[static_cast<size_t>(std::clamp<int64_t>(rows.integer(1), 0, kEmotionLabels - 1))];
  }
  for (EmotionDay& day : days) {
    day.valence /= static_cast<double>(day.n_turns);
    day.arousal /= static_cast<double>(day.n_turns);
  }
  return days;
}

void EmotionIndex::store(const Turn& turn, const Emotion& emotion) {
  Transaction transaction(database_);
  database_
      .prepare(
          "INSERT OR REPLACE INTO emotion(turn, space, time, label, valence, arousal, method, scores) "
          "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")
      .bind(1, turn.id)
      .bind(2, turn.space)
      .bind(3, turn.time)
      .bind(4, static_cast<int64_t>(emotion.label))
      .bind(5, static_cast<double>(emotion.valence))
      .bind(6, static_cast<double>(emotion.arousal))
      .bind(7, static_cast<int64_t>(emotion.method == EmotionMethod::head))
      .bind_blob(8, std::as_bytes(std::span(emotion.scores)))
      .run();
  transaction.commit();
}

}  // namespace loam
