#include "engine/grammar/lowering.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "engine/grammar/limits.h"

namespace loam {
namespace {

using Kind = GrammarEdge::Kind;

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

// Characters that a JSON string must escape, as bits: controls by their code, then the quote and the backslash.
constexpr int kQuoteBit = 32, kBackslashBit = 33;
// Controls with a short escape, by code.
constexpr std::pair<int, char> kShortEscapes[] = {{8, 'b'}, {9, 't'}, {10, 'n'}, {12, 'f'}, {13, 'r'}};

}  // namespace

int32_t Lowering::add_state() {
  if (edges_.size() >= grammar_limits::kStates) {
    throw Error(Error::Code::grammar_error, fmt::format("the grammar needs more than {} states; use shorter counts or "
                                                        "fewer alternatives",
                                                        grammar_limits::kStates));
  }
  edges_.emplace_back();
  return static_cast<int32_t>(edges_.size()) - 1;
}

int32_t Lowering::lower(ExpressionId id, int32_t from) {
  const int32_t to = lower_part(id, from);
  if (rules_.is_any_text(id)) any_text_ends_.push_back(to);
  return to;
}

int32_t Lowering::lower_part(ExpressionId id, int32_t from) {
  return std::visit(
      Overloaded{
          [&](const GrammarRules::Literal& literal) {
            int32_t state = from;
            for (const char c : literal.bytes) {
              const int32_t to = add_state();
              add_bytes(state, static_cast<uint8_t>(c), static_cast<uint8_t>(c), to);
              state = to;
            }
            return state;
          },
          [&](const GrammarRules::Chars& chars) { return lower_chars(chars.set, from); },
          [&](const GrammarRules::Dfa& dfa) { return lower_dfa(*dfa.automaton, from); },
          [&](const GrammarRules::SpecialToken& special) {
            const int32_t to = add_state();
            add_edge(from, {.kind = Kind::token, .value = special.token, .to = to});
            return to;
          },
          [&](const GrammarRules::Sequence& sequence) {
            int32_t state = from;
            for (const ExpressionId part : sequence.parts) state = lower(part, state);
            return state;
          },
          [&](const GrammarRules::Choice& choice) { return lower_choice(choice.parts, from); },
          [&](const GrammarRules::Repeat& repeat) { return lower_repeat(repeat.part, repeat.min, repeat.max, from); },
          [&](const GrammarRules::List& list) {
            return list.kind == ListKind::members ? lower_members(list, from) : lower_elements(list, from);
          },
          [&](const GrammarRules::Call& call) {
            const int32_t to = add_state();
            add_edge(from, {.kind = Kind::call, .value = call.rule, .to = to});
            return to;
          },
          [&](const GrammarRules::JsonText& text) {
            json_ = true;
            const int32_t to = lower(text.part, from);
            json_ = false;
            return to;
          },
      },
      rules_.expression(id));
}

void Lowering::add_bytes(int32_t from, int first, int last, int32_t to) {
  if (json_ && first <= '\\') return add_escaped(from, first, last, to);
  add_edge(from,
           {.kind = Kind::byte, .first = static_cast<uint8_t>(first), .last = static_cast<uint8_t>(last), .to = to});
}

// What stands for itself goes straight to `to`, the rest by way of a backslash.
void Lowering::add_escaped(int32_t from, int first, int last, int32_t to) {
  static constexpr std::pair<int, int> kPlain[] = {{' ', '"' - 1}, {'"' + 1, '\\' - 1}, {'\\' + 1, 255}};
  const auto add = [&](int low, int high, int32_t target) {
    add_edge(from, {Kind::byte, static_cast<uint8_t>(low), static_cast<uint8_t>(high), 0, target});
  };
  for (const auto& [low, high] : kPlain) {
    if (std::max(first, low) <= std::min(last, high)) add(std::max(first, low), std::min(last, high), to);
  }
  uint64_t characters = 0;
  for (int c = first; c <= std::min(last, 31); ++c) characters |= uint64_t{1} << c;
  if (first <= '"' && '"' <= last) characters |= uint64_t{1} << kQuoteBit;
  if (first <= '\\' && '\\' <= last) characters |= uint64_t{1} << kBackslashBit;
  if (characters) add('\\', '\\', escape_state(characters, to));
}

// The state after a backslash from which the escapes of `characters` lead to `to`.
int32_t Lowering::escape_state(uint64_t characters, int32_t to) {
  const auto [at, is_new] = escapes_.try_emplace({characters, to}, 0);
  if (!is_new) return at->second;
  const int32_t state = at->second = add_state();
  const auto add = [&](int32_t origin, char c, int32_t target) {
    add_edge(origin, {Kind::byte, static_cast<uint8_t>(c), static_cast<uint8_t>(c), 0, target});
  };
  const auto take = [&](int bit) { return std::exchange(characters, characters & ~(uint64_t{1} << bit)) >> bit & 1; };
  if (take(kQuoteBit)) add(state, '"', to);
  if (take(kBackslashBit)) add(state, '\\', to);
  for (const auto& [code, letter] : kShortEscapes) {
    if (take(code)) add(state, letter, to);
  }
  if (!characters) return state;
  const int32_t u = add_state(), zero = add_state(), high = add_state();  // \u 0 0 [01] hex
  add(state, 'u', u);
  add(u, '0', zero);
  add(zero, '0', high);
  for (int tens = 0; tens < 2; ++tens) {
    const uint64_t codes = characters >> (16 * tens) & 0xFFFF;
    if (!codes) continue;
    const int32_t low = add_state();
    add(high, static_cast<char>('0' + tens), low);
    for (int code = 0; code < 16; ++code) {
      if (codes >> code & 1) add(low, "0123456789abcdef"[code], to);
    }
  }
  return state;
}

int32_t Lowering::lower_chars(const CodePointSet& set, int32_t from) {
  const int32_t to = add_state();
  const std::vector<Utf8Sequence> sequences = utf8_sequences(set);
  std::map<std::string, int32_t> suffixes;
  lower_sequences(sequences.data(), sequences.data() + sequences.size(), 0, from, to, suffixes);
  return to;
}

// One edge for each first range; equal ends of sequences share their states.
void Lowering::lower_sequences(const Utf8Sequence* begin, const Utf8Sequence* end, int depth, int32_t from, int32_t to,
                               std::map<std::string, int32_t>& suffixes) {
  while (begin != end) {
    const ByteRange range = begin->bytes[static_cast<size_t>(depth)];
    const Utf8Sequence* next =
        std::find_if(begin, end, [&](const Utf8Sequence& s) { return s.bytes[static_cast<size_t>(depth)] != range; });
    if (begin->length == depth + 1) {
      add_bytes(from, range.first, range.last, to);
    } else {
      std::string suffix;
      for (const Utf8Sequence* s = begin; s != next; ++s) {
        for (auto i = static_cast<size_t>(depth) + 1; i < static_cast<size_t>(s->length); ++i) {
          suffix += {static_cast<char>(s->bytes[i].first), static_cast<char>(s->bytes[i].last)};
        }
        suffix += '\0';
      }
      const auto [at, is_new] = suffixes.try_emplace(suffix, 0);
      if (is_new) {
        const int32_t state = at->second = add_state();
        lower_sequences(begin, next, depth + 1, state, to, suffixes);
      }
      add_bytes(from, range.first, range.last, at->second);
    }
    begin = next;
  }
}

int32_t Lowering::lower_dfa(const ByteDfa& dfa, int32_t from) {
  const auto first = static_cast<int32_t>(edges_.size());
  for (size_t i = 0; i < dfa.states().size(); ++i) add_state();
  const int32_t end = add_state();
  add_epsilon(from, first);
  for (size_t i = 0; i < dfa.states().size(); ++i) {
    const int32_t state = first + static_cast<int32_t>(i);
    for (const ByteDfa::Edge& edge : dfa.states()[i].edges) add_bytes(state, edge.first, edge.last, first + edge.to);
    if (dfa.states()[i].accepting) add_epsilon(state, end);
  }
  return end;
}

int32_t Lowering::lower_choice(const std::vector<ExpressionId>& parts, int32_t from) {
  const int32_t end = add_state();
  for (const ExpressionId part : parts) add_epsilon(lower(part, from), end);
  return end;
}

int32_t Lowering::lower_repeat(ExpressionId part, int64_t min, int64_t max, int32_t from) {
  const int64_t times = std::min<int64_t>(max == kUnbounded ? std::max<int64_t>(min, 1) : max, INT32_MAX);
  const bool unroll = times <= 1 || rules_.size_of(part) * times <= grammar_limits::kUnrolledStates;
  if (counts_ == Counts::unrolled || unroll) return lower_unrolled(part, min, max, from);
  return lower_counted(part, min, max, from);
}

int32_t Lowering::lower_unrolled(ExpressionId part, int64_t min, int64_t max, int32_t from) {
  if (max == 0) return from;
  int32_t state = from;
  for (int64_t i = 1; i < min; ++i) state = lower(part, state);
  if (max == kUnbounded) {  // once more, and over and over again
    const int32_t begin = add_state(), end = add_state();
    add_epsilon(state, begin);
    add_epsilon(lower(part, begin), end);
    add_epsilon(end, begin);
    if (min == 0) add_epsilon(state, end);
    return end;
  }
  if (min > 0) state = lower(part, state);
  if (min == max) return state;
  const int32_t end = add_state();
  for (int64_t i = min; i < max; ++i) {
    add_epsilon(state, end);
    state = lower(part, state);
  }
  add_epsilon(state, end);
  return end;
}

int32_t Lowering::lower_counted(ExpressionId part, int64_t min, int64_t max, int32_t from) {
  const auto [at, is_new] = repeated_index_.try_emplace({part, json_}, static_cast<int32_t>(repeated_.size()));
  if (is_new) repeated_.push_back({part, json_});
  const int32_t to = add_state();
  const auto bounded = [](int64_t n) { return static_cast<int32_t>(std::min<int64_t>(n, INT32_MAX)); };
  repeats_.push_back({at->second, bounded(min), bounded(max), to});
  add_edge(from, {.kind = Kind::repeat, .value = static_cast<int32_t>(repeats_.size()) - 1, .to = to});
  if (min == 0) add_epsilon(from, to);
  return to;
}

void Lowering::lower_repeated_rules(std::vector<GrammarAutomaton::Rule>& rules) {
  const auto first = static_cast<RuleId>(rules.size());
  for (size_t i = 0; i < repeated_.size(); ++i) {  // a body may hold further repetitions
    const Repeated repeated = repeated_[i];
    json_ = repeated.json;
    const int32_t start = add_state(), end = lower(repeated.part, start);
    json_ = false;
    rules.push_back({.name = "a repetition", .start = start, .end = end});
  }
  for (auto& repeat : repeats_) repeat.rule += first;
}

// `first` leads to an element with nothing before it, `rest` to one that needs a separator.
int32_t Lowering::lower_members(const GrammarRules::List& list, int32_t from) {
  constexpr int32_t kNone = -1;
  int32_t first = from, rest = kNone;
  for (const ListElement& element : list.elements) {
    const int32_t begin = add_state(), end = add_state();
    if (first != kNone) add_epsilon(first, begin);
    if (rest != kNone) add_epsilon(lower(list.separator, rest), begin);
    add_epsilon(lower_element(element, begin), end);
    if (element.min > 0) {
      first = kNone;
    } else if (rest != kNone) {
      add_epsilon(rest, end);
    }
    rest = end;
  }
  const int32_t end = add_state();
  if (first != kNone) add_epsilon(first, end);
  if (rest != kNone) add_epsilon(rest, end);
  return end;
}

int32_t Lowering::lower_elements(const GrammarRules::List& list, int32_t from) {
  const int32_t end = add_state();
  int32_t state = from;
  for (size_t i = 0; i < list.elements.size(); ++i) {
    if (list.elements[i].min == 0) add_epsilon(state, end);
    if (i > 0) state = lower(list.separator, state);
    state = lower_element(list.elements[i], state);
  }
  add_epsilon(state, end);
  return end;
}

// At least once; a list that may leave it out goes round it.
int32_t Lowering::lower_element(const ListElement& element, int32_t from) {
  const int32_t state = lower(element.expression, from);
  if (element.max <= 1) return state;
  const int64_t max = element.max == kUnbounded ? kUnbounded : element.max - 1;
  return lower_repeat(element.another, std::max<int64_t>(element.min - 1, 0), max, state);
}

}  // namespace loam
