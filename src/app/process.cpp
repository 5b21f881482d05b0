#include "app/process.h"

#include <sys/resource.h>

#include <chrono>
#include <ctime>
#include <fstream>

namespace loam {
namespace {

using Clock = std::chrono::steady_clock;
Clock::time_point process_start;

}  // namespace

void note_process_start() {
  timespec used{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  process_start = Clock::now() - std::chrono::seconds(used.tv_sec) - std::chrono::nanoseconds(used.tv_nsec);
}

double seconds_since_process_start() { return std::chrono::duration<double>(Clock::now() - process_start).count(); }

double peak_rss_mib() {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("VmHWM:")) return std::stod(line.substr(6)) / 1024;  // in KiB
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

void reset_peak_rss() { std::ofstream("/proc/self/clear_refs") << 5; }

std::string cpu_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);)
    if (line.rfind("model name", 0) == 0) return line.substr(std::min(line.size(), line.find(':') + 2));
  return {};
}

}  // namespace loam
