// loam memory import and export: chats of other programs in, everything out.
#include <fmt/format.h>
#include <unistd.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "app/asked_memory.h"
#include "app/command.h"
#include "app/interrupt.h"
#include "app/memory_transfer.h"
#include "app/option_checks.h"
#include "app/output.h"
#include "app/progress_bar.h"
#include "base/error.h"
#include "memory/transfer/export.h"
#include "memory/transfer/import.h"
#include "memory/transfer/turn_json.h"
#include "memory/transfer/written_time.h"
#include "server/memory/memory_api.h"

namespace loam {
namespace {

constexpr const char* kImportExamples =
    R"(Importing a file again adds only what is new. Other formats than loam's own go into --space.
Examples:
  loam memory import conversations.json
  loam memory import chat.md --user anna --space LTM_1
  loam memory import backup.jsonl)";

constexpr const char* kExportExamples =
    R"(--format loam is without loss: import makes the same memory of it. --format chat gives {"messages": […]} lines to
train a model on: complete pairs of question and answer only. DATE is 2025-06-29 or "2025-06-29 17:30".
Examples:
  loam memory export > backup.jsonl
  loam memory export --format chat --min-length 20 --since 2025-01-01 > train.jsonl)";

struct ImportFlags {
  MemoryOwner owner;
  std::vector<std::string> files;
  std::string space = "default", session, format;
};

// Where the memory is open, or to the server that has it.
TurnSink sink_of(const AskedMemory& memory) {
  if (memory.here()) return [&](std::span<const Turn> turns) { return memory.here()->turns().restore(turns); };
  return [&](std::span<const Turn> turns) {
    std::string lines;
    for (const Turn& turn : turns) lines += turn_to_json(turn) + "\n";
    return memory.call("import", {{"lines", lines}})["added"].get<int64_t>();
  };
}

void import_file(const AskedMemory& memory, const std::string& path, const ImportFlags& flags) {
  ImportOptions options;
  options.space = flags.space;
  options.session = flags.session;
  if (!flags.format.empty()) options.format = parse_chat_format(flags.format);
  ImportReport report;
  {
    ProgressBar bar("importing", ProgressBar::Unit::bytes);
    options.progress = [&](uint64_t done, uint64_t total) {
      bar.update(done, total);
      return !interrupted();
    };
    report = import_chats(sink_of(memory), path, options);
  }
  std::string text = fmt::format("{}: {} conversations, {} user turns, {} assistant turns ({} without a question)",
                                 path, report.n_conversations, report.n_user, report.n_assistant, report.n_orphans);
  if (report.n_other > 0) text += fmt::format(", {} others", report.n_other);
  if (report.n_known > 0) text += fmt::format("; {} were there already", report.n_known);
  if (report.n_other_branches > 0) {
    text += fmt::format("; {} messages of other branches left out", report.n_other_branches);
  }
  print(text + "\n");
}

struct ExportFlags {
  MemoryOwner owner;
  std::string space, session, since, until, format = "loam";
  uint64_t min_length = 1;
  bool own = false, any = false;
};

void write_export(const ExportFlags& flags) {
  const AskedMemory memory(flags.owner);
  const InterruptGuard guard;
  ExportRequest request;
  request.as_conversations = flags.format == "chat";
  TrainingFilter& filter = request.filter;
  filter.turns.space = flags.space;
  filter.turns.session = flags.session;
  if (!flags.since.empty()) filter.turns.since = time_argument("since", flags.since);
  if (!flags.until.empty()) filter.turns.until = time_argument("until", flags.until);
  filter.min_characters = flags.min_length;
  filter.with_imports = !flags.own;
  filter.only_good = !flags.any;
  const std::string how_much = memory.export_to(request, [](std::string_view lines) {
    throw_if_interrupted();
    print(lines);
  });
  fmt::print(stderr, "{}\n", how_much);
}

}  // namespace

UnixTime time_argument(const char* name, const std::string& text) {
  if (const auto time = parse_written_time(text)) return *time;
  throw Error(Error::Code::invalid, fmt::format("--{}: '{}' is no date such as 2025-06-29", name, text), name);
}

void add_memory_import(Command& memory) {
  Command* command = memory.add_subcommand("import", "bring in chats of ChatGPT, Claude, text files, or loam's export");
  auto flags = std::make_shared<ImportFlags>();
  command->add_option("FILE", flags->files, "files to import")->required()->type_name("");
  command->add_option("--space", flags->space, "the namespace that the turns go to")
      ->type_name("NAME")
      ->capture_default_str();
  command->add_option("--session", flags->session, "one name for all conversations")->type_name("NAME");
  command->add_option("--format", flags->format, "told from the content unless given")
      ->check(one_of({"chatgpt", "claude", "nexus", "text", "loam"}))
      ->type_name("FORMAT");
  add_owner_options(*command, flags->owner);
  command->footer(kImportExamples);
  command->callback([flags] {
    const AskedMemory memory(flags->owner);
    const InterruptGuard guard;
    for (const std::string& file : flags->files) import_file(memory, file, *flags);
  });
}

void add_memory_export(Command& memory) {
  Command* command = memory.add_subcommand("export", "write all turns, or conversations to train a model on");
  auto flags = std::make_shared<ExportFlags>();
  command->add_option("--format", flags->format, "loam or chat")
      ->check(one_of({"loam", "chat"}))
      ->type_name("FORMAT")
      ->capture_default_str();
  command->add_option("--space", flags->space, "only this namespace")->type_name("NAME");
  command->add_option("--session", flags->session, "only this conversation")->type_name("NAME");
  command->add_option("--since", flags->since, "only turns from then on")->type_name("DATE");
  command->add_option("--until", flags->until, "only turns before then")->type_name("DATE");
  command->add_option("--min-length", flags->min_length, "characters of a question and an answer (chat)")
      ->type_name("N")
      ->capture_default_str();
  command->add_flag("--own", flags->own, "leave imported answers out (chat)");
  command->add_flag("--any", flags->any, "keep answers that were cut, repeat themselves or came before (chat)");
  add_owner_options(*command, flags->owner);
  command->footer(kExportExamples);
  command->callback([flags] { write_export(*flags); });
}

}  // namespace loam
