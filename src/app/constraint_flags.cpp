#include "app/constraint_flags.h"

#include <optional>

#include "app/command_line.h"
#include "app/output.h"
#include "engine/grammar/grammar_expression.h"
#include "engine/grammar/grammar_matcher.h"

namespace loam {
namespace {

// A schema has braces and a grammar `::=`, names of files have neither.
std::string text_or_file(const std::string& given) {
  const bool is_text = given.find_first_of("{\n") != std::string::npos || given.find("::=") != std::string::npos;
  return is_text ? given : read_whole_file(given);
}

std::optional<GrammarExpression> expression_of(const ConstraintFlags& flags) {
  if (!flags.json_schema.empty()) return GrammarExpression::json_schema_text(text_or_file(flags.json_schema));
  if (!flags.grammar.empty()) return GrammarExpression::gbnf(text_or_file(flags.grammar));
  if (!flags.regex.empty()) return GrammarExpression::regex(flags.regex);
  if (!flags.choices.empty()) return GrammarExpression::choices(flags.choices);
  return std::nullopt;
}

}  // namespace

void add_constraint_options(Command& command, ConstraintFlags& flags) {
  const char* group = "What the text must be";
  Option* schema = command.add_option("--json-schema", flags.json_schema, "JSON that satisfies this JSON schema");
  Option* grammar = command.add_option("--grammar", flags.grammar, "what this grammar in GBNF describes");
  Option* regex = command.add_option("--regex", flags.regex, "what matches this regular expression as a whole");
  Option* choices = command.add_option("--choices", flags.choices, "one of these, separated by commas");
  schema->type_name("FILE|TEXT")->group(group);
  grammar->type_name("FILE|TEXT")->group(group)->excludes(schema);
  regex->type_name("R")->group(group)->excludes(schema)->excludes(grammar);
  choices->type_name("A,B")->delimiter(',')->group(group)->excludes(schema)->excludes(grammar)->excludes(regex);
}

std::shared_ptr<TokenConstraint> make_constraint(const ConstraintFlags& flags, const Tokenizer& tokenizer) {
  const auto expression = expression_of(flags);
  if (!expression) return nullptr;
  return std::make_shared<GrammarMatcher>(
      Grammar::compile(*expression, std::make_shared<const GrammarVocabulary>(tokenizer)));
}

}  // namespace loam
