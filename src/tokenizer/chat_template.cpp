#include "tokenizer/chat_template.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "tokenizer/jinja/interpreter.h"
#include "tokenizer/jinja/parser.h"

namespace loam {
namespace {

using Json = nlohmann::ordered_json;

[[noreturn]] void fail(std::string message, int line) {
  throw Error(Error::Code::template_error, std::move(message), fmt::format("line {}", line));
}

jinja::Value to_value(jinja::Heap& heap, const Json& json, int depth = 1) {
  heap.check_depth(depth);
  switch (json.type()) {
    case Json::value_t::boolean: return json.get<bool>();
    case Json::value_t::number_integer: return json.get<int64_t>();
    case Json::value_t::number_unsigned: {
      const auto value = json.get<uint64_t>();
      return value <= INT64_MAX ? jinja::Value(static_cast<int64_t>(value)) : jinja::Value(static_cast<double>(value));
    }
    case Json::value_t::number_float: return json.get<double>();
    case Json::value_t::string: return heap.text(json.get_ref<const std::string&>());
    case Json::value_t::array: {
      std::vector<jinja::Value> items;
      for (const Json& item : json) items.push_back(to_value(heap, item, depth + 1));
      return heap.list(std::move(items));
    }
    case Json::value_t::object: {
      jinja::Dict dict;
      for (const auto& [key, value] : json.items()) dict.set(heap, heap.text(key), to_value(heap, value, depth + 1));
      return heap.dict(std::move(dict));
    }
    default: return {};
  }
}

// The arguments are as large as the request they came in: only their nesting is limited here.
jinja::Dict read_arguments(const Json& arguments, int max_depth) {
  if (!arguments.is_object()) {
    throw Error(Error::Code::invalid, "the arguments of a chat template are a JSON object", "arguments");
  }
  jinja::Heap heap({.steps = INT64_MAX, .depth = max_depth, .output_bytes = INT64_MAX});
  try {
    jinja::Dict variables = *to_value(heap, arguments, 0).dict();
    constexpr std::string_view kPrompt = "add_generation_prompt";
    if (!variables.find(heap, kPrompt)) variables.set(heap, heap.text(std::string(kPrompt)), true);
    return variables;
  } catch (const jinja::Fault& fault) {
    throw Error(Error::Code::template_error, fault.message, "arguments");
  }
}

}  // namespace

struct ChatTemplate::Impl {
  std::string source;
  TemplateLimits limits;
  jinja::Template parsed;
};

ChatTemplate::ChatTemplate(std::string source, TemplateLimits limits) : impl_(std::make_unique<Impl>()) {
  impl_->source = std::move(source);
  impl_->limits = limits;
  if (impl_->source.size() > static_cast<size_t>(limits.output_bytes)) {
    fail(fmt::format("size: a template of {} bytes; {} are allowed", impl_->source.size(), limits.output_bytes), 1);
  }
  try {
    impl_->parsed = jinja::parse(impl_->source, limits);
  } catch (const jinja::SyntaxFault& fault) {
    fail(fault.message, fault.line);
  }
}

ChatTemplate::~ChatTemplate() = default;
ChatTemplate::ChatTemplate(ChatTemplate&&) noexcept = default;

const std::string& ChatTemplate::source() const { return impl_->source; }

std::string ChatTemplate::render(const nlohmann::ordered_json& arguments) const {
  const jinja::Dict variables = read_arguments(arguments, impl_->limits.depth);
  const auto now = arguments.find("now");
  jinja::Interpreter run(impl_->parsed, impl_->limits);
  try {
    return run.render(variables, now != arguments.end() && now->is_string() ? now->get<std::string>() : "");
  } catch (const jinja::Fault& fault) {
    fail(fault.message, run.line());
  }
}

}  // namespace loam
