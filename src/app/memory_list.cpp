// loam memory list, stats, rebuild: what a memory holds, and making again what is worked out from it.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "app/asked_memory.h"
#include "app/interrupt.h"
#include "app/memory_recall.h"
#include "app/output.h"
#include "app/progress_bar.h"
#include "app/recall_model.h"
#include "app/terminal.h"
#include "base/error.h"
#include "base/human_bytes.h"
#include "memory/facts/fact.h"
#include "server/memory/memory_api.h"

namespace loam {
namespace {

constexpr int kMostSessions = 100'000;

struct MemoryListFlags {
  std::string user = "local", space, embedding_model;
  bool json = false;
};

void list_sessions(const MemoryListFlags& flags) {
  const Json sessions = AskedMemory({.user = flags.user})
                            .call("sessions", {{"namespace", flags.space}, {"limit", kMostSessions}})["sessions"];
  std::string lines;
  for (const Json& each : sessions)
    lines += fmt::format("{}  {:>6} turns  {}  {}\n", iso_date(each["last"]), each["turns"].get<int64_t>(),
                         terminal_safe(each["namespace"].get<std::string>()),
                         terminal_safe(each["session"].get<std::string>()));
  print(flags.json ? sessions.dump(2) + "\n" : lines);
}

void show_stats(const MemoryListFlags& flags) {
  const Json stats = AskedMemory({.user = flags.user}).call("stats", {{"check", true}});
  if (flags.json) return print(stats.dump(2) + "\n");
  print(fmt::format("turns       {}\nsessions    {}\nnamespaces  {}\nfacts       {}\nfile        {}, {}\n",
                    stats["turns"].get<int64_t>(), stats["sessions"].get<int64_t>(), stats["namespaces"].size(),
                    stats["facts"].get<int64_t>(), human_bytes(stats["bytes"]),
                    terminal_safe(stats["integrity"].get<std::string>())));
}

// With vectors where a model is named: of that one, whatever made them before.
int64_t rebuild_here(Memory& memory, const std::string& embedding_model) {
  if (!embedding_model.empty()) memory.use_embedder(load_recall_embedder(embedding_model));
  ProgressBar bar("rebuilding", ProgressBar::Unit::percent);
  memory.turns().rebuild([&](int64_t done, int64_t all) {
    bar.update(static_cast<uint64_t>(done), static_cast<uint64_t>(all));
    return !interrupted();
  });
  bar.erase();
  if (!embedding_model.empty()) make_vectors(memory);
  return memory.turns().size();
}

void rebuild_memory(const MemoryListFlags& flags) {
  const InterruptGuard guard;
  const AskedMemory memory({.user = flags.user});
  if (memory.here() == nullptr && !flags.embedding_model.empty())
    throw Error(Error::Code::invalid,
                fmt::format("the server that runs goes by its own embedding model: write [memory] embedding_model = "
                            "\"{}\" in loam.toml and start it anew; it makes the vectors while nobody asks",
                            flags.embedding_model),
                "--embedding-model");
  const int64_t n = memory.here() ? rebuild_here(*memory.here(), flags.embedding_model)
                                  : memory.call("rebuild")["turns"].get<int64_t>();
  fmt::print(stderr, "rebuilt from {} turns\n", n);
}

Command* add_listing(Command& memory, const char* name, const char* help, void (*run)(const MemoryListFlags&)) {
  Command* command = memory.add_subcommand(name, help);
  auto flags = std::make_shared<MemoryListFlags>();
  command->add_option("--user", flags->user, "whose memory")->type_name("NAME")->capture_default_str();
  if (run == &list_sessions) {
    command->add_option("--namespace,--space", flags->space, "only of this namespace")->type_name("NAME");
  }
  if (run == &rebuild_memory)
    command
        ->add_option("--embedding-model", flags->embedding_model,
                     "also make vectors with this model; auto: loam.toml's, or all-minilm-l6-v2")
        ->type_name("MODEL");
  else
    command->add_flag("--json", flags->json, "print JSON; times in milliseconds since 1970");
  command->callback([flags, run] { run(*flags); });
  return command;
}

}  // namespace

void add_memory_list(Command& memory) {
  add_listing(memory, "list", "the conversations that are kept, the latest first", &list_sessions)
      ->footer("Examples:\n  loam memory list --user mary --namespace LTM_1");
}

void add_memory_stats(Command& memory) {
  add_listing(memory, "stats", "how much is kept, and whether the file is sound", &show_stats)
      ->footer("Examples:\n  loam memory stats --json");
}

void add_memory_rebuild(Command& memory) {
  add_listing(memory, "rebuild", "make again all that is worked out from the turns", &rebuild_memory)
      ->footer("Examples:\n  loam memory rebuild --user mary --embedding-model auto");
}

}  // namespace loam
