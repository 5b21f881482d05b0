// What is not JSON behind a marker: tags, Python, harmony's channels, and reasoning.
#include "engine/chat/chat_output.h"
#include "tests/engine/chat/parse_output.h"

namespace loam::test {
namespace {

const ChatFormat kQwenCoder = format_of("<tool_call> <function=");
const ChatFormat kSeed = format_of("<seed:tool_call>");
const ChatFormat kGlm = format_of("<arg_key>");
const ChatFormat kLfm2 = format_of("<|tool_call_start|>");
const ChatFormat kHarmony = format_of("<|channel|> <|message|>");
const ChatFormat kThink = format_of("<tool_call> </think>");

const ReadCall kNow = {"now", "{}"};

TEST(ChatOutputQwenCoder, ArgumentsBetweenTags) {
  const std::string call =
      "<tool_call>\n<function=get_weather>\n<parameter=city>\nSeoul\n</parameter>\n</function>\n</tool_call>";
  EXPECT_EQ(parse(kQwenCoder, "I look.\n" + call + "\n" + call),
            (ReadOutput{.content = "I look.", .calls = {kSeoul, kSeoul}}));
  EXPECT_EQ(parse(kQwenCoder, "<function=now></function>"), (ReadOutput{.calls = {kNow}}));
  EXPECT_EQ(parse(kQwenCoder, "<tool_call>\n<function=now>\n</function>\n</tool_call>"), (ReadOutput{.calls = {kNow}}));
  EXPECT_EQ(parse(kQwenCoder, R"(<tool_call>{"name": "now", "arguments": {}}</tool_call>)"),
            (ReadOutput{.calls = {kNow}}));
}

TEST(ChatOutputQwenCoder, ValuesHaveTheTypesOfTheSchema) {
  const auto with = [](const std::string& name, const std::string& value) {
    return "<tool_call>\n<function=note>\n<parameter=" + name + ">\n" + value +
           "\n</parameter>\n</function>\n</tool_call>";
  };
  const auto arguments = [&](const std::string& name, const std::string& value) {
    const ReadOutput output = parse(kQwenCoder, with(name, value));
    return output.calls.size() == 1 ? output.calls[0].arguments : "no call";
  };
  EXPECT_EQ(arguments("text", "5"), R"({"text": "5"})");
  EXPECT_EQ(arguments("text", "  a\n\nb \"c\" \\ {} ünï\n"), R"({"text": "  a\n\nb \"c\" \\ {} ünï\n"})");
  EXPECT_EQ(arguments("text", "x</parameter>\n</functio> <parameter> </parameter>y"),
            R"({"text": "x</parameter>\n</functio> <parameter> </parameter>y"})");
  EXPECT_EQ(arguments("urgent", "true"), R"({"urgent": true})");
  EXPECT_EQ(arguments("urgent", "True"), R"({"urgent": true})");
  EXPECT_EQ(arguments("urgent", "maybe"), R"({"urgent": "maybe"})");
  EXPECT_EQ(arguments("tags", R"(["a", {"b": [1, null]}])"), R"({"tags": ["a", {"b": [1, null]}]})");
  EXPECT_EQ(arguments("tags", R"(['it\'s', True, (1, 2.5), {'k': None}])"),
            R"({"tags": ["it's", true, [1, 2.5], {"k": null}]})");
  EXPECT_EQ(arguments("other", "42"), R"({"other": 42})");
  EXPECT_EQ(arguments("other", "forty two"), R"({"other": "forty two"})");
  EXPECT_EQ(arguments("other", std::string("8\0[", 3)), R"({"other": "8\u0000["})") << "NUL ends no JSON";
  EXPECT_EQ(arguments("text", ""), R"({"text": ""})");
}

TEST(ChatOutputQwenCoder, WhatCannotBeReadIsText) {
  for (const std::string text : {
           "<tool_call>\n<function=drop_tables>\n</function>\n</tool_call>",
           "<tool_call>\n<function=note>\n<parameter=text>\ncut",
           "<tool_call>\n<function=note>\n<parameter=text>\na\n</parameter>\n</func",
           "<tool_call>\n<function=note>\ntext: a\n</function>\n</tool_call>",
           "<tool_call>\n<fun",
       })
    EXPECT_EQ(parse(kQwenCoder, text), (ReadOutput{.content = text, .n_warnings = 1}));
}

TEST(ChatOutputSeed, ThoughtsAndCalls) {
  EXPECT_EQ(parse(kSeed,
                  "<seed:think>Hm</seed:think>\n<seed:tool_call>\n<function=get_weather>\n<parameter=city>Seoul</"
                  "parameter>\n<parameter=days>2</parameter>\n</function>\n</seed:tool_call>"),
            (ReadOutput{.reasoning = "Hm", .calls = {{"get_weather", R"({"city": "Seoul", "days": 2})"}}}));
}

TEST(ChatOutputGlm, KeysAndValues) {
  EXPECT_EQ(
      parse(kGlm,
            "\n<think>Hm.</think>\nI "
            "look.\n<tool_call>get_weather\n<arg_key>city</arg_key>\n<arg_value>Seoul</arg_value>\n<arg_key>days</"
            "arg_key>\n<arg_value>3</arg_value>\n</tool_call>\n<tool_call>now\n</tool_call>"),
      (ReadOutput{.content = "I look.",
                  .reasoning = "Hm.",
                  .calls = {{"get_weather", R"({"city": "Seoul", "days": 3})"}, kNow}}));
  EXPECT_EQ(parse(kGlm, "<tool_call>get_weather<arg_key>city</arg_key><arg_value>Seoul</arg_value></tool_call>"),
            (ReadOutput{.calls = {kSeoul}}));
  const std::string cut = "<tool_call>get_weather\n<arg_key>city</arg_key>\n<arg_value>Seoul</arg_va";
  EXPECT_EQ(parse(kGlm, cut), (ReadOutput{.content = cut, .n_warnings = 1}));
}

TEST(ChatOutputLfm2, PythonCalls) {
  EXPECT_EQ(parse(kLfm2, R"(<|tool_call_start|>[get_weather(city="Seoul"), now()]<|tool_call_end|>I looked.)"),
            (ReadOutput{.content = "I looked.", .calls = {kSeoul, kNow}}));
  EXPECT_EQ(
      parse(
          kLfm2,
          R"(<|tool_call_start|>[note(text='a ] \'b\' "c" \n\u00e9', tags=["x", [1]], urgent=False)]<|tool_call_end|>)"),
      (ReadOutput{.calls = {{"note", R"({"text": "a ] 'b' \"c\" \né", "tags": ["x", [1]], "urgent": false})"}}}));
  EXPECT_EQ(
      parse(kLfm2, R"(<|tool_call_start|>[{"name": "get_weather", "arguments": {"city": "Seoul"}}]<|tool_call_end|>)"),
      (ReadOutput{.calls = {kSeoul}}));
  for (const std::string text :
       {"<|tool_call_start|>[get_weather(\"Seoul\")]<|tool_call_end|>", "<|tool_call_start|>[rm()]",
        "<|tool_call_start|>now()", "<|tool_call_start|>[now(", "<|tool_call_start|>[]"})
    EXPECT_EQ(parse(kLfm2, text), (ReadOutput{.content = text, .n_warnings = 1}));
}

TEST(ChatOutputHarmony, Channels) {
  EXPECT_EQ(
      parse(kHarmony,
            "<|channel|>analysis<|message|>Simple.<|end|><|start|>assistant<|channel|>final<|message|>2 + 2 = 4."),
      (ReadOutput{.content = "2 + 2 = 4.", .reasoning = "Simple."}));
  EXPECT_EQ(parse(kHarmony,
                  "<|channel|>analysis<|message|>A<|end|><|start|>assistant<|channel|>commentary<|message|>I "
                  "look.<|end|><|start|>assistant<|channel|>analysis<|message|>B<|end|><|start|>assistant<|channel|>"
                  "final<|message|>It\nis.\n<|return|>"),
            (ReadOutput{.content = "I look.\n\nIt\nis.\n", .reasoning = "A\n\nB"}));
  EXPECT_EQ(parse(kHarmony, "Just text, 2 < 3 <|x|>"), (ReadOutput{.content = "Just text, 2 < 3 <|x|>"}));
  EXPECT_EQ(parse(kHarmony, ""), ReadOutput{});
}

TEST(ChatOutputHarmony, Calls) {
  const std::string thought = "<|channel|>analysis<|message|>Look.<|end|><|start|>assistant";
  EXPECT_EQ(parse(kHarmony, thought + "<|channel|>commentary to=functions.get_weather "
                                      "<|constrain|>json<|message|>{\"city\": \"Seoul\"}<|call|>"),
            (ReadOutput{.reasoning = "Look.", .calls = {kSeoul}}));
  EXPECT_EQ(
      parse(kHarmony, thought + " to=functions.get_weather<|channel|>commentary json<|message|>{\"city\": \"Seoul\"}"),
      (ReadOutput{.reasoning = "Look.", .calls = {kSeoul}}));
  EXPECT_EQ(parse(kHarmony, "<|channel|>commentary to=functions.now<|message|><|call|>"),
            (ReadOutput{.calls = {kNow}}));
  EXPECT_EQ(parse(kHarmony,
                  "<|channel|>commentary to=functions.now<|message|>{}<|call|><|start|>assistant<|channel|>commentary "
                  "to=functions.search<|message|>{\"query\": \"<|call|> {\\\"\"}<|call|>"),
            (ReadOutput{.calls = {kNow, {"search", "{\"query\": \"<|call|> {\\\"\"}"}}}));
}

TEST(ChatOutputHarmony, WhatCannotBeReadIsText) {
  for (const std::string text :
       {"<|channel|>commentary to=functions.rm<|message|>{}", "<|channel|>commentary to=browser.search<|message|>cats",
        "<|channel|>commentary to=functions.search<|message|>{\"query\": \"cu",
        "<|channel|>commentary to=functions.search <|constrain|>json<|message|>cats"})
    EXPECT_EQ(parse(kHarmony, text), (ReadOutput{.content = text, .n_warnings = 1}));
  EXPECT_EQ(
      parse_output(kHarmony, {.tools = example_tools(), .parallel = false},
                   "<|channel|>commentary to=functions.now<|message|>{}<|end|><|start|>assistant<|channel|>commentary "
                   "to=functions.now<|message|>{}")
          .calls,
      (std::vector<ReadCall>{kNow}));
}

TEST(ChatOutputReasoning, IsSplitFromTheAnswer) {
  EXPECT_EQ(parse(kThink, "<think>\nI < you </thin\n\n</think>\n\nHello.\n"),
            (ReadOutput{.content = "Hello.\n", .reasoning = "I < you </thin"}));
  EXPECT_EQ(parse(kThink, "\n<think></think>Hello"), (ReadOutput{.content = "Hello"}));
  EXPECT_EQ(parse(kThink, "Hello <think>x</think>"), (ReadOutput{.content = "Hello <think>x</think>"}));
  EXPECT_EQ(parse(kThink, "<think>cut <tool_call>{\"name\""), (ReadOutput{.reasoning = "cut <tool_call>{\"name\""}));
  EXPECT_EQ(parse(kThink, "<think>a</think><tool_call>{\"name\": \"now\"}</tool_call><think>b</think>c"),
            (ReadOutput{.content = "c", .reasoning = "a\n\nb", .calls = {kNow}}));
  const ChatFormat mistral = format_of("[TOOL_CALLS] [THINK] [/THINK]");
  EXPECT_EQ(parse(mistral, "[THINK]a[/THINK]b"), (ReadOutput{.content = "b", .reasoning = "a"}));
}

TEST(ChatOutputReasoning, MayHaveBegunInThePrompt) {
  EXPECT_EQ(parse_output(kThink, {.in_reasoning = true}, "Hm.\n</think>\n\nHello."),
            (ReadOutput{.content = "Hello.", .reasoning = "Hm."}));
  EXPECT_EQ(parse_output(kThink, {.in_reasoning = true}, "\nHm. "), (ReadOutput{.reasoning = "Hm. "}));
  EXPECT_TRUE(kThink.opens_reasoning("<|im_start|>assistant\n<think>\n"));
  EXPECT_FALSE(kThink.opens_reasoning("<|im_start|>assistant\n<think>\n\n</think>\n\n"));
  EXPECT_FALSE(format_of("<tool_call>").opens_reasoning("<think>"));
}

}  // namespace
}  // namespace loam::test
