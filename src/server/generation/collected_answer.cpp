#include "server/generation/collected_answer.h"

#include <algorithm>
#include <ranges>

namespace loam {

double CollectedChoice::mean_logprob() const {
  double sum = 0;
  for (const LoggedToken& token : tokens) sum += token.logprob.value_or(0);
  return tokens.empty() ? 0 : sum / static_cast<double>(tokens.size());
}

CollectedAnswer::CollectedAnswer(int n_choices, std::function<void(CollectedAnswer&)> done,
                                 std::function<void(const Error&)> failed)
    : choices(static_cast<size_t>(n_choices)), done_(std::move(done)), failed_(std::move(failed)) {}

void CollectedAnswer::delta(int choice, const ChatDelta& delta, std::span<const LoggedToken> tokens) {
  CollectedChoice& c = choices[static_cast<size_t>(choice)];
  c.tokens.insert(c.tokens.end(), tokens.begin(), tokens.end());
  switch (delta.kind) {
    case ChatDelta::Kind::content: c.content += delta.text; break;
    case ChatDelta::Kind::reasoning: c.reasoning += delta.text; break;
    case ChatDelta::Kind::call: c.calls.push_back({delta.id, delta.name, ""}); break;
    case ChatDelta::Kind::arguments: c.calls[static_cast<size_t>(delta.index)].arguments += delta.text; break;
    case ChatDelta::Kind::warning: c.warnings.push_back(delta.text); break;
  }
}

void CollectedAnswer::choice_end(int choice, const ChoiceEnd& end) { choices[static_cast<size_t>(choice)].end = end; }

void CollectedAnswer::end(const Usage& total) {
  usage = total;
  done_(*this);
}

void CollectedAnswer::fail(const Error& error) { failed_(error); }

void CollectedAnswer::keep_best(int group, int n) {
  std::vector<CollectedChoice> kept;
  for (auto begin = choices.begin(); begin != choices.end(); begin += group) {
    std::ranges::stable_sort(begin, begin + group, std::greater{}, &CollectedChoice::mean_logprob);
    std::ranges::move(begin, begin + n, std::back_inserter(kept));
  }
  choices = std::move(kept);
}

}  // namespace loam
