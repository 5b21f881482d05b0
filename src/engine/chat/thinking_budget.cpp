#include "engine/chat/thinking_budget.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/utf8.h"

namespace loam {
namespace {

constexpr int64_t kMostGrace = 32;

void allow(std::vector<uint64_t>& mask, Token token) { mask[token / 64] |= uint64_t{1} << token % 64; }
void forbid(std::vector<uint64_t>& mask, Token token) { mask[token / 64] &= ~(uint64_t{1} << token % 64); }

class ThinkingConstraint final : public TokenConstraint {
 public:
  ThinkingConstraint(const ChatFormat& format, const Tokenizer& tokenizer, const ThinkingOptions& options,
                     std::unique_ptr<TokenConstraint> inner)
      : tokenizer_(tokenizer),
        inner_(std::move(inner)),
        begin_(format.reasoning.begin),
        end_(format.reasoning.end),
        opening_(tokenizer.encode(begin_, {.special = true})),
        budget_(options.budget),
        words_((static_cast<size_t>(tokenizer.n_vocab()) + 63) / 64) {
    if (format.calls.body == CallBody::harmony) {
      after_end_ = options.calls ? inner_ ? "<|start|>assistant" : "<|start|>assistant<|channel|>commentary"
                                 : "<|start|>assistant<|channel|>final<|message|>";
      must_open_ = inner_ != nullptr;
    } else {
      before_end_ = "\n";
      behind_forced_end_ = "\n\n";
    }
    if (options.in_reasoning) {
      think();
    } else if (must_open_) {
      force(opening_, Phase::thinking);
    } else if (inner_ && (!options.may_open || opening_.size() != 1)) {
      phase_ = Phase::answer;
    }
  }

  std::span<const uint64_t> allowed() override {
    switch (phase_) {
      case Phase::opening: return inner_ ? inner_or_opening() : std::span<const uint64_t>();
      case Phase::thinking: return inner_ ? all_but_ends() : std::span<const uint64_t>();
      case Phase::forced: return only(forced_[n_forced_]);
      case Phase::answer: return inner_ ? inner_->allowed() : std::span<const uint64_t>();
    }
    return {};
  }

  void accept(Token token) override {
    switch (phase_) {
      case Phase::opening: return accept_opening(token);
      case Phase::thinking: return accept_thought(token);
      case Phase::forced: return accept_forced();
      case Phase::answer:
        if (inner_) inner_->accept(token);
    }
  }

 private:
  enum class Phase {
    opening,   // the model may begin to think, or not
    thinking,  // inside the reasoning
    forced,    // one token after another is dictated
    answer,    // behind the reasoning
  };

  std::span<const uint64_t> inner_or_opening() {
    const auto inner = inner_->allowed();
    if (inner.empty()) return inner;
    words_.assign(inner.begin(), inner.end());
    allow(words_, opening_[0]);
    return words_;
  }
  std::span<const uint64_t> all_but_ends() {
    std::ranges::fill(words_, ~uint64_t{0});
    if (const int rest = tokenizer_.n_vocab() % 64) words_.back() = (uint64_t{1} << rest) - 1;
    for (const Token end : tokenizer_.end_tokens()) forbid(words_, end);
    return words_;
  }
  std::span<const uint64_t> only(Token token) {
    std::ranges::fill(words_, 0);
    allow(words_, token);
    return words_;
  }

  void accept_opening(Token token) {
    if (inner_) {
      if (token == opening_[0]) return think();
      phase_ = Phase::answer;
      return inner_->accept(token);
    }
    tail_ += tokenizer_.piece(token, true);
    const std::string_view text =
        std::string_view(tail_).substr(std::min(tail_.find_first_not_of(" \n\t\r"), tail_.size()));
    if (text.starts_with(begin_)) return think();
    if (!begin_.starts_with(text)) phase_ = Phase::answer;
  }

  void think() {
    phase_ = Phase::thinking;
    tail_.clear();
    n_thoughts_ = 0;
    if (budget_ == 0) close();
  }

  void accept_thought(Token token) {
    ++n_thoughts_;
    tail_ += tokenizer_.piece(token, true);
    if (tail_.find(end_) != std::string::npos) return answer();
    if (must_close()) return close();
    if (tail_.size() > 2 * kTailBytes) tail_.erase(0, tail_.size() - kTailBytes);
  }

  // Never within a character.
  bool must_close() const {
    if (budget_ < 0 || complete_utf8_prefix(tail_) != tail_.size()) return false;
    const int64_t grace = std::min(budget_ / 8, kMostGrace);
    const bool at_stop = tail_.ends_with('\n') || tail_.ends_with('.') || tail_.ends_with("。");
    return n_thoughts_ >= budget_ || (n_thoughts_ >= budget_ - grace && at_stop);
  }

  void close() {
    const char* line_break = tail_.empty() || tail_.ends_with('\n') ? "" : before_end_;
    force(tokenizer_.encode(line_break + end_ + after_end_ + behind_forced_end_, {.special = true}), Phase::answer);
  }

  // The model ended its reasoning by itself.
  void answer() {
    phase_ = Phase::answer;
    if (inner_ && !after_end_.empty()) force(tokenizer_.encode(after_end_, {.special = true}), Phase::answer);
  }

  void force(std::vector<Token> tokens, Phase next) {
    forced_ = std::move(tokens);
    n_forced_ = 0;
    after_forced_ = next;
    phase_ = forced_.empty() ? next : Phase::forced;
  }

  void accept_forced() {
    if (++n_forced_ < forced_.size()) return;
    phase_ = after_forced_;
    if (phase_ == Phase::thinking) think();
  }

  static constexpr size_t kTailBytes = 256;  // more than a marker

  const Tokenizer& tokenizer_;
  const std::unique_ptr<TokenConstraint> inner_;
  const std::string begin_, end_;
  const std::vector<Token> opening_;
  const int64_t budget_;
  const char* before_end_ = "";
  const char* behind_forced_end_ = "";
  std::string after_end_;  // harmony: the header of what comes next
  bool must_open_ = false;

  Phase phase_ = Phase::opening, after_forced_ = Phase::answer;
  std::string tail_;  // the end of the reasoning so far
  int64_t n_thoughts_ = 0;
  std::vector<Token> forced_;
  size_t n_forced_ = 0;
  std::vector<uint64_t> words_;  // [⌈n_vocab / 64⌉]
};

}  // namespace

std::unique_ptr<TokenConstraint> with_thinking(const ChatFormat& format, const Tokenizer& tokenizer,
                                               const ThinkingOptions& options, std::unique_ptr<TokenConstraint> inner) {
  if (format.reasoning.begin.empty() || (options.budget < 0 && !inner)) return inner;
  return std::make_unique<ThinkingConstraint>(format, tokenizer, options, std::move(inner));
}

}  // namespace loam
