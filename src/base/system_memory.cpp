#include "base/system_memory.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string_view>

namespace loam {
namespace {

// The number after `key` in a file of "key value" or "key: value" lines.
std::optional<uint64_t> value_of(const std::string& path, std::string_view key) {
  std::ifstream file(path);
  std::string word, rest;
  for (uint64_t value; file >> word; std::getline(file, rest))
    if (word == key && file >> value) return value;
  return std::nullopt;
}

// A file of one number; nullopt where there is none ("max") or no such file.
std::optional<uint64_t> number_in(const std::string& path) {
  std::ifstream file(path);
  uint64_t value = 0;
  if (file >> value) return value;
  return std::nullopt;
}

// The files of one version of control groups.
struct GroupFiles {
  std::string_view mount, limit, usage, reclaimable;
};
constexpr GroupFiles kVersion2{"/sys/fs/cgroup", "/memory.max", "/memory.current", "inactive_file"};
constexpr GroupFiles kVersion1{"/sys/fs/cgroup/memory", "/memory.limit_in_bytes", "/memory.usage_in_bytes",
                               "total_inactive_file"};

std::optional<uint64_t> left_in_group(const std::string& group, const GroupFiles& files) {
  const auto limit = number_in(group + std::string(files.limit));
  const auto usage = number_in(group + std::string(files.usage));
  if (!limit || !usage) return std::nullopt;
  const uint64_t used = *usage - std::min(*usage, value_of(group + "/memory.stat", files.reclaimable).value_or(0));
  return *limit - std::min(*limit, used);
}

// The least that the group named `path` or any group around it leaves.
void limit_by_groups(const std::string& root, std::string path, const GroupFiles& files, uint64_t& available) {
  for (;;) {
    const auto left = left_in_group(root + std::string(files.mount) + path, files);
    if (left) available = std::min(available, *left);
    if (path.empty()) return;
    path.resize(path.find_last_of('/') == std::string::npos ? 0 : path.find_last_of('/'));
  }
}

// What `ulimit -v` leaves; nullopt where there is no limit ("unlimited").
std::optional<uint64_t> left_of_address_space(const std::string& root) {
  std::ifstream limits(root + "/proc/self/limits");
  constexpr std::string_view kName = "Max address space";
  for (std::string line; std::getline(limits, line);) {
    if (!line.starts_with(kName)) continue;
    std::istringstream soft(line.substr(kName.size()));
    uint64_t limit = 0;
    const auto pages = number_in(root + "/proc/self/statm");  // the first: all that is mapped
    if (!(soft >> limit) || !pages) return std::nullopt;
    return limit - std::min(limit, *pages * static_cast<uint64_t>(sysconf(_SC_PAGESIZE)));
  }
  return std::nullopt;
}

}  // namespace

std::optional<uint64_t> available_memory(const std::string& root) {
  const auto kib = value_of(root + "/proc/meminfo", "MemAvailable:");
  if (!kib) return std::nullopt;
  uint64_t available = *kib * 1024;
  if (const auto left = left_of_address_space(root)) available = std::min(available, *left);
  std::ifstream groups(root + "/proc/self/cgroup");  // "0::/path" (v2) or "5:memory:/path" (v1)
  for (std::string line; std::getline(groups, line);) {
    const size_t controllers = line.find(':'), path = line.find(':', controllers + 1);
    if (controllers == std::string::npos || path == std::string::npos) continue;
    const std::string names = "," + line.substr(controllers + 1, path - controllers - 1) + ",";
    const std::string name = line.substr(path + 1) == "/" ? "" : line.substr(path + 1);
    if (names == ",,") limit_by_groups(root, name, kVersion2, available);
    if (names.find(",memory,") != std::string::npos) limit_by_groups(root, name, kVersion1, available);
  }
  return available;
}

std::string format_bytes(uint64_t bytes) {
  constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  double amount = static_cast<double>(bytes);
  int unit = 0;
  for (; amount >= 1024 && unit < 6; ++unit) amount /= 1024;
  return fmt::format("{:.{}f} {}", amount, unit >= 3 ? 1 : 0, kUnits[unit]);
}

}  // namespace loam
