// One step's work: the tokens of several sequences, one after another.
#pragma once

#include <cstdint>
#include <vector>

namespace loam {

// A run of consecutive rows of a batch that belong to one sequence.
struct BatchSpan {
  int first_row = 0;
  int n_rows = 0;
  // The sequence's block tables, for layers that see everything and for those with a window: pages of kPageTokens
  // tokens, enough for all positions. Entries for tokens that no window shows any more are not read.
  const int32_t* pages = nullptr;
  const int32_t* window_pages = nullptr;
  int kv = 0;     // which of the cache's pools the pages are in
  int state = 0;  // its slot in the states of recurrent layers, as it stands before the span; read from position 1 on
  int n_experts = 0;  // that each of its tokens uses in a mixture of experts; 0: as the model says
  int sequence = 0;   // its number, for traces
};

struct Batch {
  std::vector<int32_t> tokens;      // [n_rows]
  std::vector<int32_t> positions;   // [n_rows] position of each token in its sequence
  std::vector<BatchSpan> spans;     // rows grouped by sequence, in row order, positions consecutive within a span
  std::vector<int32_t> logit_rows;  // rows whose logits are wanted, ascending
  int n_rows() const { return static_cast<int>(tokens.size()); }
};

}  // namespace loam
