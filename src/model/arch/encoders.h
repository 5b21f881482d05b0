// The architectures of text encoders, which turn texts into vectors or scores: one line each.
#pragma once

#include <memory>
#include <string_view>

#include "model/encoder.h"
#include "model/weights.h"

// clang-format off
#define LOAM_ENCODERS(ROW) \
  ROW(bert, "bert") \
  ROW(eurobert, "eurobert") \
  ROW(gemma_embedding, "gemma-embedding") \
  ROW(jina_bert_v2, "jina-bert-v2") \
  ROW(jina_bert_v3, "jina-bert-v3") \
  ROW(llama_embed, "llama-embed") \
  ROW(modern_bert, "modern-bert") \
  ROW(neo_bert, "neo-bert") \
  ROW(nomic_bert, "nomic-bert") \
  ROW(nomic_bert_moe, "nomic-bert-moe") \
  ROW(t5encoder, "t5encoder")
// clang-format on

namespace loam {

#define LOAM_DECLARE(function, name) std::unique_ptr<Encoder> make_##function(const Weights& weights);
LOAM_ENCODERS(LOAM_DECLARE)
#undef LOAM_DECLARE

struct ListedEncoder {
  std::string_view name;  // as in `general.architecture`
  std::unique_ptr<Encoder> (*make)(const Weights& weights);
};

#define LOAM_ROW(function, name) {name, make_##function},
inline constexpr ListedEncoder kListedEncoders[] = {LOAM_ENCODERS(LOAM_ROW)};
#undef LOAM_ROW

}  // namespace loam
