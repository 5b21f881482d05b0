#include "server/models/model_runner.h"

#include <algorithm>
#include <chrono>

#include "base/error.h"

namespace loam {

ModelRunner::ModelRunner(std::unique_ptr<Engine> engine) : engine_(std::move(engine)) {
  thread_ = std::thread([this] { run(); });
}

void ModelRunner::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void ModelRunner::submit(std::shared_ptr<Job> job) {
  {
    const std::lock_guard lock(mutex_);
    ++counts_.waiting;
    inbox_.push_back(std::move(job));
  }
  changed_.notify_one();
}

void ModelRunner::forget(const std::string& cache_salt) {
  const auto done = std::make_shared<std::promise<void>>();
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;  // all of it goes
    to_forget_.push_back({cache_salt, done});
  }
  changed_.notify_one();
  done->get_future().wait();
}

void ModelRunner::wake() {
  {
    const std::lock_guard lock(mutex_);
    woken_ = true;
  }
  changed_.notify_one();
}

RunnerCounts ModelRunner::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

bool ModelRunner::idle() const {
  const std::lock_guard lock(mutex_);
  return counts_.running + counts_.waiting == 0;
}

void ModelRunner::run() {
  while (take_inbox()) {
    drop_cancelled();
    if (!choices_.empty()) step();
  }
  fail_all(Error(Error::Code::cancelled, "the model is being unloaded"));
}

bool ModelRunner::take_inbox() {
  std::vector<std::shared_ptr<Job>> jobs;
  std::vector<Forgetting> to_forget;
  bool stops = false;
  {
    std::unique_lock lock(mutex_);
    const auto is_called = [&] { return stopping_ || woken_ || !inbox_.empty() || !to_forget_.empty(); };
    if (choices_.empty()) changed_.wait(lock, is_called);
    woken_ = false;
    stops = stopping_;
    if (!stops) jobs.swap(inbox_);
    to_forget.swap(to_forget_);
  }
  for (const Forgetting& forgetting : to_forget) {
    engine_->forget(forgetting.cache_salt);
    forgetting.done->set_value();
  }
  if (stops) return false;
  for (const auto& job : jobs) begin(job);
  count_choices();
  return true;
}

// Only the first choice reads the prompt; the others start when it has, and find its pages in the cache.
void ModelRunner::begin(const std::shared_ptr<Job>& job) try { start_choice(job, 0); } catch (const Error& error) {
  job->on_error(error);
}

void ModelRunner::start_choice(const std::shared_ptr<Job>& job, int number) {
  StartOptions options = job->start_options(number);
  options.sampling = job->sampling;
  options.sampling.seed += static_cast<uint64_t>(number);
  auto sequence = engine_->open(job->sequence);
  engine_->start(*sequence, job->prompt, options);
  choices_.push_back(std::make_unique<Choice>(Choice{.job = job, .number = number, .sequence = std::move(sequence)}));
}

void ModelRunner::drop_cancelled() {
  std::vector<std::shared_ptr<Job>> cancelled;
  for (const auto& choice : choices_)
    if (choice->job->cancelled && std::ranges::find(cancelled, choice->job) == cancelled.end())
      cancelled.push_back(choice->job);
  for (const auto& job : cancelled) abandon(job, Error(Error::Code::cancelled, "the request was cancelled"));
  if (!cancelled.empty()) count_choices();
}

// Its sequences take themselves from the scheduler.
void ModelRunner::abandon(const std::shared_ptr<Job>& job, const Error& error) {
  std::erase_if(choices_, [&](const auto& choice) { return choice->job == job; });
  job->on_error(error);
}

void ModelRunner::step() try {
  const auto begin = std::chrono::steady_clock::now();
  const std::vector<StepResult> results = engine_->step();
  count_step(results, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  for (const StepResult& result : results) deliver(result);
  tell_progress();
  count_choices();
} catch (const Error& error) {
  fail_all(error);
}

void ModelRunner::tell_progress() {
  for (const auto& choice : choices_) {
    const int64_t n_read = choice->sequence->n_processed();
    if (choice->has_begun || choice->number > 0 || !choice->job->on_reading || n_read == choice->n_told) continue;
    choice->n_told = n_read;
    choice->job->on_reading(n_read, std::ssize(choice->job->prompt));
  }
}

ModelRunner::Choice* ModelRunner::find(const Sequence* sequence) {
  const auto found = std::ranges::find(choices_, sequence, [](const auto& choice) { return choice->sequence.get(); });
  return found == choices_.end() ? nullptr : found->get();
}

void ModelRunner::deliver(const StepResult& result) {
  Choice* choice = find(result.sequence);
  if (choice == nullptr || choice->job->cancelled) return;
  const std::shared_ptr<Job> job = choice->job;
  const bool begins = !choice->has_begun && (result.token >= 0 || result.finish != FinishReason::none);
  const bool prompt_is_read = begins && choice->number == 0;
  choice->has_begun |= begins;
  if (prompt_is_read) count_prompt(*choice);
  const bool goes_on = job->on_step(choice->number, result) && result.finish == FinishReason::none;
  if (!goes_on) std::erase_if(choices_, [&](const auto& c) { return c.get() == choice; });
  if (prompt_is_read && !start_others(job)) return;
  if (std::ranges::none_of(choices_, [&](const auto& c) { return c->job == job; })) job->on_end();
}

bool ModelRunner::start_others(const std::shared_ptr<Job>& job) try {
  for (int number = 1; number < job->n_choices; ++number) start_choice(job, number);
  return true;
} catch (const Error& error) {
  abandon(job, error);
  return false;
}

void ModelRunner::count_prompt(const Choice& choice) {
  const int64_t n_cached = choice.sequence->n_cached();
  if (choice.job->on_prompt) choice.job->on_prompt(n_cached);
  const std::lock_guard lock(mutex_);
  counts_.prompt_tokens += choice.job->prompt.size();
  counts_.cached_tokens += static_cast<uint64_t>(n_cached);
}

void ModelRunner::count_step(const std::vector<StepResult>& results, double seconds) {
  const auto n_generated = std::ranges::count_if(results, [](const StepResult& r) { return r.token >= 0; });
  const std::lock_guard lock(mutex_);
  counts_.generated_tokens += static_cast<uint64_t>(n_generated);
  (n_generated > 0 ? counts_.generation_seconds : counts_.prompt_seconds) += seconds;
  counts_.pages_from_disk = static_cast<uint64_t>(engine_->cache_stats().n_loaded);
}

void ModelRunner::count_choices() {
  const auto n_running = static_cast<int>(std::ranges::count_if(choices_, [](const auto& c) { return c->has_begun; }));
  const std::lock_guard lock(mutex_);
  counts_.running = n_running;
  counts_.waiting = static_cast<int>(choices_.size() + inbox_.size()) - n_running;
}

void ModelRunner::fail_all(const Error& error) {
  std::vector<std::shared_ptr<Job>> jobs;
  {
    const std::lock_guard lock(mutex_);
    jobs.swap(inbox_);
  }
  for (const auto& choice : choices_)
    if (std::ranges::find(jobs, choice->job) == jobs.end()) jobs.push_back(choice->job);
  choices_.clear();
  count_choices();
  for (const auto& job : jobs) job->on_error(error);
}

}  // namespace loam
