// The post-processor of a tokenizer.json: which tokens stand before and behind a text.
#pragma once

#include <vector>

#include "tokenizer/hf/settings.h"
#include "tokenizer/vocabulary.h"

namespace loam::hf {

struct Frame {
  std::vector<Token> before, behind;

  // TemplateProcessing, BertProcessing, RobertaProcessing, ByteLevel (which moves no ids) and Sequence.
  // Error(unsupported) for others, Error(model_invalid) for tokens that the vocabulary lacks.
  static Frame read(const Settings& settings, const Vocabulary& vocabulary);
};

}  // namespace loam::hf
