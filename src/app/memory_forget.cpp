// loam memory forget: erases turns and documents, and all that was made of them.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "app/command.h"
#include "app/memory_transfer.h"
#include "app/output.h"
#include "app/terminal.h"
#include "base/error.h"
#include "base/utf8.h"
#include "memory/forget.h"

namespace loam {
namespace {

constexpr const char* kForgetExamples =
    R"(What matches is shown, and erased after a question, or at once with --yes: no byte of it stays in memory's files.
--query means turns that hold all of its words, in any form. DATE is 2025-06-29 or "2025-06-29 17:30".
Examples:
  loam memory forget --query "garden plans"
  loam memory forget --turn 17 --turn 18 --yes
  loam memory forget --since 2025-06-01 --until 2025-07-01
  loam memory forget --document manual.pdf
  loam memory forget --all --user anna)";

constexpr size_t kShown = 10;  // of the turns that match

struct ForgetFlags {
  MemoryOwner owner;
  std::vector<std::string> turns;
  std::string space, session, since, until, query, document;
  bool all = false, yes = false;
};

std::vector<TurnId> turn_arguments(TurnStore& store, const std::vector<std::string>& arguments) {
  std::vector<TurnId> ids;
  for (const std::string& argument : arguments) {
    const bool is_number =
        !argument.empty() && argument.size() <= 18 && argument.find_first_not_of("0123456789") == std::string::npos;
    if (!is_number) throw Error(Error::Code::invalid, fmt::format("--turn: '{}' is no turn's id", argument), "turn");
    const TurnId id = std::stoll(argument);
    if (!store.find(id)) throw Error(Error::Code::not_found, fmt::format("there is no turn {}", id), "turn");
    ids.push_back(id);
  }
  std::ranges::sort(ids);
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

std::vector<TurnId> meant_turns(TurnStore& store, const ForgetFlags& flags) {
  if (!flags.turns.empty()) return turn_arguments(store, flags.turns);
  ForgetRequest request;
  request.turns.space = flags.space;
  request.turns.session = flags.session;
  if (!flags.since.empty()) request.turns.since = time_argument("since", flags.since);
  if (!flags.until.empty()) request.turns.until = time_argument("until", flags.until);
  request.query = flags.query;
  request.document = flags.document;
  return find_to_forget(store, request);
}

std::string first_words(const std::string& text) {
  constexpr size_t kBytes = 100;
  std::string line = text.substr(0, complete_utf8_prefix(std::string_view(text).substr(0, kBytes)));
  std::ranges::replace(line, '\n', ' ');
  return terminal_safe(line) + (line.size() < text.size() ? "…" : "");
}

void show_meant(TurnStore& store, const std::vector<TurnId>& ids) {
  for (size_t i = 0; i < std::min(ids.size(), kShown); ++i) {
    if (const auto turn = store.find(ids[i])) fmt::print(stderr, "{:>6}  {}\n", turn->id, first_words(turn->text));
  }
  if (ids.size() > kShown) fmt::print(stderr, "… and {} more\n", ids.size() - kShown);
}

bool confirm_forgetting(size_t n) {
  if (!is_terminal(STDIN_FILENO)) {
    throw Error(Error::Code::invalid, "nobody can be asked here: give --yes to forget them");
  }
  fmt::print(stderr, "Forget {} turns for ever? [y/N] ", n);
  std::string answer;
  return std::getline(std::cin, answer) && (answer == "y" || answer == "Y" || answer == "yes");
}

void forget(const ForgetFlags& flags) {
  const bool narrows = !flags.space.empty() || !flags.session.empty() || !flags.since.empty() || !flags.until.empty() ||
                       !flags.query.empty() || !flags.document.empty();
  if (!narrows && flags.turns.empty() && !flags.all) {
    throw Error(Error::Code::invalid,
                "say what to forget: --turn, --query, --since, --until, --session, --space, "
                "--document or --all");
  }
  const bool contradicts = (flags.all && (narrows || !flags.turns.empty())) || (narrows && !flags.turns.empty());
  if (contradicts) throw Error(Error::Code::invalid, "--turn and --all go with no other choice");
  const auto memory = open_memory(flags.owner);
  const std::vector<TurnId> ids = meant_turns(memory->turns(), flags);
  show_meant(memory->turns(), ids);
  if (!ids.empty() && !flags.yes && !confirm_forgetting(ids.size())) {
    fmt::print(stderr, "nothing was forgotten\n");
    return;
  }
  if (!ids.empty()) memory->turns().erase(ids);
  print(fmt::format("{} turns forgotten\n", ids.size()));
}

}  // namespace

void add_memory_forget(Command& memory) {
  Command* command = memory.add_subcommand("forget", "erase turns and documents for ever");
  auto flags = std::make_shared<ForgetFlags>();
  command->add_option("--turn", flags->turns, "the turn with this id; may be repeated")->type_name("ID");
  command->add_option("--query", flags->query, "turns that hold all of these words")->type_name("TEXT");
  command->add_option("--since", flags->since, "turns from then on")->type_name("DATE");
  command->add_option("--until", flags->until, "turns before then")->type_name("DATE");
  command->add_option("--session", flags->session, "turns of this conversation")->type_name("NAME");
  command->add_option("--space", flags->space, "turns of this namespace")->type_name("NAME");
  command->add_option("--document", flags->document, "the document with this path or title")->type_name("NAME");
  command->add_flag("--all", flags->all, "everything");
  command->add_flag("--yes", flags->yes, "do not ask");
  add_owner_options(*command, flags->owner);
  command->footer(kForgetExamples);
  command->callback([flags] { forget(*flags); });
}

}  // namespace loam
