// loam memory facts: what a user has told about themselves.
#include "app/memory_facts.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/asked_memory.h"
#include "app/output.h"
#include "app/terminal.h"
#include "memory/facts/fact.h"
#include "server/memory/memory_api.h"

namespace loam {
namespace {

constexpr const char* kFactsExamples = R"(Every fact names the turns that say it. DATE is 2025-03-01, 2025-03 or 2025.
Examples:
  loam memory facts
  loam memory facts --user mary --as-of 2024-06 --attribute home
  loam memory facts --history --json | jq '.[] | select(.valid_to)')";

constexpr int kMostFacts = 10'000;

struct FactsFlags {
  std::string user = "local", as_of, attribute, space;
  bool history = false, json = false;
};

// As the server tells them, under the names that this command has always given.
Json facts_json(const Json& facts) {
  Json out = Json::array();
  for (const Json& fact : facts)
    out.push_back({{"subject", fact["subject"]},
                   {"attribute", fact["attribute"]},
                   {"value", fact["value"]},
                   {"confidence", fact["confidence"]},
                   {"valid_from", fact["valid_from"]},
                   {"valid_to", fact["valid_to"]},
                   {"seen_at", fact["seen"]},
                   {"retracted_at", fact["retracted"]},
                   {"namespace", fact["namespace"]},
                   {"turns", fact["turns"]}});
  return out;
}

std::string facts_table(const Json& facts) {
  size_t width = 9;
  for (const Json& fact : facts) width = std::max(width, terminal_columns(fact["attribute"].get<std::string>()));
  const std::string title =
      fmt::format("{:<{}}  {:<10}  {:<10}  {:>4}  VALUE (TURNS)", "ATTRIBUTE", width, "FROM", "TO", "SURE");
  std::string out = paint(STDOUT_FILENO, style::kBold, title) + "\n";
  for (const Json& fact : facts) {
    const std::string until = fact["valid_to"].is_null() ? "" : iso_date(fact["valid_to"]);
    out += fmt::format("{:<{}}  {:<10}  {:<10}  {:.2f}  {} ({})\n", terminal_safe(fact["attribute"].get<std::string>()),
                       width, iso_date(fact["valid_from"]), until, fact["confidence"].get<double>(),
                       terminal_safe(fact["value"].get<std::string>()),
                       fmt::join(fact["turns"].get<std::vector<TurnId>>(), ", "));
  }
  return out;
}

void show_facts(const FactsFlags& flags) {
  Json query = {{"attribute", flags.attribute}, {"history", flags.history}, {"limit", kMostFacts}};
  if (!flags.as_of.empty()) query["as_of"] = flags.as_of;
  if (!flags.space.empty()) query["namespace"] = flags.space;
  const Json facts = AskedMemory({.user = flags.user}).call("facts", query)["facts"];
  if (flags.json)
    print(facts_json(facts).dump(2) + "\n");
  else if (facts.empty())
    fmt::print(stderr, "nothing is known{}\n", flags.as_of.empty() ? "" : " of that time");
  else
    print(facts_table(facts));
}

}  // namespace

void add_memory_facts(Command& memory) {
  Command* command = memory.add_subcommand("facts", "what a user has told about themselves");
  auto flags = std::make_shared<FactsFlags>();
  command->add_option("--user", flags->user, "whose")->type_name("NAME")->capture_default_str();
  command->add_option("--as-of", flags->as_of, "what held on that day; today unless given")->type_name("DATE");
  command->add_option("--attribute", flags->attribute, "only this: home, job, pet …")->type_name("NAME");
  command->add_option("--namespace", flags->space, "only of this namespace")->type_name("NAME");
  command->add_flag("--history", flags->history, "what no longer holds, too");
  command->add_flag("--json", flags->json, "print a JSON array; times in milliseconds since 1970");
  command->footer(kFactsExamples);
  command->callback([flags] { show_facts(*flags); });
}

}  // namespace loam
