// The operations of memory that change what is kept.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/error.h"
#include "memory/forget.h"
#include "memory/transfer/turn_json.h"
#include "server/memory/memory_operations.h"

namespace loam {
namespace memory_operation {

namespace {

// What is meant by a wish to forget: turns by their ids, or all that fits.
std::vector<TurnId> meant_turns(Memory& memory, const MemoryArguments& a) {
  if (!a.turns.empty()) {
    std::vector<TurnId> ids;
    for (const Turn& turn : memory.turns().find(a.turns)) ids.push_back(turn.id);
    return ids;
  }
  const bool narrows = !a.session.empty() || a.since || a.until || !a.query.empty() || !a.document.empty();
  if (!narrows && !a.all)
    throw Error(Error::Code::invalid,
                "nothing is named to forget; expected turns, session, query, since, until, document, or all", "turns");
  ForgetRequest request;
  request.turns.space = a.space;
  request.turns.session = a.session;
  if (a.since) request.turns.since = *a.since;
  if (a.until) request.turns.until = *a.until;
  request.query = a.query;
  request.document = a.document;
  return find_to_forget(memory.turns(), request);
}

}  // namespace

Json add(Memory& memory, const MemoryArguments& a) {
  NewTurn turn;
  if (!a.space.empty()) turn.space = a.space;
  turn.session = a.session.empty() ? "notes" : a.session;
  turn.text = a.text;
  turn.time = a.time;
  turn.key = a.key;
  return {{"turn", memory.turns().add(turn)}};
}

// A text; or what a client read of a file, with the file's path and hash, which replaces what was read there before.
Json add_document(Memory& memory, const MemoryArguments& a) {
  AddDocumentsOptions options;
  if (!a.space.empty()) options.collection = a.space;
  if (a.path.empty()) return {{"chunks", memory.add_document(a.text, a.title, options)}};
  if (a.hash.empty()) throw Error(Error::Code::invalid, "a document with a path needs the hash of its file", "hash");
  DocumentRecord record;
  record.collection = options.collection;
  record.path = a.path;
  record.title = a.title;
  record.hash = a.hash;
  record.time = a.time;
  const Document document{a.title, a.blocks.empty() ? read_markdown(a.text).blocks : a.blocks};
  return {{"chunks", memory.add_document(record, document)}};
}

Json forget(Memory& memory, const MemoryArguments& a) {
  const std::vector<TurnId> ids = meant_turns(memory, a);
  if (!a.dry) return {{"forgotten", ids.empty() ? 0 : memory.turns().erase(ids)}};
  Json turns = Json::array();
  for (size_t i = 0; i < std::min(ids.size(), a.limit); ++i)
    if (const auto turn = memory.turns().find(ids[i])) turns.push_back(turn_json(*turn));
  return {{"would_forget", ids.size()}, {"ids", ids}, {"turns", std::move(turns)}};
}

// Lines as `export` gives them; a turn with the id 0 is new.
Json import(Memory& memory, const MemoryArguments& a) {
  std::vector<Turn> turns;
  std::string_view rest = a.text;
  for (int64_t number = 1; !rest.empty(); ++number) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    if (end > 0) turns.push_back(turn_from_json(rest.substr(0, end), number));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return {{"found", turns.size()}, {"added", memory.turns().restore(turns)}};
}

Json rebuild(Memory& memory, const MemoryArguments&) {
  memory.turns().rebuild();
  return {{"turns", memory.turns().size()}};
}

Json mute_pattern(Memory& memory, const MemoryArguments& a) {
  memory.patterns().mute(a.space.empty() ? "default" : a.space, a.key, !a.unmute);
  return {{"muted", !a.unmute}};
}

Json set_persona(Memory& memory, const MemoryArguments& a) {
  memory.set_persona(parse_persona(a.toml));
  return persona(memory, a);
}

Json pin(Memory& memory, const MemoryArguments& a) {
  memory.core().pin(a.attribute, a.value);
  return {{"pinned", true}};
}

Json unpin(Memory& memory, const MemoryArguments& a) {
  return {{"unpinned", memory.core().unpin(a.attribute, a.value)}};
}

}  // namespace memory_operation
}  // namespace loam
