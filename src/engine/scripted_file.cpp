#include "engine/scripted_file.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <vector>

#include "base/error.h"
#include "base/utf8.h"
#include "file/metadata.h"
#include "tensor/dtype.h"
#include "tokenizer/byte_level.h"

namespace loam {
namespace {

constexpr uint32_t kDim = 32, kContext = 1 << 20;

// ChatML with tools in the way of Hermes: what Qwen's models were taught.
constexpr std::string_view kTemplate =
    R"({%- if tools %}{{ '<|im_start|>system\n' }}{% if messages[0].role == 'system' %}{{ messages[0].content + '\n\n' }}{% endif %}{{ '# Tools\n' }}{% for tool in tools %}{{ tool | tojson }}{{ '\n' }}{% endfor %}{{ 'Answer with <tool_call>\n{"name": …, "arguments": …}\n</tool_call> to call one.<|im_end|>\n' }}{% endif %}
{%- for message in messages %}{% if not (tools and loop.first and message.role == 'system') %}{{ '<|im_start|>' + message.role + '\n' }}{% if message.reasoning_content %}{{ '<think>\n' + message.reasoning_content + '\n</think>\n\n' }}{% endif %}{{ message.content or '' }}{% for call in message.tool_calls or [] %}{{ '\n<tool_call>\n' }}{{ {'name': call.function.name, 'arguments': call.function.arguments} | tojson }}{{ '\n</tool_call>' }}{% endfor %}{{ '<|im_end|>\n' }}{% endif %}{% endfor %}
{%- if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %})";

// GGUF's binary form (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md), as much of it as is needed here.
class Gguf {
 public:
  void key(std::string_view name, std::string_view text) {
    begin(name, MetaType::string);
    put_text(keys_, text);
  }
  void key(std::string_view name, uint32_t value) {
    begin(name, MetaType::u32);
    put(keys_, value);
  }
  void key(std::string_view name, float value) {
    begin(name, MetaType::f32);
    put(keys_, value);
  }
  void key(std::string_view name, const std::vector<std::string>& texts) {
    begin_array(name, MetaType::string, texts.size());
    for (const std::string& text : texts) put_text(keys_, text);
  }
  void key(std::string_view name, const std::vector<int32_t>& values) {
    begin_array(name, MetaType::i32, values.size());
    for (const int32_t value : values) put(keys_, value);
  }

  // The file, with one matrix of zeros: a model must have weights.
  std::string bytes(std::string_view matrix, uint64_t cols, uint64_t rows) const {
    std::string file = "GGUF";
    put(file, uint32_t{3});
    put(file, uint64_t{1});
    put(file, n_keys_);
    file += keys_;
    put_text(file, matrix);
    put(file, uint32_t{2});
    put(file, cols);
    put(file, rows);
    put(file, static_cast<uint32_t>(DType::f32));
    put(file, uint64_t{0});
    file.resize((file.size() + 31) / 32 * 32 + cols * rows * sizeof(float));
    return file;
  }

 private:
  template <class T>
  static void put(std::string& out, T value) {
    out.append(reinterpret_cast<const char*>(&value), sizeof(value));
  }
  static void put_text(std::string& out, std::string_view text) {
    put(out, uint64_t{text.size()});
    out.append(text);
  }
  void begin(std::string_view name, MetaType type) {
    put_text(keys_, name);
    put(keys_, static_cast<uint32_t>(type));
    ++n_keys_;
  }
  void begin_array(std::string_view name, MetaType type, size_t n) {
    begin(name, MetaType::array);
    put(keys_, static_cast<uint32_t>(type));
    put(keys_, uint64_t{n});
  }

  std::string keys_;
  uint64_t n_keys_ = 0;
};

std::string model_file(const std::string& script) {
  std::vector<std::string> tokens;
  std::vector<int32_t> types(256, 1);  // normal
  for (int byte = 0; byte < 256; ++byte) tokens.push_back(to_utf8(spelling_of_byte(static_cast<unsigned char>(byte))));
  for (const char* control : {"<|endoftext|>", "<|im_start|>", "<|im_end|>"}) {
    tokens.emplace_back(control);
    types.push_back(3);  // control
  }
  Gguf file;
  file.key("general.architecture", "scripted");
  file.key("general.name", "scripted");
  for (const char* one : {"scripted.block_count", "scripted.attention.head_count"}) file.key(one, uint32_t{1});
  for (const char* size : {"scripted.embedding_length", "scripted.feed_forward_length"}) file.key(size, kDim);
  file.key("scripted.context_length", kContext);
  file.key("scripted.vocab_size", static_cast<uint32_t>(tokens.size()));
  file.key("scripted.attention.layer_norm_rms_epsilon", 1e-5f);
  file.key("scripted.script", script);
  file.key("tokenizer.ggml.model", "gpt2");
  file.key("tokenizer.ggml.pre", "gpt-2");
  file.key("tokenizer.ggml.tokens", tokens);
  file.key("tokenizer.ggml.token_type", types);
  file.key("tokenizer.ggml.merges", std::vector<std::string>());
  file.key("tokenizer.ggml.bos_token_id", uint32_t{256});
  file.key("tokenizer.ggml.eos_token_id", uint32_t{258});
  file.key("tokenizer.chat_template", kTemplate);
  return file.bytes("token_embd.weight", kDim, tokens.size());
}

[[noreturn]] void fail(const std::string& file, const std::string& place, const std::string& message) {
  throw Error(Error::Code::invalid, fmt::format("{} {}", place, message), file);
}

void check_script(const std::string& text, const std::string& file) {
  const auto script = nlohmann::json::parse(text, nullptr, false);
  if (!script.is_object()) fail(file, "the script", "is no JSON object");
  if (script.contains("delay_ms") && !script["delay_ms"].is_number_unsigned())
    fail(file, "delay_ms", "is no number of milliseconds");
  if (!script.contains("replies") || !script["replies"].is_array())
    fail(file, "replies", "is missing; expected a list");
  for (size_t i = 0; i < script["replies"].size(); ++i) {
    const auto& reply = script["replies"][i];
    const std::string place = fmt::format("replies[{}]", i);
    if (!reply.is_object() || !reply.contains("reply") || !reply["reply"].is_string())
      fail(file, place + ".reply", "is missing; expected a text");
    if (reply.contains("match") && !reply["match"].is_string()) fail(file, place + ".match", "is no text");
  }
}

}  // namespace

ScriptedFile::ScriptedFile(const std::string& script_file) {
  std::ifstream in(script_file, std::ios::binary);
  if (!in) throw Error(Error::Code::not_found, "there is no such script, or it cannot be read", script_file);
  std::ostringstream script;
  script << in.rdbuf();
  check_script(script.str(), script_file);
  const char* folder = std::getenv("TMPDIR");
  path_ = std::string(folder ? folder : "/tmp") + "/loam-scripted-XXXXXX";
  const int fd = mkstemp(path_.data());
  if (fd < 0) throw Error(Error::Code::io, "the script's model file cannot be written", path_);
  close(fd);
  if (!(std::ofstream(path_, std::ios::binary) << model_file(script.str())))
    throw Error(Error::Code::io, "the script's model file cannot be written", path_);
}

ScriptedFile::~ScriptedFile() { unlink(path_.c_str()); }

std::string script_of(const std::string& model) {
  constexpr std::string_view kPrefix = "scripted:";
  return model.starts_with(kPrefix) ? model.substr(kPrefix.size()) : "";
}

}  // namespace loam
