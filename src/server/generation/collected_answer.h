// A whole answer, for the APIs that give it at once: the events of a generation, collected.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "server/generation/answer_sink.h"

namespace loam {

struct CollectedCall {
  std::string id, name, arguments;
};

struct CollectedChoice {
  std::string content, reasoning;
  std::vector<CollectedCall> calls;
  std::vector<LoggedToken> tokens;  // where logprobs were asked for
  std::vector<std::string> warnings;
  ChoiceEnd end;
  double mean_logprob() const;  // of `tokens`
};

class CollectedAnswer final : public AnswerSink {
 public:
  // One of the two is called once.
  CollectedAnswer(int n_choices, std::function<void(CollectedAnswer&)> done, std::function<void(const Error&)> failed);

  void delta(int choice, const ChatDelta& delta, std::span<const LoggedToken> tokens) override;
  void choice_end(int choice, const ChoiceEnd& end) override;
  void end(const Usage& usage) override;
  void fail(const Error& error) override;

  // Of each `group` choices keeps the `n` likeliest, as best_of asks.
  void keep_best(int group, int n);

  std::vector<CollectedChoice> choices;
  Usage usage;

 private:
  std::function<void(CollectedAnswer&)> done_;
  std::function<void(const Error&)> failed_;
};

}  // namespace loam
