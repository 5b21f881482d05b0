// loam memory list, stats, rebuild: what a memory holds, and making again what is worked out from it.
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "app/interrupt.h"
#include "app/memory_recall.h"
#include "app/memory_transfer.h"
#include "app/output.h"
#include "app/progress_bar.h"
#include "app/terminal.h"
#include "base/human_bytes.h"
#include "memory/facts/fact.h"

namespace loam {
namespace {

struct MemoryListFlags {
  std::string user = "local", space;
  bool json = false;
};

std::shared_ptr<Memory> memory_of(const MemoryListFlags& flags) { return open_memory({.user = flags.user}); }

void list_sessions(const MemoryListFlags& flags) {
  const auto memory = memory_of(flags);
  auto out = nlohmann::ordered_json::array();
  std::string lines;
  for (const TurnStore::Session& each : memory->turns().sessions(flags.space)) {
    out.push_back({{"namespace", each.space},
                   {"session", each.session},
                   {"turns", each.n_turns},
                   {"first", each.first},
                   {"last", each.last}});
    lines += fmt::format("{}  {:>6} turns  {}  {}\n", iso_date(each.last), each.n_turns, terminal_safe(each.space),
                         terminal_safe(each.session));
  }
  print(flags.json ? out.dump(2) + "\n" : lines);
}

void show_stats(const MemoryListFlags& flags) {
  const auto memory = memory_of(flags);
  TurnStore& turns = memory->turns();
  std::error_code error;
  const uintmax_t size = std::filesystem::file_size(turns.database().path(), error);
  const nlohmann::ordered_json out = {{"turns", turns.size()},
                                      {"sessions", turns.sessions("").size()},
                                      {"namespaces", turns.spaces()},
                                      {"bytes", error ? 0 : size},
                                      {"integrity", turns.database().check_integrity()}};
  if (flags.json) return print(out.dump(2) + "\n");
  print(fmt::format("turns       {}\nsessions    {}\nnamespaces  {}\nfile        {}, {}\n", turns.size(),
                    turns.sessions("").size(), turns.spaces().size(), human_bytes(error ? 0 : size),
                    terminal_safe(turns.database().check_integrity())));
}

void rebuild_memory(const MemoryListFlags& flags) {
  const InterruptGuard guard;
  const auto memory = memory_of(flags);
  ProgressBar bar("rebuilding", ProgressBar::Unit::percent);
  memory->turns().rebuild([&](int64_t done, int64_t all) {
    bar.update(static_cast<uint64_t>(done), static_cast<uint64_t>(all));
    return !interrupted();
  });
  bar.erase();
  fmt::print(stderr, "rebuilt from {} turns\n", memory->turns().size());
}

Command* add_listing(Command& memory, const char* name, const char* help, void (*run)(const MemoryListFlags&)) {
  Command* command = memory.add_subcommand(name, help);
  auto flags = std::make_shared<MemoryListFlags>();
  command->add_option("--user", flags->user, "whose memory")->type_name("NAME")->capture_default_str();
  if (run == &list_sessions) {
    command->add_option("--namespace,--space", flags->space, "only of this namespace")->type_name("NAME");
  }
  if (run != &rebuild_memory) command->add_flag("--json", flags->json, "print JSON; times in milliseconds since 1970");
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
      ->footer("Examples:\n  loam memory rebuild --user mary");
}

}  // namespace loam
