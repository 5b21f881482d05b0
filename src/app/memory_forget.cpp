// loam memory forget: erases turns and documents, and all that was made of them.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "app/asked_memory.h"
#include "app/command.h"
#include "app/memory_transfer.h"
#include "app/output.h"
#include "app/terminal.h"
#include "base/error.h"
#include "base/utf8.h"
#include "file/catalogue.h"
#include "memory/memory_home.h"
#include "server/memory/kept_pages.h"
#include "server/memory/memory_api.h"

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
constexpr size_t kForgottenAtOnce = 5000;

struct ForgetFlags {
  MemoryOwner owner;
  std::vector<std::string> turns;
  std::string space, session, since, until, query, document;
  bool all = false, yes = false;
};

TurnId turn_argument(const std::string& argument) {
  const bool is_number =
      !argument.empty() && argument.size() <= 18 && argument.find_first_not_of("0123456789") == std::string::npos;
  if (!is_number) throw Error(Error::Code::invalid, fmt::format("--turn: '{}' is no turn's id", argument), "turn");
  return std::stoll(argument);
}

Json wish(const ForgetFlags& flags) {
  Json wish = {{"all", flags.all}, {"limit", kShown}};
  if (!flags.space.empty()) wish["namespace"] = flags.space;
  if (!flags.session.empty()) wish["session"] = flags.session;
  if (!flags.since.empty()) wish["since"] = time_argument("since", flags.since);
  if (!flags.until.empty()) wish["until"] = time_argument("until", flags.until);
  if (!flags.query.empty()) wish["query"] = flags.query;
  if (!flags.document.empty()) wish["document"] = flags.document;
  if (!flags.space.empty() && wish.size() == 3) wish["all"] = true;  // of that namespace
  std::set<TurnId> ids;
  for (const std::string& turn : flags.turns) ids.insert(turn_argument(turn));
  if (!ids.empty()) wish["turns"] = ids;
  return wish;
}

// What would be forgotten. Error(not_found) for a turn that is not there.
Json ask_what(const AskedMemory& memory, const ForgetFlags& flags) {
  Json wished = wish(flags);
  wished["dry"] = true;
  const Json meant = memory.call("forget", wished);
  if (!wished.contains("turns")) return meant;
  for (const Json& id : wished["turns"])
    if (std::ranges::find(meant["ids"], id) == meant["ids"].end())
      throw Error(Error::Code::not_found, fmt::format("there is no turn {}", id.get<TurnId>()), "turn");
  return meant;
}

std::string first_words(const std::string& text) {
  constexpr size_t kBytes = 100;
  std::string line = text.substr(0, complete_utf8_prefix(std::string_view(text).substr(0, kBytes)));
  std::ranges::replace(line, '\n', ' ');
  return terminal_safe(line) + (line.size() < text.size() ? "…" : "");
}

void show_meant(const Json& meant) {
  for (const Json& turn : meant["turns"])
    fmt::print(stderr, "{:>6}  {}\n", turn["turn"].get<TurnId>(), first_words(turn["text"]));
  const size_t n = meant["would_forget"], n_shown = meant["turns"].size();
  if (n > n_shown) fmt::print(stderr, "… and {} more\n", n - n_shown);
}

// By their ids, so that it is what was shown.
void forget_turns(const AskedMemory& memory, const MemoryOwner& owner, const Json& ids) {
  for (size_t begin = 0; begin < ids.size(); begin += kForgottenAtOnce) {
    const auto first = ids.begin() + static_cast<Json::difference_type>(begin);
    const auto last = ids.begin() + static_cast<Json::difference_type>(std::min(begin + kForgottenAtOnce, ids.size()));
    memory.call("forget", {{"turns", std::vector<TurnId>(first, last)}});
  }
  if (memory.here() == nullptr || ids.empty()) return;  // a server forgets prompts, too
  std::vector<std::string> users = {owner.user, "local", ""};
  if (owner.shared)
    for (const std::string& user : MemoryHome(memory_folder()).users()) users.push_back(user);
  forget_kept_pages(memory_folder(), users);
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
  const AskedMemory memory(flags.owner);
  const Json meant = ask_what(memory, flags);
  show_meant(meant);
  const size_t n = meant["would_forget"];
  if (n > 0 && !flags.yes && !confirm_forgetting(n)) {
    fmt::print(stderr, "nothing was forgotten\n");
    return;
  }
  forget_turns(memory, flags.owner, meant["ids"]);
  print(fmt::format("{} turns forgotten\n", n));
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
