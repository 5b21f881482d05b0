// JSON in the formats that write it: Hermes, Llama, Mistral, DeepSeek, Kimi, Granite, Cohere.
#include "engine/chat/chat_output.h"

#include "tests/engine/chat/parse_output.h"

namespace loam::test {
namespace {

const ChatFormat kHermes = format_of("<tool_call>");
const ChatFormat kLlama = format_of("<|start_header_id|> \"parameters\"");
const ChatFormat kMistral = format_of("[TOOL_CALLS]");
const ChatFormat kDeepSeek = format_of("<｜tool▁calls▁begin｜> ```json </think>");
const ChatFormat kKimi = format_of("<|tool_calls_section_begin|>");
const ChatFormat kGranite = format_of("<|tool_call|> </think>");
const ChatFormat kCohere = format_of("<|START_ACTION|>");

const ReadCall kPuzzle = {"search", R"({"query": "ünïcode 🦊 \"quoted\" {braces} </tool_call>"})"};

TEST(ChatOutputHermes, OneCall) {
  EXPECT_EQ(
      parse(kHermes, "<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Seoul\"}}\n</tool_call>"),
      (ReadOutput{.calls = {kSeoul}}));
  EXPECT_EQ(parse(kHermes, R"(<tool_call>{"arguments":{"city": "Seoul"},"name":"get_weather"}</tool_call>)"),
            (ReadOutput{.calls = {kSeoul}}));
  EXPECT_EQ(parse(kHermes, R"(<tool_call>{"name": "now"}</tool_call>)"), (ReadOutput{.calls = {{"now", "{}"}}}));
}

TEST(ChatOutputHermes, ParallelCalls) {
  const std::string call = R"(<tool_call>
{"name": "get_weather", "arguments": {"city": "Seoul"}}
</tool_call>)";
  EXPECT_EQ(parse(kHermes, call + "\n" + call + "\n"), (ReadOutput{.calls = {kSeoul, kSeoul}}));
  EXPECT_EQ(
      parse(
          kHermes,
          R"(<tool_call>[{"name": "get_weather", "arguments": {"city": "Seoul"}}, {"name": "now", "arguments": {}}]</tool_call>)"),
      (ReadOutput{.calls = {kSeoul, {"now", "{}"}}}));
  EXPECT_EQ(parse(kHermes, R"(<tool_call>
{"name": "get_weather", "arguments": {"city": "Seoul"}}
{"name": "now", "arguments": {}}
</tool_call>)"),
            (ReadOutput{.calls = {kSeoul, {"now", "{}"}}}));
}

TEST(ChatOutputHermes, TextAroundACall) {
  EXPECT_EQ(parse(kHermes, R"(Let me look. <b>2 < 3</b>

<tool_call>
{"name": "get_weather", "arguments": {"city": "Seoul"}}
</tool_call>

Done.)"),
            (ReadOutput{.content = "Let me look. <b>2 < 3</b>\n\nDone.", .calls = {kSeoul}}));
}

TEST(ChatOutputHermes, TextWithoutCallsIsUnchanged) {
  for (const std::string text :
       {"", " ", "Hello\n\n", "\n a <tool_cal> </tool_call> <think>x</think> `{`", "<tool_call", "안녕 🦊",
        "{\"a\": 1}", "```json\n{\"name\": \"Ann\", \"age\": 3}\n```\n", "[1, 2]\n[{\"a\": 2}]",
        "{\n  \"name\": \"get_weather\"\n}", "```c\nint f() {\n{ return 1; }\n}\n```"})
    EXPECT_EQ(parse(kHermes, text), (ReadOutput{.content = text}));
}

TEST(ChatOutputHermes, StringsHoldAnything) {
  EXPECT_EQ(parse(kHermes, R"(<tool_call>
{"name": "search", "arguments": {"query": "ünïcode 🦊 \"quoted\" {braces} </tool_call>"}}
</tool_call>)"),
            (ReadOutput{.calls = {kPuzzle}}));
  EXPECT_EQ(
      parse(
          kHermes,
          R"(<tool_call>{"name": "search", "arguments": {"query": "<tool_call>{\"name\": \"now\"}</tool_call>\\"}}</tool_call>)"),
      (ReadOutput{.calls = {{"search", R"({"query": "<tool_call>{\"name\": \"now\"}</tool_call>\\"})"}}}));
  EXPECT_EQ(
      parse(
          kHermes,
          R"(<tool_call>{"name": "note", "arguments": {"text": "", "tags": [[], {"a": {}}], "n": -1.5e+3}}</tool_call>)"),
      (ReadOutput{.calls = {{"note", R"({"text": "", "tags": [[], {"a": {}}], "n": -1.5e+3})"}}}));
}

// Small models forget to escape line breaks; nothing else could be meant.
TEST(ChatOutputHermes, LineBreaksInStringsAreEscaped) {
  EXPECT_EQ(parse(kHermes, "<tool_call>{\"name\": \"note\", \"arguments\": {\"text\": \"a\n\tb\"}}</tool_call>"),
            (ReadOutput{.calls = {{"note", R"({"text": "a\u000a\u0009b"})"}}}));
}

TEST(ChatOutputHermes, ArgumentsAsAStringAreTheObjectInIt) {
  EXPECT_EQ(parse(kHermes, R"(<tool_call>{"name": "get_weather", "arguments": "{\"city\": \"Seoul\"}"}</tool_call>)"),
            (ReadOutput{.calls = {kSeoul}}));
}

// Qwen 2.5's template says {{"name": <function-name>, …}}; small models believe it, and may close them once or twice.
TEST(ChatOutputHermes, CallsInDoubleBraces) {
  for (const std::string call : {R"({{"name": "now", "arguments": {}})", R"({{"name": "now", "arguments": {}}})"}) {
    const ReadOutput expected = {.calls = {{"now", "{}"}}};
    EXPECT_EQ(parse(kHermes, "<tool_call>\n" + call + "\n</tool_call>"), expected);
    EXPECT_EQ(parse(kHermes, call), expected);
    EXPECT_EQ(parse(kHermes, "```json\n" + call + "\n```"), expected);
  }
  for (const std::string text : {"{{name}}", "{{\"name\"}}", "{{{\"name\": \"now\", \"arguments\": {}}}}"})
    EXPECT_EQ(parse(kHermes, text).content, text);
}

TEST(ChatOutputHermes, ACutCallIsText) {
  const std::string whole = R"(Hm <tool_call>{"name": "get_weather", "arguments": {"city": "Seoul"})";
  for (size_t n = 15; n <= whole.size(); ++n)
    EXPECT_EQ(parse(kHermes, whole.substr(0, n)), (ReadOutput{.content = whole.substr(0, n), .n_warnings = 1})) << n;
  EXPECT_EQ(parse(kHermes, whole + "}"), (ReadOutput{.content = "Hm", .calls = {kSeoul}}));
}

TEST(ChatOutputHermes, WhatCannotBeReadIsText) {
  for (const std::string text : {
           R"(a <tool_call> the tag)",
           R"(<tool_call>{"name": "get_weather", "arguments": {"city": "Seoul"}]</tool_call>)",
           R"(<tool_call>{"name": "get_weather", "arguments": {"city" "Seoul"}}</tool_call> b)",
           R"(<tool_call>{"name": "get_weather", "arguments": {"city": Seoul}}</tool_call>)",
           R"(<tool_call>{"name": "get_weather", "arguments": {"city": 01}}</tool_call>)",
           R"(<tool_call>{"name": "get_weather", "arguments": "Seoul"}</tool_call>)",
           R"(<tool_call>{"name": "get_weather", "arguments": [1]}</tool_call>)",
           R"(<tool_call>{"name": "drop_tables", "arguments": {}}</tool_call>)",
           R"(<tool_call>{"arguments": {}}</tool_call>)",
           R"(<tool_call>[]</tool_call>)",
           "<tool_call>{\"name\": \"search\", \"arguments\": {\"query\": \"\xff\"}}</tool_call>",
       })
    EXPECT_EQ(parse(kHermes, text), (ReadOutput{.content = text, .n_warnings = 1}));
}

TEST(ChatOutputHermes, ACallAfterABrokenOneIsRead) {
  const std::string broken = R"(<tool_call>get_weather(Seoul)</tool_call>)";
  EXPECT_EQ(parse(kHermes, broken + R"(<tool_call>{"name": "now", "arguments": {}}</tool_call>)"),
            (ReadOutput{.content = broken, .calls = {{"now", "{}"}}, .n_warnings = 1}));
}

TEST(ChatOutputHermes, WithoutToolsEverythingIsText) {
  const std::string text = R"(<tool_call>{"name": "now", "arguments": {}}</tool_call>)";
  EXPECT_EQ(parse_output(kHermes, {}, text), (ReadOutput{.content = text}));
  EXPECT_EQ(parse_output(kHermes, {.tools = tool_set("[]")}, text), (ReadOutput{.content = text}));
}

TEST(ChatOutputHermes, OneCallAtMost) {
  const ChatOutputOptions one = {.tools = example_tools(), .parallel = false};
  const std::string call = R"(<tool_call>{"name": "now", "arguments": {}}</tool_call>)";
  const ReadCall now = {"now", "{}"};
  EXPECT_EQ(parse_output(kHermes, one, call + call), (ReadOutput{.content = call, .calls = {now}, .n_warnings = 1}));
  const std::string list = R"(<tool_call>[{"name": "now"}, {"name": "now"}]</tool_call>)";
  EXPECT_EQ(
      parse_output(kHermes, one, list),
      (ReadOutput{.content = R"({"name": "now", "arguments": {}}</tool_call>)", .calls = {now}, .n_warnings = 1}));
  ChatOutputParser parser(kHermes, one);
  parser.push(call.substr(0, 20));
  EXPECT_FALSE(parser.complete());
  parser.push(call.substr(20));
  EXPECT_TRUE(parser.complete());
}

TEST(ChatOutputBare, JsonThatNamesADeclaredToolIsACall) {
  const std::string call = R"({"name": "get_weather", "arguments": {"city": "Seoul"}})";
  for (const ChatFormat& format : {kHermes, kLlama, kMistral, format_of("")}) {
    EXPECT_EQ(parse(format, call), (ReadOutput{.calls = {kSeoul}}));
    EXPECT_EQ(parse(format, "I look:\n  " + call + "\n\nSo."),
              (ReadOutput{.content = "I look:\n\nSo.", .calls = {kSeoul}}));
    EXPECT_EQ(parse(format, "[" + call + ",\n" + call + "]"), (ReadOutput{.calls = {kSeoul, kSeoul}}));
    EXPECT_EQ(parse(format, call + "\n" + call), (ReadOutput{.calls = {kSeoul, kSeoul}}));
  }
  EXPECT_EQ(parse(kHermes, call + "\n</tool_call>"), (ReadOutput{.calls = {kSeoul}}));
  EXPECT_EQ(
      parse(kHermes, R"({"type": "function", "function": {"name": "get_weather", "parameters": {"city": "Seoul"}}})"),
      (ReadOutput{.calls = {kSeoul}}));
  EXPECT_EQ(
      parse(
          kHermes,
          R"({"tool_calls": [{"id": "x", "function": {"name": "get_weather", "arguments": "{\"city\": \"Seoul\"}"}}]})"),
      (ReadOutput{.calls = {kSeoul}}));
  EXPECT_EQ(parse(kHermes, R"({"type": "tool_use", "id": "x", "name": "get_weather", "input": {"city": "Seoul"}})"),
            (ReadOutput{.calls = {kSeoul}}));
}

TEST(ChatOutputBare, FencedJsonIsACall) {
  const std::string call = R"({"name": "get_weather", "arguments": {"city": "Seoul"}})";
  for (const std::string info : {"", "json", "tool_call", "python"})
    EXPECT_EQ(parse(kHermes, "Sure:\n```" + info + "\n" + call + "\n```\nThat is it."),
              (ReadOutput{.content = "Sure:\nThat is it.", .calls = {kSeoul}}));
  EXPECT_EQ(parse(kHermes, "```json\n" + call + "\n" + call + "\n```"), (ReadOutput{.calls = {kSeoul, kSeoul}}));
  EXPECT_EQ(parse(kHermes, "```json\n" + call), (ReadOutput{.calls = {kSeoul}}));
  EXPECT_EQ(parse(kHermes, "```xml\n<tool_call>" + call + "</tool_call>\n```"),
            (ReadOutput{.content = "```xml\n```", .calls = {kSeoul}}));
}

TEST(ChatOutputBare, OtherJsonStaysText) {
  for (const std::string text : {
           R"({"name": "drop_tables", "arguments": {}})",                             // warned of
           R"({"name": "get_weather", "arguments": {"city": })",                      // warned of
           "```json\n{\"name\": \"get_weather\", \"arguments\": {}}\nand more\n```",  // warned of
       })
    EXPECT_EQ(parse(kHermes, text), (ReadOutput{.content = text, .n_warnings = 1}));
  for (const std::string text : {
           R"(say {"name": "get_weather", "arguments": {}} inline)",
           R"({"name": "get_weather"})",
           R"({"arguments": {}})",
           R"({"name": "get_weather", "age": 7})",
           "```python\ncalls = [\n{\"name\": \"get_weather\", \"arguments\": {}}\n]\n```",
           "{\"example\":\n{\"name\": \"get_weather\", \"arguments\": {}}}",
           R"({"quote": "<tool_call>{\"name\": \"now\"}</tool_call>
{\"name\": \"now\", \"arguments\": {}}"} tail)",
       })
    EXPECT_EQ(parse(kHermes, text), (ReadOutput{.content = text}));
}

TEST(ChatOutputLlama, CallsWithAndWithoutTheTag) {
  const std::string call = R"({"name": "get_weather", "parameters": {"city": "Seoul"}})";
  EXPECT_EQ(parse(kLlama, call), (ReadOutput{.calls = {kSeoul}}));
  EXPECT_EQ(parse(kLlama, "<|python_tag|>" + call), (ReadOutput{.calls = {kSeoul}}));
  EXPECT_EQ(parse(kLlama, call + "; " + call), (ReadOutput{.calls = {kSeoul, kSeoul}}));
  EXPECT_EQ(parse(kLlama, "a; b"), (ReadOutput{.content = "a; b"}));
  EXPECT_EQ(parse(kLlama, "<|python_tag|>print(1)"),
            (ReadOutput{.content = "<|python_tag|>print(1)", .n_warnings = 1}));
}

TEST(ChatOutputMistral, ListsAndNamedArguments) {
  EXPECT_EQ(
      parse(
          kMistral,
          R"([TOOL_CALLS][{"name": "get_weather", "arguments": {"city": "Seoul"}, "id": "D681PevKs"}, {"name": "now", "arguments": {}}])"),
      (ReadOutput{.calls = {kSeoul, {"now", "{}"}}}));
  EXPECT_EQ(parse(kMistral,
                  R"(Well. [TOOL_CALLS]get_weather[ARGS]{"city": "Seoul"}[TOOL_CALLS]now[CALL_ID]a1b2c3d4e[ARGS]{})"),
            (ReadOutput{.content = "Well.", .calls = {kSeoul, {"now", "{}"}}}));
  EXPECT_EQ(parse(kMistral, R"([TOOL_CALLS]get_weather{"city": "Seoul"})"), (ReadOutput{.calls = {kSeoul}}));
  for (const std::string text : {R"([TOOL_CALLS]drop_tables[ARGS]{})", R"([TOOL_CALLS]get_weather[ARGS]{"city": ")",
                                 R"([TOOL_CALLS]get_weather)", R"([TOOL_CALLS][{"name": "now", "arguments": {}})"})
    EXPECT_EQ(parse(kMistral, text), (ReadOutput{.content = text, .n_warnings = 1}));
}

TEST(ChatOutputDeepSeek, BothGenerations) {
  EXPECT_EQ(
      parse(
          kDeepSeek,
          "<think>\nHm.\n</"
          "think>\n\n<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>get_weather\n```json\n{\"city\": "
          "\"Seoul\"}\n```<｜tool▁call▁end｜>\n<｜tool▁call▁begin｜>function<｜tool▁sep｜>now\n```json\n{}\n```<"
          "｜tool▁call▁end｜><｜tool▁calls▁end｜>"),
      (ReadOutput{.reasoning = "Hm.", .calls = {kSeoul, {"now", "{}"}}}));
  EXPECT_EQ(parse(kDeepSeek,
                  "I look.<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>get_weather<｜tool▁sep｜>{\"city\": "
                  "\"Seoul\"}<｜tool▁call▁end｜><｜tool▁call▁begin｜>now<｜tool▁sep｜>{}<｜tool▁call▁end｜><"
                  "｜tool▁calls▁end｜>"),
            (ReadOutput{.content = "I look.", .calls = {kSeoul, {"now", "{}"}}}));
  const std::string cut = "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>get_weather<｜tool▁sep｜>{\"city\": \"Seo";
  EXPECT_EQ(parse(kDeepSeek, cut), (ReadOutput{.content = cut, .n_warnings = 1}));
}

TEST(ChatOutputKimi, NamesWithNumbers) {
  EXPECT_EQ(
      parse(
          kKimi,
          "<|tool_calls_section_begin|><|tool_call_begin|>functions.get_weather:0<|tool_call_argument_begin|>{\"city\":"
          " \"Seoul\"}<|tool_call_end|><|tool_call_begin|>functions.now:1<|tool_call_argument_begin|>{}<|tool_call_end|"
          "><|tool_calls_section_end|>"),
      (ReadOutput{.calls = {kSeoul, {"now", "{}"}}}));
}

TEST(ChatOutputGranite, ListsBehindAMarker) {
  EXPECT_EQ(parse(kGranite, R"(<|tool_call|>[{"name": "get_weather", "arguments": {"city": "Seoul"}}])"),
            (ReadOutput{.calls = {kSeoul}}));
  EXPECT_EQ(parse(kGranite, "<think>a</think><response>b <response>c</response>"),
            (ReadOutput{.content = "b <response>c", .reasoning = "a"}));
}

TEST(ChatOutputCohere, PlanActionAndResponse) {
  EXPECT_EQ(parse(kCohere, R"(<|START_THINKING|>I look.<|END_THINKING|><|START_ACTION|>[
    {"tool_call_id": "0", "tool_name": "get_weather", "parameters": {"city": "Seoul"}},
    {"tool_call_id": "1", "tool_name": "now", "parameters": {}}
]<|END_ACTION|>)"),
            (ReadOutput{.reasoning = "I look.", .calls = {kSeoul, {"now", "{}"}}}));
  EXPECT_EQ(parse(kCohere, "<|START_RESPONSE|>It is 21 °C.<|END_RESPONSE|>"), (ReadOutput{.content = "It is 21 °C."}));
}

}  // namespace
}  // namespace loam::test
