#include "engine/grammar/json_rules.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/utf8.h"

namespace loam {
namespace {

constexpr int64_t kMostIndentation = 40, kMostTabs = 10;

}  // namespace

// The call of a rule that is defined when it is first asked for; it may be asked for while it is defined.
template <class Define>
ExpressionId JsonRules::shared(const char* name, Define define) {
  RuleId rule = rules_.find_shared(name);
  if (rule < 0) {
    rule = rules_.add_shared(name);
    rules_.define(rule, define());
  }
  return rules_.call(rule);
}

ExpressionId JsonRules::chars(std::initializer_list<CodePointRange> ranges) {
  return rules_.chars(CodePointSet(ranges));
}

ExpressionId JsonRules::digits(int64_t min, int64_t max) { return rules_.repeat(chars({{'0', '9'}}), min, max); }

ExpressionId JsonRules::space() {
  return rules_.optional(shared("space", [&] {
    const auto indented = [&](char32_t c, int64_t most) { return rules_.repeat(chars({{c, c}}), 0, most); };
    const ExpressionId indentation = rules_.choice({indented(' ', kMostIndentation), indented('\t', kMostTabs)});
    return rules_.choice({rules_.literal(" "), rules_.sequence({rules_.literal("\n"), indentation})});
  }));
}

ExpressionId JsonRules::separator() { return rules_.sequence({rules_.literal(","), space()}); }

ExpressionId JsonRules::value() {
  return shared("value", [&] { return rules_.choice({object(), array(), string(), number(), boolean(), null()}); });
}

ExpressionId JsonRules::object() {
  return shared("object", [&] { return object_of({{member(string(), value()), 0, kUnbounded}}); });
}

ExpressionId JsonRules::array() {
  return shared("array", [&] { return array_of({{value(), 0, kUnbounded}}); });
}

ExpressionId JsonRules::boolean() { return rules_.choice({rules_.literal("true"), rules_.literal("false")}); }

ExpressionId JsonRules::null() { return rules_.literal("null"); }

ExpressionId JsonRules::integer() {
  return shared("integer", [&] {
    const ExpressionId minus = rules_.optional(rules_.literal("-"));
    const ExpressionId many = rules_.sequence({minus, chars({{'1', '9'}}), digits(0, kMostDigits - 1)});
    return rules_.choice({rules_.literal("0"), many});
  });
}

ExpressionId JsonRules::number() {
  return shared("number", [&] {
    const ExpressionId many = rules_.sequence({chars({{'1', '9'}}), digits(0, kMostDigits - 1)});
    const ExpressionId decimals = rules_.sequence({rules_.literal("."), digits(1, kMostDecimals)});
    return rules_.sequence({rules_.optional(rules_.literal("-")), rules_.choice({rules_.literal("0"), many}),
                            rules_.optional(decimals), rules_.optional(exponent())});
  });
}

// Up to 279, and down to −307: with 19 digits before it the number is a double.
ExpressionId JsonRules::exponent() {
  const ExpressionId hundreds =
      rules_.choice({rules_.sequence({rules_.literal("1"), digits(2, 2)}),
                     rules_.sequence({rules_.literal("2"), chars({{'0', '7'}}), digits(1, 1)})});
  const ExpressionId either =
      rules_.sequence({rules_.optional(chars({{'+', '+'}, {'-', '-'}})), rules_.choice({digits(1, 2), hundreds})});
  const ExpressionId low = rules_.sequence({rules_.literal("-30"), chars({{'0', '7'}})});
  return rules_.sequence({chars({{'e', 'e'}, {'E', 'E'}}), rules_.choice({either, low})});
}

ExpressionId JsonRules::plain_character() { return chars({{' ', '!'}, {'#', '['}, {']', 0x10FFFF}}); }

ExpressionId JsonRules::escape() {
  return shared("escape", [&] {
    const auto hex = [&](int64_t n) { return rules_.repeat(chars({{'0', '9'}, {'A', 'F'}, {'a', 'f'}}), n, n); };
    const ExpressionId d = chars({{'D', 'D'}, {'d', 'd'}});
    // A code unit that is a character, or a high and a low surrogate.
    const ExpressionId not_d = chars({{'0', '9'}, {'A', 'C'}, {'a', 'c'}, {'E', 'F'}, {'e', 'f'}});
    const ExpressionId unit =
        rules_.choice({rules_.sequence({not_d, hex(3)}), rules_.sequence({d, chars({{'0', '7'}}), hex(2)})});
    const ExpressionId high = rules_.sequence({d, chars({{'8', '9'}, {'A', 'B'}, {'a', 'b'}}), hex(2)});
    const ExpressionId low = rules_.sequence({d, chars({{'C', 'F'}, {'c', 'f'}}), hex(2)});
    const ExpressionId pair = rules_.sequence({high, rules_.literal("\\u"), low});
    const ExpressionId letter =
        chars({{'"', '"'}, {'\\', '\\'}, {'/', '/'}, {'b', 'b'}, {'f', 'f'}, {'n', 'n'}, {'r', 'r'}, {'t', 't'}});
    return rules_.choice({letter, rules_.sequence({rules_.literal("u"), rules_.choice({unit, pair})})});
  });
}

ExpressionId JsonRules::any_character() {
  return rules_.choice({plain_character(), rules_.sequence({rules_.literal("\\"), escape()})});
}

ExpressionId JsonRules::quoted(ExpressionId text) {
  return rules_.sequence({rules_.literal("\""), text, rules_.literal("\"")});
}

ExpressionId JsonRules::string() {
  return shared("string", [&] { return quoted(rules_.repeat(any_character(), 0, kUnbounded)); });
}

ExpressionId JsonRules::string(int64_t min, int64_t max) {
  const RuleId rule = rules_.add_rule("a string");
  rules_.define(rule, quoted(rules_.repeat(any_character(), min, max)));
  return rules_.call(rule);
}

ExpressionId JsonRules::string_of(ExpressionId text) {
  const RuleId rule = rules_.add_rule("a string");
  rules_.define(rule, quoted(rules_.json_text(text)));
  return rules_.call(rule);
}

ExpressionId JsonRules::member(ExpressionId key, ExpressionId value) {
  return rules_.sequence({key, rules_.literal(":"), rules_.optional(rules_.literal(" ")), value});
}

ExpressionId JsonRules::object_of(std::vector<ListElement> members) {
  const ExpressionId list = rules_.list(ListKind::members, std::move(members), separator());
  return rules_.sequence({rules_.literal("{"), space(), list, space(), rules_.literal("}")});
}

ExpressionId JsonRules::array_of(std::vector<ListElement> elements) {
  const ExpressionId list = rules_.list(ListKind::elements, std::move(elements), separator());
  return rules_.sequence({rules_.literal("["), space(), list, space(), rules_.literal("]")});
}

ExpressionId JsonRules::constant(const nlohmann::ordered_json& value) {
  if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    if (!is_valid_utf8(text)) throw Error(Error::Code::grammar_error, "a string of the schema is not valid UTF-8");
    return quoted(rules_.json_text(rules_.literal(text)));
  }
  std::vector<ListElement> parts;
  if (value.is_object()) {
    for (const auto& [key, item] : value.items()) parts.push_back({member(constant(key), constant(item))});
    return object_of(std::move(parts));
  }
  if (value.is_array()) {
    for (const auto& item : value) parts.push_back({constant(item)});
    return array_of(std::move(parts));
  }
  return rules_.literal(value.dump());
}

}  // namespace loam
