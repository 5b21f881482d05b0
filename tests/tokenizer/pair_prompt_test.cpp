// The prompts that a query and a document are written into, from both kinds of templates.
#include "tokenizer/pair_prompt.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/error.h"

namespace loam {
namespace {

// A vocabulary of a few letters, and the templates as a file has them.
struct PromptFile {
  Metadata metadata;
  std::unique_ptr<Tokenizer> tokenizer;

  explicit PromptFile(std::string_view rerank, std::string_view chat = {}) {
    const std::vector<std::string_view> tokens = {"<s>", "</s>", "a", "b"};
    const auto put = [&](const char* key, MetaType type, auto value) {
      metadata.insert(key, {.type = type, .value = value});
    };
    put("tokenizer.ggml.model", MetaType::string, std::string_view("llama"));
    metadata.insert("tokenizer.ggml.tokens", {.type = MetaType::array, .value = MetaArray{MetaType::string, tokens}});
    metadata.insert("tokenizer.ggml.scores",
                    {.type = MetaType::array, .value = MetaArray{MetaType::f32, std::vector<double>(4)}});
    metadata.insert("tokenizer.ggml.token_type",
                    {.type = MetaType::array, .value = MetaArray{MetaType::i32, std::vector<int64_t>{3, 3, 1, 1}}});
    put("tokenizer.ggml.bos_token_id", MetaType::i64, int64_t{0});
    put("tokenizer.ggml.eos_token_id", MetaType::i64, int64_t{1});
    if (!rerank.empty()) put("tokenizer.chat_template.rerank", MetaType::string, rerank);
    if (!chat.empty()) put("tokenizer.chat_template", MetaType::string, chat);
    tokenizer = Tokenizer::load(metadata);
  }
  std::optional<PairPrompt> read(std::string_view instruction = {}) const {
    return PairPrompt::read(metadata, *tokenizer, instruction);
  }
};

void expect_prompt(const std::optional<PairPrompt>& prompt, const char* before, const char* between,
                   const char* behind) {
  ASSERT_TRUE(prompt);
  EXPECT_EQ(prompt->before, before);
  EXPECT_EQ(prompt->between, between);
  EXPECT_EQ(prompt->behind, behind);
}

TEST(PairPrompt, IsThatOfTheFile) {
  expect_prompt(PromptFile("Q: {query}\nD: {document}?").read(), "Q: ", "\nD: ", "?");
  EXPECT_FALSE(PromptFile("").read());
  for (const char* bad : {"Q: {query}", "D: {document} Q: {query}", "{query} {query} {document}", "none"}) {
    try {
      PromptFile(bad).read();
      ADD_FAILURE() << bad;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Error::Code::model_invalid);
      EXPECT_TRUE(error.where().starts_with("tokenizer.chat_template.rerank@")) << error.where();
    }
  }
}

TEST(PairPrompt, ATemplateForConversationsMayWritePairs) {
  constexpr const char* kOfRoles =
      "{{ bos_token }}{% for m in messages %}{% if m.role == 'query' %}Q {{ m.content | trim }}{% elif m.role == "
      "'document' %} D {{ m.content }}{% else %}[{{ m.content }}]{% endif %}{% endfor %}"
      "{% if add_generation_prompt %}!{% endif %}";
  expect_prompt(PromptFile("", kOfRoles).read(), "<s>Q ", " D ", "");
  PromptFile answering("", kOfRoles);
  answering.metadata.insert("loam.rerank.add_generation_prompt", {.type = MetaType::boolean, .value = true});
  expect_prompt(answering.read("judge"), "<s>[judge]Q ", " D ", "!");
  constexpr const char* kOfPieces =
      "{{ (messages | selectattr('role', 'eq', 'query') | first).content[0].text }}|{{ (messages | selectattr('role', "
      "'eq', 'document') | first).content[0].text }}";
  expect_prompt(PromptFile("", kOfPieces).read(), "", "|", "");
}

// Most templates show messages of any role, but were not made for these.
TEST(PairPrompt, OtherTemplatesAreLeftAlone) {
  EXPECT_FALSE(PromptFile("", "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}").read());
  EXPECT_FALSE(PromptFile("", "{# query, document #}{{ messages | length }}").read());
}

}  // namespace
}  // namespace loam
