#include "app/tensor_types.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <regex>

#include "base/error.h"
#include "base/human_bytes.h"
#include "base/utf8.h"

namespace loam {
namespace {

struct TensorTypeRule {
  std::regex pattern;
  DType type;
};

TensorTypeRule parse_tensor_type(const std::string& text) {
  const size_t equals = text.rfind('=');
  const auto type = equals == text.npos ? std::nullopt : find_dtype_named(std::string_view(text).substr(equals + 1));
  if (equals == 0 || !type)
    throw Error(Error::Code::invalid,
                fmt::format("\"{}\" is not REGEX=TYPE, such as attn_v=Q8_0", escape_control(text)), "--tensor-type");
  const std::string pattern = text.substr(0, equals);
  try {
    return {std::regex(pattern), *type};
  } catch (const std::regex_error& error) {
    throw Error(Error::Code::invalid,
                fmt::format("{} is no regular expression: {}", escape_control(pattern), error.what()), "--tensor-type");
  }
}

std::string some_of(const std::vector<std::string>& names) {
  constexpr size_t kShown = 4;
  std::string out;
  for (size_t i = 0; i < std::min(names.size(), kShown); ++i) out += (i ? ", " : "") + escape_control(names[i]);
  return names.size() > kShown ? fmt::format("{} and {} more", out, names.size() - kShown) : out;
}

}  // namespace

std::function<std::optional<DType>(std::string_view)> parse_tensor_types(const std::vector<std::string>& texts) {
  if (texts.empty()) return {};
  auto rules = std::make_shared<std::vector<TensorTypeRule>>();
  for (const std::string& text : texts) rules->push_back(parse_tensor_type(text));
  return [rules](std::string_view tensor) -> std::optional<DType> {
    for (const TensorTypeRule& rule : *rules)
      if (std::regex_search(tensor.begin(), tensor.end(), rule.pattern)) return rule.type;
    return std::nullopt;
  };
}

std::string list_of_mixes(bool json) {
  auto list = nlohmann::ordered_json::array();
  std::string text;
  for (const QuantMix& mix : quant_mixes()) {
    list.push_back({{"name", mix.name}, {"type", name(mix.type)}, {"about", mix.about}});
    text += fmt::format("{:<10} {}\n", mix.name, mix.about);
  }
  return json ? list.dump() + "\n" : text;
}

std::string plan_text(const QuantizePlan& plan, const std::string& out) {
  std::string types, notes;
  for (const auto& [type, n] : plan.tensors_by_type())
    types += fmt::format("{}{} × {}", types.empty() ? "" : ", ", n, type);
  if (!plan.misfits().empty())
    notes += fmt::format("rows do not fit the type's blocks, another was taken: {}\n", some_of(plan.misfits()));
  if (!plan.without_importance().empty())
    notes += fmt::format("not in the importance matrix: {}\n", some_of(plan.without_importance()));
  return fmt::format(
      "{}: {} → {} ({:.1f} %)\n{}\n{}", escape_control(out), human_bytes(plan.bytes_before()),
      human_bytes(plan.bytes_after()),
      100.0 * static_cast<double>(plan.bytes_after()) / static_cast<double>(std::max<uint64_t>(1, plan.bytes_before())),
      types, notes);
}

std::string plan_json(const QuantizePlan& plan, const std::string& out) {
  return nlohmann::ordered_json{{"path", sanitize_utf8(out)},        {"bytes_before", plan.bytes_before()},
                                {"bytes_after", plan.bytes_after()}, {"tensor_types", plan.tensors_by_type()},
                                {"misfits", plan.misfits()},         {"without_importance", plan.without_importance()}}
             .dump() +
         "\n";
}

}  // namespace loam
