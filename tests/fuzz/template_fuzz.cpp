// Any template on any arguments: a text or an Error, within its budget. The input is the source, a NUL, and the
// arguments as JSON; without them, a short conversation is rendered.
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/error.h"
#include "tokenizer/chat_template.h"

namespace {

constexpr loam::TemplateLimits kLimits = {.steps = 20'000, .depth = 64, .output_bytes = 1 << 16};
constexpr const char* kConversation = R"({
  "messages": [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Hi <b>é</b>"},
               {"role": "assistant", "content": null, "tool_calls": [{"function": {"name": "f", "arguments": {"x": 1}}}]}],
  "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}],
  "add_generation_prompt": true, "bos_token": "<s>", "eos_token": "</s>", "now": "2024-07-26T12:00:00"})";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t end = input.find('\0');
  const std::string_view json = end == std::string_view::npos ? kConversation : input.substr(end + 1);
  const auto arguments = nlohmann::ordered_json::parse(json, nullptr, false);
  if (!arguments.is_object()) return 0;
  try {
    const loam::ChatTemplate chat_template(std::string(input.substr(0, end)), kLimits);
    LOAM_CHECK(chat_template.render(arguments).size() <= static_cast<size_t>(kLimits.output_bytes));
  } catch (const loam::Error&) {
  }
  return 0;
}
