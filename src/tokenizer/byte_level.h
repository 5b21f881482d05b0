// GPT-2's printable spelling of bytes: every byte is one code point of a token's stored text ("Ġ" for a space).
// Radford et al. 2019; printable Latin-1 characters stand for themselves, the other 68 bytes for U+0100 upwards.
#pragma once

#include <string>
#include <string_view>

namespace loam {

// The code point that spells `byte`.
char32_t spelling_of_byte(unsigned char byte);
// Appends the bytes that a stored text spells; code points that spell no byte are appended as they are.
void append_spelled(std::string_view stored, std::string& out);

}  // namespace loam
