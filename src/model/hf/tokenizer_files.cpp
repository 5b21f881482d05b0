#include "model/hf/tokenizer_files.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/input_file.h"
#include "file/json_file.h"
#include "file/tokenizer_json.h"

namespace loam {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr uint64_t kMostTemplateBytes = 4 << 20;

class TokenizerFiles {
 public:
  TokenizerFiles(const fs::path& folder, Metadata& metadata, std::deque<std::string>& texts)
      : folder_(folder), metadata_(metadata), texts_(texts) {}

  void read(int64_t n_vocab) {
    put_text("general.name", folder_name());
    if (!exists("tokenizer.json")) return;
    read_tokenizer_json(folder_ / "tokenizer.json", n_vocab, metadata_, texts_);
    const Json config = read_object("tokenizer_config.json");
    for (const char* name : {"bos", "eos", "unk", "pad"}) put_special(config, name);
    read_end_tokens();
    read_chat_template(config);
  }

 private:
  bool exists(const char* name) const {
    std::error_code fault;
    return fs::exists(folder_ / name, fault);
  }
  Json read_object(const char* name) const {
    const Json json = exists(name) ? read_json_file(folder_ / name) : Json();
    return json.is_object() ? json : Json::object();
  }
  std::string folder_name() const {
    const fs::path path = fs::absolute(folder_).lexically_normal();
    return (path.has_filename() ? path : path.parent_path()).filename();
  }

  void put_text(const char* key, std::string text) {
    metadata_.insert(key, {.type = MetaType::string, .value = std::string_view(texts_.emplace_back(std::move(text)))});
  }
  void put_id(const char* key, int64_t id) { metadata_.insert(key, {.type = MetaType::i64, .value = id}); }

  // A text, or a token with its settings.
  void put_special(const Json& config, const std::string& name) {
    Json token = config.value(name + "_token", Json());
    if (token.is_object()) token = token.value("content", Json());
    if (!token.is_string()) return;
    const auto& tokens = *metadata_.strings("tokenizer.ggml.tokens");
    const auto found = std::ranges::find(tokens, token.get_ref<const std::string&>());
    if (found == tokens.end()) return;
    const std::string key = name == "unk" ? "unknown" : name == "pad" ? "padding" : name;
    put_id(("tokenizer.ggml." + key + "_token_id").c_str(), found - tokens.begin());
  }

  // All tokens that end a generated text. config.json names the same, but older.
  void read_end_tokens() {
    Json ends = read_object("generation_config.json").value("eos_token_id", Json());
    if (ends.is_null()) ends = read_object("config.json").value("eos_token_id", Json());
    if (ends.is_number_integer()) ends = Json::array({ends});
    if (!ends.is_array()) return;
    const auto n_vocab = std::ssize(*metadata_.strings("tokenizer.ggml.tokens"));
    std::vector<int64_t> ids;
    for (const Json& end : ends)
      if (end.is_number_integer() && end >= 0 && end < n_vocab) ids.push_back(end.get<int64_t>());
    if (ids.empty()) return;
    if (!metadata_.has("tokenizer.ggml.eos_token_id")) put_id("tokenizer.ggml.eos_token_id", ids[0]);
    metadata_.insert("tokenizer.ggml.eog_token_ids",
                     {.type = MetaType::array, .value = MetaArray{MetaType::i32, std::move(ids)}});
  }

  void read_chat_template(const Json& config) {
    if (exists("chat_template.jinja")) return put_text("tokenizer.chat_template", read_text("chat_template.jinja"));
    Json text = read_object("chat_template.json").value("chat_template", Json());
    if (!text.is_string()) text = config.value("chat_template", Json());
    if (text.is_string()) return put_text("tokenizer.chat_template", text.get<std::string>());
    if (!text.is_array()) return;
    for (const Json& named : text)  // several, by name
      if (named.is_object() && named.value("name", Json()) == "default" && named.value("template", Json()).is_string())
        put_text("tokenizer.chat_template", named["template"].get<std::string>());
  }
  std::string read_text(const char* name) const {
    const InputFile file(folder_ / name);
    std::string text(std::min(file.size(), kMostTemplateBytes), '\0');
    file.read(0, std::as_writable_bytes(std::span(text)));
    return text;
  }

  const fs::path folder_;
  Metadata& metadata_;
  std::deque<std::string>& texts_;
};

}  // namespace

void read_tokenizer_files(const std::string& folder, int64_t n_vocab, Metadata& metadata,
                          std::deque<std::string>& texts) {
  TokenizerFiles(folder, metadata, texts).read(n_vocab);
}

}  // namespace loam
