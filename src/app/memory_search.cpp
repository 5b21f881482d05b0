// loam memory search: the turns that a question brings back, and why.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/memory_recall.h"
#include "app/memory_transfer.h"
#include "app/output.h"
#include "app/progress_bar.h"
#include "app/terminal.h"
#include "base/utf8.h"
#include "engine/embedder.h"
#include "file/catalogue.h"
#include "memory/facts/fact.h"
#include "memory/recall/recall.h"
#include "server/memory/engine_text_embedder.h"

namespace loam {
namespace {

constexpr const char* kSearchExamples = R"(Words, conversations and, with an embedding model, meanings count.
Examples:
  loam memory search "what did Anna say about the lake house two weeks ago?"
  loam memory search 지난주에 추천한 모델 --explain
  loam memory search perplexity --user mary --namespace LTM_1 --json | jq '.[].id')";

constexpr size_t kVectorsAtOnce = 64;

struct SearchFlags {
  std::vector<std::string> words, spaces;
  std::string user = "local", as_of, model = "auto";
  int limit = 10;
  bool explain = false, deep = false, json = false;
};

nlohmann::ordered_json recalled_json(const Recalled& found) {
  const RecallReasons& why = found.reasons;
  return {{"id", found.turn.id},
          {"score", found.score},
          {"namespace", found.turn.space},
          {"session", found.turn.session},
          {"role", turn_role_name(found.turn.role)},
          {"speaker", found.turn.speaker},
          {"time", found.turn.time},
          {"text", found.excerpt},
          {"why",
           {{"words", why.words},
            {"session", why.session},
            {"similarity", why.similarity},
            {"time", why.time},
            {"phrase", why.phrase},
            {"name", why.name},
            {"recency", why.recency},
            {"importance", why.importance},
            {"terms", why.terms}}}};
}

std::string recalled_text(const Recalled& found, bool explain) {
  const std::string& who =
      found.turn.speaker.empty() ? std::string(turn_role_name(found.turn.role)) : found.turn.speaker;
  std::string out = paint(
      STDOUT_FILENO, style::kBold,
      fmt::format("{:.2f}  {}  {}  #{}", found.score, iso_date(found.turn.time), terminal_safe(who), found.turn.id));
  out += "\n      " + terminal_safe(found.excerpt) + "\n";
  if (!explain) return out;
  const RecallReasons& why = found.reasons;
  return out +
         fmt::format(
             "      words {:.2f} + session {:.2f} + similarity {:.2f}; × time {:.2f} × phrase {:.2f} × name {:.2f} "
             "× recency {:.2f} × importance {:.2f}; holds: {}\n",
             why.words, why.session, why.similarity, why.time, why.phrase, why.name, why.recency, why.importance,
             terminal_safe(fmt::format("{}", fmt::join(why.terms, ", "))));
}

// Turns that came without a vector get theirs.
void make_vectors(Memory& memory) {
  const int64_t all = memory.n_without_vector();
  ProgressBar bar("reading turns", ProgressBar::Unit::percent);
  size_t done = 0;
  while (const size_t n = memory.make_vectors(kVectorsAtOnce)) bar.update(done += n, static_cast<uint64_t>(all));
}

RecallQuery query_of(const SearchFlags& flags) {
  RecallQuery query;
  query.text = fmt::format("{}", fmt::join(flags.words, " "));
  query.spaces = flags.spaces;
  query.limit = static_cast<size_t>(flags.limit);
  query.budget = SIZE_MAX;
  query.deep = flags.deep;
  if (!flags.as_of.empty()) query.as_of = end_of_date(flags.as_of);
  return query;
}

void search(const SearchFlags& flags) {
  const RecallQuery query = query_of(flags);
  const auto memory = open_memory({.user = flags.user});
  memory->use_embedder(load_recall_embedder(flags.model));
  make_vectors(*memory);
  const std::vector<Recalled> found = memory->search(query);
  if (flags.json) {
    auto out = nlohmann::ordered_json::array();
    for (const Recalled& each : found) out.push_back(recalled_json(each));
    return print(out.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
  }
  if (found.empty()) fmt::print(stderr, "nothing comes to mind\n");
  for (const Recalled& each : found) print(recalled_text(each, flags.explain));
}

}  // namespace

std::unique_ptr<TextEmbedder> load_recall_embedder(const std::string& name) {
  if (name == "none") return nullptr;
  const std::string path = name == "auto" ? installed_embedding_model() : resolve_model(name);
  if (path.empty()) return nullptr;
  return std::make_unique<EngineTextEmbedder>(Embedder::load(path), std::filesystem::path(path).filename());
}

void add_memory_search(Command& memory) {
  Command* command = memory.add_subcommand("search", "the turns that a question brings back");
  auto flags = std::make_shared<SearchFlags>();
  command->add_option("QUERY", flags->words, "what is asked")->required()->type_name("");
  command->add_option("--user", flags->user, "whose memory")->type_name("NAME")->capture_default_str();
  command->add_option("--namespace,--space", flags->spaces, "only of this namespace; may be repeated")
      ->type_name("NAME");
  command->add_option("--limit", flags->limit, "turns at most")
      ->check(integer_between(1, 1000))
      ->type_name("N")
      ->capture_default_str();
  command->add_option("--as-of", flags->as_of, "only what had been said by the end of that day")->type_name("DATE");
  command
      ->add_option("--model", flags->model,
                   "the embedding model; none: words alone; auto: all-minilm-l6-v2, if installed")
      ->type_name("MODEL")
      ->capture_default_str();
  command->add_flag("--deep", flags->deep, "look at common words in all turns, too");
  command->add_flag("--explain", flags->explain, "show what the scores are made of");
  command->add_flag("--json", flags->json, "print a JSON array");
  command->footer(kSearchExamples);
  command->callback([flags] { search(*flags); });
}

}  // namespace loam
