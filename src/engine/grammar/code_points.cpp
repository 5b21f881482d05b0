#include "engine/grammar/code_points.h"

#include <utf8proc.h>

#include <algorithm>
#include <string>
#include <utility>

#include "base/utf8.h"

namespace loam {
namespace {

constexpr char32_t kLast = 0x10FFFF, kFirstSurrogate = 0xD800, kLastSurrogate = 0xDFFF;

void append_sequence(char32_t first, char32_t last, std::vector<Utf8Sequence>& out) {
  const std::string low = to_utf8(first), high = to_utf8(last);
  Utf8Sequence sequence{{}, static_cast<int>(low.size())};
  for (size_t i = 0; i < low.size(); ++i) {
    sequence.bytes[i] = {static_cast<uint8_t>(low[i]), static_cast<uint8_t>(high[i])};
  }
  out.push_back(sequence);
}

// Splits [first, last], all of whose code points have `n_bytes` bytes, where bytes after a changed one are not whole.
void split(char32_t first, char32_t last, int n_bytes, std::vector<Utf8Sequence>& out) {
  for (int i = 1; i < n_bytes; ++i) {
    const char32_t mask = (char32_t{1} << (6 * i)) - 1;
    if ((first & ~mask) == (last & ~mask)) continue;
    if ((first & mask) != 0) {
      split(first, first | mask, n_bytes, out);
      return split((first | mask) + 1, last, n_bytes, out);
    }
    if ((last & mask) != mask) {
      split(first, (last & ~mask) - 1, n_bytes, out);
      return split(last & ~mask, last, n_bytes, out);
    }
  }
  append_sequence(first, last, out);
}

// All code points, in runs of one category each.
const std::vector<std::pair<std::string_view, CodePointRange>>& categories() {
  static const auto kCategories = [] {
    std::vector<std::pair<std::string_view, CodePointRange>> runs;
    for (char32_t value = 0; value <= kLast; ++value) {
      const std::string_view name = utf8proc_category_string(static_cast<utf8proc_int32_t>(value));
      if (!runs.empty() && runs.back().first == name) {
        runs.back().second.last = value;
      } else {
        runs.push_back({name, {value, value}});
      }
    }
    return runs;
  }();
  return kCategories;
}

}  // namespace

CodePointSet::CodePointSet(std::vector<CodePointRange> ranges) {
  std::ranges::sort(ranges, {}, &CodePointRange::first);
  for (const CodePointRange& range : ranges) {
    if (!ranges_.empty() && range.first <= ranges_.back().last + 1) {
      ranges_.back().last = std::max(ranges_.back().last, range.last);
    } else {
      ranges_.push_back(range);
    }
  }
}

CodePointSet CodePointSet::all() { return CodePointSet({{0, kLast}}); }

CodePointSet CodePointSet::category(std::string_view name) {
  std::vector<CodePointRange> ranges;
  for (const auto& [short_name, range] : categories()) {
    if (short_name.starts_with(name)) ranges.push_back(range);
  }
  return name.empty() ? CodePointSet() : CodePointSet(std::move(ranges));
}

CodePointSet CodePointSet::complement() const {
  CodePointSet set;
  char32_t next = 0;
  for (const auto& [first, last] : ranges_) {
    if (first > next) set.ranges_.push_back({next, first - 1});
    next = last + 1;
  }
  if (next <= kLast) set.ranges_.push_back({next, kLast});
  return set;
}

std::vector<Utf8Sequence> utf8_sequences(const CodePointSet& set) {
  struct Part {
    char32_t first, last;
    int n_bytes;
  };
  static constexpr Part kParts[] = {{0, 0x7F, 1},
                                    {0x80, 0x7FF, 2},
                                    {0x800, kFirstSurrogate - 1, 3},
                                    {kLastSurrogate + 1, 0xFFFF, 3},
                                    {0x10000, kLast, 4}};
  std::vector<Utf8Sequence> out;
  for (const auto& [first, last] : set.ranges()) {
    for (const Part& part : kParts) {
      const char32_t low = std::max(first, part.first), high = std::min(last, part.last);
      if (low <= high) split(low, high, part.n_bytes, out);
    }
  }
  return out;
}

}  // namespace loam
