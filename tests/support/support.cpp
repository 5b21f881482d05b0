#include "tests/support/support.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace loam::test {
namespace {

std::string environment_or(const char* name, const std::string& fallback) {
  const char* value = std::getenv(name);
  return value && *value ? value : fallback;
}

std::string home() {
  const std::string data = environment_or("XDG_DATA_HOME", environment_or("HOME", "") + "/.local/share");
  return environment_or("LOAM_HOME", data + "/loam");
}

}  // namespace

std::string source_path(const std::string& relative) { return std::string(LOAM_SOURCE_DIR) + "/" + relative; }
std::string data_path(const std::string& relative) { return source_path("tests/data/" + relative); }
std::string shared_path(const std::string& relative) {
  return environment_or("LOAM_SHARED", source_path("../shared")) + "/" + relative;
}
std::string fixture_path(const std::string& relative) {
  return environment_or("LOAM_FIXTURES", source_path("build/fixtures")) + "/" + relative;
}
std::string model_path(const std::string& name) {
  const std::string folder = home() + "/models/" + name;
  return exists(folder) ? folder : folder + ".gguf";
}
std::string program_path() { return std::string(LOAM_BINARY_DIR) + "/loam"; }
bool exists(const std::string& path) { return std::filesystem::exists(path); }

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << "cannot read " << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace loam::test
