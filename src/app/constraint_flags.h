// The options that say what a text must look like: a JSON schema, a grammar, a regular expression, or choices.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/token_constraint.h"

namespace loam {

class Command;
class Tokenizer;

struct ConstraintFlags {
  std::string json_schema, grammar, regex;  // the first two: the name of a file, or the text itself
  std::vector<std::string> choices;
};

void add_constraint_options(Command& command, ConstraintFlags& flags);
// What they ask for; none where none was given. Error(grammar_error) for what is wrong with it, Error(io) for a file.
std::shared_ptr<TokenConstraint> make_constraint(const ConstraintFlags& flags, const Tokenizer& tokenizer);

}  // namespace loam
