// SentencePiece's precompiled normalisation as a part of a tokenizer.json, which applies it to what a reader takes as
// one character, then to single code points.
#pragma once

#include <memory>

#include "tokenizer/hf/normalizer.h"

namespace loam::hf {

// Of "precompiled_charsmap", in base64. Error(model_invalid) where that is damaged.
std::unique_ptr<Normalizer> make_precompiled(const Settings& settings);

}  // namespace loam::hf
