// What was recalled as a part of the prompt: dated, quoted, and fenced off as data.
#pragma once

#include <span>
#include <string>

#include "memory/turn.h"

namespace loam {

// The same text for the same turns, so that a prompt that is repeated keeps its prefix. Turns are told apart by who
// said them; nothing that they say can end the fence. "" for none.
std::string recall_block(std::span<const Turn> turns);

// Tokens that a text takes, roughly and rather too many: a token for each Hangul syllable or ideograph and each 2
// letters of other scripts but Latin, of which it takes 3.
size_t estimated_tokens(std::string_view text);

// "2026-11-28" in UTC.
std::string date_of(UnixTime time);

}  // namespace loam
