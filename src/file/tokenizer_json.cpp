#include "file/tokenizer_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/error.h"
#include "base/utf8.h"
#include "file/json_file.h"

namespace loam {
namespace {

constexpr size_t kMostTokens = size_t{1} << 22;
constexpr int64_t kNormalToken = 1, kControlToken = 3;  // token_type's numbers in GGUF

class TokenizerJson {
 public:
  TokenizerJson(const std::string& path, Metadata& metadata, std::deque<std::string>& texts)
      : path_(path), json_(read_json_file(path)), metadata_(metadata), texts_(texts) {
    if (!json_.is_object()) fail("is not a JSON object");
  }

  void read() {
    const nlohmann::json& model = object(json_, "model");
    const std::string type = model.contains("type") ? text_of(model, "type") : "WordPiece";  // old files say nothing
    if (type != "WordPiece") unsupported("model", type, "WordPiece");
    if (text_of(model, "continuing_subword_prefix") != "##")
      unsupported("model.continuing_subword_prefix", text_of(model, "continuing_subword_prefix"), "##");
    read_vocabulary(model);
    read_added_tokens();
    read_normalizer();
    expect_type("pre_tokenizer", "BertPreTokenizer");
    put_id("unknown", text_of(model, "unk_token"));
    if (std::ranges::find(tokens_, "[PAD]") != tokens_.end()) put_id("padding", "[PAD]");
    read_post_processor();
    put("tokenizer.ggml.model", "bert");
    put("tokenizer.ggml.tokens", MetaArray{MetaType::string, std::move(tokens_)}, MetaType::array);
    put("tokenizer.ggml.token_type", MetaArray{MetaType::i32, std::move(types_)}, MetaType::array);
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(Error::Code::model_invalid, fmt::format("{}: {}", escape_control(path_), what), "tokenizer.json@0");
  }
  [[noreturn]] void unsupported(const std::string& part, const std::string& found, const std::string& known) const {
    throw Error(
        Error::Code::unsupported,
        fmt::format("{}: {} is \"{}\"; loam reads {}", escape_control(path_), part, escape_control(found), known),
        "tokenizer.json@0");
  }

  const nlohmann::json& object(const nlohmann::json& in, const char* name) const {
    const auto found = in.find(name);
    if (found == in.end() || !found->is_object()) fail(fmt::format("has no {}", name));
    return *found;
  }
  static std::string text_of(const nlohmann::json& in, const char* name) {
    const auto found = in.find(name);
    return found != in.end() && found->is_string() ? found->get<std::string>() : "";
  }
  static bool flag_of(const nlohmann::json& in, const char* name, bool otherwise) {
    const auto found = in.find(name);
    return found != in.end() && found->is_boolean() ? found->get<bool>() : otherwise;
  }

  template <class T>
  void put(const std::string& key, T value, MetaType type) {
    metadata_.insert(key, {.type = type, .value = std::move(value)});
  }
  void put(const std::string& key, const char* text) { put(key, std::string_view(text), MetaType::string); }

  void put_id(const std::string& name, const std::string& token) {
    const auto found = std::ranges::find(tokens_, token);
    if (found == tokens_.end()) fail(fmt::format("the {} token \"{}\" is not in the vocabulary", name, token));
    put(fmt::format("tokenizer.ggml.{}_token_id", name), static_cast<int64_t>(found - tokens_.begin()), MetaType::i64);
  }

  void read_vocabulary(const nlohmann::json& model) {
    const nlohmann::json& vocabulary = object(model, "vocab");
    const size_t n = vocabulary.size();
    if (n == 0 || n > kMostTokens) fail(fmt::format("has a vocabulary of {} tokens", n));
    std::vector<bool> taken(n);
    tokens_.resize(n);
    types_.assign(n, kNormalToken);
    for (const auto& [text, id] : vocabulary.items()) {
      if (!id.is_number_unsigned() || id.get<uint64_t>() >= n || taken[id.get<size_t>()])
        fail(fmt::format("the token \"{}\" has an id of its own from 0 to {}, or should", escape_control(text), n - 1));
      taken[id.get<size_t>()] = true;
      tokens_[id.get<size_t>()] = texts_.emplace_back(text);
    }
  }

  // Those that text never becomes.
  void read_added_tokens() {
    const nlohmann::json added = json_.value("added_tokens", nlohmann::json::array());
    if (!added.is_array()) fail("added_tokens is no array");
    for (const nlohmann::json& token : added) {
      const nlohmann::json id = token.is_object() ? token.value("id", nlohmann::json()) : nlohmann::json();
      if (!id.is_number_unsigned() || id.get<uint64_t>() >= tokens_.size() ||
          tokens_[id.get<size_t>()] != text_of(token, "content"))
        fail("added_tokens names a token that the vocabulary has not got under its id");
      if (flag_of(token, "special", false)) types_[id.get<size_t>()] = kControlToken;
    }
  }

  void expect_type(const char* part, const std::string& wanted) const {
    const std::string type = text_of(object(json_, part), "type");
    if (type != wanted) unsupported(part, type, wanted);
  }

  void read_normalizer() {
    expect_type("normalizer", "BertNormalizer");
    const nlohmann::json& normalizer = json_["normalizer"];
    for (const char* always : {"clean_text", "handle_chinese_chars"})
      if (!flag_of(normalizer, always, true)) unsupported(fmt::format("normalizer.{}", always), "false", "true");
    const bool lowercase = flag_of(normalizer, "lowercase", true);
    put("tokenizer.ggml.normalizer.lowercase", lowercase, MetaType::boolean);
    put("tokenizer.ggml.normalizer.strip_accents", flag_of(normalizer, "strip_accents", lowercase), MetaType::boolean);
  }

  // [CLS] text [SEP], by either of the two processors that write it.
  void read_post_processor() {
    const nlohmann::json& processor = object(json_, "post_processor");
    const std::string type = text_of(processor, "type");
    std::string first, last;
    if (type == "BertProcessing") {
      first = named(processor, "cls"), last = named(processor, "sep");
    } else if (type == "TemplateProcessing") {
      const nlohmann::json single = processor.value("single", nlohmann::json());
      if (!single.is_array() || single.size() != 3 || !single[1].is_object() || !single[1].contains("Sequence"))
        unsupported("post_processor.single", single.dump().substr(0, 60), "one token, the text, one token");
      first = special(single[0]), last = special(single[2]);
    } else {
      unsupported("post_processor", type, "TemplateProcessing and BertProcessing");
    }
    put_id("cls", first);
    put_id("bos", first);
    put_id("seperator", last);  // the format's own spelling
  }
  static std::string named(const nlohmann::json& processor, const char* name) {
    const nlohmann::json pair = processor.value(name, nlohmann::json());
    return pair.is_array() && !pair.empty() && pair[0].is_string() ? pair[0].get<std::string>() : "";
  }
  static std::string special(const nlohmann::json& piece) {
    const nlohmann::json token = piece.is_object() ? piece.value("SpecialToken", nlohmann::json()) : nlohmann::json();
    return token.is_object() ? text_of(token, "id") : "";
  }

  const std::string& path_;
  const nlohmann::json json_;
  Metadata& metadata_;
  std::deque<std::string>& texts_;
  std::vector<std::string_view> tokens_;
  std::vector<int64_t> types_;
};

}  // namespace

void read_tokenizer_json(const std::string& path, Metadata& metadata, std::deque<std::string>& texts) {
  TokenizerJson(path, metadata, texts).read();
}

}  // namespace loam
