// Python's string methods on UTF-8: everything counts in code points, and case and classes are Unicode's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace loam::jinja {

bool is_space(char32_t c);
bool is_printable(char32_t c);
enum class CharacterClass { alpha, digit, decimal, numeric, alnum, space, ascii };
bool all_are(std::string_view text, CharacterClass kind);  // false for ""
bool is_cased(std::string_view text, bool upper);          // islower(), isupper()

std::string_view skip_whitespace(std::string_view text);
// Removes code points in `chars` (whitespace where nullptr) from the chosen ends.
std::string_view strip(std::string_view text, const std::string_view* chars, bool left, bool right);

std::string upper(std::string_view text);
std::string lower(std::string_view text);
std::string capitalize(std::string_view text);
std::string title(std::string_view text);  // str.title(): a word is a run of letters
std::string swapcase(std::string_view text);

// The place in bytes of `needle` at or after `from`; npos. Linear in the text.
size_t find(std::string_view text, std::string_view needle, size_t from = 0);
size_t rfind(std::string_view text, std::string_view needle);
int64_t count(std::string_view text, std::string_view needle);

// At most `limit` cuts (<0: all). nullptr separator: runs of whitespace. Views into `text`.
std::vector<std::string_view> split(std::string_view text, const std::string_view* separator, int64_t limit);
std::vector<std::string_view> rsplit(std::string_view text, const std::string_view* separator, int64_t limit);
std::vector<std::string_view> split_lines(std::string_view text, bool keep_ends);

// Byte offset of code point `i` (clamped to the text's size).
size_t byte_offset(std::string_view text, int64_t i, bool ascii);

// A string literal's inside with its escapes resolved as Python does; nothing where one is malformed.
std::optional<std::string> unescape(std::string_view literal);

}  // namespace loam::jinja
