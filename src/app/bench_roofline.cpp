#include "app/bench_roofline.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "kernels/kernel_table.h"

namespace loam {

nlohmann::ordered_json Roofline::json() const {
  return {{"read_gb_per_s", machine.read_gb_per_s},
          {"int8_gops", machine.int8_gops},
          {"weight_bytes_per_token", token.bytes},
          {"operations_per_token", token.operations},
          {"generation", {{"gb_per_s", reached_gb_per_s()}, {"share", reached_gb_per_s() / machine.read_gb_per_s}}},
          {"prompt", {{"gops", reached_gops()}, {"share", reached_gops() / machine.int8_gops}}}};
}

std::vector<std::vector<std::string>> Roofline::table(const BenchWork& work) const {
  std::vector<std::vector<std::string>> rows{{"limit", "measured", "test", "reached", "share"}};
  const auto add = [&](const char* limit, double measured, const char* unit, const std::string& test, double reached) {
    if (reached == 0) return;
    rows.push_back({limit, fmt::format("{:.1f} {}", measured, unit), test, fmt::format("{:.1f} {}", reached, unit),
                    fmt::format("{:.0f} %", 100 * reached / measured)});
  };
  add("int8 products", machine.int8_gops, "GOPS", fmt::format("pp{}", work.n_prompt), reached_gops());
  add("reading memory", machine.read_gb_per_s, "GB/s", fmt::format("tg{}", work.n_generate), reached_gb_per_s());
  return rows;
}

Roofline measure_roofline(const Engine& engine, const EngineOptions& options, const BenchResult& result) {
  const KernelTable& kernels = select_kernels();
  ThreadPool pool(engine.n_threads());
  return {.machine = measure_machine(kernels, pool),
          .token = Planner(engine.file(), kernels, options).token_work(),
          .prompt_tps = result.prompt.mean(),
          .generation_tps = result.generate.mean()};
}

}  // namespace loam
