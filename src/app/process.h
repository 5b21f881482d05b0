// Facts about this process and machine that benchmarks report.
#pragma once

#include <string>

namespace loam {

// Notes when the process began; main calls it first. What ran before main (dynamic linking) is counted by its CPU time.
void note_process_start();
double seconds_since_process_start();

double peak_rss_mib();   // since the start, or since the last reset
void reset_peak_rss();   // where the system can
std::string cpu_name();  // "" where the system does not tell

}  // namespace loam
