// One question to a model and what memory does about it: what is kept, and what is added to the prompt.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "memory/turn.h"

namespace loam {

enum class RecallMode : uint8_t { off, automatic, deep };

// What a request asks of memory.
struct MemoryOptions {
  std::string space = "default";                             // namespace or collection
  std::optional<std::vector<std::string>> collections = {};  // of documents that are recalled from; none: all
  std::string session = {};  // the conversation's name; "": found by what the user has said in it before
  bool write = true;         // keep question and answer
  RecallMode recall = RecallMode::automatic;
  std::string idempotency_key = {};  // of a first question: repeated with the same key, it is kept once
  size_t budget = 400;               // most tokens of what is recalled, estimated

  bool is_long = false;  // the conversation may not fit any more: its summary goes along

  bool is_off() const { return !write && recall == RecallMode::off; }
};

struct Exchange {
  MemoryOptions options;
  std::string session;
  TurnId question = 0;  // the user's turn; 0 where nothing is kept
  std::string core;     // for the system message: persona and what is known of the user; "" for nothing
  struct Insertion {
    size_t message;    // index among the messages that memory was given
    std::string text;  // comes before the message's own
  };
  std::vector<Insertion> insertions;  // what was recalled, for earlier questions as it was then
};

}  // namespace loam
