#include "file/tokenizer_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/utf8.h"
#include "file/json_file.h"
#include "file/tokenizer_json_pre.h"

namespace loam {
namespace {

constexpr size_t kMostTokens = size_t{1} << 22, kMostMerges = size_t{1} << 23;
// token_type's numbers in GGUF
constexpr int64_t kNormalToken = 1, kUnknownToken = 2, kControlToken = 3, kAddedToken = 4, kUnusedToken = 5,
                  kByteToken = 6;

std::string text_of(const nlohmann::json& in, const char* name) {
  const auto found = in.is_object() ? in.find(name) : in.end();
  return in.is_object() && found != in.end() && found->is_string() ? found->get<std::string>() : "";
}

bool flag_of(const nlohmann::json& in, const char* name, bool otherwise) {
  if (!in.is_object()) return otherwise;
  const auto found = in.find(name);
  return found != in.end() && found->is_boolean() ? found->get<bool>() : otherwise;
}

// <0x00> to <0xFF>
bool is_byte_token(std::string_view text) {
  const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F'); };
  return text.size() == 6 && text.starts_with("<0x") && text[5] == '>' && is_digit(text[3]) && is_digit(text[4]);
}

class TokenizerJson {
 public:
  TokenizerJson(const std::string& path, int64_t n_vocab, Metadata& metadata, std::deque<std::string>& texts)
      : path_(path),
        n_vocab_(static_cast<size_t>(n_vocab)),
        json_(read_json_file(path)),
        metadata_(metadata),
        texts_(texts) {
    if (!json_.is_object()) fail("is not a JSON object");
  }

  void read() {
    const auto model = json_.find("model");
    if (model == json_.end() || !model->is_object()) fail("has no model");
    type_ = model_type(*model);
    read_vocabulary(*model);
    read_added_tokens();
    fill_holes();
    if (type_ == "BPE") read_merges(*model);
    put_model(*model);
    put_unknown(*model);
    put_frame();
    put("tokenizer.ggml.tokens", MetaArray{MetaType::string, std::move(tokens_)}, MetaType::array);
    put("tokenizer.ggml.token_type", MetaArray{MetaType::i32, std::move(types_)}, MetaType::array);
    put_pipeline(*model);
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(Error::Code::model_invalid, fmt::format("{}: {}", escape_control(path_), what), "tokenizer.json@0");
  }

  // Old files do not tell.
  std::string model_type(const nlohmann::json& model) const {
    const std::string type = text_of(model, "type");
    if (type == "BPE" || type == "Unigram" || type == "WordPiece" || type == "WordLevel") return type;
    if (!type.empty())
      throw Error(Error::Code::unsupported,
                  fmt::format("{}: model is \"{}\"; loam reads BPE, Unigram, WordPiece and WordLevel",
                              escape_control(path_), escape_control(type)),
                  "tokenizer.json@0");
    if (model.contains("merges")) return "BPE";
    if (model.contains("continuing_subword_prefix")) return "WordPiece";
    return model.contains("vocab") && model["vocab"].is_array() ? "Unigram" : "WordLevel";
  }

  template <class T>
  void put(const std::string& key, T value, MetaType type) {
    metadata_.insert(key, {.type = type, .value = std::move(value)});
  }
  void put(const std::string& key, const char* text) { put(key, std::string_view(text), MetaType::string); }
  void put_id(const std::string& name, int64_t id) {
    put(fmt::format("tokenizer.ggml.{}_token_id", name), id, MetaType::i64);
  }

  // -1 where there is none.
  int64_t find(const std::string& token) const {
    const auto found = ids_.find(token);
    return found == ids_.end() ? -1 : static_cast<int64_t>(found->second);
  }

  // ---- tokens ----

  void place(std::string_view text, size_t id, int64_t type) {
    if (tokens_.size() <= id) {
      tokens_.resize(id + 1);
      types_.resize(id + 1, kUnusedToken);
      taken_.resize(id + 1);
    }
    tokens_[id] = texts_.emplace_back(text);
    types_[id] = type;
    taken_[id] = true;
    ids_[tokens_[id]] = id;  // of a text that stands there twice the last one counts
  }

  void read_vocabulary(const nlohmann::json& model) {
    const nlohmann::json vocabulary = model.value("vocab", nlohmann::json());
    if (type_ == "Unigram" ? !vocabulary.is_array() : !vocabulary.is_object()) fail("has no vocab");
    if (vocabulary.empty() || vocabulary.size() > kMostTokens)
      fail(fmt::format("has a vocabulary of {} tokens", vocabulary.size()));
    if (type_ == "Unigram") return read_pieces(vocabulary);
    const size_t most = n_vocab_ > 0 ? n_vocab_ : kMostTokens;
    for (const auto& [text, id] : vocabulary.items()) {
      const bool good = id.is_number_unsigned() && id.get<uint64_t>() < most;
      if (!good || (id.get<size_t>() < taken_.size() && taken_[id.get<size_t>()]))
        fail(fmt::format("the token \"{}\" has an id of its own from 0 to {}, or should", escape_control(text),
                         most - 1));
      place(text, id.get<size_t>(), kNormalToken);
    }
  }

  void read_pieces(const nlohmann::json& vocabulary) {
    if (n_vocab_ > 0 && vocabulary.size() > n_vocab_)
      fail(fmt::format("has a vocabulary of {} tokens for an embedding of {} rows", vocabulary.size(), n_vocab_));
    for (const nlohmann::json& piece : vocabulary) {
      if (!piece.is_array() || piece.size() != 2 || !piece[0].is_string() || !piece[1].is_number())
        fail(fmt::format("token {} is no text with its score", scores_.size()));
      place(piece[0].get_ref<const std::string&>(), scores_.size(), kNormalToken);
      scores_.push_back(piece[1].get<double>());
    }
  }

  // Tokens that are found in a text before all else. Those beyond the embedding have no use. Where the vocabulary has
  // their text, too, they have its id, whatever the file says.
  void read_added_tokens() {
    const nlohmann::json added = json_.value("added_tokens", nlohmann::json::array());
    if (!added.is_array()) fail("added_tokens is no array");
    for (const nlohmann::json& token : added) {
      const nlohmann::json id = token.is_object() ? token.value("id", nlohmann::json()) : nlohmann::json();
      const std::string text = text_of(token, "content");
      if (!id.is_number_unsigned() || id.get<uint64_t>() >= kMostTokens)
        fail(fmt::format("added_tokens: \"{}\" has no id", escape_control(text)));
      const int64_t known = find(text);
      const size_t at = known >= 0 ? static_cast<size_t>(known) : id.get<size_t>();
      if (n_vocab_ > 0 && at >= n_vocab_) continue;
      if (at < taken_.size() && taken_[at] && tokens_[at] != text)
        fail(fmt::format("added_tokens: \"{}\" has the id of \"{}\"", escape_control(text),
                         escape_control(tokens_[at])));
      if (known < 0) added_only_.push_back(at);
      place(text, at, flag_of(token, "special", false) ? kControlToken : kAddedToken);
    }
  }

  void fill_holes() {
    const size_t n = std::max(tokens_.size(), n_vocab_);
    for (size_t id = 0; id < n; ++id)
      if (id >= taken_.size() || !taken_[id]) place(fmt::format("[PAD{}]", id), id, kUnusedToken);
  }

  // "left right", or in newer files both in an array. GGUF has the first form, in which texts with spaces of their own
  // leave open where the left one ends: that is kept beside them.
  void read_merges(nlohmann::json& model) {
    const nlohmann::json merges = model.value("merges", nlohmann::json::array());
    if (!merges.is_array() || merges.size() > kMostMerges) fail("merges is no array of a sensible size");
    std::vector<std::string_view> out;
    nlohmann::json ends = nlohmann::json::array();  // of [merge, bytes of its left text]
    out.reserve(merges.size());
    for (const nlohmann::json& merge : merges) {
      const bool pair = merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string();
      if (!pair && !merge.is_string()) fail(fmt::format("merge {} is no pair of texts", out.size()));
      if (pair && (has_space(merge[0]) || has_space(merge[1])))
        ends.push_back({out.size(), merge[0].get_ref<const std::string&>().size()});
      out.push_back(texts_.emplace_back(
          pair ? fmt::format("{} {}", merge[0].get_ref<const std::string&>(), merge[1].get_ref<const std::string&>())
               : merge.get<std::string>()));
    }
    put("tokenizer.ggml.merges", MetaArray{MetaType::string, std::move(out)}, MetaType::array);
    if (!ends.empty()) model["merge_ends"] = std::move(ends);
  }

  static bool has_space(const nlohmann::json& text) {
    return text.get_ref<const std::string&>().find(' ') != std::string::npos;
  }

  // ---- what GGUF says of the kind ----

  void put_model(const nlohmann::json& model) {
    if (flag_of(model, "byte_fallback", false))
      for (size_t id = 0; id < tokens_.size(); ++id)
        if (types_[id] == kNormalToken && is_byte_token(tokens_[id])) types_[id] = kByteToken;
    if (type_ == "BPE") {
      const bool by_characters = flag_of(model, "byte_fallback", false);
      put("tokenizer.ggml.model", by_characters ? "llama" : "gpt2");
      put("tokenizer.ggml.pre", pre_tokenizer_name(json_));
      if (by_characters) put_ranks();
    } else if (type_ == "Unigram") {
      put("tokenizer.ggml.model", "t5");
      scores_.resize(tokens_.size(), -std::numeric_limits<double>::infinity());  // no piece of a word
      const auto rounds = [](double score) { return static_cast<double>(static_cast<float>(score)) != score; };
      if (std::ranges::any_of(scores_, rounds))
        put(kExactTokenScores, MetaArray{MetaType::f64, scores_}, MetaType::array);
      put("tokenizer.ggml.scores", MetaArray{MetaType::f32, std::move(scores_)}, MetaType::array);
    } else {
      put("tokenizer.ggml.model", "bert");
      const nlohmann::json normalizer = json_.value("normalizer", nlohmann::json());
      const bool lowercase = flag_of(normalizer, "lowercase", true);
      put("tokenizer.ggml.normalizer.lowercase", lowercase, MetaType::boolean);
      put("tokenizer.ggml.normalizer.strip_accents", flag_of(normalizer, "strip_accents", lowercase),
          MetaType::boolean);
    }
  }

  // Scores by which other programs merge characters as these merges do, for tokens stand in the order of their merges.
  void put_ranks() {
    std::vector<double> scores;
    for (size_t id = 0; id < tokens_.size(); ++id) scores.push_back(-static_cast<double>(id));
    put("tokenizer.ggml.scores", MetaArray{MetaType::f32, std::move(scores)}, MetaType::array);
  }

  void put_unknown(const nlohmann::json& model) {
    int64_t id = -1;
    if (type_ == "Unigram") {
      const nlohmann::json number = model.value("unk_id", nlohmann::json());
      if (!number.is_null() && !number.is_number_unsigned()) fail("unk_id is no id");
      if (number.is_number_unsigned()) id = number.get<int64_t>();
      if (id >= std::ssize(tokens_)) fail(fmt::format("unk_id is {} of {} tokens", id, tokens_.size()));
    } else if (const std::string text = text_of(model, "unk_token"); !text.empty()) {
      id = find(text);
      if (id < 0) fail(fmt::format("the unknown token \"{}\" is not in the vocabulary", escape_control(text)));
    }
    if (id < 0) return;
    put_id("unknown", id);
    if (types_[static_cast<size_t>(id)] == kNormalToken) types_[static_cast<size_t>(id)] = kUnknownToken;
  }

  // The tokens before and behind a text.
  void put_frame() {
    int64_t before = -1, behind = -1;
    read_frame(json_.value("post_processor", nlohmann::json()), before, behind);
    put("tokenizer.ggml.add_bos_token", before >= 0, MetaType::boolean);
    put("tokenizer.ggml.add_eos_token", behind >= 0, MetaType::boolean);
    if (before >= 0) put_id("bos", before);
    if (behind >= 0) put_id("eos", behind);
    if (type_ == "WordPiece" && before >= 0) put_id("cls", before);
    if (type_ == "WordPiece" && behind >= 0) put_id("seperator", behind);  // the format's own spelling
    for (const char* padding : {"[PAD]", "<pad>"})
      if (const int64_t id = find(padding); id >= 0) put_id("padding", id);
  }

  void read_frame(const nlohmann::json& processor, int64_t& first, int64_t& last) const {
    if (!processor.is_object()) return;
    const std::string type = text_of(processor, "type");
    if (type == "Sequence") {
      for (const nlohmann::json& part : processor.value("processors", nlohmann::json::array()))
        read_frame(part, first, last);
    } else if (type == "BertProcessing" || type == "RobertaProcessing") {
      first = named(processor, "cls"), last = named(processor, "sep");
    } else if (type == "TemplateProcessing") {
      bool before = true;
      for (const nlohmann::json& piece : processor.value("single", nlohmann::json::array())) {
        if (piece.is_object() && piece.contains("Sequence")) before = false;
        const nlohmann::json token =
            piece.is_object() ? piece.value("SpecialToken", nlohmann::json()) : nlohmann::json();
        if (const std::string text = text_of(token, "id"); !text.empty())
          (before ? first : last) = id_of(text, first_id(processor, text));
      }
    }
  }
  // ["[SEP]", 102]
  int64_t named(const nlohmann::json& processor, const char* name) const {
    const nlohmann::json pair = processor.value(name, nlohmann::json());
    if (!pair.is_array() || pair.empty() || !pair[0].is_string()) return -1;
    return id_of(pair[0].get<std::string>(), pair.size() > 1 ? pair[1] : nlohmann::json());
  }
  // The first of {"ids": [0], …}, which a template's text stands for.
  static nlohmann::json first_id(const nlohmann::json& processor, const std::string& text) {
    const nlohmann::json tokens = processor.value("special_tokens", nlohmann::json::object());
    const nlohmann::json token = tokens.is_object() ? tokens.value(text, nlohmann::json()) : nlohmann::json();
    const nlohmann::json ids = token.is_object() ? token.value("ids", nlohmann::json()) : nlohmann::json();
    return ids.is_array() && !ids.empty() ? ids[0] : nlohmann::json();
  }
  // The id that is given beside a text; that of the text where there is none.
  int64_t id_of(const std::string& text, const nlohmann::json& given) const {
    if (given.is_number_unsigned() && given.get<uint64_t>() < tokens_.size()) return given.get<int64_t>();
    const int64_t id = find(text);
    if (id < 0) fail(fmt::format("post_processor names \"{}\", which the vocabulary lacks", escape_control(text)));
    return id;
  }

  void put_pipeline(nlohmann::json& model) {
    model["type"] = type_;
    for (const char* own_key : {"vocab", "merges"}) model.erase(own_key);
    if (!added_only_.empty()) model["added_only"] = added_only_;
    for (const char* setting : {"truncation", "padding", "version"}) json_.erase(setting);
    const std::string& text = texts_.emplace_back(json_.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    put(kTokenizerPipeline, std::string_view(text), MetaType::string);
  }

  const std::string& path_;
  const size_t n_vocab_;
  nlohmann::json json_;
  Metadata& metadata_;
  std::deque<std::string>& texts_;
  std::string type_;
  std::vector<std::string_view> tokens_;
  std::vector<int64_t> types_;
  std::vector<bool> taken_;
  std::vector<double> scores_;
  std::vector<size_t> added_only_;  // ids that the model itself has no token for
  std::unordered_map<std::string_view, size_t> ids_;
};

}  // namespace

void read_tokenizer_json(const std::string& path, int64_t n_vocab, Metadata& metadata, std::deque<std::string>& texts) {
  TokenizerJson(path, n_vocab, metadata, texts).read();
}

}  // namespace loam
