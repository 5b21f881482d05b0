// loam vocab: the tokens of a model, all or those that are asked for.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/file_commands.h"
#include "app/load_options.h"
#include "app/output.h"
#include "base/error.h"
#include "base/utf8.h"
#include "tokenizer/vocabulary.h"

namespace loam {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kVocabExamples =
    R"(One token a line: its id, its type, the bytes it stands for, and its text as the vocabulary stores it, with tabs between.
Types are normal, control, user, byte, unknown and unused. Control characters are escaped.
Examples:
  loam vocab smollm2-135m | less
  loam vocab smollm2-135m --id 0 --id 17
  loam vocab gemma3-270m --find "안녕"
  loam vocab model.gguf --find "<|" --json | jq '.tokens[].id')";

struct VocabCommand {
  LoadOptions load;
  std::string text;
  std::vector<int> ids;
  Option* find_option = nullptr;
  bool json = false;

  std::vector<Token> chosen(const Tokenizer& tokenizer) const;
  void run() const;
};

std::string_view name_of_type(int64_t type) {
  constexpr std::string_view kNames[] = {"undefined", "normal", "unknown", "control", "user", "unused", "byte"};
  return type >= 0 && type < static_cast<int64_t>(std::size(kNames)) ? kNames[type] : "undefined";
}

// What the metadata says of tokens besides their text.
struct TokenFacts {
  explicit TokenFacts(const Metadata& metadata)
      : types(metadata.has("tokenizer.ggml.token_type") ? metadata.integers("tokenizer.ggml.token_type") : nullptr),
        scores(metadata.has("tokenizer.ggml.scores") ? metadata.numbers("tokenizer.ggml.scores") : nullptr) {}

  int64_t type(Token token) const {
    const auto i = static_cast<size_t>(token);
    return types && i < types->size() ? (*types)[i] : static_cast<int64_t>(TokenType::normal);
  }
  Json score(Token token) const {
    const auto i = static_cast<size_t>(token);
    return scores && i < scores->size() ? Json((*scores)[i]) : Json();
  }

  const std::vector<int64_t>* types;
  const std::vector<double>* scores;
};

std::vector<Token> VocabCommand::chosen(const Tokenizer& tokenizer) const {
  std::vector<Token> tokens;
  for (const int id : ids) {
    if (id >= tokenizer.n_vocab())
      throw Error(Error::Code::invalid, fmt::format("{} is no token: there are {}", id, tokenizer.n_vocab()), "--id");
    tokens.push_back(id);
  }
  if (!ids.empty()) return tokens;
  for (Token token = 0; token < tokenizer.n_vocab(); ++token)
    if (!find_option->count() || tokenizer.text_of(token).find(text) != std::string_view::npos ||
        tokenizer.piece(token, true).find(text) != std::string::npos)
      tokens.push_back(token);
  return tokens;
}

Json special_json(const Tokenizer& tokenizer) {
  Json out = Json::object();
  const auto add = [&](const char* name, Token token) {
    if (token >= 0) out[name] = token;
  };
  add("bos", tokenizer.bos());
  add("eos", tokenizer.eos());
  add("unknown", tokenizer.unknown());
  add("padding", tokenizer.padding());
  out["end"] = tokenizer.end_tokens();
  return out;
}

std::string vocab_json(const Tokenizer& tokenizer, const TokenFacts& facts, const std::vector<Token>& tokens) {
  Json out{{"kind", tokenizer.kind()},
           {"pre", sanitize_utf8(tokenizer.pre())},
           {"n_vocab", tokenizer.n_vocab()},
           {"special", special_json(tokenizer)}};
  Json& list = out["tokens"] = Json::array();
  for (const Token token : tokens)
    list.push_back({{"id", token},
                    {"type", name_of_type(facts.type(token))},
                    {"piece", sanitize_utf8(tokenizer.piece(token, true))},
                    {"text", sanitize_utf8(tokenizer.text_of(token))},
                    {"score", facts.score(token)}});
  return out.dump() + "\n";
}

std::string vocab_table(const Tokenizer& tokenizer, const TokenFacts& facts, const std::vector<Token>& tokens) {
  std::string out;
  for (const Token token : tokens)
    out += fmt::format("{}\t{}\t{}\t{}\n", token, name_of_type(facts.type(token)),
                       escape_control(tokenizer.piece(token, true)), escape_control(tokenizer.text_of(token)));
  return out;
}

void VocabCommand::run() const {
  const auto file = open_model_file(load);
  const auto tokenizer = Tokenizer::load(file->metadata(), load.force_pre);
  const TokenFacts facts(file->metadata());
  const std::vector<Token> tokens = chosen(*tokenizer);
  print(json ? vocab_json(*tokenizer, facts, tokens) : vocab_table(*tokenizer, facts, tokens));
}

}  // namespace

void add_vocab(Command& app) {
  Command* command = app.add_subcommand("vocab", "show a model's tokens");
  auto state = std::make_shared<VocabCommand>();
  add_model_argument(*command, state->load);
  state->find_option = command->add_option("--find", state->text, "tokens that contain this text")->type_name("TEXT");
  command->add_option("--id", state->ids, "the token with this id; may be repeated")
      ->check(integer_between(0, INT32_MAX))
      ->type_name("N")
      ->allow_extra_args(false)
      ->excludes(state->find_option);
  command->add_flag("--json", state->json, "print a JSON object, with scores and special ids");
  add_file_options(*command, state->load);
  command->footer(kVocabExamples);
  command->callback([state] { state->run(); });
}

}  // namespace loam
