// loam memory search: the turns that a question brings back, and why.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/asked_memory.h"
#include "app/interrupt.h"
#include "app/memory_recall.h"
#include "app/output.h"
#include "app/progress_bar.h"
#include "app/recall_model.h"
#include "app/terminal.h"
#include "server/memory/memory_api.h"

namespace loam {
namespace {

constexpr const char* kSearchExamples = R"(Words, conversations and, with an embedding model, meanings count.
Examples:
  loam memory search "what did Anna say about the lake house two weeks ago?"
  loam memory search 지난주에 추천한 모델 --explain
  loam memory search perplexity --user mary --namespace LTM_1 --json | jq '.[].id')";

struct SearchFlags {
  std::vector<std::string> words, spaces;
  std::string user = "local", as_of, model = "auto";
  int limit = 10;
  bool explain = false, deep = false, json = false;
};

// As the server tells it, under the names that this command has always given.
Json recalled_json(const Json& found) {
  Json out = {{"id", found["turn"]},         {"score", found["score"]},  {"namespace", found["namespace"]},
              {"session", found["session"]}, {"role", found["role"]},    {"speaker", found.value("speaker", "")},
              {"time", found["time"]},       {"text", found["excerpt"]}, {"why", found["reasons"]}};
  return out;
}

std::string recalled_text(const Json& found, bool explain) {
  const std::string who = found.contains("speaker") ? found["speaker"] : found["role"];
  std::string out =
      paint(STDOUT_FILENO, style::kBold,
            fmt::format("{:.2f}  {}  {}  #{}", found["score"].get<double>(), found["date"].get<std::string>(),
                        terminal_safe(who), found["turn"].get<int64_t>()));
  out += "\n      " + terminal_safe(found["excerpt"].get<std::string>()) + "\n";
  if (!explain) return out;
  const auto reason = [&](const char* name) { return found["reasons"][name].get<double>(); };
  return out + fmt::format(
                   "      words {:.2f} + session {:.2f} + similarity {:.2f}; × time {:.2f} × phrase {:.2f} × name "
                   "{:.2f} × recency {:.2f} × importance {:.2f}; holds: {}\n",
                   reason("words"), reason("session"), reason("similarity"), reason("time"), reason("phrase"),
                   reason("name"), reason("recency"), reason("importance"),
                   terminal_safe(
                       fmt::format("{}", fmt::join(found["reasons"]["terms"].get<std::vector<std::string>>(), ", "))));
}

void search(const SearchFlags& flags) {
  Json query = {{"query", fmt::format("{}", fmt::join(flags.words, " "))},
                {"namespaces", flags.spaces},
                {"limit", flags.limit},
                {"deep", flags.deep}};
  if (!flags.as_of.empty()) query["as_of"] = flags.as_of;
  const AskedMemory memory({.user = flags.user});
  if (memory.here()) {
    memory.here()->use_embedder(load_recall_embedder(flags.model));
    make_vectors(*memory.here());
  }
  const Json found = memory.call("search", query)["results"];
  if (flags.json) {
    Json out = Json::array();
    for (const Json& each : found) out.push_back(recalled_json(each));
    return print(out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
  }
  if (found.empty()) fmt::print(stderr, "nothing comes to mind\n");
  for (const Json& each : found) print(recalled_text(each, flags.explain));
}

}  // namespace

void make_vectors(Memory& memory) {
  constexpr size_t kAtOnce = 128;
  const int64_t all = memory.n_without_vector();
  ProgressBar bar("reading turns", ProgressBar::Unit::percent);
  size_t done = 0;
  while (const size_t n = memory.make_vectors(kAtOnce)) {
    bar.update(done += n, static_cast<uint64_t>(all));
    throw_if_interrupted();
  }
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
                   "the embedding model; none: words alone; auto: loam.toml's, or all-minilm-l6-v2; a server that runs "
                   "takes its own")
      ->type_name("MODEL")
      ->capture_default_str();
  command->add_flag("--deep", flags->deep, "look at common words in all turns, too");
  command->add_flag("--explain", flags->explain, "show what the scores are made of");
  command->add_flag("--json", flags->json, "print a JSON array");
  command->footer(kSearchExamples);
  command->callback([flags] { search(*flags); });
}

}  // namespace loam
