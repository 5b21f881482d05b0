// One request being answered: prompts go to the model's runner, and what comes back to the request's sink.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "server/generation/answer_sink.h"
#include "server/generation/logged_tokens.h"
#include "server/generation/prompt.h"
#include "server/models/served_model.h"

namespace loam {

class Answer : public std::enable_shared_from_this<Answer> {
 public:
  // Choice c of prompt p is choice p · n + c of the sink. What is wrong with the request is thrown, before the sink
  // hears anything: Error as `prepare_prompts`.
  static std::shared_ptr<Answer> start(std::shared_ptr<ServedModel> model, GenerationRequest request,
                                       const std::string& user, double weight, std::shared_ptr<AnswerSink> sink);
  // From any thread; the sink hears Error(cancelled), unless it was all over.
  void cancel();

  static int n_choices(const GenerationRequest& request);

 private:
  struct Choice {
    std::unique_ptr<ChatOutputParser> parser;  // none: the text is content
    LoggedTokens logged;
    bool in_reasoning = false, called = false;
  };

  Answer(std::shared_ptr<ServedModel> model, GenerationRequest request, std::shared_ptr<AnswerSink> sink);
  std::shared_ptr<Job> make_job(PreparedPrompt prompt, const std::string& user, double weight);
  void cancel_jobs();
  void begin(int64_t n_cached);
  void echo(int first_choice, const std::string& text);
  bool step(int choice, const StepResult& result);
  void score_prompt(int choice, const StepResult& result);
  void give(int choice, const std::vector<ChatDelta>& deltas);
  void end_choice(int choice, const StepResult& result);
  void end_job();
  void fail(const Error& error);
  std::vector<ChatDelta> parse(Choice& choice, const std::string& text) const;
  LoggedToken logged(Token token, std::string bytes, std::optional<float> logprob,
                     const std::vector<TokenLogprob>& top) const;

  const std::shared_ptr<ServedModel> model_;
  const GenerationRequest request_;
  const std::shared_ptr<AnswerSink> sink_;
  std::vector<std::weak_ptr<Job>> jobs_;  // one for each prompt; they hold the answer

  // The runner's thread's own.
  std::vector<Choice> choices_;
  Usage usage_;
  size_t n_ended_ = 0;  // of jobs_
  bool has_begun_ = false, failed_ = false;
  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point first_token_ = started_;
};

}  // namespace loam
