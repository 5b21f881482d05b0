// A regular expression of loam's own with named groups, for what people write: any case, any script, bounded time.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace loam {

class Pattern {
 public:
  // PCRE2's syntax over UTF-8, without regard to case; \w, \b and \d are Unicode's.
  explicit Pattern(std::string_view source);
  ~Pattern();
  Pattern(Pattern&&) noexcept;
  Pattern& operator=(Pattern&&) noexcept;

  static constexpr size_t kMostGroups = 12;
  struct Found {
    size_t begin = 0, end = 0;                         // bytes
    std::array<std::string_view, kMostGroups> groups;  // [0] is the whole; empty where a group took no part
  };

  // The first match in valid UTF-8 that starts at `from` or later. A search that takes too many steps finds nothing.
  // Safe to call from several threads.
  std::optional<Found> find(std::string_view text, size_t from = 0) const;
  bool matches(std::string_view text) const { return find(text).has_value(); }
  // The numbers of the groups of a name, which may stand in several alternatives; none where the pattern has none.
  std::vector<size_t> groups(std::string_view name) const;

 private:
  struct Code;
  std::unique_ptr<Code> code_;
};

}  // namespace loam
