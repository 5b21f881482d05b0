// What an answer took, in one line for people.
#pragma once

#include <cstdint>
#include <string>

#include "engine/generation.h"

namespace loam {

struct AnswerStats {
  int64_t n_prompt = 0, n_reused = 0, n_answer = 0;  // tokens; n_reused: of the prompt, cached already
  double prompt_seconds = 0, seconds = 0;            // reading the prompt; generating
  DraftCounts drafts = {};
};

AnswerStats stats_of(const GenerateResult& result);

// "prompt 12 tokens (0 reused), 300.0 t/s · answer 40 tokens in 0.5 s, 80.0 t/s · 21 of 30 drafted tokens accepted";
// the last part only where tokens were drafted.
std::string describe(const AnswerStats& stats);

}  // namespace loam
