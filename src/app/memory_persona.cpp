// loam memory persona: who the model is for a user.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "app/memory_facts.h"
#include "app/memory_transfer.h"
#include "app/output.h"
#include "app/terminal.h"
#include "base/atomic_file.h"
#include "base/error.h"
#include "memory/persona/character_card.h"
#include "memory/persona/core_memory.h"

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

std::string persona_json(const Persona& persona) {
  const nlohmann::ordered_json out = {{"name", persona.name},           {"description", persona.description},
                                      {"voice", persona.voice},         {"scenario", persona.scenario},
                                      {"greeting", persona.greeting},   {"values", persona.values},
                                      {"languages", persona.languages}, {"boundaries", persona.boundaries}};
  return out.dump(2) + "\n";
}

void show_core(const CoreText& core, bool json) {
  if (!json) {
    print(terminal_safe(core.text));
    fmt::print(stderr, "about {} tokens, SHA-256 {}\n", core.n_tokens, core.hash);
    return;
  }
  print(nlohmann::ordered_json{{"text", core.text}, {"tokens", core.n_tokens}, {"sha256", core.hash}}.dump(2) + "\n");
}

// → whether something was changed.
bool change_persona(Memory& memory, const PersonaFlags& flags) {
  CoreMemory& core = memory.core();
  if (flags.clear) memory.set_persona(Persona());
  if (!flags.set.empty()) memory.set_persona(parse_persona(read_whole_file(flags.set)));
  if (!flags.import_card.empty()) memory.set_persona(read_character_card(read_whole_file(flags.import_card)));
  if (!flags.pin.empty()) {
    const auto fact = attribute_and_value(flags.pin);
    core.pin(fact.first, fact.second);
  }
  if (!flags.unpin.empty()) {
    const auto fact = attribute_and_value(flags.unpin);
    if (!core.unpin(fact.first, fact.second))
      throw Error(Error::Code::not_found, "that fact is not pinned", flags.unpin);
  }
  return flags.clear || !flags.set.empty() || !flags.import_card.empty() || !flags.pin.empty() || !flags.unpin.empty();
}

void run_persona(const PersonaFlags& flags) {
  const auto memory = open_memory({.user = flags.user});
  CoreMemory& core = memory->core();
  const bool changed = change_persona(*memory, flags);
  const Persona persona = core.persona();
  if (!flags.export_card.empty()) return write_file_atomically(flags.export_card, write_character_card(persona));
  if (flags.core) return show_core(core.render(), flags.json);
  if (flags.json) return print(persona_json(persona));
  if (!changed) return print(terminal_safe(write_persona(persona)));
  fmt::print(stderr, "{}: {}\n", flags.user, persona.empty() ? "no persona" : "persona " + terminal_safe(persona.name));
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
