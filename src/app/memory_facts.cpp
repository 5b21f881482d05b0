// loam memory facts: what a user has told about themselves.
#include "app/memory_facts.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/memory_transfer.h"
#include "app/output.h"
#include "app/terminal.h"
#include "base/utf8.h"
#include "memory/facts/fact_store.h"

namespace loam {
namespace {

constexpr const char* kFactsExamples = R"(Every fact names the turns that say it. DATE is 2025-03-01, 2025-03 or 2025.
Examples:
  loam memory facts
  loam memory facts --user mary --as-of 2024-06 --attribute home
  loam memory facts --history --json | jq '.[] | select(.valid_to)')";

struct FactsFlags {
  std::string user = "local", as_of, attribute, space;
  bool history = false, json = false;
};

std::string facts_json(const std::vector<Fact>& facts) {
  auto out = nlohmann::ordered_json::array();
  for (const Fact& fact : facts) {
    nlohmann::ordered_json item = {{"subject", fact.subject},       {"attribute", fact.attribute},
                                   {"value", fact.value},           {"confidence", fact.confidence},
                                   {"valid_from", fact.valid_from}, {"valid_to", nullptr},
                                   {"seen_at", fact.seen_at},       {"retracted_at", nullptr},
                                   {"namespace", fact.space},       {"turns", fact.turns}};
    if (fact.valid_to != 0) item["valid_to"] = fact.valid_to;
    if (fact.retracted_at != 0) item["retracted_at"] = fact.retracted_at;
    out.push_back(std::move(item));
  }
  return out.dump(2) + "\n";
}

std::string facts_table(const std::vector<Fact>& facts) {
  size_t width = 9;
  for (const Fact& fact : facts) width = std::max(width, count_code_points(fact.attribute));
  const std::string title =
      fmt::format("{:<{}}  {:<10}  {:<10}  {:>4}  VALUE (TURNS)", "ATTRIBUTE", width, "FROM", "TO", "SURE");
  std::string out = paint(STDOUT_FILENO, style::kBold, title) + "\n";
  for (const Fact& fact : facts) {
    const size_t gap = width - count_code_points(fact.attribute);
    out += fmt::format("{}{}  {:<10}  {:<10}  {:.2f}  {} ({})\n", terminal_safe(fact.attribute), std::string(gap, ' '),
                       iso_date(fact.valid_from), fact.valid_to == 0 ? "" : iso_date(fact.valid_to), fact.confidence,
                       terminal_safe(fact.value), fmt::join(fact.turns, ", "));
  }
  return out;
}

void show_facts(const FactsFlags& flags) {
  FactQuery query;
  query.attribute = flags.attribute;
  query.history = flags.history;
  query.most = 10'000;
  if (!flags.as_of.empty()) query.as_of = end_of_date(flags.as_of);
  if (!flags.space.empty()) query.spaces = {flags.space};
  const std::vector<Fact> facts = open_memory({.user = flags.user})->facts().facts(query);
  if (flags.json)
    print(facts_json(facts));
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
