// What a generation is asked for, and what it gives step by step.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/drafter.h"
#include "engine/sampling_options.h"
#include "engine/token_constraint.h"

namespace loam {

class Sequence;

struct StartOptions {
  SamplingOptions sampling = {};
  std::shared_ptr<TokenConstraint> constraint = {};  // what the text may say; none: anything
  std::string user = {};                             // whose share of the machine it takes
  double weight = 1;  // of that share: with 2, twice what others get while all want more than there is
  int priority = 0;   // −4 to 4; with one more, a prompt counts as a quarter as long in the queue (fair_queue.h)
  std::vector<Token> visible = {};  // control tokens that the text shows
  std::vector<Token> ends = {};     // tokens that end it besides the tokenizer's end tokens
};

enum class FinishReason { none, end_token, stop_string, length, context_full, cancelled };

// log p of a token by the softmax of the model's logits, before bias, temperature and all else; at least −9999.
struct TokenLogprob {
  Token token = -1;
  float logprob = 0;
};

// A token of the text, and what the model had expected in its place.
struct ScoredToken {
  Token token = -1;
  std::optional<float> logprob = {};   // none where nothing was read before it
  std::vector<TokenLogprob> top = {};  // the likeliest first, as many as asked for
};

// What one sequence got from a step, a token at most.
//
// `piece` is what the token itself spells: perhaps a part of a character, "" for an end token. The pieces joined are
// the texts joined, with U+FFFD for bytes that are no UTF-8. But text comes later than its pieces where a character is
// incomplete or a stop string may have begun, and what a stop string cuts off never comes: `n_held` counts the bytes at
// the end of all pieces so far that `text` has not brought, and after the last result those cut off. So a token begins
// at the sum of the pieces before it, and has been shown once no byte of it is among the last `n_held`.
struct StepResult {
  Sequence* sequence = nullptr;
  Token token = -1;       // -1 while its prompt is still being read
  std::string text = {};  // whole UTF-8 sequences that can be shown
  FinishReason finish = FinishReason::none;
  int stop = -1;  // index of the stop string that ended the text
  std::string piece = {};
  size_t n_held = 0;
  std::optional<float> logprob = {};     // of `token`, with SamplingOptions::logprobs
  std::vector<TokenLogprob> top = {};    // the likeliest in its place
  std::vector<ScoredToken> prompt = {};  // the prompt's tokens, in order, as they are read, with prompt_logprobs
};

struct GenerateResult {
  std::string text = {};
  std::vector<Token> tokens = {};  // generated ones, the end token included
  FinishReason finish = FinishReason::none;
  int stop = -1;                           // index of the stop string that ended the text
  int64_t n_prompt = 0, n_reused = 0;      // prompt tokens; how many of them were cached already
  double prompt_seconds = 0, seconds = 0;  // reading the prompt; generating
  DraftCounts drafts = {};
  std::vector<ScoredToken> prompt = {}, scored = {};  // with prompt_logprobs; the generated ones, with logprobs
};

}  // namespace loam
