// What memory works out while nobody asks: vectors, feelings by them, and patterns.
#include <ctime>
#include <string>
#include <vector>

#include "memory/memory.h"

namespace loam {
namespace {

constexpr size_t kTurnsAtOnce = 16;
constexpr TurnId kTurnsBetweenLooks = 50;  // turns after which patterns are looked for again

int64_t local_utc_offset() {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  return int64_t{local.tm_gmtoff} * 1000;
}

}  // namespace

// Where there was nothing to do, there is nothing until turns change.
bool Memory::catch_up(const std::function<bool()>& is_busy) {
  const int64_t changes = turns_.n_changes();
  if (changes == caught_up_) return false;
  if (recaller()->catch_up(kTurnsAtOnce, is_busy) > 0 || feel_turns(is_busy)) return true;
  if (is_busy && is_busy()) return false;  // patterns are looked for in all turns
  if (look_for_patterns()) return true;
  caught_up_ = changes;
  return false;
}

// The turn up to which a kind of work is done.
TurnId Memory::done_until(std::string_view work) {
  const Reading reading(database_);
  Statement row = database_.prepare("SELECT turn FROM idle_work WHERE name = ?1");
  row.bind(1, work);
  return row.step() ? row.integer(0) : 0;
}

void Memory::set_done(std::string_view work, TurnId turn) {
  Transaction transaction(database_);
  database_.prepare("INSERT OR REPLACE INTO idle_work VALUES (?1, ?2)").bind(1, work).bind(2, turn).run();
  transaction.commit();
}

bool Memory::feel_turns(const std::function<bool()>& is_busy) {
  const auto model = embedder();
  if (!model || model->name() != kEmotionHeadModel) return false;
  std::vector<Turn> turns;
  std::vector<std::string> texts;
  TurnId last = 0;
  turns_.for_each(
      "", "",
      [&](const Turn& turn) {
        last = turn.id;
        if (turn.role != TurnRole::user) return true;
        turns.push_back(turn);
        texts.push_back(turn.text);
        return turns.size() < kTurnsAtOnce;
      },
      done_until("emotion"));
  if (last == 0) return false;
  const auto vectors = embed_until(*model, texts, is_busy);
  for (size_t i = 0; i < vectors.size(); ++i) emotion_.update(turns[i], vectors[i]);
  if (vectors.size() < turns.size()) last = turns[vectors.size() - 1].id;
  set_done("emotion", last);
  return true;
}

bool Memory::look_for_patterns() {
  const TurnId last = turns_.latest_id();
  if (last < done_until("patterns") + kTurnsBetweenLooks) return false;
  for (const std::string& space : turns_.spaces())
    patterns_.replace(space, find_patterns(turns_, {.space = space, .utc_offset = local_utc_offset()}));
  set_done("patterns", last);
  return true;
}

}  // namespace loam
