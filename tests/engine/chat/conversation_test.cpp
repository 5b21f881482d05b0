#include "engine/chat/conversation.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "tests/support/support.h"

namespace loam::test {
namespace {

using Json = nlohmann::ordered_json;

// Everything that tool calling brings: parallel calls, text arguments, null content, reasoning, a developer, parts.
const char* const kConversation = R"([
  {"role": "developer", "content": "Be terse."},
  {"role": "user", "content": [{"type": "text", "text": "Weather in Seoul"}, {"type": "text", "text": "and Oslo?"}]},
  {"role": "assistant", "content": null, "reasoning_content": "Two cities.", "tool_calls": [
    {"id": "call_one", "type": "function", "function": {"name": "get_weather", "arguments": "{\"city\": \"Seoul\", \"days\": 2}"}},
    {"id": "call_two", "type": "function", "function": {"name": "get_time", "arguments": {"zone": "Oslo"}}}]},
  {"role": "tool", "tool_call_id": "call_one", "content": "{\"temp\": 21}"},
  {"role": "tool", "tool_call_id": "call_two", "content": "ten o'clock"},
  {"role": "assistant", "content": "Warm."},
  {"role": "user", "content": "Thanks!"}])";

const char* const kTools = R"([
  {"type": "function", "function": {"name": "get_weather", "description": "Current weather.", "strict": true, "parameters":
    {"type": "object", "properties": {"city": {"type": "string", "description": "City"}, "days": {"type": "integer", "description": "Days"}}, "required": ["city"]}}},
  {"type": "function", "function": {"name": "get_time"}}])";

std::string render(const std::string& source, const char* messages, const char* tools) {
  const ChatTemplate chat_template(source);
  Json arguments = {{"messages", checked_messages(Json::parse(messages))},
                    {"bos_token", "<s>"},
                    {"eos_token", "</s>"},
                    {"now", "2024-07-26T12:00:00"}};
  if (tools) arguments["tools"] = checked_tools(Json::parse(tools));
  adapt_to_template(arguments, ChatFormat::of(chat_template), TemplateTraits::of(chat_template));
  return chat_template.render(arguments);
}

std::map<std::string, std::string> templates() {
  std::map<std::string, std::string> sources;
  for (const auto& file : std::filesystem::directory_iterator(shared_path("conformance/templates")))
    if (file.path().extension() == ".jinja") sources[file.path().stem()] = read_file(file.path());
  return sources;
}

TEST(Conversation, EveryTemplateRendersToolsCallsAndResults) {
  LOAM_NEEDS(shared_path("conformance/templates"));
  for (const auto& [name, source] : templates()) {
    SCOPED_TRACE(name);
    std::string text;
    ASSERT_NO_THROW(text = render(source, kConversation, kTools));
    // The tools may stand anywhere; then come question, calls with their results, and what followed.
    EXPECT_NE(text.find("Current weather."), std::string::npos) << text;
    size_t at = text.rfind("and Oslo?");
    for (const char* part : {"get_weather", "Seoul", "21", "Thanks!"}) {
      ASSERT_NE(at, std::string::npos) << part << "\n" << text;
      at = text.find(part, at);
    }
    EXPECT_NE(at, std::string::npos) << text;
    at = text.rfind("and Oslo?");
    for (const char* part : {"get_time", "Oslo", "ten o'clock", "Thanks!"}) at = text.find(part, at);
    EXPECT_NE(at, std::string::npos) << text;
    for (const char* wrong : {"None", "\\\\\"city", "'city'", "strict"})
      EXPECT_EQ(text.find(wrong), std::string::npos) << text;
  }
}

// Small models call again what has been answered; the second time they are told so, in whatever template.
TEST(Conversation, ACallThatIsRepeatedIsSaidToBeOne) {
  LOAM_NEEDS(shared_path("conformance/templates"));
  const std::string once = R"({"role": "user", "content": "Weather in Seoul?"},
    {"role": "assistant", "content": null, "tool_calls": [{"id": "c00000001", "type": "function",
      "function": {"name": "get_weather", "arguments": "{\"city\": \"Seoul\"}"}}]},
    {"role": "tool", "tool_call_id": "c00000001", "content": "21 degrees"})";
  const auto again = [](const std::string& city) {
    return R"(, {"role": "assistant", "content": "", "tool_calls": [{"id": "c00000002", "type": "function",
      "function": {"name": "get_weather", "arguments": "{\"city\":\")" +
           city + R"(\"}"}}]},
    {"role": "tool", "tool_call_id": "c00000002", "content": "21 degrees"})";
  };
  for (const auto& [name, source] : templates()) {
    SCOPED_TRACE(name);
    const auto is_said = [&source = source](const std::string& messages) {
      const std::string text = render(source, ("[" + messages + "]").c_str(), kTools);
      const size_t note = text.find("has been made before");
      EXPECT_TRUE(note == std::string::npos || note > text.rfind("21 degrees")) << text;
      return note != std::string::npos;
    };
    EXPECT_FALSE(is_said(once));
    EXPECT_TRUE(is_said(once + again("Seoul")));
    EXPECT_FALSE(is_said(once + again("Oslo")));
    EXPECT_FALSE(is_said(once +
                         R"(, {"role": "assistant", "content": "21."}, {"role": "user", "content": "And now?"})" +
                         again("Seoul")));
  }
}

TEST(Conversation, EveryTemplateRendersPlainChats) {
  LOAM_NEEDS(shared_path("conformance/templates"));
  for (const auto& [name, source] : templates()) {
    const std::string text =
        render(source, R"([{"role": "system", "content": "Be terse."}, {"role": "user", "content": "Hi"},
      {"role": "assistant", "content": "Hello."}, {"role": "user", "content": "And?"}])",
               nullptr);
    size_t at = 0;
    for (const char* part : {"Be terse.", "Hello.", "And?"}) at = text.find(part, at == std::string::npos ? 0 : at);
    EXPECT_NE(at, std::string::npos) << name << "\n" << text;
  }
}

TEST(Conversation, GemmaIsToldOfToolsInItsFirstTurn) {
  LOAM_NEEDS(shared_path("conformance/templates"));
  EXPECT_EQ(render(read_file(shared_path("conformance/templates/google-gemma-2-2b-it.jinja")), kConversation, kTools),
            R"(<s><start_of_turn>user
Be terse.

You can call tools. To call one, answer with nothing but its name and arguments, written like this:
{"name": "TOOL", "arguments": {"PARAMETER": "VALUE"}}
Where no tool helps, answer in plain text. The tools, with the JSON schemas of their arguments:
- get_weather: Current weather.
  {"type": "object", "properties": {"city": {"type": "string", "description": "City"}, "days": {"type": "integer", "description": "Days"}}, "required": ["city"]}
- get_time
  {"type": "object", "properties": {}}

Weather in Seoul
and Oslo?<end_of_turn>
<start_of_turn>model
{"name": "get_weather", "arguments": {"city": "Seoul", "days": 2}}
{"name": "get_time", "arguments": {"zone": "Oslo"}}<end_of_turn>
<start_of_turn>user
Result of get_weather:
{"temp": 21}

Result of get_time:
ten o'clock<end_of_turn>
<start_of_turn>model
Warm.<end_of_turn>
<start_of_turn>user
Thanks!<end_of_turn>
<start_of_turn>model
)");
}

TEST(Conversation, LlamaGetsOneCallInEachMessage) {
  LOAM_NEEDS(shared_path("conformance/templates"));
  const std::string text = render(
      read_file(shared_path("conformance/templates/meta-llama-Llama-3.1-8B-Instruct.jinja")), kConversation, kTools);
  EXPECT_NE(
      text.find(
          R"({"name": "get_weather", "parameters": {"city": "Seoul", "days": 2}}<|eot_id|><|start_header_id|>ipython<|end_header_id|>

"{\"temp\": 21}"<|eot_id|><|start_header_id|>assistant<|end_header_id|>

{"name": "get_time", "parameters": {"zone": "Oslo"}}<|eot_id|>)"),
      std::string::npos)
      << text;
}

TEST(Conversation, MistralGetsIdsOfNineCharacters) {
  LOAM_NEEDS(shared_path("conformance/templates"));
  const std::string text =
      render(read_file(shared_path("conformance/templates/mistralai-Mistral-Nemo-Instruct-2407.jinja")), kConversation,
             kTools);
  const size_t id = text.find("\"id\": \"") + 7;
  EXPECT_EQ(text[id + 9], '"');
  EXPECT_NE(text.find("\"call_id\": \"" + text.substr(id, 9) + "\""), std::string::npos) << text;
}

TEST(Conversation, Lfm2WritesItsCallsAsPython) {
  LOAM_NEEDS(shared_path("conformance/templates"));
  const std::string text =
      render(read_file(shared_path("conformance/templates/LFM2-8B-A1B.jinja")), kConversation, kTools);
  EXPECT_NE(
      text.find(
          R"(<|tool_call_start|>[get_weather(city="Seoul", days=2), get_time(zone="Oslo")]<|tool_call_end|><|im_end|>)"),
      std::string::npos)
      << text;
}

TEST(Conversation, DeepSeekR1HasNoEmptyTurnBesideACall) {
  LOAM_NEEDS(shared_path("conformance/templates"));
  const std::string text =
      render(read_file(shared_path("conformance/templates/deepseek-ai-DeepSeek-R1-Distill-Qwen-32B.jinja")),
             kConversation, kTools);
  EXPECT_EQ(text.find("<｜Assistant｜><｜end▁of▁sentence｜>"), std::string::npos) << text;
}

std::string error_of(const std::string& messages) {
  try {
    checked_messages(Json::parse(messages));
  } catch (const Error& error) {
    return std::string(Error::name(error.code())) + ":" + error.where();
  }
  return "";
}

TEST(Conversation, RefusesWhatIsNoMessage) {
  EXPECT_EQ(error_of("1"), "invalid:messages");
  EXPECT_EQ(error_of("[]"), "invalid:messages");
  EXPECT_EQ(error_of("[1]"), "invalid:messages[0]");
  EXPECT_EQ(error_of(R"([{"role": "wizard", "content": ""}])"), "invalid:messages[0].role");
  EXPECT_EQ(error_of(R"([{"content": ""}])"), "invalid:messages[0].role");
  EXPECT_EQ(error_of(R"([{"role": "user", "content": 1}])"), "invalid:messages[0].content");
  EXPECT_EQ(error_of(R"([{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}])"),
            "invalid:messages[0].content[0]");
  EXPECT_EQ(error_of(R"([{"role": "assistant", "tool_calls": [1]}])"), "invalid:messages[0].tool_calls[0]");
  EXPECT_EQ(error_of(R"([{"role": "assistant", "tool_calls": [{"function": {}}]}])"),
            "invalid:messages[0].tool_calls[0].function.name");
  EXPECT_EQ(error_of(R"([{"role": "tool", "tool_call_id": 1}])"), "invalid:messages[0].tool_call_id");
  const std::string deep = std::string(2000, '[') + std::string(2000, ']');
  EXPECT_EQ(error_of(R"([{"role": "user", "content": "", "x": )" + deep + "}]"), "invalid:messages[0]");
}

TEST(Conversation, KeepsACallThatWasCutOffOnce) {
  const Json messages = checked_messages(Json::parse(
      R"([{"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": "{\"a\": "}}]}, {"role": "tool", "content": "x"}])"));
  EXPECT_EQ(messages[0]["tool_calls"][0]["function"]["arguments"]["text"], "{\"a\": ");
}

}  // namespace
}  // namespace loam::test
