// What stands around two texts that a cross-encoder judges together: "[CLS] query [SEP] document [SEP]".
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "tokenizer/tokenizer.h"

namespace loam {

struct PairFrame {
  std::vector<Token> before, between, behind;
  int32_t second_type = 0;  // of the tokens behind `between`; those before are of type 0

  // As a tokenizer.json's pair form says; nothing where it has none. Of other files BERT's form, and where they ask for
  // both an end and a separator, XLM-RoBERTa's "<s> query </s></s> document </s>". Error(unsupported) for forms that
  // are neither text, text nor loam's to read, and Error(model_invalid) for tokens that the vocabulary lacks.
  static PairFrame read(const Metadata& metadata, const Tokenizer& tokenizer);
};

}  // namespace loam
