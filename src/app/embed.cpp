// loam embed: texts as vectors.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "app/command.h"
#include "app/interrupt.h"
#include "app/load_options.h"
#include "app/output.h"
#include "app/progress_bar.h"
#include "app/text_lines.h"
#include "base/error.h"
#include "base/utf8.h"
#include "engine/embedder.h"
#include "file/catalogue.h"

namespace loam {
namespace {

constexpr const char* kEmbedExamples =
    R"(Vectors have length 1: the cosine of two is their dot product. One line a text: its numbers, separated by spaces.
The texts are the arguments, the lines of a file, or the lines of standard input. What is longer than the model reads is cut.
Examples:
  loam embed all-minilm-l6-v2 "That is a happy dog" "Today is a sunny day"
  loam embed all-minilm-l6-v2 --file sentences.txt > vectors.txt
  loam embed qwen3-embedding.gguf --prompt query "what do pandas eat"
  loam embed all-minilm-l6-v2 --json "안녕하세요" | jq '.embeddings[0].n_tokens')";

constexpr size_t kTextsTogether = 256;  // between two looks at Ctrl+C and the progress

struct EmbedCommand {
  std::string model, path, prompt, pooling, quant;
  std::vector<std::string> texts;
  int threads = 0;
  bool json = false;

  void run() const;
};

std::optional<Pooling> pooling_of(const std::string& name) {
  if (name.empty()) return std::nullopt;
  return name == "mean" ? Pooling::mean : name == "first" ? Pooling::first : Pooling::last;
}

std::string line_of(const Embedding& embedding) { return fmt::format("{}\n", fmt::join(embedding.vector, " ")); }

nlohmann::ordered_json json_of(const Embedder& embedder, const std::string& text, const Embedding& embedding) {
  return {{"n_tokens", embedding.n_tokens},
          {"truncated", embedding.truncated},
          {"tokens", embedder.tokenize(text)},
          {"embedding", embedding.vector}};
}

void EmbedCommand::run() const {
  const InterruptGuard guard;
  const auto embedder =
      Embedder::load(resolve_model(model), {.n_threads = threads, .pooling = pooling_of(pooling), .quant = quant});
  const std::string& before = embedder->prompts().get(prompt, "--prompt");
  std::vector<std::string> all = input_lines(texts, path);
  for (std::string& text : all) text = before + text;
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  ProgressBar bar("embedding", ProgressBar::Unit::percent);
  for (size_t begin = 0; begin < all.size(); begin += kTextsTogether) {
    const auto some = std::span(all).subspan(begin, std::min(kTextsTogether, all.size() - begin));
    const std::vector<Embedding> embeddings = embedder->embed(some, interrupted);
    std::string lines;
    for (size_t i = 0; i < some.size(); ++i) {
      if (json)
        list.push_back(json_of(*embedder, some[i], embeddings[i]));
      else
        lines += line_of(embeddings[i]);
    }
    if (!lines.empty()) print(lines);
    bar.update(begin + some.size(), all.size());
  }
  bar.erase();
  if (!json) return;
  const nlohmann::ordered_json out{{"model", sanitize_utf8(embedder->name())},
                                   {"dimensions", embedder->dimensions()},
                                   {"embeddings", std::move(list)}};
  print(out.dump() + "\n");
}

}  // namespace

void add_embed(Command& app) {
  Command* command = app.add_subcommand("embed", "turn texts into vectors");
  auto state = std::make_shared<EmbedCommand>();
  command->add_option("MODEL", state->model, "an embedding model: a catalogue name, a folder or a GGUF file")
      ->required()
      ->type_name("");
  Option* texts =
      command->add_option("TEXT", state->texts, "the texts (default: lines of standard input)")->type_name("");
  command->add_option("--file", state->path, "embed each line of this file")->type_name("FILE")->excludes(texts);
  command->add_option("-t,--threads", state->threads, "threads (default: physical cores)")
      ->check(integer_between(1, 1024))
      ->type_name("N");
  add_quant_option(*command, state->quant);
  command
      ->add_option("--prompt", state->prompt,
                   "the model's own prompt of this name before each text: query, document, …")
      ->type_name("NAME");
  command
      ->add_option("--pooling", state->pooling,
                   "of a model of text: the vector is the mean, the first or the last token's")
      ->check(one_of({"mean", "first", "last"}))
      ->type_name("KIND");
  command->add_flag("--json", state->json, "print a JSON object, with the ids of the tokens");
  command->footer(kEmbedExamples);
  command->callback([state] { state->run(); });
}

}  // namespace loam
