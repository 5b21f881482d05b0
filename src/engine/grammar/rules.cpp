#include "engine/grammar/rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "engine/grammar/limits.h"

namespace loam {
namespace {

constexpr uint32_t kManyCharacters = 1'000;
constexpr int kManyBytes = 64;

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
    const Measure& one = measure(part);
    sum.height = std::max(sum.height, one.height);
    sum.size += one.size;
    sum.repetition = std::max(sum.repetition, one.repetition);
    sum.is_wide |= one.is_wide;
    sum.repeats_wide |= one.repeats_wide;
  }
  ++sum.height;
  return sum;
}

ExpressionId GrammarRules::literal(std::string_view bytes) {
  return add(Literal{std::string(bytes)}, {.size = static_cast<int64_t>(bytes.size())});
}

ExpressionId GrammarRules::chars(CodePointSet set) {
  const bool ascii = set.empty() || set.ranges().back().last < 0x80;
  uint32_t n = 0;
  for (const auto& [first, last] : set.ranges()) n += last - first + 1;
  return add(Chars{std::move(set)}, {.size = ascii ? 1 : 8, .is_wide = n >= kManyCharacters});
}

ExpressionId GrammarRules::dfa(ByteDfa automaton) {
  const auto is_wide = [](const ByteDfa::State& state) {
    int n = 0;
    for (const ByteDfa::Edge& edge : state.edges) n += edge.last - edge.first + 1;
    return n >= kManyBytes;
  };
  const bool wide = std::ranges::any_of(automaton.states(), is_wide);
  const Measure one{.size = static_cast<int64_t>(automaton.states().size()), .is_wide = wide, .repeats_wide = wide};
  return add(Dfa{std::make_shared<const ByteDfa>(std::move(automaton))}, one);
}

ExpressionId GrammarRules::sequence(std::vector<ExpressionId> parts) {
  if (parts.size() == 1) return parts[0];
  const Measure sum = measure_of(parts);
  return add(Sequence{std::move(parts)}, sum);
}

ExpressionId GrammarRules::choice(std::vector<ExpressionId> parts) {
  if (parts.size() == 1) return parts[0];
  const Measure sum = measure_of(parts);
  return add(Choice{std::move(parts)}, sum);
}

ExpressionId GrammarRules::repeat(ExpressionId part, int64_t min, int64_t max) {
  Measure sum = measure_of({part});
  const int64_t times = std::clamp<int64_t>(max == kUnbounded ? min : max, 1, std::numeric_limits<int32_t>::max());
  sum.repetition = std::min<int64_t>(sum.repetition * times, std::numeric_limits<int32_t>::max());
  if (sum.size * times <= grammar_limits::kUnrolledStates) sum.size *= times;
  sum.repeats_wide |= sum.is_wide && max > 1;
  return add(Repeat{part, min, max}, sum);
}

ExpressionId GrammarRules::list(ListKind kind, std::vector<ListElement> elements, ExpressionId separator) {
  std::vector<ExpressionId> parts{separator};
  for (ListElement& element : elements) {
    if (element.max > 1) element.another = sequence({separator, element.expression});
    parts.push_back(element.max > 1 ? element.another : element.expression);
  }
  const Measure sum = measure_of(parts);
  return add(List{kind, std::move(elements), separator}, sum);
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

void GrammarRules::define(RuleId rule, ExpressionId body) {
  Rule& defined = rules_[static_cast<size_t>(rule)];
  defined.body = body;
  defined.shared_masks = measure(body).repeats_wide;
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
