// Arguments as they are written, where a grammar makes sure that they will be right.
#include "tests/engine/chat/parse_output.h"

namespace loam::test {
namespace {

const ChatOutputOptions kStreaming = {.tools = example_tools(), .stream_arguments = true};

const std::pair<const char*, const char*> kTexts[] = {
    {"<tool_call>", R"(<tool_call>
{"name": "note", "arguments": {"text": "a \"b\" {c", "tags": [[], {"name": "x", "arguments": {}}]}}
</tool_call>
<tool_call>
{"name": "now", "arguments": {}}
</tool_call>)"},
    {"", R"({"name": "note", "arguments": {"text": "a"}}
{"name": "now", "arguments": {}})"},
    {"<|start_header_id|> \"parameters\"", R"({"name": "note", "parameters": {"text": "a"}})"},
    {"[TOOL_CALLS]", R"([TOOL_CALLS][{"name": "note", "arguments": {"text": "a"}}, {"name": "now", "arguments": {}}])"},
    {"[TOOL_CALLS] [ARGS]", R"([TOOL_CALLS]note[ARGS]{"text": "a"}[TOOL_CALLS]now[ARGS]{})"},
    {"<｜tool▁calls▁begin｜>",
     "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>note<｜tool▁sep｜>{\"text\": "
     "\"a\"}<｜tool▁call▁end｜><｜tool▁calls▁end｜>"},
    {"<|tool_call_start|>", R"(<|tool_call_start|>[{"name": "note", "arguments": {"text": "a"}}]<|tool_call_end|>)"},
    {"<|START_ACTION|>", R"(<|START_ACTION|>[
    {"tool_call_id": "0", "tool_name": "note", "parameters": {"text": "a"}}
]<|END_ACTION|>)"},
    {"<|channel|> <|message|>",
     R"(<|channel|>commentary to=functions.note <|constrain|>json<|message|>{"text": "a"}<|call|>)"},
};

TEST(ChatOutputStreaming, GivesTheSameInMorePieces) {
  for (const auto& [markers, text] : kTexts) {
    const ChatFormat format = format_of(markers);
    EXPECT_EQ(parse_output(format, kStreaming, text), parse_output(format, {.tools = example_tools()}, text)) << text;
    ChatOutputParser parser(format, kStreaming);
    int n_pieces = 0;
    for (const char c : std::string_view(text))
      for (const ChatDelta& delta : parser.push(std::string_view(&c, 1)))
        n_pieces += delta.kind == ChatDelta::Kind::arguments;
    EXPECT_GE(n_pieces, 10) << text;
  }
}

// A call that is cut off stays incomplete: whoever runs it sees that it is no JSON.
TEST(ChatOutputStreaming, ACutCallIsNotMadeComplete) {
  for (const auto& [markers, whole] : kTexts) {
    const ChatFormat format = format_of(markers);
    std::string text = whole;
    text.erase(text.find("\"text\": \"a") + 10);
    ChatOutputParser parser(format, kStreaming);
    OutputJoiner joiner;
    joiner.add(parser.push(text));
    joiner.add(parser.finish());
    EXPECT_EQ(joiner.output().calls, (std::vector<ReadCall>{{"note", "{\"text\": \"a"}})) << text;
    EXPECT_EQ(joiner.output().content, "") << text;
  }
}

TEST(ChatOutputStreaming, OneCallAtMost) {
  const ChatOutputOptions one = {.tools = example_tools(), .parallel = false, .stream_arguments = true};
  const ReadOutput output =
      parse_output(format_of("[TOOL_CALLS]"), one,
                   R"([TOOL_CALLS][{"name": "now", "arguments": {}}, {"name": "now", "arguments": {}}])");
  EXPECT_EQ(output.calls, (std::vector<ReadCall>{{"now", "{}"}}));
}

// A server stops listening there.
TEST(ChatOutputStreaming, IsCompleteWithTheArguments) {
  for (const auto& [markers, text] : kTexts) {
    ChatOutputParser parser(format_of(markers),
                            {.tools = example_tools(), .parallel = false, .stream_arguments = true});
    const std::string_view whole = text;
    std::string arguments;
    for (size_t i = 0; i < whole.size() && !parser.complete(); ++i)
      for (const ChatDelta& delta : parser.push(whole.substr(i, 1)))
        if (delta.kind == ChatDelta::Kind::arguments) arguments += delta.text;
    EXPECT_TRUE(parser.complete());
    EXPECT_TRUE(nlohmann::json::accept(arguments)) << arguments;
  }
}

}  // namespace
}  // namespace loam::test
