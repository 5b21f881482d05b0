#include "engine/grammar/number_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "base/error.h"
#include "engine/grammar/determinize.h"
#include "engine/grammar/json_rules.h"
#include "engine/grammar/limits.h"

namespace loam {
namespace {

using Bound = NumberBounds::Bound;

// The texts of the numbers ≥ 0 between two bounds.
class Magnitudes {
 public:
  Magnitudes(GrammarRules& rules, const Bound& least, const Bound& most, size_t n_decimals)
      : rules_(rules), least_(least), most_(most), n_decimals_(n_decimals) {}

  ExpressionId add() {
    const size_t shortest = least_.value.whole.size(), longest = most_.value.whole.size();
    if (shortest > longest) return rules_.never();
    if (shortest == longest) return whole_digit(longest, 0, true, true);
    std::vector<ExpressionId> lengths{whole_digit(shortest, 0, true, false)};
    if (longest - shortest > 1) {
      const auto more = static_cast<int64_t>(shortest);
      lengths.push_back(
          rules_.sequence({digit('1', '9'), digits(more, static_cast<int64_t>(longest) - 2), decimals()}));
    }
    lengths.push_back(whole_digit(longest, 0, false, true));
    return rules_.choice(std::move(lengths));
  }

 private:
  ExpressionId digit(char first, char last) {
    return rules_.chars(CodePointSet({{static_cast<char32_t>(first), static_cast<char32_t>(last)}}));
  }
  ExpressionId digits(int64_t min, int64_t max) { return rules_.repeat(digit('0', '9'), min, max); }

  // Any digits after a point, or none.
  ExpressionId decimals() {
    if (n_decimals_ == 0) return rules_.nothing();
    return rules_.optional(rules_.sequence({rules_.literal("."), digits(1, static_cast<int64_t>(n_decimals_))}));
  }

  // From the i-th of `n` digits before the point on. `low`: the digits before are those of the least number, so that
  // none of the others may be too small; `high`: those of the greatest.
  ExpressionId whole_digit(size_t n, size_t i, bool low, bool high) {
    if (i == n) return low || high ? decimal(0, low, high) : decimals();
    if (!low && !high) {
      const auto left = static_cast<int64_t>(n - i);
      return rules_.sequence({digits(left, left), decimals()});
    }
    const char first = low ? least_.value.whole[i] : i == 0 && n > 1 ? '1' : '0';
    const char last = high ? most_.value.whole[i] : '9';
    return branch(first, last, low, high, [&](bool l, bool h) { return whole_digit(n, i + 1, l, h); });
  }

  // From the i-th digit after the point on, whose point is still to come for i = 0.
  ExpressionId decimal(size_t i, bool low, bool high) {
    const std::string &least = least_.value.fraction, &most = most_.value.fraction;
    if (!low && !high) return i == 0 ? decimals() : digits(0, static_cast<int64_t>(n_decimals_ - i));
    std::vector<ExpressionId> choices;
    const bool too_small = low && (i < least.size() || least_.exclusive);
    const bool too_large = high && i >= most.size() && most_.exclusive;
    if (!too_small && !too_large) choices.push_back(rules_.nothing());
    if (i < n_decimals_) {
      const char first = low && i < least.size() ? least[i] : '0';
      const char last = !high ? '9' : i < most.size() ? most[i] : '0';
      const ExpressionId more = branch(first, last, low, high, [&](bool l, bool h) { return decimal(i + 1, l, h); });
      choices.push_back(i == 0 ? rules_.sequence({rules_.literal("."), more}) : more);
    }
    return rules_.choice(std::move(choices));
  }

  template <class Next>
  ExpressionId branch(char first, char last, bool low, bool high, const Next& next) {
    if (first > last) return rules_.never();
    if (low && high && first == last) return rules_.sequence({digit(first, first), next(true, true)});
    std::vector<ExpressionId> choices;
    if (low) choices.push_back(rules_.sequence({digit(first, first), next(true, false)}));
    const char from = static_cast<char>(first + low), to = static_cast<char>(last - high);
    if (from <= to) choices.push_back(rules_.sequence({digit(from, to), next(false, false)}));
    if (high) choices.push_back(rules_.sequence({digit(last, last), next(false, true)}));
    return rules_.choice(std::move(choices));
  }

  GrammarRules& rules_;
  const Bound &least_, &most_;
  const size_t n_decimals_;
};

// Texts of numbers ≥ 0 that are multiples of `unit` = a / 10^k: what matters of the digits so far is their remainder
// by a, and how many of them stand after the point.
ByteDfa multiples_of(const Decimal& unit) {
  const size_t k = unit.fraction.size();
  const std::string digits = unit.whole + unit.fraction;
  const int64_t a = digits.size() > 9 ? grammar_limits::kDfaStates : std::stoll(digits);
  if (k > kMostDecimals || a * static_cast<int64_t>(k + 2) >= grammar_limits::kDfaStates) {
    throw Error(Error::Code::grammar_error,
                fmt::format("multiples of {}.{} are not supported: too many remainders", unit.whole, unit.fraction));
  }
  // States: remainder r after the point's i-th digit at i·a + r, for i = 0 before the point; then right after the
  // point.
  const auto n = static_cast<int32_t>(a);
  const auto n_levels = static_cast<int32_t>(k) + 1;
  std::vector<ByteDfa::State> states(static_cast<size_t>(n * (n_levels + 1)));
  for (int32_t level = 0; level < n_levels; ++level) {
    for (int32_t r = 0; r < n; ++r) {
      ByteDfa::State& state = states[static_cast<size_t>(level * n + r)];
      int64_t scaled = r;
      for (auto i = static_cast<size_t>(level); i < k; ++i) scaled = scaled * 10 % a;
      state.accepting = scaled == 0;
      if (level == 0) state.edges.push_back({'.', '.', n_levels * n + r});
      const int32_t to = level == 0 ? 0 : level + 1;  // the level of the next digit
      for (int d = 0; d < 10 && to < n_levels; ++d) {
        const auto byte = static_cast<uint8_t>('0' + d);
        state.edges.push_back({byte, byte, to * n + (r * 10 + d) % n});
      }
      if (to == n_levels) state.edges.push_back({'0', '0', level * n + r});  // further decimals add nothing
    }
  }
  for (int32_t r = 0; r < n; ++r) {  // right after the point
    auto& edges = states[static_cast<size_t>(n_levels * n + r)].edges;
    for (int d = 0; d < (n_levels > 1 ? 10 : 1); ++d) {
      const auto byte = static_cast<uint8_t>('0' + d);
      edges.push_back({byte, byte, n_levels > 1 ? n + (r * 10 + d) % n : (n_levels * n + r)});
    }
    if (n_levels == 1)
      states[static_cast<size_t>(n_levels * n + r)].accepting = states[static_cast<size_t>(r)].accepting;
  }
  return ByteDfa(std::move(states));
}

ExpressionId add_magnitudes(GrammarRules& rules, const Bound& least, const Bound& most, const NumberBounds& bounds,
                            bool whole) {
  const ExpressionId range = Magnitudes(rules, least, most, whole ? 0 : kMostDecimals).add();
  if (bounds.multiples.empty()) return range;
  ByteDfa dfa = determinize(rules, range);
  for (const Decimal& unit : bounds.multiples) dfa = dfa.intersect(multiples_of(unit));
  return rules.dfa(std::move(dfa));
}

}  // namespace

void NumberBounds::raise_least(const Bound& bound) {
  const bool narrower = !least || bound.value > least->value || (bound.value == least->value && bound.exclusive);
  if (narrower) least = bound;
}

void NumberBounds::lower_most(const Bound& bound) {
  const bool narrower = !most || bound.value < most->value || (bound.value == most->value && bound.exclusive);
  if (narrower) most = bound;
}

ExpressionId add_number(GrammarRules& rules, const NumberBounds& bounds, bool whole) {
  const Bound zero{}, above_zero{{}, true};
  const Bound largest{{false, std::string(kMostDigits, '9'), std::string(kMostDecimals, '9')}};
  const auto capped = [&](const Bound& bound) {
    return std::min(bound.value, largest.value) == bound.value ? bound : largest;
  };
  std::vector<ExpressionId> signs;
  if (!bounds.most || !bounds.most->value.negative) {
    const Bound least = bounds.least && !bounds.least->value.negative ? *bounds.least : zero;
    signs.push_back(add_magnitudes(rules, least, capped(bounds.most.value_or(largest)), bounds, whole));
  }
  if (!bounds.least || bounds.least->value.negative) {
    const auto mirrored = [](const Bound& bound) { return Bound{bound.value.magnitude(), bound.exclusive}; };
    const Bound least = bounds.most && bounds.most->value.negative ? mirrored(*bounds.most) : above_zero;
    const Bound most = bounds.least ? capped(mirrored(*bounds.least)) : largest;
    signs.push_back(rules.sequence({rules.literal("-"), add_magnitudes(rules, least, most, bounds, whole)}));
  }
  return rules.choice(std::move(signs));
}

}  // namespace loam
