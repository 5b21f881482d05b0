// The operations of memory that only tell.
#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>

#include "memory/patterns/patterns.h"
#include "memory/recall_block.h"
#include "memory/text/words.h"
#include "server/memory/memory_operations.h"

namespace loam {
namespace memory_operation {
namespace {

std::vector<std::string> spaces_of(const MemoryArguments& a) {
  return a.space.empty() ? a.spaces : std::vector<std::string>{a.space};
}

}  // namespace

Json search(Memory& memory, const MemoryArguments& a) {
  RecallQuery query;
  query.text = a.query;
  query.spaces = spaces_of(a);
  query.exclude_session = a.session;
  query.as_of = a.as_of;
  query.limit = a.limit;
  query.budget = SIZE_MAX;  // the limit is the caller's
  query.deep = a.deep;
  query.floor = !a.all;
  Json results = Json::array();
  for (const Recalled& found : memory.search(query)) {
    Json result = turn_json(found.turn);
    result["excerpt"] = found.excerpt;
    result["score"] = found.score;
    result["reasons"] = {{"words", found.reasons.words},
                         {"terms", found.reasons.terms},
                         {"session", found.reasons.session},
                         {"similarity", found.reasons.similarity},
                         {"time", found.reasons.time},
                         {"phrase", found.reasons.phrase},
                         {"name", found.reasons.name},
                         {"recency", found.reasons.recency},
                         {"importance", found.reasons.importance}};
    results.push_back(std::move(result));
  }
  return {{"results", std::move(results)}};
}

Json list(Memory& memory, const MemoryArguments& a) {
  Json turns = Json::array();
  bool more = false;
  memory.turns().for_each(
      a.space, a.session,
      [&](const Turn& turn) {
        more = turns.size() == a.limit;
        if (!more) turns.push_back(turn_json(turn));
        return !more;
      },
      a.after);
  return {{"turns", std::move(turns)}, {"has_more", more}};
}

Json sessions(Memory& memory, const MemoryArguments& a) {
  Json sessions = Json::array();
  for (const TurnStore::Session& session : memory.turns().sessions(a.space)) {
    if (sessions.size() == a.limit) break;
    sessions.push_back({{"session", session.session},
                        {"namespace", session.space},
                        {"turns", session.n_turns},
                        {"first", session.first},
                        {"last", session.last}});
    if (const auto summary = memory.summaries().find(session.space, session.session))
      sessions.back()["summary"] = summary->text;
  }
  return {{"sessions", std::move(sessions)}};
}

Json documents(Memory& memory, const MemoryArguments& a) {
  Json documents = Json::array();
  for (const DocumentRecord& document : memory.documents().documents(a.space))
    documents.push_back({{"collection", document.collection},
                         {"path", document.path},
                         {"title", document.title},
                         {"hash", document.hash},
                         {"time", document.time},
                         {"chunks", document.n_chunks}});
  return {{"documents", std::move(documents)}};
}

Json why(Memory& memory, const MemoryArguments& a) {
  const TurnId question = a.question != 0 ? a.question : memory.trace().last_question().value_or(0);
  Json recalled = Json::array();
  for (const Memory::Recollection& recollection : memory.why(question)) {
    Json item = turn_json(recollection.turn);
    item["excerpt"] = recollection.item.excerpt;
    item["score"] = recollection.item.score;
    item["reasons"] = recollection.item.reasons;
    recalled.push_back(std::move(item));
  }
  Json asked;
  std::string core_hash;
  if (const auto turn = memory.turns().find(question)) {
    asked = turn_json(*turn);
    core_hash = memory.core_hash(*turn);
  }
  return {{"question", std::move(asked)}, {"recalled", std::move(recalled)}, {"core_sha256", core_hash}};
}

Json facts(Memory& memory, const MemoryArguments& a) {
  const FactQuery query{.spaces = spaces_of(a),
                        .subject = {},
                        .attribute = a.attribute,
                        .as_of = a.as_of.value_or(0),
                        .history = a.history,
                        .most = static_cast<int>(a.limit)};
  Json facts = Json::array();
  for (const Fact& fact : memory.facts().facts(query))
    facts.push_back({{"subject", fact.subject},
                     {"attribute", fact.attribute},
                     {"value", fact.value},
                     {"confidence", fact.confidence},
                     {"valid_from", fact.valid_from},
                     {"valid_to", fact.valid_to != 0 ? Json(fact.valid_to) : Json()},
                     {"seen", fact.seen_at},
                     {"retracted", fact.retracted_at != 0 ? Json(fact.retracted_at) : Json()},
                     {"namespace", fact.space},
                     {"turns", fact.turns}});
  return {{"facts", std::move(facts)}};
}

Json patterns(Memory& memory, const MemoryArguments& a) {
  Json patterns = Json::array();
  for (const std::string& space : a.space.empty() ? memory.turns().spaces() : spaces_of(a)) {
    for (const StoredPattern& pattern : memory.patterns().list(space))
      patterns.push_back({{"pattern", pattern.key},
                          {"kind", pattern_kind_name(pattern.kind)},
                          {"items", pattern.items},
                          {"names", pattern.names},
                          {"description", describe_pattern(pattern, Language::en)},
                          {"namespace", space},
                          {"sessions", pattern.n_sessions},
                          {"days", pattern.n_days},
                          {"npmi", pattern.npmi},
                          {"g2", pattern.g2},
                          {"p", pattern.p},
                          {"turns", pattern.turns},
                          {"muted", pattern.muted}});
  }
  return {{"patterns", std::move(patterns)}};
}

Json emotions(Memory& memory, const MemoryArguments& a) {
  Json days = Json::array();
  for (const EmotionDay& day : memory.emotion().by_day(a.space, 0, INT64_MAX)) {
    Json labels = Json::object();
    for (size_t i = 0; i < kEmotionLabels; ++i)
      labels[std::string(emotion_label_name(static_cast<EmotionLabel>(i)))] = day.n_labels[i];
    days.push_back({{"date", iso_date(day.day)},
                    {"turns", day.n_turns},
                    {"valence", day.valence},
                    {"arousal", day.arousal},
                    {"labels", std::move(labels)}});
  }
  return {{"days", std::move(days)}};
}

Json persona(Memory& memory, const MemoryArguments&) {
  const Persona persona = memory.core().persona();
  return {{"name", persona.name},           {"description", persona.description}, {"voice", persona.voice},
          {"scenario", persona.scenario},   {"greeting", persona.greeting},       {"values", persona.values},
          {"languages", persona.languages}, {"boundaries", persona.boundaries},   {"toml", write_persona(persona)}};
}

Json core(Memory& memory, const MemoryArguments&) {
  const CoreText core = memory.core().render();
  return {{"text", core.text}, {"tokens", core.n_tokens}, {"sha256", core.hash}};
}

Json stats(Memory& memory, const MemoryArguments& a) {
  Database& database = memory.turns().database();
  std::error_code unknown;
  const uintmax_t bytes = std::filesystem::file_size(database.path(), unknown);
  Json stats = {{"turns", memory.turns().size()},
                {"sessions", memory.turns().sessions("").size()},
                {"namespaces", memory.turns().spaces()},
                {"facts", memory.facts().size()},
                {"without_vector", memory.n_without_vector()},
                {"bytes", unknown ? 0 : bytes}};
  if (a.check) stats["integrity"] = database.check_integrity();
  return stats;
}

}  // namespace memory_operation

Json turn_json(const Turn& turn) {
  Json json = {{"turn", turn.id},
               {"namespace", turn.space},
               {"session", turn.session},
               {"role", turn_role_name(turn.role)},
               {"origin", turn_origin_name(turn.origin)},
               {"text", turn.text},
               {"time", turn.time},
               {"date", iso_date(turn.time)}};
  if (!turn.speaker.empty()) json["speaker"] = turn.speaker;
  if (turn.partial) json["partial"] = true;
  return json;
}

}  // namespace loam
