// What a user has told about themselves: statements as turns make them, and facts with the time that they hold.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "memory/text/calendar.h"
#include "memory/turn.h"

namespace loam {

// One assertion of one turn. Attributes are names of loam's: "home", "pet.cat", "favourite.colour"; a value is in the
// language that it was said in.
struct FactStatement {
  std::string attribute = {}, value = {};
  double confidence = 0.8;
  bool ends = false;        // no longer so; an empty value ends whatever holds
  UnixTime valid_from = 0;  // 0: from when it was said
  std::string subject = "user";
};

// Two clocks: when it holds in the world, and when loam learned so.
struct Fact {
  int64_t id = 0;
  std::string space, subject, attribute, value;
  double confidence = 0;
  UnixTime valid_from = 0, valid_to = 0;   // valid_to 0: still
  UnixTime seen_at = 0, retracted_at = 0;  // retracted_at 0: nothing says otherwise
  std::vector<TurnId> turns;               // that say it, the first one first
};

// Whether a new value of this attribute takes the place of the old one (home, job, name, age).
bool is_single_valued(std::string_view attribute);
// Values with the same key are one value: case, spaces and Russian endings do not count.
std::string fact_value_key(std::string_view value);

// The end of a day written YYYY-MM-DD, or of a month or year written YYYY-MM, YYYY. Error(invalid)
UnixTime end_of_date(std::string_view date);

// Short lines for the prompt: "- home: Seoul (2025-03-01)"; ended ones say until when.
std::string render_facts(const std::vector<Fact>& facts);

}  // namespace loam
