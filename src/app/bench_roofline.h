// `loam bench --roofline`: what the machine's memory and cores can do at most, and how much of it the model reaches
// (Williams, Waterman and Patterson, Roofline, 2009).
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "app/bench_measure.h"
#include "engine/machine_speed.h"
#include "engine/planner.h"

namespace loam {

// Generation is held against the memory's speed: each token reads every weight that it uses once. The prompt is held
// against the cores': of the products with weights, the head's are left out, which only the last token goes through.
struct Roofline {
  MachineSpeed machine;
  TokenWork token;
  double prompt_tps = 0, generation_tps = 0;  // 0: not measured

  double reached_gops() const { return 1e-9 * prompt_tps * static_cast<double>(token.operations); }
  double reached_gb_per_s() const { return 1e-9 * generation_tps * static_cast<double>(token.bytes); }

  nlohmann::ordered_json json() const;
  // The rows of a table, its heading first.
  std::vector<std::vector<std::string>> table(const BenchWork& work) const;
};

// Measures the machine with as many threads as the engine has; takes some tens of milliseconds, and 128 MiB for as
// long.
Roofline measure_roofline(const Engine& engine, const EngineOptions& options, const BenchResult& result);

}  // namespace loam
