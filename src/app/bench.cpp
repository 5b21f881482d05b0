// loam bench: load time, prompt reading and generation speed, peak memory.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "app/bench_measure.h"
#include "app/bench_roofline.h"
#include "app/bench_sweep.h"
#include "app/command.h"
#include "app/interrupt.h"
#include "app/load_options.h"
#include "app/output.h"
#include "app/process.h"
#include "app/terminal.h"
#include "app/version.h"
#include "base/error.h"
#include "base/human_bytes.h"
#include "base/utf8.h"
#include "file/model_facts.h"
#include "kernels/kernel_table.h"

namespace loam {
namespace {

constexpr const char* kBenchExamples =
    R"(Each repetition reads one prompt of P tokens (ppP), then runs N single-token steps after it (tgN), both
after D tokens that are not timed (--depth). Four tokens warm up first. No sampling is done. load_ms is from the process's
start until the model and its tokenizer are ready; peak_rss_mib is the largest resident memory.
Examples:
  loam bench smollm2-135m
  loam bench qwen2.5-coder-1.5b -p 512 -n 64 -t 2 -r 3 --depth 1024
  loam bench qwen2.5-coder-1.5b -p 0 --batch 1,4,8,16
  loam bench qwen2.5-coder-1.5b --roofline
  loam bench model.gguf --sweep experts=2,4,8 ctx=4096,32768 kv=f16,q8_0 --out sweep.csv
  loam bench model.gguf -o json)";

struct BenchCommand {
  LoadOptions load;
  BenchWork work;
  std::vector<std::string> sweep;
  std::string out, format = "table";
  bool roofline = false;

  void run() const;
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
  return {{"n", n}, {"tps", speed.mean()}, {"stddev", speed.deviation()}, {"best", speed.best()}};
}

nlohmann::ordered_json batches_json(const std::vector<BatchSpeed>& batches) {
  auto out = nlohmann::ordered_json::array();
  for (const BatchSpeed& b : batches)
    out.push_back({{"n", b.n_sequences}, {"tps", b.speed.mean()}, {"stddev", b.speed.deviation()}});
  return out;
}

// All that is reported.
struct Report {
  const Engine& engine;
  const BenchWork& work;
  BenchResult result = {};
  double peak_rss = 0;  // MiB, before the machine is measured
  std::optional<Roofline> roofline = {};
};

std::string as_json(const Report& r) {
  const ModelFacts facts = model_facts(r.engine.file());
  nlohmann::ordered_json out{{"model", facts.name},
                             {"load_ms", r.result.load_ms},
                             {"pp", speed_json(r.result.prompt, r.work.n_prompt)},
                             {"tg", speed_json(r.result.generate, r.work.n_generate)},
                             {"peak_rss_mib", r.peak_rss},
                             {"model_bytes", r.engine.file().file_bytes()},
                             {"parameters", facts.parameters},
                             {"type", facts.main_type},
                             {"threads", r.engine.n_threads()},
                             {"depth", r.work.depth},
                             {"repetitions", r.work.repetitions},
                             {"kv_bytes", r.engine.kv_bytes()},
                             {"isa", select_kernels().name},
                             {"cpu", cpu_name()},
                             {"version", kVersion}};
  if (!r.result.batches.empty()) out["batch"] = batches_json(r.result.batches);
  if (r.roofline) out["roofline"] = r.roofline->json();
  return out.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

using Row = std::vector<std::string>;

std::vector<Row> table_rows(const Report& r) {
  const ModelFacts facts = model_facts(r.engine.file());
  std::vector<Row> rows{{"model", "size", "params", "threads", "test", "t/s"}};
  const std::string at = r.work.depth ? fmt::format(" @ d{}", r.work.depth) : "";
  const auto add = [&](const Speed& speed, std::string test) {
    if (speed.runs.empty()) return;
    rows.push_back({terminal_safe(fmt::format("{} {}", facts.name, facts.main_type)),
                    human_bytes(r.engine.file().file_bytes()), human_count(static_cast<double>(facts.parameters)),
                    std::to_string(r.engine.n_threads()), test + at,
                    fmt::format("{:.2f} ± {:.2f}", speed.mean(), speed.deviation())});
  };
  add(r.result.prompt, fmt::format("pp{}", r.work.n_prompt));
  add(r.result.generate, fmt::format("tg{}", r.work.n_generate));
  for (const BatchSpeed& b : r.result.batches) add(b.speed, fmt::format("tg{} x{}", r.work.n_generate, b.n_sequences));
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

std::string summary(const Report& r) {
  return fmt::format("\nload {:.0f} ms, peak memory {:.0f} MiB, {} on {}, loam {}\n", r.result.load_ms, r.peak_rss,
                     select_kernels().name, terminal_safe(cpu_name()), kVersion);
}

void BenchCommand::run() const {
  if (work.n_prompt + work.n_generate == 0)
    throw Error(Error::Code::invalid, "there is nothing to measure: -p and -n are both 0", "-p");
  const InterruptGuard guard;
  if (!sweep.empty()) return loam::sweep(load, work, sweep, out);
  EngineOptions options = engine_options(load);
  options.context = work.context();
  options.parallel = work.most_sequences();
  options.prefix_cache = false;  // each run reads anew
  const auto engine = load_engine(load, options);
  wait_for_tokenizer(*engine);
  Report report{.engine = *engine, .work = work};
  report.result.load_ms = 1000 * seconds_since_process_start();
  measure(*engine, work, report.result);
  report.peak_rss = peak_rss_mib();
  if (roofline) report.roofline = measure_roofline(*engine, options, report.result);
  if (format == "json") return print(as_json(report));
  print(as_table(table_rows(report)));
  if (roofline) print("\n" + as_table(report.roofline->table(work)));
  if (format == "table") print(summary(report));
}

}  // namespace

void add_bench(Command& app) {
  Command* command = app.add_subcommand("bench", "measure speed and memory");
  auto state = std::make_shared<BenchCommand>();
  add_model_argument(*command, state->load);
  const auto add = [&](const char* name, int& value, const char* help, int min, int max) {
    command->add_option(name, value, help)->check(integer_between(min, max))->capture_default_str()->type_name("N");
  };
  add("-p,--n-prompt", state->work.n_prompt, "tokens of the prompt", 0, 1 << 20);
  add("-n,--n-gen", state->work.n_generate, "tokens to generate", 0, 1 << 20);
  add("-r,--repetitions", state->work.repetitions, "times that each test runs", 1, 1000);
  add("-d,--depth", state->work.depth, "tokens in the context before each test", 0, 1 << 20);
  command
      ->add_option("--batch", state->work.batches, "also generate for so many sequences at once; t/s of all together")
      ->delimiter(',')
      ->check(integer_between(1, 256))
      ->type_name("N,N…");
  Option* sweep = command
                      ->add_option("--sweep", state->sweep,
                                   "measure all combinations of experts=…, ctx=… (filled) and kv=…; prints CSV")
                      ->expected(1, 3)
                      ->type_name("KEY=V,V…");
  command
      ->add_flag("--roofline", state->roofline,
                 "also measure what the machine can do, and the share of it that the model reaches")
      ->excludes(sweep);
  command->add_option("--out", state->out, "write the sweep's CSV here")->needs("--sweep")->type_name("FILE");
  command->add_option("-o,--output", state->format, "table, md or json (one object on one line)")
      ->check(one_of({"table", "md", "json"}))
      ->capture_default_str()
      ->type_name("FORM");
  add_load_options(*command, state->load);
  command->footer(kBenchExamples);
  command->callback([state] { state->run(); });
}

}  // namespace loam
