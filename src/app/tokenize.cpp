// loam tokenize: a text's token ids.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "app/command.h"
#include "app/load_options.h"
#include "app/output.h"
#include "base/error.h"
#include "base/utf8.h"

namespace loam {
namespace {

constexpr const char* kTokenizeExamples =
    R"(The text is the argument, the file's bytes exactly, or standard input. Works on vocabulary-only files.
Put -- before a text that begins with a dash.
Examples:
  loam tokenize smollm2-135m "Hello, world"
  loam tokenize gemma3-270m --file book.txt --bos
  loam tokenize model.gguf --special --pieces "<|im_start|>user"
  loam tokenize model.gguf --json -- "- a list item")";

struct TokenizeCommand {
  LoadOptions load;
  std::string text, path;
  Option* text_option = nullptr;
  bool special = false, bos = false, pieces = false, json = false;

  std::string input() const {
    if (!path.empty()) return read_whole_file(path);
    return text_option->count() ? text : read_standard_input();
  }
  void run() const;
};

std::string ids_line(const std::vector<Token>& tokens) { return fmt::format("{}\n", fmt::join(tokens, " ")); }

// One token a line: the id, a tab, and the bytes it stands for.
std::string pieces_table(const Tokenizer& tokenizer, const std::vector<Token>& tokens) {
  std::string out;
  for (const Token token : tokens) out += fmt::format("{}\t{}\n", token, escape_control(tokenizer.piece(token, true)));
  return out;
}

std::string as_json(const Tokenizer& tokenizer, const std::vector<Token>& tokens, bool pieces) {
  nlohmann::ordered_json out{{"n_tokens", tokens.size()}, {"tokens", tokens}};
  if (pieces) {
    auto& list = out["pieces"] = nlohmann::ordered_json::array();
    for (const Token token : tokens) list.push_back(sanitize_utf8(tokenizer.piece(token, true)));
  }
  return out.dump() + "\n";
}

void TokenizeCommand::run() const {
  const auto file = open_model_file(load);
  const auto tokenizer = Tokenizer::load(file->metadata(), load.force_pre);
  const auto tokens = tokenizer->encode(input(), {.special = special, .add_special = bos});
  if (json)
    print(as_json(*tokenizer, tokens, pieces));
  else
    print(pieces ? pieces_table(*tokenizer, tokens) : ids_line(tokens));
}

}  // namespace

void add_tokenize(Command& app) {
  Command* command = app.add_subcommand("tokenize", "print a text's token ids");
  auto state = std::make_shared<TokenizeCommand>();
  add_model_argument(*command, state->load);
  state->text_option = command->add_option("TEXT", state->text, "the text (default: standard input)")->type_name("");
  command->add_option("--file", state->path, "tokenise this file's bytes")
      ->type_name("FILE")
      ->excludes(state->text_option);
  command->add_flag("--special", state->special, "parse control tokens in the text");
  command->add_flag("--bos", state->bos, "add BOS and EOS as the model's metadata asks");
  command->add_flag("--pieces", state->pieces, "one token a line, with the bytes it stands for");
  command->add_flag("--json", state->json, "print a JSON object");
  add_file_options(*command, state->load);
  command->footer(kTokenizeExamples);
  command->callback([state] { state->run(); });
}

}  // namespace loam
