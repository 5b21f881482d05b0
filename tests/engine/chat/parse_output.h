// Parses a model's text whole and cut, and checks what must hold for any text.
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/chat/chat_output.h"
#include "tests/engine/chat/known_formats.h"

namespace loam::test {

struct ReadCall {
  std::string name, arguments;
  bool operator==(const ReadCall&) const = default;
};

// All deltas of one answer, joined.
struct ReadOutput {
  std::string content = {}, reasoning = {};
  std::vector<ReadCall> calls = {};
  int n_warnings = 0;
  bool operator==(const ReadOutput&) const = default;
};

inline void PrintTo(const ReadOutput& output, std::ostream* out) {
  *out << "content " << testing::PrintToString(output.content) << ", reasoning "
       << testing::PrintToString(output.reasoning) << ", " << output.n_warnings << " warnings";
  for (const ReadCall& call : output.calls) *out << ", " << call.name << "(" << call.arguments << ")";
}

inline const ReadCall kSeoul = {"get_weather", R"({"city": "Seoul"})"};  // of example_tools()

// Adds deltas; each call begins once, with the next index and an id of its own, before its arguments.
class OutputJoiner {
 public:
  void add(const std::vector<ChatDelta>& deltas) {
    for (const ChatDelta& delta : deltas) add(delta);
  }
  const ReadOutput& output() const { return output_; }

 private:
  void add(const ChatDelta& delta) {
    using Kind = ChatDelta::Kind;
    if (delta.kind == Kind::content) output_.content += delta.text;
    if (delta.kind == Kind::reasoning) output_.reasoning += delta.text;
    if (delta.kind == Kind::warning) ++output_.n_warnings;
    if (delta.kind == Kind::call) {
      ASSERT_EQ(delta.index, static_cast<int>(output_.calls.size()));
      EXPECT_TRUE(delta.id.starts_with("call_")) << delta.id;
      EXPECT_TRUE(ids_.insert(delta.id).second) << delta.id;
      output_.calls.push_back({delta.name, ""});
    }
    if (delta.kind == Kind::arguments) {
      ASSERT_EQ(delta.index, static_cast<int>(output_.calls.size()) - 1);
      output_.calls.back().arguments += delta.text;
    }
    EXPECT_EQ(delta.text.empty(), delta.kind == Kind::call);
  }

  ReadOutput output_;
  std::set<std::string> ids_;
};

inline ReadOutput parse_pieces(const ChatFormat& format, const ChatOutputOptions& options,
                               const std::vector<std::string_view>& pieces) {
  ChatOutputParser parser(format, options);
  OutputJoiner joiner;
  for (const std::string_view piece : pieces) joiner.add(parser.push(piece));
  joiner.add(parser.finish());
  EXPECT_EQ(parser.n_calls(), static_cast<int>(joiner.output().calls.size()));
  for (const ReadCall& call : joiner.output().calls)
    EXPECT_TRUE(nlohmann::json::parse(call.arguments, nullptr, false).is_object()) << call.arguments;
  return joiner.output();
}

// The whole text's output, after making sure that cutting it at every byte, and into bytes, gives the same.
inline ReadOutput parse_output(const ChatFormat& format, const ChatOutputOptions& options, std::string_view text) {
  const ReadOutput whole = parse_pieces(format, options, {text});
  std::vector<std::string_view> bytes;
  for (size_t i = 0; i < text.size(); ++i) {
    bytes.push_back(text.substr(i, 1));
    EXPECT_EQ(parse_pieces(format, options, {text.substr(0, i), text.substr(i)}), whole) << "cut at " << i;
  }
  EXPECT_EQ(parse_pieces(format, options, bytes), whole) << "byte by byte";
  return whole;
}

inline std::shared_ptr<const ToolSet> tool_set(std::string_view json) {
  return std::make_shared<ToolSet>(nlohmann::ordered_json::parse(json));
}

// get_weather(city, unit?, days?), search(query), note(text, tags, urgent), now().
inline std::shared_ptr<const ToolSet> example_tools() {
  return tool_set(R"([
    {"type": "function", "function": {"name": "get_weather", "description": "Current weather of a city.", "parameters":
      {"type": "object", "properties": {"city": {"type": "string"}, "unit": {"type": "string", "enum": ["c", "f"]},
       "days": {"type": "integer"}}, "required": ["city"]}}},
    {"type": "function", "function": {"name": "search", "description": "Searches the web.", "parameters":
      {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]}}},
    {"type": "function", "function": {"name": "note", "parameters":
      {"type": "object", "properties": {"text": {"type": "string"}, "tags": {"type": "array"}, "urgent": {"type": "boolean"}}}}},
    {"type": "function", "function": {"name": "now"}}
  ])");
}

inline ReadOutput parse(const ChatFormat& format, std::string_view text) {
  return parse_output(format, {.tools = example_tools()}, text);
}

}  // namespace loam::test
