// Python's string methods on UTF-8: everything counts in code points, and case and classes are Unicode's. What takes
// the heap charges it for the bytes it will go through.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/jinja/heap.h"

namespace loam::jinja {

bool is_space(char32_t c);
bool is_printable(char32_t c);
enum class CharacterClass { alpha, digit, decimal, numeric, alnum, space, ascii };
bool is_in_class(char32_t c, CharacterClass kind);
bool all_are(Heap& heap, std::string_view text, CharacterClass kind);  // false for ""
bool is_cased(Heap& heap, std::string_view text, bool upper);          // islower(), isupper()

std::string_view skip_whitespace(std::string_view text);
// Removes code points in `chars` (whitespace where nullptr) from the chosen ends.
std::string_view strip(Heap& heap, std::string_view text, const std::string_view* chars, bool left, bool right);

std::string upper(Heap& heap, std::string_view text);
std::string lower(Heap& heap, std::string_view text);
std::string capitalize(Heap& heap, std::string_view text);
std::string title(Heap& heap, std::string_view text);  // str.title(): a word is a run of letters
std::string swapcase(Heap& heap, std::string_view text);

// The place in bytes of `needle` at or after `from`; npos. Linear in the text.
size_t find(Heap& heap, std::string_view text, std::string_view needle);
size_t rfind(Heap& heap, std::string_view text, std::string_view needle);
int64_t count(Heap& heap, std::string_view text, std::string_view needle);
// The same without a charge, for whoever goes through a text piece by piece and has paid for all of it.
size_t find_next(std::string_view text, std::string_view needle, size_t from);

// At most `limit` cuts (<0: all). nullptr separator: runs of whitespace. Views into `text`.
using Parts = std::vector<std::string_view>;
Parts split(Heap& heap, std::string_view text, const std::string_view* separator, int64_t limit);
Parts rsplit(Heap& heap, std::string_view text, const std::string_view* separator, int64_t limit);
Parts split_lines(Heap& heap, std::string_view text, bool keep_ends);

// Byte offset of code point `i` (clamped to the text's size).
size_t byte_offset(Heap& heap, std::string_view text, int64_t i, bool ascii);

// A string literal's inside with its escapes resolved as Python does; nothing where one is malformed.
std::optional<std::string> unescape(std::string_view literal);

}  // namespace loam::jinja
