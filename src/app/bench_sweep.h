// `loam bench --sweep`: the same measurement over all combinations of some settings, one line of CSV each.
#pragma once

#include <string>
#include <vector>

#include "app/bench_measure.h"
#include "app/load_options.h"

namespace loam {

// `settings`: "experts=2,4,8", "ctx=4096,32768", "kv=f16,q8_0"; a key that is absent keeps what `load` says. ctx is a
// context that the test fills to its end. Writes to `path`, or to the terminal where that is empty, line by line as
// they are measured. Error(invalid) naming the setting.
void sweep(const LoadOptions& load, const BenchWork& work, const std::vector<std::string>& settings,
           const std::string& path);

}  // namespace loam
