// The scripts of characters, within one of which SentencePiece keeps its pieces.
#pragma once

#include <cstdint>

namespace loam::hf {

// 0 for characters that go with what stands before them: spaces, and those that Unicode 9.0 does not know. It is the
// version of the `tokenizers` package, whatever the installed tables are. Han, Hiragana and Katakana are one script.
uint16_t script_of(char32_t c);
// Whether Unicode 9.0 has the character: the package's normalisers know of none that came later.
inline bool is_in_unicode_9(char32_t c) { return c == ' ' || script_of(c) != 0; }

}  // namespace loam::hf
