// A loaded model at work: its engine on a thread of its own, and the jobs that others hand it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "engine/engine.h"

namespace loam {

// A prompt and the answers to it. The callbacks run on the runner's thread, in the order of what happens, and do not
// block; after `on_end` or `on_error` nothing more comes.
struct Job {
  std::vector<Token> prompt;
  SequenceOptions sequence;
  SamplingOptions sampling;  // choice i draws with seed + i
  int n_choices = 1;
  std::function<StartOptions(int choice)> start_options;

  std::function<void(int64_t n_read, int64_t n_prompt)> on_reading = {};  // as the prompt is read
  std::function<void(int64_t n_cached)> on_prompt = {};  // the whole prompt is read; so much of it was cached
  std::function<bool(int choice, const StepResult&)> on_step = {};  // false: the choice ends here
  std::function<void()> on_end = {};
  std::function<void(const Error&)> on_error = {};

  void cancel() { cancelled = true; }  // from any thread: freed within a step, without a further call
  std::atomic<bool> cancelled = false;
};

// What a runner has done since it began.
struct RunnerCounts {
  uint64_t prompt_tokens = 0, cached_tokens = 0, generated_tokens = 0;
  uint64_t pages_from_disk = 0;
  double prompt_seconds = 0, generation_seconds = 0;  // of steps that gave no token, and of those that did
  int running = 0, waiting = 0;  // choices that have their first token; jobs and choices that have none
};

class ModelRunner {
 public:
  explicit ModelRunner(std::unique_ptr<Engine> engine);
  ~ModelRunner() { stop(); }

  // Cancels what still runs, with Error(cancelled) for each job. Jobs may hold what owns the runner: whoever gives it
  // up while there may be some stops it before, as its own thread could not wait for itself.
  void stop();

  void submit(std::shared_ptr<Job> job);
  // As Engine::forget, between two steps; returns when it is done.
  void forget(const std::string& cache_salt);
  // Looks at cancelled jobs soon, even where nothing else happens.
  void wake();
  RunnerCounts counts() const;
  bool idle() const;

  // What does not change while it runs: model, tokenizer, template, context. From any thread.
  const Engine& engine() const { return *engine_; }

 private:
  struct Choice {
    std::shared_ptr<Job> job;
    int number = 0;
    std::unique_ptr<Sequence> sequence;
    bool has_begun = false;  // it has its first token
    int64_t n_told = 0;      // of its prompt's tokens, by on_reading
  };

  void run();
  struct Forgetting {
    std::string cache_salt;
    std::shared_ptr<std::promise<void>> done;
  };
  bool take_inbox();  // false: the runner ends
  void begin(const std::shared_ptr<Job>& job);
  void start_choice(const std::shared_ptr<Job>& job, int number);
  bool start_others(const std::shared_ptr<Job>& job);
  void drop_cancelled();
  void abandon(const std::shared_ptr<Job>& job, const Error& error);
  void step();
  void deliver(const StepResult& result);
  void tell_progress();
  void fail_all(const Error& error);
  Choice* find(const Sequence* sequence);
  void count_prompt(const Choice& choice);
  void count_step(const std::vector<StepResult>& results, double seconds);
  void count_choices();

  const std::unique_ptr<Engine> engine_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::shared_ptr<Job>> inbox_;
  std::vector<Forgetting> to_forget_;
  bool woken_ = false, stopping_ = false;
  RunnerCounts counts_;

  std::vector<std::unique_ptr<Choice>> choices_;  // the thread's own
  std::thread thread_;
};

}  // namespace loam
