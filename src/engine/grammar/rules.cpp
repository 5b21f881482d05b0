#include "engine/grammar/rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "engine/grammar/limits.h"

namespace loam {
namespace {

[[noreturn]] void fail_limit(std::string_view what, int limit) {
  throw Error(Error::Code::grammar_error, fmt::format("the grammar is too large: more than {} {}", limit, what));
}

}  // namespace

ExpressionId GrammarRules::add(Expression expression, const Measure& measure) {
  if (expressions_.size() >= grammar_limits::kExpressions) fail_limit("expressions", grammar_limits::kExpressions);
  if (measure.height > grammar_limits::kHeight) fail_limit("expressions within each other", grammar_limits::kHeight);
  expressions_.push_back(std::move(expression));
  measures_.push_back(measure);
  measures_.back().size = std::min<int64_t>(measure.size, grammar_limits::kStates);
  return static_cast<ExpressionId>(expressions_.size()) - 1;
}

GrammarRules::Measure GrammarRules::measure_of(const std::vector<ExpressionId>& parts) const {
  Measure sum;
  for (const ExpressionId part : parts) {
    const Measure& one = measures_[static_cast<size_t>(part)];
    sum.height = std::max(sum.height, one.height);
    sum.size += one.size;
    sum.repetition = std::max(sum.repetition, one.repetition);
  }
  ++sum.height;
  return sum;
}

ExpressionId GrammarRules::literal(std::string_view bytes) {
  return add(Literal{std::string(bytes)}, {.size = static_cast<int64_t>(bytes.size())});
}

ExpressionId GrammarRules::chars(CodePointSet set) {
  const bool ascii = set.empty() || set.ranges().back().last < 0x80;
  return add(Chars{std::move(set)}, {.size = ascii ? 1 : 8});
}

ExpressionId GrammarRules::dfa(ByteDfa automaton) {
  const Measure measure{.size = static_cast<int64_t>(automaton.states().size())};
  return add(Dfa{std::make_shared<const ByteDfa>(std::move(automaton))}, measure);
}

ExpressionId GrammarRules::sequence(std::vector<ExpressionId> parts) {
  if (parts.size() == 1) return parts[0];
  const Measure measure = measure_of(parts);
  return add(Sequence{std::move(parts)}, measure);
}

ExpressionId GrammarRules::choice(std::vector<ExpressionId> parts) {
  if (parts.size() == 1) return parts[0];
  const Measure measure = measure_of(parts);
  return add(Choice{std::move(parts)}, measure);
}

ExpressionId GrammarRules::repeat(ExpressionId part, int64_t min, int64_t max) {
  Measure measure = measure_of({part});
  const int64_t times = std::clamp<int64_t>(max == kUnbounded ? min : max, 1, std::numeric_limits<int32_t>::max());
  measure.repetition = std::min<int64_t>(measure.repetition * times, std::numeric_limits<int32_t>::max());
  if (measure.size * times <= grammar_limits::kUnrolledStates) measure.size *= times;
  return add(Repeat{part, min, max}, measure);
}

ExpressionId GrammarRules::list(ListKind kind, std::vector<ListElement> elements, ExpressionId separator) {
  std::vector<ExpressionId> parts{separator};
  for (ListElement& element : elements) {
    if (element.max > 1) element.another = sequence({separator, element.expression});
    parts.push_back(element.max > 1 ? element.another : element.expression);
  }
  const Measure measure = measure_of(parts);
  return add(List{kind, std::move(elements), separator}, measure);
}

ExpressionId GrammarRules::json_text(ExpressionId part) { return add(JsonText{part}, measure_of({part})); }

ExpressionId GrammarRules::any_text() {
  if (any_text_ < 0) any_text_ = repeat(chars(CodePointSet::all()), 0, kUnbounded);
  return any_text_;
}

RuleId GrammarRules::add_rule(std::string name) {
  if (rules_.size() >= grammar_limits::kRules) fail_limit("rules", grammar_limits::kRules);
  rules_.push_back({std::move(name)});
  return static_cast<RuleId>(rules_.size()) - 1;
}

RuleId GrammarRules::find_shared(std::string_view name) const {
  for (const RuleId rule : shared_) {
    if (rules_[static_cast<size_t>(rule)].name == name) return rule;
  }
  return -1;
}

RuleId GrammarRules::add_shared(std::string name) {
  shared_.push_back(add_rule(std::move(name)));
  return shared_.back();
}

}  // namespace loam
