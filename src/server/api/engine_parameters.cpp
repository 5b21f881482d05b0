// What loam adds to every API: how the model runs for this request, and what shape its text must have.
#include <algorithm>
#include <string>

#include "base/error.h"
#include "model/kv_type.h"
#include "server/api/parameter.h"

namespace loam {
namespace {

using namespace schema;

constexpr size_t kMaxChoices = 1024, kMaxGrammarBytes = 1 << 20, kMaxRegexBytes = 1024;
constexpr int64_t kMaxPriority = 4;

// "auto" as OpenAI's Responses say it, false or "disabled" to refuse.
void read_truncation(const Json& value, GenerationRequest& request) { request.truncate = value == "auto"; }

Parameters make_engine_parameters() {
  using R = GenerationRequest;
  using Kind = OutputShape::Kind;
  return {
      {"experts", "experts per token of a mixture of experts", integer(1, 65536),
       [](const Json& v, R& r) { r.experts = static_cast<int>(to_integer(v)); }},
      {"kv_type", "type of this request's cached keys and values", one_of({"f32", "f16", "bf16", "q8_0", "q4_0"}),
       [](const Json& v, R& r) {
         const DType type = parse_kv_type(v.get_ref<const std::string&>());
         r.kv = KvOptions{.k = type, .v = type};
       }},
      {"context", "most tokens that prompt and answer may hold together; the model's context at most",
       integer(1, INT32_MAX), [](const Json& v, R& r) { r.context = to_integer(v); }},
      {"priority", "higher goes first, -4 to 4", integer(-kMaxPriority, kMaxPriority),
       [](const Json& v, R& r) { r.priority = static_cast<int>(to_integer(v)); }},
      {"truncation", "auto drops the oldest messages that do not fit the context, and says so; disabled refuses",
       one_of({"auto", "disabled"}), read_truncation},
      {"wait", "wait for a model that is loading; else 503 with Retry-After", boolean(),
       [](const Json& v, R& r) { r.wait = v.get<bool>(); }},
      {"json_schema", "the text must be JSON that fits this schema", object(),
       [](const Json& v, R& r) { set_shape(r, {.kind = Kind::json_schema, .schema = v}, "json_schema"); }},
      {"grammar", "the text must follow this grammar in GBNF", string(kMaxGrammarBytes),
       [](const Json& v, R& r) {
         if (v != "") set_shape(r, {.kind = Kind::grammar, .text = v}, "grammar");
       }},
      {"regex", "the whole text must match this regular expression", string(kMaxRegexBytes),
       [](const Json& v, R& r) { set_shape(r, {.kind = Kind::regex, .text = v}, "regex"); }},
      {"choices", "the text must be one of these", array(string(), kMaxChoices, 1),
       [](const Json& v, R& r) {
         set_shape(r, {.kind = Kind::choices, .choices = v.get<std::vector<std::string>>()}, "choices");
       }},
  };
}

}  // namespace

void set_shape(GenerationRequest& request, OutputShape shape, const char* name) {
  if (request.shape.kind != OutputShape::Kind::free)
    throw Error(Error::Code::invalid, std::string(name) + " comes beside another shape of the output; expected one",
                name);
  request.shape = std::move(shape);
}

Parameters joined(std::initializer_list<const Parameters*> tables) {
  Parameters all;
  for (const Parameters* table : tables) all.insert(all.end(), table->begin(), table->end());
  return all;
}

const Parameters& engine_parameters() {
  static const Parameters table = make_engine_parameters();
  return table;
}

}  // namespace loam
