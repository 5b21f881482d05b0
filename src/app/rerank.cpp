// loam rerank: how well documents answer a query, the best first.
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include "app/command.h"
#include "app/interrupt.h"
#include "app/load_options.h"
#include "app/output.h"
#include "app/progress_bar.h"
#include "app/text_lines.h"
#include "base/utf8.h"
#include "engine/embedder.h"
#include "file/catalogue.h"

namespace loam {
namespace {

constexpr const char* kRerankExamples =
    R"(One line a document, the best first: its relevance between 0 and 1, its number from 0, and its text.
The documents are the arguments, the lines of a file, or the lines of standard input. What is longer than the model reads is cut.
Examples:
  loam rerank bge-reranker.gguf "what do pandas eat" "Bamboo, mostly." "They live in China."
  loam rerank bge-reranker.gguf "what do pandas eat" --file passages.txt --top 5
  loam rerank bge-reranker.gguf "what do pandas eat" --file passages.txt --json | jq '.results[0].logit')";

constexpr size_t kDocumentsTogether = 64;  // between two looks at Ctrl+C and the progress

struct RerankCommand {
  std::string model, query, path, quant;
  std::vector<std::string> texts;
  int threads = 0, top = 0;
  bool json = false;

  void run() const;
};

std::vector<Score> score_all(const Embedder& embedder, const std::string& query,
                             const std::vector<std::string>& documents) {
  std::vector<Score> scores;
  ProgressBar bar("scoring", ProgressBar::Unit::percent);
  while (scores.size() < documents.size()) {
    const auto left = std::span(documents).subspan(scores.size());
    for (const Score& score : embedder.score(query, left.first(std::min(kDocumentsTogether, left.size())), interrupted))
      scores.push_back(score);
    bar.update(scores.size(), documents.size());
  }
  bar.erase();
  return scores;
}

void RerankCommand::run() const {
  const InterruptGuard guard;
  const auto embedder = Embedder::load(resolve_model(model), {.n_threads = threads, .quant = quant});
  const std::vector<std::string> documents = input_lines(texts, path);
  const std::vector<Score> scores = score_all(*embedder, query, documents);
  std::vector<size_t> order(scores.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, [&](size_t a, size_t b) { return scores[a].logit > scores[b].logit; });
  if (top > 0) order.resize(std::min(order.size(), static_cast<size_t>(top)));
  nlohmann::ordered_json results = nlohmann::ordered_json::array();
  for (const size_t i : order) {
    if (json)
      results.push_back({{"index", i},
                         {"relevance_score", relevance(scores[i])},
                         {"logit", scores[i].logit},
                         {"n_tokens", scores[i].n_tokens},
                         {"truncated", scores[i].truncated}});
    else
      print(fmt::format("{:.6f}\t{}\t{}\n", relevance(scores[i]), i, escape_control(documents[i])));
  }
  if (!json) return;
  const nlohmann::ordered_json out{{"model", sanitize_utf8(embedder->name())}, {"results", std::move(results)}};
  print(out.dump() + "\n");
}

}  // namespace

void add_rerank(Command& app) {
  Command* command = app.add_subcommand("rerank", "order texts by how well they answer a query");
  auto state = std::make_shared<RerankCommand>();
  command->add_option("MODEL", state->model, "a cross-encoder: a catalogue name, a folder or a GGUF file")
      ->required()
      ->type_name("");
  command->add_option("QUERY", state->query, "what the texts shall answer")->required()->type_name("");
  Option* texts =
      command->add_option("TEXT", state->texts, "the texts (default: lines of standard input)")->type_name("");
  command->add_option("--file", state->path, "score each line of this file")->type_name("FILE")->excludes(texts);
  command->add_option("--top", state->top, "the best N only")->check(integer_between(1, INT32_MAX))->type_name("N");
  command->add_option("-t,--threads", state->threads, "threads (default: physical cores)")
      ->check(integer_between(1, 1024))
      ->type_name("N");
  add_quant_option(*command, state->quant);
  command->add_flag("--json", state->json, "print a JSON object, with logits and the numbers of tokens");
  command->footer(kRerankExamples);
  command->callback([state] { state->run(); });
}

}  // namespace loam
