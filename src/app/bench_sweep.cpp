#include "app/bench_sweep.h"

#include <fmt/format.h>

#include <charconv>
#include <fstream>
#include <string_view>

#include "app/output.h"
#include "app/process.h"
#include "base/atomic_file.h"
#include "base/error.h"
#include "file/model_facts.h"

namespace loam {
namespace {

constexpr const char* kHeader = "model,experts,ctx,kv_k,kv_v,load_ms,pp_tps,tg_tps,kv_mib,peak_rss_mib\n";

// The values that each setting takes; one value where it is not swept.
struct Axes {
  std::vector<int> experts, contexts;
  std::vector<KvOptions> kv;
};

std::vector<std::string> split_values(std::string_view text) {
  std::vector<std::string> values;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(',', begin), text.size());
    values.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return values;
}

int parse_count(const std::string& setting, const std::string& text) {
  int value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc() || end != text.data() + text.size() || value < 1)
    throw Error(Error::Code::invalid, fmt::format("{} is '{}'; expected whole numbers from 1", setting, text),
                "--sweep");
  return value;
}

void add_axis(Axes& axes, const std::string& setting) {
  const size_t equals = setting.find('=');
  const std::string key = setting.substr(0, equals);
  if (equals == std::string::npos || (key != "experts" && key != "ctx" && key != "kv"))
    throw Error(
        Error::Code::invalid,
        fmt::format("'{}' is no setting to sweep; for example experts=2,4,8 ctx=4096,32768 kv=f16,q8_0", setting),
        "--sweep");
  for (const std::string& value : split_values(std::string_view(setting).substr(equals + 1))) {
    if (key == "experts") axes.experts.push_back(parse_count(key, value));
    if (key == "ctx") axes.contexts.push_back(parse_count(key, value));
    if (key == "kv") axes.kv.push_back({.k = parse_kv_type(value), .v = parse_kv_type(value)});
  }
}

Axes parse_axes(const LoadOptions& load, const BenchWork& work, const std::vector<std::string>& settings) {
  Axes axes;
  for (const std::string& setting : settings) add_axis(axes, setting);
  if (axes.experts.empty()) axes.experts = {load.experts};
  if (axes.contexts.empty()) axes.contexts = {static_cast<int>(work.context())};
  if (axes.kv.empty()) axes.kv = {load.kv};
  const int64_t least = work.context() - work.depth;
  for (const int context : axes.contexts)
    if (context < least)
      throw Error(
          Error::Code::invalid,
          fmt::format("ctx={} is too short: -p {} and -n {} need {}", context, work.n_prompt, work.n_generate, least),
          "--sweep");
  return axes;
}

std::string measure_line(const LoadOptions& load, BenchWork work, int context) {
  work.depth += context - static_cast<int>(work.context());
  reset_peak_rss();
  EngineOptions options = engine_options(load);
  options.context = context;
  options.prefix_cache = false;  // each run reads anew
  const auto start = seconds_since_process_start();
  const auto engine = load_engine(load, options);
  BenchResult result{
      .load_ms = 1000 * (seconds_since_process_start() - start), .prompt = {}, .generate = {}, .batches = {}};
  measure(*engine, work, result);
  return fmt::format("{},{},{},{},{},{:.0f},{:.2f},{:.2f},{:.0f},{:.0f}\n", csv_field(load.model),
                     engine->model().config().n_experts_used, context, name(load.kv.k), name(load.kv.v), result.load_ms,
                     result.prompt.mean(), result.generate.mean(), static_cast<double>(engine->kv_bytes()) / (1 << 20),
                     peak_rss_mib());
}

}  // namespace

void sweep(const LoadOptions& load, const BenchWork& work, const std::vector<std::string>& settings,
           const std::string& path) {
  const Axes axes = parse_axes(load, work, settings);
  std::string lines = kHeader;
  if (path.empty()) print(kHeader);
  for (const int experts : axes.experts)
    for (const int context : axes.contexts)
      for (const KvOptions& kv : axes.kv) {
        LoadOptions options = load;
        options.experts = experts;
        options.kv = kv;
        const std::string line = measure_line(options, work, context);
        if (path.empty()) {
          print(line);
        } else {
          write_file_atomically(path, lines += line);
        }
      }
}

}  // namespace loam
