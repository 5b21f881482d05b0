// What a user's memory holds, as JSON lines: without loss, or as conversations to train a model on.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "memory/store/turn_store.h"
#include "memory/turn_filter.h"

namespace loam {

// Takes one line, with its end; may throw to stop.
using LineSink = std::function<void(std::string_view line)>;

// One turn a line, in the order of their ids: import_chats into an empty store gives the same turns. → how many.
int64_t export_turns(TurnStore& store, const TurnFilter& filter, const LineSink& sink);

struct TrainingFilter {
  TurnFilter turns;
  size_t min_characters = 1;      // of a question, and of an answer
  size_t max_characters = 20000;  // of both together
  bool with_imports = true;       // what other programs' assistants answered
  // Leaves out answers that were cut, that repeat themselves (fewer than a fifth of their words differ, of at least
  // 50), and pairs that were there before.
  bool only_good = true;
};

struct TrainingReport {
  int64_t n_conversations = 0, n_pairs = 0;
  int64_t n_left_out = 0;  // pairs that the filter refused
};

// {"messages": [{"role": "user", "content": …}, {"role": "assistant", "content": …}, …]} for each session, of complete
// pairs only: what the user said in a row, and the answer. A line holds at most 64 pairs, a longer session gives
// several.
TrainingReport export_conversations(TurnStore& store, const TrainingFilter& filter, const LineSink& sink);

// Either of them.
struct ExportRequest {
  bool as_conversations = false;
  TrainingFilter filter;  // of turns without loss only `filter.turns` counts
};
// → in a few words how much it was.
std::string export_memory(TurnStore& store, const ExportRequest& request, const LineSink& sink);

}  // namespace loam
