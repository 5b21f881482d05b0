#define PCRE2_CODE_UNIT_WIDTH 8
#include "memory/text/pattern.h"

#include <pcre2.h>

#include "base/error.h"

namespace loam {
namespace {

// Steps of backtracking in one search: far more than a sentence needs.
constexpr uint32_t kMostMatchSteps = 200'000;

// What a thread needs to match, made once for each.
struct MatchMemory {
  pcre2_match_data* data = pcre2_match_data_create(Pattern::kMostGroups, nullptr);
  pcre2_match_context* context = pcre2_match_context_create(nullptr);

  MatchMemory() {
    pcre2_set_match_limit(context, kMostMatchSteps);
    pcre2_set_depth_limit(context, kMostMatchSteps);
  }
  ~MatchMemory() {
    pcre2_match_data_free(data);
    pcre2_match_context_free(context);
  }
  MatchMemory(const MatchMemory&) = delete;
  MatchMemory& operator=(const MatchMemory&) = delete;
};

}  // namespace

struct Pattern::Code {
  pcre2_code* code = nullptr;
  ~Code() { pcre2_code_free(code); }
};

Pattern::Pattern(std::string_view source) : code_(std::make_unique<Code>()) {
  int error = 0;
  PCRE2_SIZE offset = 0;
  code_->code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(source.data()), source.size(),
                              PCRE2_UTF | PCRE2_UCP | PCRE2_CASELESS | PCRE2_DUPNAMES, &error, &offset, nullptr);
  LOAM_CHECK(code_->code != nullptr);
  pcre2_jit_compile(code_->code, PCRE2_JIT_COMPLETE);  // where it cannot, matching interprets
}

Pattern::~Pattern() = default;
Pattern::Pattern(Pattern&&) noexcept = default;
Pattern& Pattern::operator=(Pattern&&) noexcept = default;

std::optional<Pattern::Found> Pattern::find(std::string_view text, size_t from) const {
  thread_local const MatchMemory memory;
  const int n = pcre2_match(code_->code, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), from,
                            PCRE2_NO_UTF_CHECK, memory.data, memory.context);
  if (n < 0) return std::nullopt;
  const PCRE2_SIZE* ends = pcre2_get_ovector_pointer(memory.data);
  Found found{ends[0], ends[1], {}};
  const size_t n_groups = n == 0 ? kMostGroups : static_cast<size_t>(n);
  for (size_t i = 0; i < n_groups; ++i) {
    if (ends[2 * i] != PCRE2_UNSET) found.groups[i] = text.substr(ends[2 * i], ends[2 * i + 1] - ends[2 * i]);
  }
  return found;
}

// PCRE2's table of names: entries of one size, each a number in two bytes and a name that ends with 0.
std::vector<size_t> Pattern::groups(std::string_view name) const {
  uint32_t n_names = 0, entry_bytes = 0;
  PCRE2_SPTR table = nullptr;
  pcre2_pattern_info(code_->code, PCRE2_INFO_NAMECOUNT, &n_names);
  pcre2_pattern_info(code_->code, PCRE2_INFO_NAMEENTRYSIZE, &entry_bytes);
  pcre2_pattern_info(code_->code, PCRE2_INFO_NAMETABLE, &table);
  std::vector<size_t> numbers;
  for (PCRE2_SPTR entry = table; n_names > 0; --n_names, entry += entry_bytes) {
    if (name == reinterpret_cast<const char*>(entry + 2)) numbers.push_back(entry[0] * size_t{256} + entry[1]);
  }
  return numbers;
}

}  // namespace loam
