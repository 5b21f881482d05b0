// loam bench: load time, prompt reading and generation speed, peak memory.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>

#include "app/command.h"
#include "app/interrupt.h"
#include "app/load_options.h"
#include "app/model_facts.h"
#include "app/option_checks.h"
#include "app/output.h"
#include "app/process.h"
#include "app/progress_bar.h"
#include "app/terminal.h"
#include "app/version.h"
#include "base/error.h"
#include "base/human_bytes.h"
#include "base/utf8.h"
#include "kernels/kernel_table.h"

namespace loam {
namespace {

constexpr const char* kExamples =
    R"(Each repetition reads one prompt of P tokens in batches of 512 (ppP), then runs N single-token steps after it (tgN), both
after D tokens that are not timed (--depth). Four tokens warm up first. No sampling is done. load_ms is from the process's
start until the model and its tokenizer are ready; peak_rss_mib is the largest resident memory.
Examples:
  loam bench smollm2-135m
  loam bench qwen2.5-coder-1.5b -p 512 -n 64 -t 2 -r 3 --depth 1024
  loam bench model.gguf -o json)";

constexpr int kBatch = 512;

struct BenchCommand {
  LoadOptions load;
  int n_prompt = 512, n_generate = 64, repetitions = 3, depth = 0;
  std::string format = "table";

  void run() const;
};

// Tokens per second over the repetitions.
struct Speed {
  std::vector<double> runs;

  double mean() const {
    return runs.empty() ? 0 : std::accumulate(runs.begin(), runs.end(), 0.0) / static_cast<double>(runs.size());
  }
  double deviation() const {
    if (runs.size() < 2) return 0;
    double squares = 0;
    for (const double run : runs) squares += (run - mean()) * (run - mean());
    return std::sqrt(squares / static_cast<double>(runs.size() - 1));
  }
};

struct BenchResult {
  double load_ms = 0;
  Speed prompt, generate;
};

double seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Ids spread over the vocabulary; which ones does not change the work.
std::vector<Token> prompt_tokens(int n, int64_t n_vocab) {
  const int64_t range = std::min<int64_t>(n_vocab, 32000);
  std::vector<Token> tokens(static_cast<size_t>(n));
  for (int64_t i = 0; i < n; ++i) tokens[static_cast<size_t>(i)] = static_cast<Token>((i * 7919 + 13) % range);
  return tokens;
}

class Bench {
 public:
  Bench(Engine& engine, const BenchCommand& command)
      : engine_(engine), command_(command), sequence_(engine.open()), bar_("measuring", ProgressBar::Unit::tokens) {}

  void measure(BenchResult& result) {
    feed(prompt_tokens(4, n_vocab()));
    sequence_->truncate(0);
    for (int r = 0; r < command_.repetitions; ++r) {
      repetition(result);
      sequence_->truncate(0);
    }
  }

 private:
  int64_t n_vocab() const { return engine_.model().config().n_vocab; }

  void repetition(BenchResult& result) {
    if (command_.depth > 0) feed(prompt_tokens(command_.depth, n_vocab()));
    if (const int n = command_.n_prompt; n > 0) {
      const auto prompt = prompt_tokens(n, n_vocab());
      result.prompt.runs.push_back(n / seconds_of([&] { feed(prompt); }));
    }
    if (const int n = command_.n_generate; n > 0) {
      const auto steps = prompt_tokens(n, n_vocab());
      result.generate.runs.push_back(n / seconds_of([&] {
                                       for (const Token token : steps) feed({token});
                                     }));
    }
  }

  // Only the last token's logits are computed, as when a prompt is read.
  void feed(const std::vector<Token>& tokens) {
    throw_if_interrupted();
    engine_.evaluate(*sequence_, tokens, kBatch, static_cast<int64_t>(tokens.size()) - 1,
                     [](int64_t, std::span<const float>) {});
    done_ += tokens.size();
    bar_.update(done_, total());
  }

  uint64_t total() const {
    return 4 + static_cast<uint64_t>(command_.repetitions) *
                   static_cast<uint64_t>(command_.depth + command_.n_prompt + command_.n_generate);
  }

  Engine& engine_;
  const BenchCommand& command_;
  std::unique_ptr<Sequence> sequence_;
  ProgressBar bar_;
  uint64_t done_ = 0;
};

// Waits for the vocabulary, which is part of being ready; a file without one that loam knows can still be measured.
void wait_for_tokenizer(const Engine& engine) {
  try {
    engine.tokenizer();
  } catch (const Error& error) {
    if (error.code() != Error::Code::unsupported && error.code() != Error::Code::model_invalid) throw;
  }
}

nlohmann::ordered_json speed_json(const Speed& speed, int n) {
  return {{"n", n}, {"tps", speed.mean()}, {"stddev", speed.deviation()}};
}

std::string as_json(const BenchResult& result, const Engine& engine, const BenchCommand& command) {
  const ModelFacts facts = model_facts(engine.file());
  const nlohmann::ordered_json out{{"model", facts.name},
                                   {"load_ms", result.load_ms},
                                   {"pp", speed_json(result.prompt, command.n_prompt)},
                                   {"tg", speed_json(result.generate, command.n_generate)},
                                   {"peak_rss_mib", peak_rss_mib()},
                                   {"model_bytes", engine.file().file_bytes()},
                                   {"parameters", facts.parameters},
                                   {"type", facts.main_type},
                                   {"threads", engine.n_threads()},
                                   {"depth", command.depth},
                                   {"repetitions", command.repetitions},
                                   {"kv_bytes", engine.kv_bytes()},
                                   {"isa", select_kernels().name},
                                   {"cpu", cpu_name()},
                                   {"version", kVersion}};
  return out.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

using Row = std::vector<std::string>;

std::vector<Row> table_rows(const BenchResult& result, const Engine& engine, const BenchCommand& command) {
  const ModelFacts facts = model_facts(engine.file());
  std::vector<Row> rows{{"model", "size", "params", "threads", "test", "t/s"}};
  const std::string at = command.depth ? fmt::format(" @ d{}", command.depth) : "";
  const auto add = [&](const Speed& speed, std::string test) {
    if (speed.runs.empty()) return;
    rows.push_back({terminal_safe(fmt::format("{} {}", facts.name, facts.main_type)),
                    human_bytes(engine.file().file_bytes()), human_count(static_cast<double>(facts.parameters)),
                    std::to_string(engine.n_threads()), test + at,
                    fmt::format("{:.2f} ± {:.2f}", speed.mean(), speed.deviation())});
  };
  add(result.prompt, fmt::format("pp{}", command.n_prompt));
  add(result.generate, fmt::format("tg{}", command.n_generate));
  return rows;
}

// Aligned columns in Markdown's form, so that a table can be pasted anywhere.
std::string as_table(const std::vector<Row>& rows) {
  std::vector<size_t> widths(rows[0].size(), 3);
  for (const Row& row : rows)
    for (size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], count_code_points(row[c]));
  std::string out;
  for (size_t r = 0; r < rows.size(); ++r) {
    for (size_t c = 0; c < widths.size(); ++c)
      out += c < 1 ? fmt::format("| {:<{}} ", rows[r][c], widths[c]) : fmt::format("| {:>{}} ", rows[r][c], widths[c]);
    out += "|\n";
    if (r > 0) continue;
    for (size_t c = 0; c < widths.size(); ++c) out += fmt::format("| {:-<{}}{} ", "", widths[c] - 1, c < 1 ? "-" : ":");
    out += "|\n";
  }
  return out;
}

std::string summary(const BenchResult& result) {
  return fmt::format("\nload {:.0f} ms, peak memory {:.0f} MiB, {} on {}, loam {}\n", result.load_ms, peak_rss_mib(),
                     select_kernels().name, terminal_safe(cpu_name()), kVersion);
}

void BenchCommand::run() const {
  if (n_prompt + n_generate == 0)
    throw Error(Error::Code::invalid, "there is nothing to measure: -p and -n are both 0", "-p");
  EngineOptions options = engine_options(load);
  options.context = int64_t{depth} + n_prompt + n_generate + 8;
  options.chunk = kBatch;

  const InterruptGuard guard;
  const auto engine = load_engine(load, options);
  wait_for_tokenizer(*engine);
  BenchResult result{.load_ms = 1000 * seconds_since_process_start(), .prompt = {}, .generate = {}};
  Bench(*engine, *this).measure(result);
  if (format == "json") return print(as_json(result, *engine, *this));
  print(as_table(table_rows(result, *engine, *this)));
  if (format == "table") print(summary(result));
}

}  // namespace

void add_bench(CLI::App& app) {
  CLI::App* command = app.add_subcommand("bench", "measure speed and memory");
  auto state = std::make_shared<BenchCommand>();
  add_model_argument(*command, state->load);
  const auto add = [&](const char* name, int& value, const char* help, int min, int max) {
    command->add_option(name, value, help)->check(integer_between(min, max))->capture_default_str()->type_name("N");
  };
  add("-p,--n-prompt", state->n_prompt, "tokens of the prompt", 0, 1 << 20);
  add("-n,--n-gen", state->n_generate, "tokens to generate", 0, 1 << 20);
  add("-r,--repetitions", state->repetitions, "times that each test runs", 1, 1000);
  add("-d,--depth", state->depth, "tokens in the context before each test", 0, 1 << 20);
  command->add_option("-o,--output", state->format, "table, md or json (one object on one line)")
      ->check(CLI::IsMember({"table", "md", "json"}))
      ->capture_default_str()
      ->type_name("FORM");
  add_load_options(*command, state->load);
  command->footer(kExamples);
  command->callback([state] { state->run(); });
}

}  // namespace loam
