// Whether a value satisfies a schema, written down plainly and apart from what is tested; and schemas and values to ask
// it about.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace loam::test {

using Json = nlohmann::ordered_json;

bool satisfies(const Json& schema, const Json& root, const Json& value);

// Draws that are the same on every machine.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15u + 1) {}
  int below(int n);
  bool one_in(int n) { return below(n) == 0; }

 private:
  uint64_t state_;
};

// A schema of all sorts of keywords, with definitions that may contain themselves.
Json random_schema(Random& random);
// A value that satisfies the schema, members in its order.
Json random_value(const Json& schema, const Json& root, Random& random, int depth = 0);
// As programs write it: compact, with spaces, or over several lines.
std::string written(const Json& value, Random& random);

}  // namespace loam::test
