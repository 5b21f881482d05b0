// What was recalled as a part of the prompt: dated, quoted, and fenced off as data.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "memory/turn.h"

namespace loam {

// What is quoted: of whom, and what of the text.
struct Quote {
  UnixTime time = 0;
  std::string source;  // "the user said"
  std::string excerpt;
};
// Who said a turn: "the user said", "the assistant said", "Mary said".
std::string source_of(const Turn& turn);

// The same text for the same quotes, so that a prompt that is repeated keeps its prefix; nothing that they say can end
// the fence. "" for none.
std::string recall_block(std::span<const Quote> quotes);

}  // namespace loam
