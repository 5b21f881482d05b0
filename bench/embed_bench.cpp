// Speed of an embedding model: the lines of a file as vectors, again and again.
//   embed_bench MODEL FILE THREADS RUNS
// Prints a JSON object a run: the texts, their tokens, and the seconds, of the clock and of the processors, that
// tokenising and embedding them took.
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string>
#include <vector>

#include "base/error.h"
#include "engine/embedder.h"
#include "file/catalogue.h"

int main(int argc, char** argv) try {
  if (argc != 5) {
    fmt::print(stderr, "usage: embed_bench MODEL FILE THREADS RUNS\n");
    return 2;
  }
  const auto embedder =
      loam::Embedder::load(loam::resolve_model(argv[1]), {.n_threads = std::atoi(argv[3]), .progress = {}});
  std::vector<std::string> texts;
  std::ifstream file(argv[2]);
  for (std::string line; std::getline(file, line);) texts.push_back(line);
  for (int run = 0; run < std::atoi(argv[4]); ++run) {
    using Clock = std::chrono::steady_clock;
    const auto begin = Clock::now();
    const std::clock_t processor = std::clock();
    const auto embeddings = embedder->embed(texts);
    const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    const double cpu_seconds = static_cast<double>(std::clock() - processor) / CLOCKS_PER_SEC;
    int64_t n_tokens = 0;
    for (const auto& embedding : embeddings) n_tokens += embedding.n_tokens;
    fmt::print("{{\"texts\": {}, \"tokens\": {}, \"seconds\": {}, \"cpu_seconds\": {}}}\n", texts.size(), n_tokens,
               seconds, cpu_seconds);
    std::fflush(stdout);
  }
  return 0;
} catch (const loam::Error& error) {
  fmt::print(stderr, "{}\n", error.what());
  return 1;
}
