#include "engine/grammar/grammar_expression.h"

#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/error.h"
#include "base/utf8.h"
#include "engine/grammar/determinize.h"
#include "engine/grammar/gbnf.h"
#include "engine/grammar/json_rules.h"
#include "engine/grammar/json_schema.h"
#include "engine/grammar/limits.h"
#include "engine/grammar/regex_syntax.h"
#include "engine/grammar/rules.h"
#include "engine/grammar/schema_reader.h"
#include "engine/grammar/triggers.h"

namespace loam {
namespace {

std::vector<ExpressionId> add_all(const std::vector<GrammarExpression>& parts, GrammarRules& rules) {
  std::vector<ExpressionId> ids;
  for (const GrammarExpression& part : parts) ids.push_back(part.add_to(rules));
  return ids;
}

// Lengths before the texts keep the keys of different expressions apart.
std::string key_of(std::string_view kind, std::string_view text) {
  return fmt::format("{}:{}:{}", kind, text.size(), text);
}
std::string key_of(std::string_view kind, const std::vector<std::string>& texts) {
  std::string key = fmt::format("{}:{}(", kind, texts.size());
  for (const std::string& text : texts) key += key_of("", text);
  return key + ")";
}
std::string key_of(std::string_view kind, const std::vector<GrammarExpression>& parts) {
  std::string key = fmt::format("{}:{}(", kind, parts.size());
  for (const GrammarExpression& part : parts) key += part.key();
  return key + ")";
}

}  // namespace

GrammarExpression GrammarExpression::json_schema(const nlohmann::ordered_json& schema) {
  check_schema_depth(schema);
  return json_schema_text(schema.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

GrammarExpression GrammarExpression::json_schema_text(std::string_view text) {
  return GrammarExpression(key_of("schema", text), [text = std::string(text)](GrammarRules& rules) {
    const auto schema = parse_schema(text);
    return add_json_schema(rules, schema);
  });
}

GrammarExpression GrammarExpression::json_object() {
  return GrammarExpression("object", [](GrammarRules& rules) { return JsonRules(rules).object(); });
}

GrammarExpression GrammarExpression::gbnf(std::string_view text) {
  return GrammarExpression(key_of("gbnf", text),
                           [text = std::string(text)](GrammarRules& rules) { return add_gbnf(rules, text); });
}

GrammarExpression GrammarExpression::regex(std::string_view pattern) {
  return GrammarExpression(key_of("regex", pattern), [pattern = std::string(pattern)](GrammarRules& rules) {
    return add_regex(rules, pattern, RegexScope::whole);
  });
}

GrammarExpression GrammarExpression::choices(std::vector<std::string> texts) {
  std::string key = key_of("choices", texts);
  return GrammarExpression(std::move(key), [texts = std::move(texts)](GrammarRules& rules) {
    if (texts.empty()) throw Error(Error::Code::grammar_error, "there is no choice to take");
    if (texts.size() > grammar_limits::kChoices) {
      throw Error(Error::Code::grammar_error,
                  fmt::format("{} choices; the limit is {}", texts.size(), grammar_limits::kChoices));
    }
    return rules.one_of(texts);
  });
}

GrammarExpression GrammarExpression::literal(std::string_view text) {
  return GrammarExpression(key_of("literal", text),
                           [text = std::string(text)](GrammarRules& rules) { return rules.literal(text); });
}

GrammarExpression GrammarExpression::token(Token token) {
  return GrammarExpression(fmt::format("token:{}:", token),
                           [token](GrammarRules& rules) { return rules.token(token); });
}

GrammarExpression GrammarExpression::special(std::string_view text, const Tokenizer& tokenizer) {
  const Token found = tokenizer.find(text);
  return found >= 0 && tokenizer.is_control(found) ? token(found) : literal(text);
}

GrammarExpression GrammarExpression::sequence(std::vector<GrammarExpression> parts) {
  std::string key = key_of("sequence", parts);
  return GrammarExpression(std::move(key), [parts = std::move(parts)](GrammarRules& rules) {
    return rules.sequence(add_all(parts, rules));
  });
}

GrammarExpression GrammarExpression::choice(std::vector<GrammarExpression> parts) {
  std::string key = key_of("choice", parts);
  return GrammarExpression(
      std::move(key), [parts = std::move(parts)](GrammarRules& rules) { return rules.choice(add_all(parts, rules)); });
}

GrammarExpression GrammarExpression::repeat(GrammarExpression part, int64_t min, int64_t max) {
  std::string key = fmt::format("repeat:{}:{}({})", min, max, part.key());
  return GrammarExpression(std::move(key), [part = std::move(part), min, max](GrammarRules& rules) {
    return rules.repeat(part.add_to(rules), min, max < 0 ? loam::kUnbounded : max);
  });
}

GrammarExpression GrammarExpression::text_until(std::vector<std::string> triggers) {
  std::string key = key_of("until", triggers);
  return GrammarExpression(std::move(key), [triggers = std::move(triggers)](GrammarRules& rules) {
    return rules.dfa(text_until_dfa(triggers));
  });
}

GrammarExpression GrammarExpression::text_without(std::vector<std::string> triggers) {
  std::string key = key_of("without", triggers);
  return GrammarExpression(std::move(key), [triggers = std::move(triggers)](GrammarRules& rules) {
    return rules.dfa(text_without_dfa(triggers));
  });
}

GrammarExpression GrammarExpression::text_without_match(std::string_view pattern) {
  return GrammarExpression(key_of("without match", pattern), [pattern = std::string(pattern)](GrammarRules& rules) {
    const ByteDfa matching = determinize(rules, add_regex(rules, pattern, RegexScope::anywhere));
    return rules.dfa(determinize(rules, rules.any_text()).subtract(matching));
  });
}

}  // namespace loam
