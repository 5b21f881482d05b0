// Anything that a model may write, in any format: deltas whose calls are right, the same whole and byte by byte. The
// input is a byte that picks the format, a byte of options, and the text.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "engine/chat/chat_output.h"
#include "tests/engine/chat/known_formats.h"

namespace {

using loam::ChatDelta;

constexpr const char* kTools = R"([
  {"type": "function", "function": {"name": "now"}},
  {"type": "function", "function": {"name": "note", "parameters": {"type": "object", "properties":
    {"text": {"type": "string"}, "tags": {"type": "array"}, "urgent": {"type": "boolean"}, "count": {"type": "integer"}}}}}])";

std::vector<loam::ChatFormat> make_formats() {
  std::vector<loam::ChatFormat> formats;
  for (const char* markers : loam::test::kFormatMarkers) formats.push_back(loam::test::format_of(markers));
  return formats;
}

struct Output {
  std::string content, reasoning;
  std::vector<std::string> calls;  // arguments
  bool operator==(const Output&) const = default;
};

void add(Output& output, const std::vector<ChatDelta>& deltas) {
  for (const ChatDelta& delta : deltas) {
    const bool last_call = delta.index + 1 == static_cast<int>(output.calls.size());
    switch (delta.kind) {
      case ChatDelta::Kind::content: output.content += delta.text; break;
      case ChatDelta::Kind::reasoning: output.reasoning += delta.text; break;
      case ChatDelta::Kind::warning: break;
      case ChatDelta::Kind::call:
        LOAM_CHECK(delta.index == static_cast<int>(output.calls.size()));
        output.calls.emplace_back();
        break;
      case ChatDelta::Kind::arguments:
        LOAM_CHECK(last_call);
        output.calls.back() += delta.text;
        break;
    }
  }
}

Output parse(const loam::ChatFormat& format, const loam::ChatOutputOptions& options, std::string_view text,
             size_t step) {
  loam::ChatOutputParser parser(format, options);
  Output output;
  for (size_t i = 0; i < text.size(); i += step) add(output, parser.push(text.substr(i, step)));
  add(output, parser.finish());
  return output;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::vector<loam::ChatFormat> formats = make_formats();
  static const auto tools = std::make_shared<loam::ToolSet>(nlohmann::ordered_json::parse(kTools));
  if (size < 2) return 0;
  const loam::ChatFormat& format = formats[data[0] % formats.size()];
  const loam::ChatOutputOptions options = {.tools = data[1] & 1 ? nullptr : tools,
                                           .parallel = (data[1] & 2) == 0,
                                           .in_reasoning = (data[1] & 4) != 0,
                                           .stream_arguments = (data[1] & 8) != 0};
  const std::string_view text(reinterpret_cast<const char*>(data + 2), size - 2);
  const Output whole = parse(format, options, text, text.size() + 1);
  for (const std::string& arguments : whole.calls)
    LOAM_CHECK(options.stream_arguments || nlohmann::json::parse(arguments, nullptr, false).is_object());
  LOAM_CHECK(options.parallel || whole.calls.size() <= 1);
  LOAM_CHECK(parse(format, options, text, 1) == whole);
  return 0;
}
