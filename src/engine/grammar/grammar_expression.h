// What a text must look like, as a value put together from parts: notations (JSON schema, GBNF, regular expressions)
// and what stands before, between and after them.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/tokenizer.h"

namespace loam {

class GrammarRules;

// A tool call, one or several times:
//   const auto call = GrammarExpression::sequence({literal("<tool_call>\n"), json_schema(tool),
//   literal("\n</tool_call>")}); GrammarExpression::repeat(call, 1)
// Free text in which "<tool_call>" begins a call:
//   sequence({repeat(sequence({text_until({"<tool_call>"}), rest_of_call}), 0), text_without({"<tool_call>"})})
// What is wrong with a notation is found when a Grammar is compiled.
class GrammarExpression {
 public:
  static constexpr int64_t kUnbounded = -1;

  // ---- notations ----
  // The value of a JSON text. Objects have their properties in the schema's order; the subset is in
  // docs/structured-output.md.
  static GrammarExpression json_schema(const nlohmann::ordered_json& schema);
  static GrammarExpression json_schema_text(std::string_view text);
  static GrammarExpression json_object();  // any
  static GrammarExpression gbnf(std::string_view text);
  static GrammarExpression regex(std::string_view pattern);  // the whole text matches
  static GrammarExpression choices(std::vector<std::string> texts);

  // ---- parts ----
  static GrammarExpression literal(std::string_view text);
  // A token by its id, whatever its text: for control tokens, which ordinary text never becomes.
  static GrammarExpression token(Token token);
  // The text, where the vocabulary has a control token of this text that token.
  static GrammarExpression special(std::string_view text, const Tokenizer& tokenizer);
  static GrammarExpression sequence(std::vector<GrammarExpression> parts);
  static GrammarExpression choice(std::vector<GrammarExpression> parts);
  static GrammarExpression repeat(GrammarExpression part, int64_t min, int64_t max = kUnbounded);
  static GrammarExpression optional(GrammarExpression part) { return repeat(std::move(part), 0, 1); }
  // Any text up to the first of the triggers, which it ends with.
  static GrammarExpression text_until(std::vector<std::string> triggers);
  // Any text in which none of the triggers stands.
  static GrammarExpression text_without(std::vector<std::string> triggers);
  // Any text that the regular expression matches no part of.
  static GrammarExpression text_without_match(std::string_view pattern);

  // Adds itself; → the expression's id there.
  int32_t add_to(GrammarRules& rules) const { return add_(rules); }
  // Equal for expressions that were put together alike.
  const std::string& key() const { return key_; }

 private:
  using Add = std::function<int32_t(GrammarRules&)>;
  GrammarExpression(std::string key, Add add) : key_(std::move(key)), add_(std::move(add)) {}

  std::string key_;
  Add add_;
};

}  // namespace loam
