#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "engine/grammar/determinize.h"
#include "engine/grammar/regex_syntax.h"
#include "engine/grammar/schema_compiler.h"
#include "engine/grammar/string_formats.h"

namespace loam {

struct SchemaCompiler::StringConditions {
  int64_t min = 0, max = kUnbounded;     // characters
  std::vector<ExpressionId> texts = {};  // that the string is one of: patterns and formats

  bool has_length() const { return min > 0 || max != kUnbounded; }
};

ExpressionId SchemaCompiler::regex(const SchemaPlace& place, const char* keyword, const std::string& pattern) {
  try {
    return add_regex(rules_, pattern, RegexScope::anywhere);
  } catch (const Error& e) {
    fail_schema(place, keyword, e.where().empty() ? e.message() : fmt::format("{} ({})", e.message(), e.where()));
  }
}

SchemaCompiler::StringConditions SchemaCompiler::string_conditions(const Conjunction& plain) {
  StringConditions conditions;
  for (const SchemaPlace& place : plain) {
    conditions.min = std::max(conditions.min, find_least(place, "minLength").value_or(0));
    conditions.max = std::min(conditions.max, find_most(place, "maxLength").value_or(kUnbounded));
    if (const auto pattern = find_string(place, "pattern")) {
      conditions.texts.push_back(regex(place, "pattern", *pattern));
    }
    const auto format = find_string(place, "format");
    const std::string_view known = format ? format_pattern(*format) : std::string_view();
    if (!known.empty()) conditions.texts.push_back(add_regex(rules_, known, RegexScope::whole));
  }
  return conditions;
}

ExpressionId SchemaCompiler::string(const Conjunction& plain) {
  const StringConditions conditions = string_conditions(plain);
  if (conditions.min > conditions.max) return rules_.never();
  if (conditions.texts.empty()) {
    return conditions.has_length() ? json_.string(conditions.min, conditions.max) : json_.string();
  }
  if (conditions.texts.size() == 1 && !conditions.has_length()) return json_.string_of(conditions.texts[0]);
  return json_.string_of(rules_.dfa(combined(plain.front(), conditions)));
}

std::optional<ByteDfa> SchemaCompiler::string_texts(const Conjunction& plain) {
  const StringConditions conditions = string_conditions(plain);
  if (conditions.texts.empty() && !conditions.has_length()) return std::nullopt;
  return combined(plain.front(), conditions);
}

ByteDfa SchemaCompiler::combined(const SchemaPlace& place, const StringConditions& conditions) {
  std::optional<ByteDfa> all;
  const auto add = [&](ExpressionId texts) {
    ByteDfa dfa = determinize(rules_, texts);
    all = all ? all->intersect(dfa) : std::move(dfa);
  };
  try {
    std::ranges::for_each(conditions.texts, add);
    if (conditions.has_length()) {
      add(rules_.repeat(rules_.chars(CodePointSet::all()), conditions.min, conditions.max));
    }
  } catch (const Error& e) {
    fail_schema(place, "", e.message());
  }
  return std::move(*all);
}

}  // namespace loam
