// Whatever a model says within the grammar of its calls is read as calls that keep the tools' schemas.
#include "engine/chat/tool_grammar.h"

#include <random>

#include "base/error.h"
#include "engine/chat/tool_constraints.h"
#include "engine/grammar/grammar_matcher.h"
#include "tests/engine/chat/parse_output.h"
#include "tests/tokenizer/small_vocabulary.h"

namespace loam::test {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kMarkers[] = {"",
                                    "<tool_call>",
                                    "<tool_call> <function=",
                                    "<seed:tool_call>",
                                    "<arg_key>",
                                    "<|start_header_id|> \"parameters\"",
                                    "[TOOL_CALLS]",
                                    "[TOOL_CALLS] [ARGS]",
                                    "<｜tool▁calls▁begin｜>",
                                    "<｜tool▁calls▁begin｜> ```json",
                                    "<|tool_calls_section_begin|>",
                                    "<|tool_call|>",
                                    "<|START_ACTION|>",
                                    "<|tool_call_start|>",
                                    "<|channel|> <|message|>"};

// Bytes, an end token, and the markers that are control tokens in the models' own vocabularies.
Loaded vocabulary() {
  SmallVocabulary vocabulary = byte_vocabulary();
  vocabulary.add("</s>", TokenType::control);
  for (const char* marker : {"[TOOL_CALLS]",
                             "[ARGS]",
                             "<｜tool▁calls▁begin｜>",
                             "<｜tool▁call▁begin｜>",
                             "<｜tool▁sep｜>",
                             "<｜tool▁call▁end｜>",
                             "<｜tool▁calls▁end｜>",
                             "<|tool_calls_section_begin|>",
                             "<|tool_call_begin|>",
                             "<|tool_call_argument_begin|>",
                             "<|tool_call_end|>",
                             "<|tool_calls_section_end|>",
                             "<arg_key>",
                             "</arg_key>",
                             "<arg_value>",
                             "</arg_value>",
                             "<|START_ACTION|>",
                             "<|END_ACTION|>",
                             "<|tool_call_start|>",
                             "<|start|>",
                             "<|channel|>",
                             "<|message|>",
                             "<|constrain|>"})
    vocabulary.add(marker, TokenType::control);
  return load(vocabulary.write());
}

std::shared_ptr<const ToolSet> tools() {
  return tool_set(R"([
    {"type": "function", "function": {"name": "pick", "strict": true, "parameters": {"type": "object", "properties": {
      "color": {"type": "string", "enum": ["red", "blue"]}, "count": {"type": "integer", "minimum": 0, "maximum": 99},
      "sure": {"type": "boolean"}}, "required": ["color", "sure"], "additionalProperties": false}}},
    {"type": "function", "function": {"name": "say", "parameters": {"type": "object", "properties":
      {"text": {"type": "string", "maxLength": 9}}, "required": ["text"]}}}])");
}

void expect_schema_kept(const ReadCall& call) {
  const Json arguments = Json::parse(call.arguments);
  if (call.name == "say") {
    EXPECT_TRUE(arguments.size() == 1 && arguments["text"].is_string()) << call.arguments;
    return;
  }
  ASSERT_EQ(call.name, "pick");
  EXPECT_TRUE(arguments["color"] == "red" || arguments["color"] == "blue") << call.arguments;
  EXPECT_TRUE(arguments["sure"].is_boolean()) << call.arguments;
  EXPECT_EQ(arguments.size(), arguments.contains("count") ? 3u : 2u) << call.arguments;
  if (arguments.contains("count")) {
    EXPECT_TRUE(arguments["count"].is_number_integer()) << call.arguments;
  }
}

class ToolGrammarTest : public testing::Test {
 protected:
  std::unique_ptr<TokenConstraint> required(const ChatFormat& format, const ToolSet& set, bool parallel,
                                            const std::string& only = "") {
    return ToolConstraints(format, set, *vocabulary_.tokenizer, parallel, grammars_).required(only);
  }

  // Tokens at random, but a marker or a quote is never far; nothing where the text has not ended after `most`.
  std::optional<std::string> random_text(TokenConstraint& constraint, std::mt19937& random, int most = 3000) const {
    std::string text;
    for (int i = 0; i < most; ++i) {
      const auto mask = constraint.allowed();
      std::vector<Token> allowed;
      for (Token token = 0; token < vocabulary_->n_vocab(); ++token)
        if (mask.empty() || (mask[static_cast<size_t>(token) / 64] >> token % 64 & 1) != 0) allowed.push_back(token);
      Token token = allowed[random() % allowed.size()];
      for (const Token likely : allowed) {
        const bool closes = vocabulary_->is_control(likely) || likely == '"' || likely == '<' || likely == '\n';
        if (closes && random() % 8 == 0) token = likely;
      }
      if (vocabulary_->is_end(token)) return text;
      constraint.accept(token);
      text += vocabulary_->piece(token, true);
    }
    return std::nullopt;
  }

  bool accepts(TokenConstraint& constraint, const std::string& text) const {
    std::vector<Token> tokens = vocabulary_->encode(text, {.special = true});
    tokens.push_back(vocabulary_->find("</s>"));
    for (const Token token : tokens) {
      const auto mask = constraint.allowed();
      if (!mask.empty() && (mask[static_cast<size_t>(token) / 64] >> token % 64 & 1) == 0) return false;
      constraint.accept(token);
    }
    return true;
  }

  std::unique_ptr<TokenConstraint> optional(const ChatFormat& format) {
    return ToolConstraints(format, *tools_, *vocabulary_.tokenizer, true, grammars_).optional();
  }

  // Of 30 turns that begin so, the calls that are read, at least `least`.
  void expect_calls_held(const ChatFormat& format, const std::string& begun, int least) {
    SCOPED_TRACE(format.name + ": " + begun);
    EXPECT_TRUE(accepts(*optional(format), "Just < text {\"name\": 1}, \"pick\", as [long] as it likes."));
    EXPECT_TRUE(accepts(*optional(format), ""));
    std::mt19937 random(3);
    int n_calls = 0;
    for (int i = 0; i < 30; ++i) {
      const auto constraint = optional(format);
      for (const Token token : vocabulary_->encode(begun, {.special = true})) constraint->accept(token);
      const auto text = random_text(*constraint, random, 5000);
      if (!text) continue;
      const ReadOutput output = parse_pieces(format, {.tools = tools_}, {begun + *text});
      EXPECT_TRUE(output.content.starts_with("Hm.")) << begun << *text;
      n_calls += static_cast<int>(output.calls.size());
      for (const ReadCall& call : output.calls) expect_schema_kept(call);
    }
    EXPECT_GE(n_calls, least);
  }

  const Loaded vocabulary_ = vocabulary();
  const std::shared_ptr<const ToolSet> tools_ = tools();
  GrammarCache grammars_{std::make_shared<GrammarVocabulary>(*vocabulary_.tokenizer)};
};

TEST_F(ToolGrammarTest, RequiredCallsAreMadeWhateverIsDrawn) {
  std::mt19937 random(1);
  for (const char* markers : kMarkers) {
    SCOPED_TRACE(markers);
    const ChatFormat format = format_of(markers);
    int n_texts = 0, n_several = 0;
    for (int i = 0; i < 30; ++i) {
      const bool parallel = i % 2 == 0;
      const auto constraint = required(format, *tools_, parallel);
      const auto text = random_text(*constraint, random);
      if (!text) continue;
      ++n_texts;
      const ReadOutput output =
          parse_pieces(format, {.tools = tools_, .parallel = parallel, .stream_arguments = true}, {*text});
      EXPECT_EQ(output.content + output.reasoning, "") << *text;
      ASSERT_GE(output.calls.size(), 1u) << *text;
      n_several += output.calls.size() > 1;
      for (const ReadCall& call : output.calls) expect_schema_kept(call);
      if (!parallel) {
        EXPECT_EQ(output.calls.size(), 1u) << *text;
      }
    }
    EXPECT_GE(n_texts, 8);  // the others were still within a string
    if (!format.calls.text.single) {
      EXPECT_GE(n_several, 1);
    }
  }
}

TEST_F(ToolGrammarTest, ANamedToolIsTheOnlyOne) {
  std::mt19937 random(2);
  const ChatFormat format = format_of("<tool_call>");
  for (int i = 0; i < 20; ++i) {
    const auto text = random_text(*required(format, *tools_, true, "pick"), random);
    if (!text) continue;
    for (const ReadCall& call : parse_pieces(format, {.tools = tools_}, {*text}).calls) EXPECT_EQ(call.name, "pick");
  }
  EXPECT_FALSE(accepts(*required(format, *tools_, true, "pick"),
                       "<tool_call>\n{\"name\": \"say\", \"arguments\": {\"text\": \"a\"}}\n</tool_call>"));
}

// Begins with some text; then anything goes that the grammar allows, and all calls that are read keep their schemas.
TEST_F(ToolGrammarTest, CallsOfStrictToolsAreHeldFromTheirMarkerOn) {
  for (const char* markers : {"<tool_call>", "<tool_call> <function=", "<arg_key>", "[TOOL_CALLS]",
                              "<｜tool▁calls▁begin｜>", "<|tool_call|>", "<|START_ACTION|>", "<|tool_call_start|>"}) {
    const ChatFormat format = format_of(markers);
    expect_calls_held(format, "Hm. " + format.calls.begins[0], 10);
  }
}

TEST_F(ToolGrammarTest, CallsOfStrictToolsWithoutAMarkerAreHeldFromTheToolsName) {
  for (const char* markers : kMarkers) {
    const ChatFormat format = format_of(markers);
    if (format.calls.body == CallBody::harmony) continue;
    expect_calls_held(format, "Hm.\n{\"name\": \"pick\"", 10);
    expect_calls_held(format, "Hm.\n```json\n[{ \"type\": \"function\", \"function\": {\n\"name\" : \"pick\"", 0);
    expect_calls_held(format, "Hm.\n{\"arguments\": {\"color\": 7}, \"name\": \"pick\"", 10);
  }
}

TEST_F(ToolGrammarTest, HarmonysCallsOfStrictToolsAreHeld) {
  const ChatFormat format = format_of("<|channel|> <|message|>");
  const auto accepted = [&](const std::string& text) { return accepts(*optional(format), text); };
  EXPECT_TRUE(accepted("<|channel|>final<|message|>Any {\"name\": \"pick\"} text."));
  const std::string call = "<|channel|>commentary to=functions.pick <|constrain|>json<|message|>";
  EXPECT_TRUE(accepted(call + R"({"color": "red", "sure": true})"));
  EXPECT_FALSE(accepted(call + R"({"color": "green", "sure": true})"));
}

// A regular expression with a look-behind has no automaton.
TEST_F(ToolGrammarTest, SchemasWithoutAGrammar) {
  const char* const schema = R"({"type": "object", "properties": {"a": {"type": "string", "pattern": "(?<=x)y"}}})";
  const auto with = [&](bool strict) {
    return tool_set(std::string(R"([{"type": "function", "function": {"name": "f", "strict": )") +
                    (strict ? "true" : "false") + R"(, "parameters": )" + schema + "}}]");
  };
  const ChatFormat format = format_of("<tool_call>");
  const auto loose = with(false), strict = with(true);
  EXPECT_TRUE(accepts(*required(format, *loose, false),
                      "<tool_call>\n{\"name\": \"f\", \"arguments\": {\"b\": [1]}}\n</tool_call>"));
  try {
    required(format, *strict, false);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Error::Code::grammar_error);
    EXPECT_TRUE(error.where().starts_with("tools[0].function.parameters")) << error.where();
  }
}

}  // namespace
}  // namespace loam::test
