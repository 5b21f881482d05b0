// What programs may ask of a user's memory, as JSON in and out: the routes of /v1/memory, and the chat at a terminal.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "memory/memory.h"
#include "server/api/field.h"

namespace loam {

// The arguments of all operations; each reads those that its table has.
struct MemoryArguments {
  std::string query, text, session, attribute, value, key, toml, title, path, hash, document;
  std::string space;                // "": all; what is added goes to "default"
  std::vector<std::string> spaces;  // instead of one
  std::vector<TurnId> turns;
  std::vector<DocumentBlock> blocks;
  TurnId after = 0, question = 0;
  std::optional<UnixTime> as_of, since, until;
  UnixTime time = 0;
  size_t limit = 20;
  bool deep = false, all = false, history = false, unmute = false, check = false, dry = false;
};

struct MemoryOperation {
  std::string_view name, summary;
  Fields<MemoryArguments> arguments;
  Json (*run)(Memory&, const MemoryArguments&);
  bool changes = false;  // what is kept
};

// search, list, sessions, add, forget, why, facts, stats and the like.
const std::vector<MemoryOperation>& memory_operations();

// Checks and reads the arguments, and runs it. Error(not_found) for an operation that is none; Error(invalid).
Json call_memory(Memory& memory, std::string_view operation, const Json& arguments);

Json turn_json(const Turn& turn);

}  // namespace loam
