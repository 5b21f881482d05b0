#include "app/machine_speed_cache.h"

#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/output.h"
#include "app/process.h"
#include "base/atomic_file.h"
#include "base/error.h"
#include "base/utf8.h"
#include "file/catalogue.h"

namespace loam {
namespace {

using Json = nlohmann::ordered_json;

std::string cache_path() { return loam_home() + "/speed.json"; }

// An empty object where there is no such file yet, or one that cannot be read.
Json read_cache() {
  try {
    Json json = Json::parse(read_whole_file(cache_path()), nullptr, /*allow_exceptions=*/false);
    return json.is_object() ? json : Json::object();
  } catch (const Error&) {
    return Json::object();
  }
}

// A plan is no worse for not being remembered.
void write_cache(const Json& cache) {
  std::error_code fault;
  std::filesystem::create_directories(loam_home(), fault);
  try {
    write_file_atomically(cache_path(), cache.dump(2) + "\n");
  } catch (const Error&) {
  }
}

double positive(const Json& entry, const char* name) {
  const Json value = entry.is_object() ? entry.value(name, Json()) : Json();
  return value.is_number() && value.get<double>() > 0 ? value.get<double>() : 0;
}

}  // namespace

MachineSpeed machine_speed(const KernelTable& kernels, int n_threads) {
  const std::string key = sanitize_utf8(fmt::format("{}, {}, {} threads", cpu_name(), kernels.name, n_threads));
  Json cache = read_cache();
  const Json known = cache.value(key, Json());
  MachineSpeed speed{positive(known, "read_gb_per_s"), positive(known, "int8_gops")};
  if (speed.read_gb_per_s > 0 && speed.int8_gops > 0) return speed;
  ThreadPool pool(n_threads);
  speed = measure_machine(kernels, pool);
  cache[key] = {{"read_gb_per_s", speed.read_gb_per_s}, {"int8_gops", speed.int8_gops}};
  write_cache(cache);
  return speed;
}

}  // namespace loam
