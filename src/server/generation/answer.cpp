#include "server/generation/answer.h"

#include <algorithm>
#include <random>

namespace loam {
namespace {

uint64_t draw_seed() {
  std::random_device device;
  return uint64_t{device()} << 32 | device();
}

double seconds_between(std::chrono::steady_clock::time_point begin, std::chrono::steady_clock::time_point end) {
  return std::chrono::duration<double>(end - begin).count();
}

}  // namespace

int Answer::n_choices(const GenerationRequest& request) {
  return std::max(1, static_cast<int>(request.prompts.size())) * std::max(request.n, request.best_of);
}

std::shared_ptr<Answer> Answer::start(std::shared_ptr<ServedModel> model, GenerationRequest request,
                                      const std::string& user, double weight, std::shared_ptr<AnswerSink> sink) {
  if (request.random_seed) request.sampling.seed = draw_seed();
  if (request.best_of > request.n) request.sampling.logprobs = std::max(request.sampling.logprobs, 0);
  request.sampling.validate(model->engine().model().config().n_vocab);
  std::vector<PreparedPrompt> prompts = prepare_prompts(*model, request);
  std::shared_ptr<Answer> answer(new Answer(std::move(model), std::move(request), std::move(sink)));
  answer->choices_.resize(static_cast<size_t>(n_choices(answer->request_)));
  std::vector<std::shared_ptr<Job>> jobs;
  for (PreparedPrompt& prompt : prompts) {
    jobs.push_back(answer->make_job(std::move(prompt), user, weight));
    answer->jobs_.push_back(jobs.back());
  }
  for (auto& job : jobs) answer->model_->runner().submit(std::move(job));
  return answer;
}

Answer::Answer(std::shared_ptr<ServedModel> model, GenerationRequest request, std::shared_ptr<AnswerSink> sink)
    : model_(std::move(model)), request_(std::move(request)), sink_(std::move(sink)) {}

std::shared_ptr<Job> Answer::make_job(PreparedPrompt prompt, const std::string& user, double weight) {
  auto job = std::make_shared<Job>();
  const auto n = static_cast<size_t>(std::max(request_.n, request_.best_of));
  const size_t first = jobs_.size() * n;
  job->n_choices = static_cast<int>(n);
  job->prompt = std::move(prompt.tokens);
  job->sampling = request_.sampling;
  job->sequence = {.experts = request_.experts, .kv = request_.kv, .context = request_.context, .cache_salt = user};
  usage_.prompt_tokens += std::ssize(job->prompt);
  usage_.dropped_messages += prompt.dropped_messages;
  usage_.dropped_tokens += prompt.dropped_tokens;

  std::vector<StartOptions> options(n);
  for (size_t i = 0; i < n; ++i) {
    options[i].user = user;
    options[i].weight = weight;
    options[i].priority = request_.priority;
    if (prompt.turns.empty()) {
      options[i].constraint = model_->constraint(request_.shape);
      continue;
    }
    ChatTurn& turn = prompt.turns[i];
    options[i].visible = std::move(turn.visible);
    options[i].ends = std::move(turn.ends);
    options[i].constraint = std::move(turn.constraint);
    choices_[first + i].parser = std::make_unique<ChatOutputParser>(std::move(turn.output));
  }
  job->start_options = [options = std::move(options)](int i) { return options[static_cast<size_t>(i)]; };

  const auto self = shared_from_this();
  const int offset = static_cast<int>(first);
  if (request_.return_progress)
    job->on_reading = [self](int64_t n_read, int64_t n_prompt) { self->sink_->reading(n_read, n_prompt); };
  job->on_prompt = [self, offset, text = std::move(prompt.text)](int64_t n_cached) {
    self->begin(n_cached);
    if (self->request_.echo && self->request_.sampling.prompt_logprobs < 0) self->echo(offset, text);
  };
  job->on_step = [self, offset](int choice, const StepResult& result) { return self->step(offset + choice, result); };
  job->on_end = [self] { self->end_job(); };
  job->on_error = [self](const Error& error) { self->fail(error); };
  return job;
}

void Answer::cancel() {
  cancel_jobs();
  model_->runner().wake();
}

void Answer::cancel_jobs() {
  for (const auto& weak : jobs_)
    if (const auto job = weak.lock()) job->cancel();
}

void Answer::begin(int64_t n_cached) {
  usage_.cached_tokens += n_cached;
  if (has_begun_) return;
  has_begun_ = true;
  first_token_ = std::chrono::steady_clock::now();
  usage_.prompt_seconds = seconds_between(started_, first_token_);
  sink_->begin(usage_);
}

void Answer::echo(int first_choice, const std::string& text) {
  for (int i = 0; i < std::max(request_.n, request_.best_of); ++i)
    sink_->delta(first_choice + i, {.kind = ChatDelta::Kind::content, .text = text}, {});
}

LoggedToken Answer::logged(Token token, std::string bytes, std::optional<float> logprob,
                           const std::vector<TokenLogprob>& top) const {
  return {.token = token, .bytes = std::move(bytes), .logprob = logprob, .top = top};
}

// Echo with logprobs: the prompt's tokens come as they are read.
void Answer::score_prompt(int choice, const StepResult& result) {
  if (result.prompt.empty() || !request_.echo) return;
  if (!has_begun_) begin(0);
  std::string text;
  std::vector<LoggedToken> tokens;
  for (const ScoredToken& scored : result.prompt) {
    tokens.push_back(
        logged(scored.token, model_->engine().tokenizer().piece(scored.token, true), scored.logprob, scored.top));
    text += tokens.back().bytes;
  }
  sink_->delta(choice, {.kind = ChatDelta::Kind::content, .text = std::move(text)}, tokens);
}

std::vector<ChatDelta> Answer::parse(Choice& choice, const std::string& text) const {
  if (choice.parser) return choice.parser->push(text);
  if (text.empty()) return {};
  return {{.kind = ChatDelta::Kind::content, .text = text}};
}

void Answer::give(int choice, const std::vector<ChatDelta>& deltas) {
  Choice& c = choices_[static_cast<size_t>(choice)];
  for (const ChatDelta& delta : deltas) {
    c.in_reasoning = delta.kind == ChatDelta::Kind::reasoning;
    c.called |= delta.kind == ChatDelta::Kind::call;
    const bool shows_tokens = delta.kind == ChatDelta::Kind::content && request_.sampling.logprobs >= 0;
    sink_->delta(choice, delta, shows_tokens ? c.logged.take(delta.text) : std::vector<LoggedToken>());
  }
}

bool Answer::step(int choice, const StepResult& result) {
  Choice& c = choices_[static_cast<size_t>(choice)];
  score_prompt(choice, result);
  if (result.token < 0 && result.finish == FinishReason::none) return true;
  if (result.token >= 0) {
    ++usage_.completion_tokens;
    if (result.logprob) c.logged.push(logged(result.token, result.piece, result.logprob, result.top));
  }
  give(choice, parse(c, result.text));
  usage_.reasoning_tokens += result.token >= 0 && c.in_reasoning;
  const bool heard_all = c.parser && c.parser->complete();
  if (result.finish != FinishReason::none || heard_all) end_choice(choice, result);
  return !heard_all;
}

void Answer::end_choice(int choice, const StepResult& result) {
  Choice& c = choices_[static_cast<size_t>(choice)];
  if (c.parser) give(choice, c.parser->finish());
  const FinishReason reason = result.finish == FinishReason::none ? FinishReason::end_token : result.finish;
  const auto& stops = request_.sampling.stop;
  sink_->choice_end(
      choice,
      {.reason = reason, .stop = result.stop >= 0 ? stops[static_cast<size_t>(result.stop)] : "", .called = c.called});
}

void Answer::end_job() {
  if (++n_ended_ < jobs_.size() || failed_) return;
  usage_.seconds = seconds_between(first_token_, std::chrono::steady_clock::now());
  sink_->end(usage_);
}

// One prompt's failure ends the others.
void Answer::fail(const Error& error) {
  if (failed_) return;
  failed_ = true;
  sink_->fail(error);
  cancel_jobs();
}

}  // namespace loam
