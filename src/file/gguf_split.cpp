#include "file/gguf_split.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "file/gguf_header.h"

namespace loam {
namespace {

constexpr int64_t kMaxParts = 1024;  // each is an open file

// The five digits at text[at…], or -1.
int five_digits(std::string_view text, size_t at) {
  const std::string_view digits = text.substr(at, 5);
  if (!std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; })) return -1;
  int value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

}  // namespace

SplitInfo read_split_info(const Metadata& metadata) {
  SplitInfo split;
  const MetaValue* count = metadata.find("split.count");
  if (!count) return split;
  split.offset = count->offset;
  split.count = metadata.require_integer("split.count");
  if (split.count == 0) split.count = 1;  // some writers mark whole files so
  if (split.count < 0 || split.count > kMaxParts)
    throw_gguf_error("split", split.offset, fmt::format("split.count is {}, more than {}", split.count, kMaxParts));
  split.number = metadata.integer("split.no").value_or(0);
  if (split.number < 0 || split.number >= split.count)
    throw_gguf_error("split", split.offset, fmt::format("split.no is {} of {} parts", split.number, split.count));
  split.tensors = metadata.integer("split.tensors.count").value_or(-1);
  return split;
}

std::string SplitName::part_path(int part_number) const {
  return fmt::format("{}-{:05}-of-{:05}.gguf", prefix, part_number, count);
}

std::optional<SplitName> parse_split_name(const std::string& path) {
  constexpr std::string_view kPattern = "-00000-of-00000.gguf";
  if (path.size() < kPattern.size()) return std::nullopt;
  const size_t begin = path.size() - kPattern.size();
  const std::string_view end = std::string_view(path).substr(begin);
  if (end[0] != '-' || end.substr(6, 4) != "-of-" || end.substr(15) != ".gguf") return std::nullopt;
  const int number = five_digits(end, 1), count = five_digits(end, 10);
  if (number < 1 || count < number) return std::nullopt;
  return SplitName{path.substr(0, begin), number, count};
}

}  // namespace loam
