// What a chat's request says of memory: {"memory": {"namespace", "session", "write", "recall"}} or false.
#include "base/error.h"
#include "base/utf8.h"
#include "server/api/parameter.h"

namespace loam {
namespace {

using namespace schema;

constexpr size_t kMostNameBytes = 256;

RecallMode parse_recall(const Json& value) {
  return value == "off" ? RecallMode::off : value == "deep" ? RecallMode::deep : RecallMode::automatic;
}

std::string name_in(const Json& value, const char* name) {
  const auto& text = value.get_ref<const std::string&>();
  if (text.empty() || escape_control(text) != text)
    throw Error(Error::Code::invalid, fmt::format("{} is {}; expected a name", name, shown(value)), name);
  return text;
}

const Fields<MemoryOptions>& memory_fields() {
  using M = MemoryOptions;
  static const Fields<M> table = {
      {"namespace", "the namespace or collection that is kept in and recalled from", string(kMostNameBytes),
       [](const Json& v, M& m) { m.space = name_in(v, "memory.namespace"); }},
      {"collections", "the collections of documents that are recalled from; all unless given",
       array(string(kMostNameBytes), 64),
       [](const Json& v, M& m) { m.collections = v.get<std::vector<std::string>>(); }},
      {"session", "the conversation's name; unless given, it is found by what was said in it", string(kMostNameBytes),
       [](const Json& v, M& m) { m.session = name_in(v, "memory.session"); }},
      {"write", "keep the question and the answer", boolean(), [](const Json& v, M& m) { m.write = v; }},
      {"recall", "off, auto, or deep: more, and from further away", one_of({"auto", "off", "deep"}),
       [](const Json& v, M& m) { m.recall = parse_recall(v); }},
  };
  return table;
}

void read_memory(const Json& value, GenerationRequest& request) {
  if (value.is_object()) return read_fields(value, memory_fields(), request.memory, "memory.");
  if (value.get<bool>()) return;
  request.memory.write = false;
  request.memory.recall = RecallMode::off;
}

}  // namespace

const Parameters& memory_parameters() {
  static const Parameters table = {
      {"memory", "what is remembered of this chat: {namespace, session, write, recall}; false: nothing",
       either({boolean(), object_schema(memory_fields())}), read_memory}};
  return table;
}

}  // namespace loam
