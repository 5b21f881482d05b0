#include "engine/chat/chat_format.h"

#include <algorithm>
#include <map>

#include "file/gguf.h"
#include "tests/support/support.h"

namespace loam::test {
namespace {

struct Expected {
  const char *name, *call_begin, *reasoning;
};

// The templates of the conformance data, which are those of real models.
const std::map<std::string, Expected> kFormats = {
    {"ByteDance-Seed-OSS", {"seed", "<seed:tool_call>\n<function=", "<seed:think>"}},
    {"CohereForAI-c4ai-command-r7b-12-2024-tool_use",
     {"cohere", "{\"tool_call_id\": \"#\", \"tool_name\": \"", "<|START_THINKING|>"}},
    {"GLM-4.6", {"glm", "<tool_call>", "<think>"}},
    {"HuggingFaceTB-SmolLM3-3B", {"json", "{\"name\": \"", "<think>"}},
    {"LFM2-8B-A1B", {"lfm2", "", ""}},
    {"NousResearch-Hermes-2-Pro-Llama-3-8B-tool_use", {"hermes", "<tool_call>\n{\"name\": \"", ""}},
    {"Qwen-QwQ-32B", {"hermes", "<tool_call>\n{\"name\": \"", "<think>"}},
    {"Qwen-Qwen2.5-7B-Instruct", {"hermes", "<tool_call>\n{\"name\": \"", ""}},
    {"Qwen-Qwen3-0.6B", {"hermes", "<tool_call>\n{\"name\": \"", "<think>"}},
    {"Qwen3-Coder", {"qwen3-coder", "<tool_call>\n<function=", ""}},
    {"deepseek-ai-DeepSeek-R1-Distill-Qwen-32B",
     {"deepseek", "<｜tool▁call▁begin｜>function<｜tool▁sep｜>", "<think>"}},
    {"deepseek-ai-DeepSeek-V3.1", {"deepseek", "<｜tool▁call▁begin｜>", "<think>"}},
    {"google-gemma-2-2b-it", {"json", "{\"name\": \"", ""}},
    {"ibm-granite-granite-3.3-2B-Instruct", {"granite", "{\"name\": \"", "<think>"}},
    {"meta-llama-Llama-3.1-8B-Instruct", {"llama3", "{\"name\": \"", ""}},
    {"meta-llama-Llama-3.3-70B-Instruct", {"llama3", "{\"name\": \"", ""}},
    {"microsoft-Phi-3.5-mini-instruct", {"json", "{\"name\": \"", ""}},
    {"mistralai-Mistral-Nemo-Instruct-2407", {"mistral", "{\"name\": \"", ""}},
    {"moonshotai-Kimi-K2", {"kimi", "<|tool_call_begin|>functions.", ""}},
    {"openai-gpt-oss-120b", {"harmony", "<|channel|>commentary to=functions.", "<|channel|>analysis<|message|>"}},
};

TEST(ChatFormat, IsFoundInTheTemplatesSource) {
  LOAM_NEEDS(shared_path("conformance/templates"));
  for (const auto& [file, expected] : kFormats) {
    const ChatTemplate chat_template(read_file(shared_path("conformance/templates/" + file + ".jinja")));
    const ChatFormat format = ChatFormat::of(chat_template);
    EXPECT_EQ(format.name, expected.name) << file;
    EXPECT_EQ(format.calls.text.call_begin, expected.call_begin) << file;
    EXPECT_EQ(format.reasoning.begin, expected.reasoning) << file;
  }
}

TEST(ChatFormat, NewerMistralNamesTheToolBeforeItsArguments) {
  const ChatFormat format = ChatFormat::of(ChatTemplate("{# [TOOL_CALLS] [ARGS] [THINK] [/THINK] #}"));
  EXPECT_EQ(format.calls.text.call_begin + "f" + format.calls.text.arguments, "[TOOL_CALLS]f[ARGS]");
  EXPECT_EQ(format.reasoning.end, "[/THINK]");
}

TEST(ChatFormat, ControlTokensThatAreMarkersAreVisible) {
  const std::string path = fixture_path("tokenizers/ggml-vocab-llama-bpe.gguf");
  LOAM_NEEDS(path);
  const auto file = GgufFile::open(path);
  const auto tokenizer = Tokenizer::load(file->metadata());
  ChatFormat format = ChatFormat::of(ChatTemplate("{# <|start_header_id|> \"parameters\" #}"), tokenizer.get());
  EXPECT_EQ(format.visible(*tokenizer), std::vector<Token>{});  // Llama 3's own has no <|python_tag|>
  format.calls.begins.push_back("<|reserved_special_token_3|>");
  EXPECT_EQ(format.visible(*tokenizer), std::vector<Token>{tokenizer->find("<|reserved_special_token_3|>")});
  format.calls.ends.push_back("<|eot_id|>");  // an end token is never text
  EXPECT_EQ(format.visible(*tokenizer).size(), 1u);
}

}  // namespace
}  // namespace loam::test
