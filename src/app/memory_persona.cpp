// loam memory persona: who the model is for a user.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "app/asked_memory.h"
#include "app/memory_facts.h"
#include "app/output.h"
#include "app/terminal.h"
#include "base/atomic_file.h"
#include "base/error.h"
#include "memory/persona/character_card.h"
#include "memory/persona/persona.h"
#include "server/memory/memory_api.h"

namespace loam {
namespace {

constexpr const char* kPersonaExamples =
    R"(A persona is TOML: name, description, voice, scenario and greeting are texts; values, languages and
boundaries are lists of texts. Without an option it is printed, as it can be set again.
Examples:
  loam memory persona --set echo.toml
  loam memory persona --user mary --import-card librarian.png
  loam memory persona --export-card echo.json
  loam memory persona --core)";

struct PersonaFlags {
  std::string user = "local", set, import_card, export_card, pin, unpin;
  bool clear = false, core = false, json = false;
};

// "home: Seoul" → both sides.
std::pair<std::string, std::string> attribute_and_value(const std::string& fact) {
  const size_t colon = fact.find(':');
  if (colon == std::string::npos) throw Error(Error::Code::invalid, "write a fact as 'ATTRIBUTE: VALUE'", fact);
  const size_t value = fact.find_first_not_of(' ', colon + 1);
  return {fact.substr(0, colon), value == std::string::npos ? "" : fact.substr(value)};
}

void show_core(const Json& core, bool json) {
  if (json) return print(core.dump(2) + "\n");
  print(terminal_safe(core["text"].get<std::string>()));
  fmt::print(stderr, "about {} tokens, SHA-256 {}\n", core["tokens"].get<int64_t>(), core["sha256"].get<std::string>());
}

Json fact_argument(const std::string& fact) {
  const auto [attribute, value] = attribute_and_value(fact);
  return {{"attribute", attribute}, {"value", value}};
}

// → whether something was changed.
bool change_persona(const AskedMemory& memory, const PersonaFlags& flags) {
  const auto set = [&](const std::string& toml) { memory.call("set-persona", {{"toml", toml}}); };
  if (flags.clear) set("");
  if (!flags.set.empty()) set(read_whole_file(flags.set));
  if (!flags.import_card.empty()) set(write_persona(read_character_card(read_whole_file(flags.import_card))));
  if (!flags.pin.empty()) memory.call("pin", fact_argument(flags.pin));
  if (!flags.unpin.empty() && !memory.call("unpin", fact_argument(flags.unpin))["unpinned"].get<bool>())
    throw Error(Error::Code::not_found, "that fact is not pinned", flags.unpin);
  return flags.clear || !flags.set.empty() || !flags.import_card.empty() || !flags.pin.empty() || !flags.unpin.empty();
}

void run_persona(const PersonaFlags& flags) {
  const AskedMemory memory({.user = flags.user});
  const bool changed = change_persona(memory, flags);
  Json told = memory.call("persona");
  const std::string toml = told["toml"], name = told["name"];
  told.erase("toml");
  if (!flags.export_card.empty())
    return write_file_atomically(flags.export_card, write_character_card(parse_persona(toml)));
  if (flags.core) return show_core(memory.call("core"), flags.json);
  if (flags.json) return print(told.dump(2) + "\n");
  if (!changed) return print(terminal_safe(toml));
  fmt::print(stderr, "{}: {}\n", flags.user, toml.empty() ? "no persona" : "persona " + terminal_safe(name));
}

}  // namespace

void add_memory_persona(Command& memory) {
  Command* command = memory.add_subcommand("persona", "who the model is for a user");
  auto flags = std::make_shared<PersonaFlags>();
  command->add_option("--user", flags->user, "for whom")->type_name("NAME")->capture_default_str();
  Option* set = command->add_option("--set", flags->set, "take the persona from a TOML file")->type_name("FILE");
  command->add_option("--import-card", flags->import_card, "take it from a character card (V1 to V3; JSON or PNG)")
      ->type_name("FILE")
      ->excludes(set);
  command->add_option("--export-card", flags->export_card, "write it as a character card (V3, JSON)")
      ->type_name("FILE");
  command->add_flag("--clear", flags->clear, "back to no persona");
  command->add_option("--pin", flags->pin, "a fact that is in every prompt while it holds")->type_name("'NAME: VALUE'");
  command->add_option("--unpin", flags->unpin, "no longer so")->type_name("'NAME: VALUE'");
  command->add_flag("--core", flags->core, "print what every prompt begins with: persona and facts");
  command->add_flag("--json", flags->json, "print JSON");
  command->footer(kPersonaExamples);
  command->callback([flags] { run_persona(*flags); });
}

}  // namespace loam
