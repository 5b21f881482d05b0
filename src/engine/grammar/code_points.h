// Sets of Unicode code points, and the byte sequences that spell them in UTF-8.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace loam {

struct CodePointRange {
  char32_t first, last;
  bool operator==(const CodePointRange&) const = default;
};

class CodePointSet {
 public:
  CodePointSet() = default;
  CodePointSet(std::vector<CodePointRange> ranges);  // in any order; NOLINT: a set is its ranges
  static CodePointSet all();                         // every code point; surrogates have no UTF-8 and are never spelled
  // Unicode's general category by its short name ("L", "Lu", "Nd"); empty where there is none of that name.
  static CodePointSet category(std::string_view name);

  CodePointSet complement() const;

  const std::vector<CodePointRange>& ranges() const { return ranges_; }  // ascending, disjoint, not adjacent
  bool empty() const { return ranges_.empty(); }
  bool operator==(const CodePointSet&) const = default;

 private:
  std::vector<CodePointRange> ranges_;
};

struct ByteRange {
  uint8_t first, last;
  bool operator==(const ByteRange&) const = default;
};

// A run of byte ranges: the texts whose i-th byte lies in the i-th range.
struct Utf8Sequence {
  std::array<ByteRange, 4> bytes;
  int length;
};

// The sequences that spell the set together, ascending. Two first ranges are equal or disjoint, and so on below.
std::vector<Utf8Sequence> utf8_sequences(const CodePointSet& set);

}  // namespace loam
