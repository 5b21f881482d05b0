#include "engine/grammar/grammar_matcher.h"

#include "engine/grammar/automaton.h"
#include "engine/grammar/working.h"

namespace loam {

GrammarMatcher::GrammarMatcher(std::shared_ptr<const Grammar> grammar)
    : grammar_(std::move(grammar)), words_(grammar_->vocabulary().n_words()) {
  const std::lock_guard lock(grammar_->mutex_);
  working_ = grammar_->working();
  state_ = working_->states.start();
  may_end_ = working_->states.accepts(state_);
}

GrammarMatcher::~GrammarMatcher() = default;

void GrammarMatcher::catch_up() {
  auto now = grammar_->working();
  if (now == working_) return;
  state_ = now->states.import(working_->states, state_);
  working_ = std::move(now);
}

std::span<const uint64_t> GrammarMatcher::allowed() {
  const std::lock_guard lock(grammar_->mutex_);
  catch_up();
  working_->masks.write(working_->states, state_, words_);
  return words_;
}

void GrammarMatcher::accept(Token token) {
  const GrammarVocabulary& vocabulary = grammar_->vocabulary();
  const std::lock_guard lock(grammar_->mutex_);
  catch_up();
  GrammarStates& states = working_->states;
  const GrammarAutomaton& automaton = *grammar_->automaton_;
  const int symbol = automaton.symbol_of_token(token);
  int32_t next = symbol < 0 ? GrammarStates::kDead : states.step(state_, symbol);
  if (next == GrammarStates::kDead && vocabulary.is_end(token)) {
    state_ = GrammarStates::kDead;
    has_ended_ = true;
    return;
  }
  if (next == GrammarStates::kDead && !vocabulary.piece(token).empty()) {
    next = state_;
    for (const char c : vocabulary.piece(token)) {
      next = states.step(next, automaton.symbol_of_byte()[static_cast<uint8_t>(c)]);
    }
  }
  state_ = next;
  may_end_ = states.accepts(state_);
}

std::string GrammarMatcher::forced_text(size_t most) {
  const std::lock_guard lock(grammar_->mutex_);
  catch_up();
  std::string text;
  int32_t state = state_;
  while (text.size() < most && !working_->states.accepts(state)) {
    int byte = -1;
    for (const GrammarItem& item : working_->states.items(state)) {
      for (const GrammarEdge& edge : grammar_->automaton_->edges(item.state)) {
        if (edge.kind != GrammarEdge::Kind::byte && edge.kind != GrammarEdge::Kind::token) continue;
        const bool is_choice = edge.kind == GrammarEdge::Kind::token || edge.first != edge.last;
        if (is_choice || (byte >= 0 && byte != edge.first)) return text;
        byte = edge.first;
      }
    }
    if (byte < 0) break;
    text += static_cast<char>(byte);
    state = working_->states.step(state, grammar_->automaton_->symbol_of_byte()[static_cast<size_t>(byte)]);
  }
  return text;
}

}  // namespace loam
