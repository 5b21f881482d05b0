#include "memory/transfer/turn_json.h"

#include <fmt/format.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "base/error.h"

namespace loam {
namespace {

[[noreturn]] void fail_line(int64_t number, const std::string& what) {
  throw Error(Error::Code::invalid, fmt::format("line {} is no turn of loam's export: {}", number, what),
              fmt::format("line {}", number));
}

// The fields of one line, each of the type it must have.
class TurnFields {
 public:
  TurnFields(const nlohmann::json& object, int64_t number) : object_(object), number_(number) {
    if (!object_.is_object()) fail_line(number_, "it is no object");
  }
  std::string text(const char* name) const {
    const auto& field = at(name);
    if (!field.is_string()) fail_line(number_, fmt::format("\"{}\" is no text", name));
    return field.get<std::string>();
  }
  int64_t integer(const char* name) const {
    const auto& field = at(name);
    const bool fits = field.is_number_integer() &&
                      (!field.is_number_unsigned() ||
                       field.get<uint64_t>() <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max()));
    if (!fits) fail_line(number_, fmt::format("\"{}\" is no whole number", name));
    return field.get<int64_t>();
  }
  bool flag(const char* name) const {
    const auto& field = at(name);
    if (!field.is_boolean()) fail_line(number_, fmt::format("\"{}\" is neither true nor false", name));
    return field.get<bool>();
  }

 private:
  const nlohmann::json& at(const char* name) const {
    const auto found = object_.find(name);
    if (found == object_.end()) fail_line(number_, fmt::format("\"{}\" is missing", name));
    return *found;
  }

  const nlohmann::json& object_;
  int64_t number_;
};

// Deep nesting is refused before it is parsed: no turn nests at all.
nlohmann::json parse_turn_line(std::string_view line, int64_t number) {
  const auto refuse_depth = [&](int depth, nlohmann::json::parse_event_t, nlohmann::json&) {
    if (depth > 2) fail_line(number, "it nests");
    return true;
  };
  try {
    return nlohmann::json::parse(line, refuse_depth);
  } catch (const nlohmann::json::exception&) {  // no sound JSON, or a number beyond all
    fail_line(number, "no sound JSON");
  }
}

}  // namespace

std::string turn_to_json(const Turn& turn) {
  return nlohmann::ordered_json{{"id", turn.id},
                                {"space", turn.space},
                                {"session", turn.session},
                                {"role", turn_role_name(turn.role)},
                                {"origin", turn_origin_name(turn.origin)},
                                {"speaker", turn.speaker},
                                {"text", turn.text},
                                {"time", turn.time},
                                {"seen", turn.seen},
                                {"partial", turn.partial},
                                {"key", turn.key}}
      .dump();
}

Turn turn_from_json(std::string_view line, int64_t number) {
  const nlohmann::json object = parse_turn_line(line, number);
  const TurnFields fields(object, number);
  Turn turn;
  turn.id = fields.integer("id");
  turn.space = fields.text("space");
  turn.session = fields.text("session");
  turn.role = parse_turn_role(fields.text("role"));
  turn.origin = parse_turn_origin(fields.text("origin"));
  turn.speaker = fields.text("speaker");
  turn.text = fields.text("text");
  turn.time = fields.integer("time");
  turn.seen = fields.integer("seen");
  turn.partial = fields.flag("partial");
  turn.key = fields.text("key");
  if (turn.id < 0 || turn.space.empty()) fail_line(number, "\"id\" is negative, or \"space\" is empty");
  return turn;
}

}  // namespace loam
