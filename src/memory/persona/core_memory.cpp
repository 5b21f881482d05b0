#include "memory/persona/core_memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <span>
#include <tuple>

#include "base/error.h"
#include "base/hash.h"
#include "memory/recall_block.h"
#include "memory/text/token_estimate.h"

namespace loam {
namespace {

constexpr char kCoreSchema[] = R"(
  CREATE TABLE IF NOT EXISTS persona (id INTEGER PRIMARY KEY CHECK (id = 1), toml TEXT NOT NULL, card TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS core_pin (fact TEXT PRIMARY KEY) WITHOUT ROWID;
)";

constexpr size_t kMostPersonaTokens = 1000;  // the rest is for facts
constexpr double kSaidOutright = 0.9;
constexpr int kMostLookedAt = 2000;
constexpr std::string_view kFactsTitle = "What the user has told about themselves, and when:\n";

// What matters most first.
constexpr std::array<std::string_view, 24> kCoreOrder = {
    "name",   "age",    "birthday", "home",      "job",  "employer", "relationship",    "partner",
    "family", "pet",    "allergy",  "health",    "diet", "note",     "native_language", "language",
    "origin", "school", "studies",  "favourite", "plan", "hobby",    "habit",           "has"};

size_t place_of(const Fact& fact) {
  const std::string_view head = std::string_view(fact.attribute).substr(0, fact.attribute.find('.'));
  return static_cast<size_t>(std::ranges::find(kCoreOrder, head) - kCoreOrder.begin());
}

std::string sha256_hex(std::string_view text) {
  Sha256 hash;
  hash.update(std::as_bytes(std::span(text)));
  return hash.hex();
}

// Pins are kept as hashes: when the turn that says a fact is erased, no byte of it stays.
std::string pin_name(std::string_view attribute, std::string_view value) {
  return sha256_hex(fmt::format("{}\n{}", attribute, fact_value_key(value)));
}

}  // namespace

CoreMemory::CoreMemory(Database& database, FactStore& facts) : database_(database), facts_(facts) {
  Transaction transaction(database_);
  database_.run(kCoreSchema);
  transaction.commit();
}

Persona CoreMemory::persona() {
  const Reading reading(database_);
  Statement row = database_.prepare("SELECT toml, card FROM persona");
  if (!row.step()) return {};
  Persona persona = parse_persona(row.text(0));
  persona.card = row.text(1);
  return persona;
}

void CoreMemory::set_persona(const Persona& persona) {
  const std::string toml = write_persona(persona);
  parse_persona(toml);  // within its limits
  Transaction transaction(database_);
  database_.prepare("INSERT OR REPLACE INTO persona VALUES (1, ?1, ?2)").bind(1, toml).bind(2, persona.card).run();
  transaction.commit();
  database_.checkpoint();  // what it was before leaves no byte
}

void CoreMemory::pin(std::string_view attribute, std::string_view value) {
  Transaction transaction(database_);
  FactQuery query;
  query.attribute = attribute;
  query.most = kMostLookedAt;
  const std::string name = pin_name(attribute, value);
  std::set<std::string> pinnable;
  for (const Fact& fact : facts_.facts(query)) pinnable.insert(pin_name(fact.attribute, fact.value));
  if (!pinnable.contains(name)) {
    throw Error(Error::Code::invalid,
                fmt::format("no fact '{}: {}' holds; `loam memory facts` lists those that do", attribute, value),
                "fact");
  }
  const int64_t n_pinned = database_.find_integer("SELECT count(*) FROM core_pin").value_or(0);
  if (n_pinned >= static_cast<int64_t>(kMostFacts)) {
    throw Error(Error::Code::invalid, fmt::format("{} facts are pinned already, the most; unpin one first", n_pinned),
                "fact");
  }
  database_.prepare("INSERT OR IGNORE INTO core_pin VALUES (?1)").bind(1, name).run();
  transaction.commit();
}

bool CoreMemory::unpin(std::string_view attribute, std::string_view value) {
  Transaction transaction(database_);
  const std::string name = pin_name(attribute, value);
  database_.prepare("DELETE FROM core_pin WHERE fact = ?1").bind(1, name).run();
  const bool was_pinned = database_.n_changed() > 0;
  transaction.commit();
  return was_pinned;
}

std::vector<Fact> CoreMemory::chosen_facts(const std::vector<std::string>& spaces) {
  FactQuery query;
  query.spaces = spaces;
  query.most = kMostLookedAt;
  std::vector<Fact> facts = facts_.facts(query);
  std::set<std::string> pinned;
  Statement rows = database_.prepare("SELECT fact FROM core_pin");
  while (rows.step()) pinned.emplace(rows.text(0));
  const auto is_pinned = [&](const Fact& fact) { return pinned.contains(pin_name(fact.attribute, fact.value)); };
  const auto rank = [&](const Fact& fact) {
    return std::tuple(!is_pinned(fact), fact.confidence < kSaidOutright, place_of(fact));
  };
  std::ranges::stable_sort(facts, [&](const Fact& a, const Fact& b) { return rank(a) < rank(b); });
  if (facts.size() > kMostFacts) facts.resize(kMostFacts);
  return facts;
}

CoreText CoreMemory::render(const std::vector<std::string>& spaces) {
  const Reading reading(database_);
  CoreText core;
  core.text = render_persona(persona(), kMostPersonaTokens);
  std::string lines;
  for (Fact& fact : chosen_facts(spaces)) {
    const std::string line = render_facts({fact});
    if (estimate_tokens(core.text) + estimate_tokens(kFactsTitle) + estimate_tokens(lines + line) + 2 > kMostTokens)
      break;
    lines += line;
    core.facts.push_back(std::move(fact));
  }
  if (!lines.empty()) core.text += (core.text.empty() ? "" : "\n") + std::string(kFactsTitle) + lines;
  core.hash = sha256_hex(core.text);
  core.n_tokens = estimate_tokens(core.text);
  return core;
}

}  // namespace loam
