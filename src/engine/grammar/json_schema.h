// JSON schemas as rules: the values that satisfy them, as JSON texts with properties in the schema's order.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "engine/grammar/rules.h"

namespace loam {

// Adds the expression. Error(grammar_error) with a JSON pointer: what is no schema, keywords that restrict values in
// ways that are not supported, and schemas beyond the limits. Nothing outside the schema is ever read.
ExpressionId add_json_schema(GrammarRules& rules, const nlohmann::ordered_json& schema);

// Error(grammar_error) where the text is no JSON, or too large or deep.
nlohmann::ordered_json parse_schema(std::string_view text);

}  // namespace loam
