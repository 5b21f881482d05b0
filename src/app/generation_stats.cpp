#include "app/generation_stats.h"

#include <fmt/format.h>

namespace loam {
namespace {

double per_second(int64_t n, double seconds) { return seconds > 0 ? static_cast<double>(n) / seconds : 0; }

}  // namespace

AnswerStats stats_of(const GenerateResult& result) {
  return {.n_prompt = result.n_prompt,
          .n_reused = result.n_reused,
          .n_answer = std::ssize(result.tokens),
          .prompt_seconds = result.prompt_seconds,
          .seconds = result.seconds,
          .drafts = result.drafts};
}

std::string describe(const AnswerStats& stats) {
  std::string line =
      fmt::format("prompt {} tokens ({} reused), {:.1f} t/s · answer {} tokens in {:.1f} s, {:.1f} t/s", stats.n_prompt,
                  stats.n_reused, per_second(stats.n_prompt - stats.n_reused, stats.prompt_seconds), stats.n_answer,
                  stats.seconds, per_second(stats.n_answer, stats.seconds));
  if (stats.drafts.drafted > 0)
    line += fmt::format(" · {} of {} drafted tokens accepted", stats.drafts.accepted, stats.drafts.drafted);
  return line;
}

}  // namespace loam
