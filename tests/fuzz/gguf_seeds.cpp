// Writes the files of tests/support/bad_gguf.h as seeds: gguf_seeds FOLDER
#include <filesystem>
#include <fstream>

#include "tests/support/bad_gguf.h"

int main(int n_arguments, char** arguments) {
  if (n_arguments != 2) return 2;
  const std::filesystem::path folder = arguments[1];
  std::filesystem::create_directories(folder);
  std::vector<loam::test::BadGguf> files = loam::test::bad_ggufs();
  for (const loam::test::BadGguf& bad : loam::test::bad_models()) files.push_back(bad);
  files.push_back({0, "good", "", loam::test::good_gguf().bytes()});
  for (size_t i = 0; i < files.size(); ++i)
    std::ofstream(folder / ("case-" + std::to_string(i)), std::ios::binary) << files[i].bytes;
  return 0;
}
