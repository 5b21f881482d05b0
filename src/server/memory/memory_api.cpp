#include "server/memory/memory_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "memory/recall_block.h"

namespace loam {
namespace {

using namespace schema;

constexpr size_t kMostTextBytes = 1 << 20, kMostIds = 10'000;
constexpr int64_t kMostListed = 1000;

// ---- arguments ----

using Argument = Field<MemoryArguments>;
using A = MemoryArguments;

Argument space_argument() {
  return {"namespace", "the namespace or collection; all unless given", string(256),
          [](const Json& v, A& a) { a.space = v; }};
}

Argument session_argument(const char* description) {
  return {"session", description, string(256), [](const Json& v, A& a) { a.session = v; }};
}

Argument limit_argument() {
  return {"limit", "most of them; 20 unless given", integer(1, kMostListed),
          [](const Json& v, A& a) { a.limit = static_cast<size_t>(to_integer(v)); }};
}

Argument as_of_argument(const char* description) {
  return {"as_of", description, string(10), [](const Json& v, A& a) { a.as_of = end_of_date(v.get<std::string>()); }};
}

void read_turns(const Json& value, A& arguments) {
  for (const Json& id : value) arguments.turns.push_back(to_integer(id));
}

// ---- operations ----

std::vector<std::string> spaces_of(const A& a) {
  return a.space.empty() ? std::vector<std::string>() : std::vector<std::string>{a.space};
}

Json search(Memory& memory, const A& a) {
  RecallQuery query;
  query.text = a.query;
  query.spaces = spaces_of(a);
  query.exclude_session = a.session;
  query.as_of = a.as_of;
  query.limit = a.limit;
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

Json list(Memory& memory, const A& a) {
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

Json sessions(Memory& memory, const A& a) {
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

Json add(Memory& memory, const A& a) {
  NewTurn turn;
  if (!a.space.empty()) turn.space = a.space;
  turn.session = a.session.empty() ? "notes" : a.session;
  turn.text = a.text;
  turn.time = a.time;
  turn.key = a.key;
  return {{"turn", memory.turns().add(turn)}};
}

Json add_document(Memory& memory, const A& a) {
  AddDocumentsOptions options;
  if (!a.space.empty()) options.collection = a.space;
  return {{"chunks", memory.add_document(a.text, a.title, options)}};
}

Json documents(Memory& memory, const A& a) {
  Json documents = Json::array();
  for (const DocumentRecord& document : memory.documents().documents(a.space))
    documents.push_back({{"collection", document.collection},
                         {"path", document.path},
                         {"title", document.title},
                         {"chunks", document.n_chunks}});
  return {{"documents", std::move(documents)}};
}

Json forget(Memory& memory, const A& a) {
  std::vector<TurnId> ids = a.turns;
  if (!a.session.empty() || a.all) {
    memory.turns().for_each(a.space, a.session, [&](const Turn& turn) {
      ids.push_back(turn.id);
      return true;
    });
  }
  if (ids.empty() && a.session.empty() && !a.all)
    throw Error(Error::Code::invalid, "nothing is named to forget; expected turns, session, or all", "turns");
  return {{"forgotten", memory.turns().erase(ids)}};
}

Json why(Memory& memory, const A& a) {
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

Json facts(Memory& memory, const A& a) {
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
                     {"namespace", fact.space},
                     {"turns", fact.turns}});
  return {{"facts", std::move(facts)}};
}

Json patterns(Memory& memory, const A& a) {
  Json patterns = Json::array();
  for (const std::string& space : a.space.empty() ? memory.turns().spaces() : spaces_of(a)) {
    for (const StoredPattern& pattern : memory.patterns().list(space))
      patterns.push_back({{"pattern", pattern.key},
                          {"kind", pattern_kind_name(pattern.kind)},
                          {"items", pattern.items},
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

Json mute_pattern(Memory& memory, const A& a) {
  memory.patterns().mute(a.space.empty() ? "default" : a.space, a.key, !a.unmute);
  return {{"muted", !a.unmute}};
}

Json emotions(Memory& memory, const A& a) {
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

Json persona(Memory& memory, const A&) {
  const Persona persona = memory.core().persona();
  return {{"name", persona.name},           {"description", persona.description}, {"voice", persona.voice},
          {"scenario", persona.scenario},   {"greeting", persona.greeting},       {"values", persona.values},
          {"languages", persona.languages}, {"boundaries", persona.boundaries},   {"toml", write_persona(persona)}};
}

Json set_persona(Memory& memory, const A& a) {
  memory.set_persona(parse_persona(a.toml));
  return persona(memory, a);
}

Json pin(Memory& memory, const A& a) {
  memory.core().pin(a.attribute, a.value);
  return {{"pinned", true}};
}

Json unpin(Memory& memory, const A& a) { return {{"unpinned", memory.core().unpin(a.attribute, a.value)}}; }

Json stats(Memory& memory, const A&) {
  return {{"turns", memory.turns().size()},
          {"sessions", memory.turns().sessions("").size()},
          {"namespaces", memory.turns().spaces()},
          {"facts", memory.facts().size()}};
}

std::vector<MemoryOperation> make_operations() {
  const Argument text{"text", "what to remember, as if the user had said it", string(kMostTextBytes),
                      [](const Json& v, A& a) { a.text = v; }, true};
  const Argument document{"text", "the document, as Markdown or plain text", string(8 << 20),
                          [](const Json& v, A& a) { a.text = v; }, true};
  const Argument title{"title", "what answers cite", string(256), [](const Json& v, A& a) { a.title = v; }, true};
  const Argument collection{"collection", "where it belongs; documents unless given", string(256),
                            [](const Json& v, A& a) { a.space = v; }};
  const Argument query{"query", "what to look for", string(kMostTextBytes), [](const Json& v, A& a) { a.query = v; },
                       true};
  const Argument deep{"deep", "looks further for common words", boolean(), [](const Json& v, A& a) { a.deep = v; }};
  const Argument any{"all", "also what has little to do with it", boolean(), [](const Json& v, A& a) { a.all = v; }};
  const Argument after{"after", "the id of the last turn that is known", integer(0, INT64_MAX),
                       [](const Json& v, A& a) { a.after = to_integer(v); }};
  const Argument key{"key", "the second turn with the same key is not kept", string(256),
                     [](const Json& v, A& a) { a.key = v; }};
  const Argument time{"time", "when it was said, in milliseconds since 1970; now unless given", integer(0, INT64_MAX),
                      [](const Json& v, A& a) { a.time = to_integer(v); }};
  const Argument turns{"turns", "ids of turns", array(integer(1, INT64_MAX), kMostIds), read_turns};
  const Argument all{"all", "everything in the namespace", boolean(), [](const Json& v, A& a) { a.all = v; }};
  const Argument question{"question", "the id of the question; the last one unless given", integer(1, INT64_MAX),
                          [](const Json& v, A& a) { a.question = to_integer(v); }};
  const Argument attribute{"attribute", "home, job, pet, …; all unless given", string(256),
                           [](const Json& v, A& a) { a.attribute = v; }};
  const Argument one_attribute{"attribute", "home, job, pet, …", string(256),
                               [](const Json& v, A& a) { a.attribute = v; }, true};
  const Argument value{"value", "as the fact says it", string(4096), [](const Json& v, A& a) { a.value = v; }, true};
  const Argument toml{"toml", "name, voice, values, languages, boundaries, description, greeting", string(1 << 16),
                      [](const Json& v, A& a) { a.toml = v; }, true};
  const Argument pattern{"pattern", "as /v1/memory/patterns tells it", string(256),
                         [](const Json& v, A& a) { a.key = v; }, true};
  const Argument unmute{"unmute", "it may be told again", boolean(), [](const Json& v, A& a) { a.unmute = v; }};
  const Argument history{"history", "also what has ended", boolean(), [](const Json& v, A& a) { a.history = v; }};
  return {
      {"search",
       "turns that belong to a question, the best first, with the reasons",
       {query, space_argument(), session_argument("a conversation that is left out"), limit_argument(), deep, any,
        as_of_argument("only what had been said on this day, YYYY-MM-DD")},
       search},
      {"list",
       "turns in the order of storing",
       {space_argument(), session_argument("one conversation; all unless given"), after, limit_argument()},
       list},
      {"sessions", "conversations, the latest first", {space_argument(), limit_argument()}, sessions},
      {"add", "keep a text", {text, space_argument(), session_argument("where it belongs"), key, time}, add, true},
      {"add-document", "keep a document's text, to answer from", {document, title, collection}, add_document, true},
      {"documents", "the documents that are kept", {collection}, documents},
      {"forget",
       "erase turns and all that was derived from them, from every file",
       {turns, session_argument("a whole conversation"), space_argument(), all},
       forget,
       true},
      {"why", "what was recalled for a question, and why", {question}, why},
      {"facts",
       "what the user has told about themselves",
       {attribute, space_argument(), history, limit_argument(), as_of_argument("what held on this day, YYYY-MM-DD")},
       facts},
      {"pin", "keep a fact in every prompt", {one_attribute, value}, pin, true},
      {"unpin", "let a fact go from every prompt", {one_attribute, value}, unpin, true},
      {"patterns", "what repeats in what the user says, with the turns that show it", {space_argument()}, patterns},
      {"mute-pattern", "a pattern is not told again", {pattern, unmute, space_argument()}, mute_pattern, true},
      {"emotions", "what the user's turns felt like, day by day", {space_argument()}, emotions},
      {"persona", "who the model is for this user", {}, persona},
      {"set-persona", "say who the model is for this user, as TOML", {toml}, set_persona, true},
      {"stats", "how much there is", {}, stats},
  };
}

}  // namespace

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

const std::vector<MemoryOperation>& memory_operations() {
  static const std::vector<MemoryOperation> operations = make_operations();
  return operations;
}

Json call_memory(Memory& memory, std::string_view name, const Json& given) {
  const auto& operations = memory_operations();
  const auto operation = std::ranges::find(operations, name, &MemoryOperation::name);
  if (operation == operations.end())
    throw Error(Error::Code::not_found, fmt::format("memory has no operation '{}'", name), "operation");
  if (!given.is_object()) throw Error(Error::Code::invalid, "the body is no JSON object", "body");
  MemoryArguments arguments;
  read_fields(given, operation->arguments, arguments);
  return operation->run(memory, arguments);
}

}  // namespace loam
