#include "tokenizer/hf/scripts.h"

#include <algorithm>
#include <iterator>

namespace loam::hf {
namespace {

struct ScriptRange {
  char32_t first, last;
  uint16_t script;
};
constexpr ScriptRange kScriptRanges[] = {
#include "tokenizer/hf/script_ranges.inl"
};

}  // namespace

uint16_t script_of(char32_t c) {
  const auto* range = std::ranges::lower_bound(kScriptRanges, c, {}, &ScriptRange::last);
  return range != std::end(kScriptRanges) && range->first <= c ? range->script : 0;
}

}  // namespace loam::hf
