#include "app/router_trace.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <numeric>

#include "base/error.h"

namespace loam {
namespace {

std::string trace_line(const RouteEvent& event) {
  std::vector<int> experts;
  std::vector<float> weights;
  for (const ExpertChoice& choice : event.experts) {
    experts.push_back(choice.expert);
    weights.push_back(std::isfinite(choice.weight) ? choice.weight : 0);  // JSON has no other numbers
  }
  return fmt::format(R"({{"sequence": {}, "layer": {}, "position": {}, "token": {}, "experts": [{}], "weights": [{}]}})"
                     "\n",
                     event.sequence, event.layer, event.position, event.token, fmt::join(experts, ", "),
                     fmt::join(weights, ", "));
}

std::string usage_line(int layer, const std::vector<uint64_t>& counts) {
  constexpr size_t kNamed = 5;
  std::vector<size_t> order(counts.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, std::greater{}, [&](size_t expert) { return counts[expert]; });
  const uint64_t total = std::accumulate(counts.begin(), counts.end(), uint64_t{0});
  const auto used = counts.size() - static_cast<size_t>(std::ranges::count(counts, uint64_t{0}));
  size_t half = 0;
  for (uint64_t sum = 0; half < used && 2 * sum < total; ++half) sum += counts[order[half]];

  std::string line =
      fmt::format("layer {:>3}  used {:>4} of {}  half of all {:>4}  most", layer, used, counts.size(), half);
  for (size_t i = 0; i < std::min(kNamed, used); ++i)
    line += fmt::format("  {} ({:.1f} %)", order[i],
                        100.0 * static_cast<double>(counts[order[i]]) / static_cast<double>(total));
  return line + "\n";
}

}  // namespace

std::function<void(const RouteEvent&)> trace_routers_to(const std::string& path) {
  std::shared_ptr<std::FILE> file(std::fopen(path.c_str(), "w"), [](std::FILE* f) {
    if (f) std::fclose(f);
  });
  if (!file) throw Error(Error::Code::io, fmt::format("{} cannot be written", path), "--trace-router");
  std::setvbuf(file.get(), nullptr, _IOLBF, size_t{1} << 16);  // so that a full disk is noticed at its line
  return [file, path](const RouteEvent& event) {
    const std::string line = trace_line(event);
    if (std::fwrite(line.data(), 1, line.size(), file.get()) != line.size())
      throw Error(Error::Code::io, fmt::format("{} cannot be written", path), "--trace-router");
  };
}

ExpertBias parse_expert_bias(const std::string& text) {
  ExpertBias out;
  const char* const last = text.data() + text.size();
  const auto layer = std::from_chars(text.data(), last, out.layer);
  if (layer.ec == std::errc{} && layer.ptr < last && *layer.ptr == ':') {
    const auto expert = std::from_chars(layer.ptr + 1, last, out.expert);
    if (expert.ec == std::errc{} && expert.ptr < last && *expert.ptr == '=') {
      char* rest = nullptr;
      out.bias = std::strtof(expert.ptr + 1, &rest);
      if (rest != expert.ptr + 1 && *rest == '\0' && std::isfinite(out.bias)) return out;
    }
  }
  throw Error(Error::Code::invalid, fmt::format("'{}' is not LAYER:EXPERT=X, for example 3:17=-2.5", text),
              "--expert-bias");
}

std::string expert_usage_table(const ExpertUsage& usage) {
  if (usage.empty()) return "this model has no experts\n";
  std::string out;
  for (size_t layer = 0; layer < usage.size(); ++layer) out += usage_line(static_cast<int>(layer), usage[layer]);
  return out;
}

}  // namespace loam
