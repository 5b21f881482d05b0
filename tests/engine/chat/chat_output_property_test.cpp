// What holds for any text that a model may write: no byte is lost, no cut matters, and time is linear.
#include <algorithm>
#include <random>

#include "tests/engine/chat/parse_output.h"
#include "tests/support/support.h"

namespace loam::test {
namespace {

std::vector<std::string> markers_of(const ChatFormat& format) {
  std::vector<std::string> markers = {format.reasoning.begin, format.reasoning.end, format.answer.begin,
                                      format.answer.end};
  for (const auto* list : {&format.calls.begins, &format.calls.ends, &format.calls.separators})
    markers.insert(markers.end(), list->begin(), list->end());
  std::erase(markers, "");
  return markers;
}

// Bytes, pieces of JSON and of calls, and the format's own markers, mixed.
std::string random_text(const ChatFormat& format, std::mt19937& random, int n_pieces) {
  static const std::vector<std::string> kPieces = {"{",
                                                   "}",
                                                   "[",
                                                   "]",
                                                   "\"",
                                                   "\\",
                                                   ":",
                                                   ",",
                                                   "\n",
                                                   " ",
                                                   "`",
                                                   "```json\n",
                                                   "```\n",
                                                   "<",
                                                   "/",
                                                   "=",
                                                   ">",
                                                   "'",
                                                   "(",
                                                   ")",
                                                   "name",
                                                   "arguments",
                                                   "get_weather",
                                                   "now",
                                                   "{\"name\": \"now\", \"arguments\": {}}",
                                                   "{\"name\": \"",
                                                   "\", \"arguments\": {",
                                                   "{\"city\": \"Seoul\"}",
                                                   "city",
                                                   "to=functions.now",
                                                   "analysis",
                                                   "final",
                                                   "now(text=\"a\")",
                                                   "\xf0\x9f",
                                                   "\xff",
                                                   "é",
                                                   "text"};
  const auto markers = markers_of(format);
  std::string text;
  for (int i = 0; i < n_pieces; ++i) {
    const unsigned kind = random() % 8;
    if (kind == 0) {
      text += static_cast<char>(random());
    } else if (kind < 3 && !markers.empty()) {
      text += markers[random() % markers.size()];
    } else {
      text += kPieces[random() % kPieces.size()];
    }
  }
  return text;
}

std::string letters(std::string text) {
  std::erase_if(text, [](char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; });
  return text;
}

bool is_subsequence(const std::string& part, const std::string& whole) {
  size_t found = 0;
  for (size_t i = 0; i < whole.size() && found < part.size(); ++i) found += whole[i] == part[found];
  return found == part.size();
}

// Content and reasoning stand in the text in order; only markers around reasoning and answer, and calls, are missing.
void expect_kept(const std::string& text, const ChatFormat& format, const ReadOutput& output) {
  const std::string written = letters(text), content = letters(output.content), reasoning = letters(output.reasoning);
  EXPECT_TRUE(is_subsequence(content, written)) << content;
  EXPECT_TRUE(is_subsequence(reasoning, written)) << reasoning;
  EXPECT_LE(content.size() + reasoning.size(), written.size());
  const auto has = [&](const std::string& marker) { return !marker.empty() && text.find(marker) != std::string::npos; };
  const bool marked = has(format.reasoning.begin) || has(format.answer.begin) || format.calls.body == CallBody::harmony;
  if (output.calls.empty() && reasoning.empty() && !marked) {
    EXPECT_EQ(content, written);
  }
}

TEST(ChatOutputProperty, AnyTextGivesTheSameHoweverItIsCut) {
  std::mt19937 random(1);
  for (const std::string markers : kFormatMarkers) {
    const ChatFormat format = format_of(markers);
    for (int i = 0; i < (kSanitized ? 30 : 150); ++i) {
      const ChatOutputOptions options = {.tools = example_tools(), .parallel = i % 3 != 0, .in_reasoning = i % 5 == 0};
      const std::string text = random_text(format, random, 1 + i % 25);
      SCOPED_TRACE(markers + ": " + testing::PrintToString(text));
      const ReadOutput output = parse_output(format, options, text);
      if (options.parallel && !options.in_reasoning) expect_kept(text, format, output);
    }
  }
}

TEST(ChatOutputProperty, WithoutMarkersEveryByteIsContent) {
  std::mt19937 random(2);
  const ChatFormat plain = format_of(""), think = format_of("</think>");
  for (int i = 0; i < 500; ++i) {
    const std::string text = random_text(plain, random, 40);
    EXPECT_EQ(parse_pieces(think, {}, {text}), (ReadOutput{.content = text}));
    const ReadOutput output = parse_pieces(plain, {.tools = example_tools()}, {text});
    if (output.calls.empty()) {
      EXPECT_EQ(output.content, text);
    }
  }
}

std::string repeated(const std::string& piece, size_t bytes) {
  std::string text;
  while (text.size() < bytes) text += piece;
  return text;
}

// 4 MiB each of what could make a parser go back again and again; if one did, these tests would not come to an end.
class ChatOutputLongTest : public testing::TestWithParam<std::pair<const char*, std::vector<std::string>>> {};

TEST_P(ChatOutputLongTest, TimeIsLinear) {
  constexpr size_t kBytes = 4 << 20;
  const ChatFormat format = format_of(GetParam().first);
  const auto& pieces = GetParam().second;
  const std::string text = pieces[0] + repeated(pieces[1], kBytes);
  ChatOutputParser parser(format, {.tools = example_tools()});
  OutputJoiner joiner;
  for (size_t i = 0; i < text.size(); i += 1000) joiner.add(parser.push(std::string_view(text).substr(i, 1000)));
  joiner.add(parser.finish());
  const ReadOutput& output = joiner.output();
  if (!output.calls.empty()) return;
  const std::string kept = letters(output.content + output.reasoning), written = letters(text);
  EXPECT_TRUE(written.ends_with(kept));
  EXPECT_LE(written.size() - kept.size(), 40u);  // a header of harmony
}

using Long = std::pair<const char*, std::vector<std::string>>;
INSTANTIATE_TEST_SUITE_P(
    Hostile, ChatOutputLongTest,
    testing::Values(
        Long{"<tool_call>", {"", "<tool_call>"}}, Long{"<tool_call>", {"", "<tool_call>{\"name\": \""}},
        Long{"<tool_call>", {"<tool_call>", "{\"a\":"}}, Long{"<tool_call>", {"<tool_call>{\"a\":", "[[], "}},
        Long{"<tool_call>", {"<tool_call>{\"name\": \"now\", \"arguments\": {\"a\": \"", "\\u0041"}},
        Long{"<tool_call>", {"", "\n{\"name\": \""}}, Long{"<tool_call>", {"", "\n"}}, Long{"<tool_call>", {"", "\n["}},
        Long{"<tool_call>", {"", "```\n{\"name\":"}}, Long{"<tool_call>", {"", "```\n"}},
        Long{"<tool_call>", {"", "{\"name\": \"now\", \"arguments\": {}}\n"}},
        Long{"<tool_call> <function=", {"<function=note><parameter=text>", "</parameter>"}},
        Long{"<tool_call> <function=", {"<function=note><parameter=text></parameter>", "   "}},
        Long{"<arg_key>", {"<tool_call>note<arg_key>text</arg_key><arg_value>", "</arg_value> <arg_ke"}},
        Long{"<|tool_call_start|>", {"<|tool_call_start|>", "["}}, Long{"[TOOL_CALLS]", {"[TOOL_CALLS]", "[ARGS]"}},
        Long{"<｜tool▁calls▁begin｜>", {"", "<｜tool▁sep｜>"}},
        Long{"<|channel|> <|message|>", {"<|channel|>analysis<|message|>", "<|mess"}}));

}  // namespace
}  // namespace loam::test
