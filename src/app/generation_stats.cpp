#include "app/generation_stats.h"

#include <fmt/format.h>

namespace loam {
namespace {

double per_second(int64_t n, double seconds) { return seconds > 0 ? static_cast<double>(n) / seconds : 0; }

}  // namespace

std::string describe(const GenerateResult& result) {
  const auto n_answer = static_cast<int64_t>(result.tokens.size());
  std::string line = fmt::format("prompt {} tokens ({} reused), {:.1f} t/s · answer {} tokens in {:.1f} s, {:.1f} t/s",
                                 result.n_prompt, result.n_reused,
                                 per_second(result.n_prompt - result.n_reused, result.prompt_seconds), n_answer,
                                 result.seconds, per_second(n_answer, result.seconds));
  if (result.drafts.drafted > 0)
    line += fmt::format(" · {} of {} drafted tokens accepted", result.drafts.accepted, result.drafts.drafted);
  return line;
}

}  // namespace loam
