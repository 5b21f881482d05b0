// loam memory: what loam remembers of a user; its subcommands are one file each beside this one.
#include "app/command.h"
#include "app/memory_facts.h"
#include "app/memory_recall.h"
#include "app/memory_transfer.h"

namespace loam {
namespace {

constexpr const char* kMemoryExamples = R"(Examples:
  loam memory search "what did I say about the garden" --user mary --explain
  loam memory add ~/notes --user mary
  loam memory facts
  loam memory import conversations.json
`loam memory COMMAND --help` explains one command.)";

}  // namespace

void add_memory(Command& app) {
  Command* command = app.add_subcommand("memory", "what loam remembers of a user");
  command->require_subcommand(1);
  add_memory_search(*command);
  add_memory_list(*command);
  add_memory_stats(*command);
  add_memory_rebuild(*command);
  add_memory_eval(*command);
  add_memory_facts(*command);
  add_memory_persona(*command);
  add_memory_patterns(*command);
  add_memory_emotions(*command);
  add_memory_add(*command);
  add_memory_import(*command);
  add_memory_export(*command);
  add_memory_forget(*command);
  command->footer(kMemoryExamples);
}

}  // namespace loam
