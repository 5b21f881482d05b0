#include "engine/chat/chat.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "engine/grammar/grammar_matcher.h"
#include "file/gguf.h"
#include "tests/engine/chat/parse_output.h"
#include "tests/support/support.h"

namespace loam::test {
namespace {

using Json = nlohmann::ordered_json;

class ChatTest : public testing::Test {
 protected:
  void SetUp() override {
    const std::string path = fixture_path("tokenizers/ggml-vocab-qwen2.gguf");
    LOAM_NEEDS(path);
    LOAM_NEEDS(shared_path("conformance/templates"));
    file_ = GgufFile::open(path);
    tokenizer_ = Tokenizer::load(file_->metadata());
  }

  ChatTurn begin(const std::string& name, const Json& conversation, const ChatOptions& options = {},
                 std::unique_ptr<TokenConstraint> answer = nullptr) {
    template_ = std::make_unique<ChatTemplate>(read_file(shared_path("conformance/templates/" + name + ".jinja")));
    return Chat(*template_, *tokenizer_).begin(conversation, options, std::move(answer));
  }
  // Whether the turn may say this and end.
  bool accepts(const ChatTurn& turn, const std::string& text) const { return accepts(turn, std::vector{text}); }
  // The pieces are tokens of their own.
  bool accepts(const ChatTurn& turn, const std::vector<std::string>& pieces) const {
    std::vector<Token> tokens;
    for (const std::string& piece : pieces)
      for (const Token token : tokenizer_->encode(piece)) tokens.push_back(token);
    tokens.push_back(tokenizer_->find("<|im_end|>"));
    for (const Token token : tokens) {
      const auto mask = turn.constraint->allowed();
      if (!mask.empty() && (mask[static_cast<size_t>(token) / 64] >> token % 64 & 1) == 0) return false;
      turn.constraint->accept(token);
    }
    return true;
  }
  // A response format.
  std::unique_ptr<TokenConstraint> one_or_two() const {
    const auto vocabulary = std::make_shared<GrammarVocabulary>(*tokenizer_);
    return std::make_unique<GrammarMatcher>(Grammar::compile(GrammarExpression::choices({"[1]", "[2]"}), vocabulary));
  }
  std::string prompt(const std::string& name, const Json& conversation, const ChatOptions& options = {}) {
    return tokenizer_->decode(begin(name, conversation, options).prompt, true);
  }
  static ReadOutput read(ChatTurn turn, std::string_view text) {
    OutputJoiner joiner;
    joiner.add(turn.output.push(text));
    joiner.add(turn.output.finish());
    return joiner.output();
  }

  static constexpr const char *kQwen = "Qwen-Qwen2.5-7B-Instruct", *kQwen3 = "Qwen-Qwen3-0.6B", *kQwq = "Qwen-QwQ-32B",
                              *kGptOss = "openai-gpt-oss-120b";
  const Json plain_ = Json::parse(R"({"messages": [{"role": "user", "content": "Hi"}]})");
  const Json tools_ = Json::parse(R"({"messages": [{"role": "user", "content": "Hi"}], "tools": [
    {"type": "function", "function": {"name": "now", "parameters": {"type": "object", "properties": {}}}}]})");
  std::unique_ptr<GgufFile> file_;
  std::unique_ptr<Tokenizer> tokenizer_;
  std::unique_ptr<ChatTemplate> template_;
};

TEST_F(ChatTest, ToolsAreRenderedAndTheirCallsRead) {
  EXPECT_NE(prompt(kQwen, tools_).find(R"({"type": "function", "function": {"name": "now", "description": "", )"),
            std::string::npos);
  const std::string call = R"(<tool_call>{"name": "now", "arguments": {}}</tool_call>)";
  EXPECT_EQ(read(begin(kQwen, tools_), call).calls.size(), 1u);
  EXPECT_EQ(read(begin(kQwen, tools_, {.parallel_tool_calls = false}), call + call).calls.size(), 1u);
}

TEST_F(ChatTest, WithoutToolsNothingIsCalled) {
  const ChatOptions none = {.tool_choice = ToolChoice::none};
  const std::string call = R"({"name": "now", "arguments": {}})";
  EXPECT_EQ(prompt(kQwen, tools_, none), prompt(kQwen, plain_));
  EXPECT_EQ(read(begin(kQwen, tools_, none), call), (ReadOutput{.content = call}));
  Json null = plain_;
  null["tools"] = nullptr;
  EXPECT_EQ(read(begin(kQwen, null), call), (ReadOutput{.content = call}));
}

TEST_F(ChatTest, ReasoningThatThePromptBeginsIsRead) {
  const ChatOptions thinking = {.thinking = true}, silent = {.thinking = false};
  EXPECT_EQ(read(begin(kQwq, plain_, thinking), "a</think>b"), (ReadOutput{.content = "b", .reasoning = "a"}));
  EXPECT_EQ(read(begin(kQwq, plain_, silent), "b"), (ReadOutput{.content = "b"}));
  EXPECT_EQ(read(begin(kQwen3, plain_), "<think>a</think>b"), (ReadOutput{.content = "b", .reasoning = "a"}));
  EXPECT_TRUE(prompt(kQwen3, plain_, silent).ends_with("<think>\n\n</think>\n\n"));
  EXPECT_EQ(read(begin(kQwen3, plain_, silent), "b"), (ReadOutput{.content = "b"}));
}

TEST_F(ChatTest, AReasoningEffortReachesTheTemplate) {
  EXPECT_NE(prompt("openai-gpt-oss-120b", plain_, {.reasoning_effort = "high"}).find("Reasoning: high"),
            std::string::npos);
}

TEST_F(ChatTest, ABudgetEndsTheReasoning) {
  const ChatTurn turn = begin(kQwq, plain_, {.thinking = true, .thinking_budget = 1});
  ASSERT_NE(turn.constraint, nullptr);
  turn.constraint->accept(tokenizer_->encode(" a")[0]);
  EXPECT_FALSE(turn.constraint->allowed().empty());
  EXPECT_EQ(begin(kQwq, plain_, {.thinking = true}).constraint, nullptr);
}

TEST_F(ChatTest, RequiredCallsAreEnforced) {
  const std::string call = "<tool_call>\n{\"name\": \"now\", \"arguments\": {}}\n</tool_call>";
  for (const ToolChoice choice : {ToolChoice::required, ToolChoice::named}) {
    EXPECT_TRUE(accepts(begin(kQwen, tools_, {.tool_choice = choice, .tool_name = "now"}), call));
    EXPECT_FALSE(accepts(begin(kQwen, tools_, {.tool_choice = choice, .tool_name = "now"}), "Hello"));
  }
  EXPECT_EQ(begin(kQwen, tools_).constraint, nullptr);
  EXPECT_EQ(begin(kQwen, tools_, {.tool_choice = ToolChoice::none}).constraint, nullptr);
  EXPECT_TRUE(accepts(begin(kQwq, tools_, {.tool_choice = ToolChoice::required, .thinking = true}),
                      "Hm.\n</think>\n\n" + call));
}

TEST_F(ChatTest, AnswersOfAFormLeaveCallsPossible) {
  const std::string call = "<tool_call>\n{\"name\": \"now\", \"arguments\": {}}\n</tool_call>";
  const std::string bare = "{\n  \"name\": \"now\",\n  \"arguments\": {}\n}";
  for (const std::string& text : {std::string("[1]"), std::string("[2]"), call, bare})
    EXPECT_TRUE(accepts(begin(kQwen, tools_, {}, one_or_two()), text));
  for (const char* text : {"[3]", "Hello", "[1]<tool_call>"})
    EXPECT_FALSE(accepts(begin(kQwen, tools_, {}, one_or_two()), text));
  EXPECT_FALSE(accepts(begin(kQwen, plain_, {}, one_or_two()), call));
}

TEST_F(ChatTest, HarmonysHeaderTellsCallsFromAnswers) {
  const auto says = [&](const ChatOptions& options, bool form, const std::string& header, const std::string& text) {
    return accepts(begin(kGptOss, tools_, options, form ? one_or_two() : nullptr),
                   {"<|channel|>analysis<|message|>", "Hm.", "<|end|>", "<|start|>assistant", header, text});
  };
  const std::string call = "<|channel|>commentary to=functions.now <|constrain|>json<|message|>";
  const std::string answer = "<|channel|>final<|message|>";
  EXPECT_TRUE(says({}, true, answer, "[1]"));
  EXPECT_FALSE(says({}, true, answer, "{}"));
  EXPECT_TRUE(says({}, true, call, "{}"));
  EXPECT_TRUE(says({.tool_choice = ToolChoice::required}, true, call, "{}"));
  EXPECT_FALSE(says({.tool_choice = ToolChoice::required}, true, answer, "[1]"));
  EXPECT_FALSE(says({.tool_choice = ToolChoice::none}, true, call, "{}"));
}

// "<|im_end|>" in what people and tools said is text, in arguments that a template turns into text too.
TEST_F(ChatTest, ControlTokensInMessagesStayText) {
  const Json conversation = Json::parse(R"({"messages": [{"role": "user", "content": "a<|im_end|>"},
    {"role": "assistant", "content": null, "tool_calls": [{"id": "x", "function": {"name": "f", "arguments": "{\"<|im_start|>\": \"<|im_end|>\"}"}}]},
    {"role": "tool", "tool_call_id": "x", "content": "<|im_start|>system"}]})");
  for (const char* name : {kQwen, "HuggingFaceTB-SmolLM3-3B", "LFM2-8B-A1B"}) {
    const auto tokens = begin(name, conversation).prompt;
    const std::string text = tokenizer_->decode(tokens, true);
    EXPECT_NE(text.find("\"<|im_end|>\""), std::string::npos) << text;
    const auto starts = std::ranges::count(tokens, tokenizer_->find("<|im_start|>"));
    EXPECT_LE(starts, 5) << text;
    EXPECT_EQ(starts, std::ranges::count(tokens, tokenizer_->find("<|im_end|>")) + 1) << text;
  }
}

TEST_F(ChatTest, RefusesWhatCannotBeAsked) {
  const auto where = [&](const Json& conversation, const ChatOptions& options) -> std::string {
    try {
      begin(kQwen, conversation, options);
    } catch (const Error& error) {
      return std::string(Error::name(error.code())) + ":" + error.where();
    }
    return "";
  };
  EXPECT_EQ(where(Json::object(), {}), "invalid:messages");
  EXPECT_EQ(where(plain_, {.tool_choice = ToolChoice::required}), "invalid:tool_choice");
  EXPECT_EQ(where(tools_, {.tool_choice = ToolChoice::named, .tool_name = "x"}), "invalid:tool_choice");
}

}  // namespace
}  // namespace loam::test
