#include "server/memory/memory_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "server/memory/memory_operations.h"

namespace loam {
namespace {

using namespace schema;

constexpr size_t kMostTextBytes = 1 << 20, kMostIds = 10'000;
constexpr int64_t kMostListed = 1000, kMostCounted = 100'000;  // turns; conversations and facts

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

Argument limit_argument(int64_t most = kMostListed) {
  return {"limit", "most of them; 20 unless given", integer(1, most),
          [](const Json& v, A& a) { a.limit = static_cast<size_t>(to_integer(v)); }};
}

Argument as_of_argument(const char* description) {
  return {"as_of", description, string(10), [](const Json& v, A& a) { a.as_of = end_of_date(v.get<std::string>()); }};
}

Argument since_argument() {
  return {"since", "what was said from then on, in milliseconds since 1970", integer(0, INT64_MAX),
          [](const Json& v, A& a) { a.since = to_integer(v); }};
}

Argument until_argument() {
  return {"until", "what was said before then, in milliseconds since 1970", integer(0, INT64_MAX),
          [](const Json& v, A& a) { a.until = to_integer(v); }};
}

void read_turns(const Json& value, A& arguments) {
  for (const Json& id : value) arguments.turns.push_back(to_integer(id));
}

const Fields<DocumentBlock>& block_fields() {
  using B = DocumentBlock;
  constexpr int kMost = 1 << 30;
  static const Fields<B> table = {
      {"text", "a paragraph, a heading, lines of code", string(), [](const Json& v, B& b) { b.text = v; }, true},
      {"heading", "Chapter › Section that it stands below", string(), [](const Json& v, B& b) { b.heading = v; }},
      {"page", "from 1", integer(0, kMost), [](const Json& v, B& b) { b.place.page = v; }},
      {"first_line", "from 1", integer(0, kMost), [](const Json& v, B& b) { b.place.first_line = v; }},
      {"last_line", "from 1", integer(0, kMost), [](const Json& v, B& b) { b.place.last_line = v; }},
      {"is_heading", "it is one itself", boolean(), [](const Json& v, B& b) { b.is_heading = v; }},
      {"keeps_lines", "it is cut between lines only", boolean(), [](const Json& v, B& b) { b.keeps_lines = v; }},
  };
  return table;
}

void read_blocks(const Json& value, A& arguments) {
  for (const Json& block : value) read_fields(block, block_fields(), arguments.blocks.emplace_back(), "blocks.");
}

std::vector<MemoryOperation> make_operations() {
  const Argument text{"text", "what to remember, as if the user had said it", string(kMostTextBytes),
                      [](const Json& v, A& a) { a.text = v; }, true};
  const Argument document{"text", "the document, as Markdown or plain text", string(8 << 20),
                          [](const Json& v, A& a) { a.text = v; }};
  const Argument path{"path", "of the file that it was read from: replaces what was read there before", string(4096),
                      [](const Json& v, A& a) { a.path = v; }};
  const Argument hash{"hash", "of the file, which tells whether it has changed", string(128),
                      [](const Json& v, A& a) { a.hash = v; }};
  const Argument blocks{"blocks", "instead of text: its paragraphs, each with its place", array(object(), 1 << 20),
                        read_blocks};
  const Argument spaces{"namespaces", "instead of one", array(string(256), 64),
                        [](const Json& v, A& a) { a.spaces = v.get<std::vector<std::string>>(); }};
  const Argument lines{"lines", "turns, as export gives them", string(), [](const Json& v, A& a) { a.text = v; }, true};
  const Argument words{"query", "turns that hold all of these words, in any form", string(kMostTextBytes),
                       [](const Json& v, A& a) { a.query = v; }};
  const Argument of_document{"document", "chunks of the document with this path or title", string(4096),
                             [](const Json& v, A& a) { a.document = v; }};
  const Argument dry{"dry", "only tell what would be erased", boolean(), [](const Json& v, A& a) { a.dry = v; }};
  const Argument check{"check", "look whether the file is sound", boolean(), [](const Json& v, A& a) { a.check = v; }};
  const Argument title{"title", "what answers cite", string(4096), [](const Json& v, A& a) { a.title = v; }, true};
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
  const Argument toml{"toml", "name, voice, values, languages, boundaries, description, greeting", string(1 << 20),
                      [](const Json& v, A& a) { a.toml = v; }, true};
  const Argument pattern{"pattern", "as /v1/memory/patterns tells it", string(256),
                         [](const Json& v, A& a) { a.key = v; }, true};
  const Argument unmute{"unmute", "it may be told again", boolean(), [](const Json& v, A& a) { a.unmute = v; }};
  const Argument history{"history", "also what has ended", boolean(), [](const Json& v, A& a) { a.history = v; }};
  namespace op = memory_operation;
  return {
      {"search",
       "turns that belong to a question, the best first, with the reasons",
       {query, space_argument(), spaces, session_argument("a conversation that is left out"), limit_argument(), deep,
        any, as_of_argument("only what had been said on this day, YYYY-MM-DD")},
       op::search},
      {"list",
       "turns in the order of storing",
       {space_argument(), session_argument("one conversation; all unless given"), after, limit_argument()},
       op::list},
      {"sessions", "conversations, the latest first", {space_argument(), limit_argument(kMostCounted)}, op::sessions},
      {"add", "keep a text", {text, space_argument(), session_argument("where it belongs"), key, time}, op::add, true},
      {"add-document",
       "keep a document's text, to answer from",
       {document, title, collection, path, hash, time, blocks},
       op::add_document,
       true},
      {"documents", "the documents that are kept", {collection}, op::documents},
      {"import", "keep turns of an export, or of another program's chats", {lines}, op::import, true},
      {"forget",
       "erase turns and all that was derived from them, from every file",
       {turns, session_argument("a whole conversation"), space_argument(), words, since_argument(), until_argument(),
        of_document, all, dry, limit_argument()},
       op::forget,
       true},
      {"why", "what was recalled for a question, and why", {question}, op::why},
      {"facts",
       "what the user has told about themselves",
       {attribute, space_argument(), history, limit_argument(kMostCounted),
        as_of_argument("what held on this day, YYYY-MM-DD")},
       op::facts},
      {"pin", "keep a fact in every prompt", {one_attribute, value}, op::pin, true},
      {"unpin", "let a fact go from every prompt", {one_attribute, value}, op::unpin, true},
      {"patterns", "what repeats in what the user says, with the turns that show it", {space_argument()}, op::patterns},
      {"mute-pattern", "a pattern is not told again", {pattern, unmute, space_argument()}, op::mute_pattern, true},
      {"emotions", "what the user's turns felt like, day by day", {space_argument()}, op::emotions},
      {"persona", "who the model is for this user", {}, op::persona},
      {"core", "what every prompt begins with: persona and facts", {}, op::core},
      {"set-persona", "say who the model is for this user, as TOML", {toml}, op::set_persona, true},
      {"rebuild", "make again all that is worked out from the turns", {}, op::rebuild, true},
      {"stats", "how much there is", {check}, op::stats},
  };
}

}  // namespace

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
