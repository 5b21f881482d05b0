// The scripts of characters, within one of which SentencePiece keeps its pieces.
#pragma once

#include <cstdint>

namespace loam::hf {

// 0 for characters that go with what stands before them: spaces, and those that Unicode 9.0 does not know. It is the
// version of the `tokenizers` package, whatever the installed tables are. Han, Hiragana and Katakana are one script.
uint16_t script_of(char32_t c);

}  // namespace loam::hf
