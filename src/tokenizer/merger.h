// Greedy pair merging: the common part of byte-pair encoding and SentencePiece's BPE.
//
// A text starts as a chain of symbols (bytes or characters). Again and again the adjacent pair of the lowest rank,
// the leftmost among equals, becomes one symbol, until no pair may merge. Sennrich et al. 2016, arXiv:1508.07909.
//
// A `Rule` gives the vocabulary's side of it (symbols are token ids, or ids ≥ n_vocab for text without a token):
//   Token symbol(std::string_view text, size_t i)      the symbol that starts at text[i]
//   uint32_t length(Token symbol)                       its bytes in `text`, ≥1
//   Merge merge(Token l, Token r, std::string_view both) the symbol that l and r become, and its rank
#pragma once

#include <algorithm>
#include <array>
#include <deque>
#include <functional>
#include <queue>
#include <string_view>
#include <vector>

#include "tokenizer/flat_map.h"
#include "tokenizer/tokenizer.h"

namespace loam {

struct Merge {
  static constexpr uint32_t kNever = UINT32_MAX;
  uint32_t rank = kNever;
  Token token = -1;
};

// Most words are short: then scanning all ranks for the lowest beats any queue.
template <class Rule, class Emit>
class ShortMerger {
 public:
  static constexpr size_t kMaxBytes = 256;

  ShortMerger(const Rule& rule, std::string_view text) : rule_(rule), text_(text) {
    for (size_t i = 0; i < text.size(); i += rule.length(ids_[n_++])) {
      begins_[n_] = static_cast<uint32_t>(i);
      ids_[n_] = rule.symbol(text, i);
    }
    begins_[n_] = static_cast<uint32_t>(text.size());
    for (size_t i = 0; i + 1 < n_; ++i) rank(i);
  }

  void run(Emit& emit) {
    while (n_ > 1) {
      const size_t i = std::min_element(ranks_.begin(), ranks_.begin() + (n_ - 1)) - ranks_.begin();
      if (ranks_[i] == Merge::kNever) break;
      merge(i);
    }
    for (size_t i = 0; i < n_; ++i) emit(ids_[i], text_.substr(begins_[i], begins_[i + 1] - begins_[i]));
  }

 private:
  void rank(size_t i) {
    const Merge merge = rule_.merge(ids_[i], ids_[i + 1], text_.substr(begins_[i], begins_[i + 2] - begins_[i]));
    ranks_[i] = merge.rank;
    merged_[i] = merge.token;
  }

  void merge(size_t i) {
    ids_[i] = merged_[i];
    std::copy(ids_.begin() + i + 2, ids_.begin() + n_, ids_.begin() + i + 1);
    std::copy(begins_.begin() + i + 2, begins_.begin() + n_ + 1, begins_.begin() + i + 1);
    --n_;
    if (i + 1 < n_) {
      std::copy(ranks_.begin() + i + 2, ranks_.begin() + n_, ranks_.begin() + i + 1);
      std::copy(merged_.begin() + i + 2, merged_.begin() + n_, merged_.begin() + i + 1);
      rank(i);
    }
    if (i > 0) rank(i - 1);
  }

  const Rule& rule_;
  std::string_view text_;
  size_t n_ = 0;                                // symbols left
  std::array<Token, kMaxBytes> ids_, merged_;   // merged_[i]: what symbols i and i + 1 would become
  std::array<uint32_t, kMaxBytes> ranks_;       // of that merge
  std::array<uint32_t, kMaxBytes + 1> begins_;  // of each symbol in the text, and the text's end
};

// A long text: the places of waiting pairs are kept in one queue per rank. A queue is filled mostly from left to
// right, so its places stay sorted for free and the work is linear in practice, O(n log n) at worst.
template <class Rule, class Emit>
class LongMerger {
 public:
  LongMerger(const Rule& rule, std::string_view text) : rule_(rule), text_(text), symbols_(text.size(), kInside) {
    for (size_t i = 0; i < text.size(); i += rule.length(symbols_[i])) place(i, rule.symbol(text, i));
    for (size_t i = 0; i < text.size(); i = next(i)) push(i);
  }

  void run(Emit& emit) {
    while (!ranks_.empty()) {
      const uint32_t rank = ranks_.top();
      ranks_.pop();
      drain(rank);
    }
    for (size_t i = 0; i < text_.size(); i = next(i)) emit(symbols_[i], text_.substr(i, next(i) - i));
  }

 private:
  // symbols_[i] is an id where a symbol starts, −length in the last byte of a symbol of several bytes, and some
  // negative number inside one: so both neighbours are found without links.
  static constexpr Token kInside = -1;

  // Places of pairs that had one rank when they were pushed.
  struct Places {
    std::deque<uint32_t> ascending;
    std::priority_queue<uint32_t, std::vector<uint32_t>, std::greater<>> others;

    bool empty() const { return ascending.empty() && others.empty(); }
    void push(uint32_t place) {
      if (ascending.empty() || ascending.back() <= place) {
        ascending.push_back(place);
      } else {
        others.push(place);
      }
    }
    uint32_t pop() {
      const bool first = others.empty() || (!ascending.empty() && ascending.front() <= others.top());
      const uint32_t place = first ? ascending.front() : others.top();
      if (first) {
        ascending.pop_front();
      } else {
        others.pop();
      }
      return place;
    }
  };

  size_t next(size_t i) const { return i + rule_.length(symbols_[i]); }
  size_t previous(size_t i) const { return symbols_[i - 1] >= 0 ? i - 1 : i + symbols_[i - 1]; }

  void place(size_t i, Token symbol) {
    const auto length = static_cast<Token>(rule_.length(symbol));
    symbols_[i] = symbol;
    if (length > 1) symbols_[i + length - 1] = -length;
  }

  Merge merge_at(size_t i) const {
    const size_t right = next(i);
    if (right >= text_.size()) return {};
    return rule_.merge(symbols_[i], symbols_[right], text_.substr(i, next(right) - i));
  }

  void push(size_t i) {
    const Merge merge = merge_at(i);
    if (merge.rank == Merge::kNever) return;
    uint32_t& slot = place_of_rank_[merge.rank];
    if (!slot) {
      waiting_.emplace_back();
      slot = static_cast<uint32_t>(waiting_.size());
    }
    Places& places = waiting_[slot - 1];
    if (places.empty()) ranks_.push(merge.rank);
    places.push(static_cast<uint32_t>(i));
  }

  // Merges the pairs of this rank until it has no more, or a pair of lower rank has come up.
  void drain(uint32_t rank) {
    Places& places = waiting_[*place_of_rank_.find(rank) - 1];
    while (!places.empty()) {
      if (!ranks_.empty() && ranks_.top() < rank) {
        ranks_.push(rank);
        return;
      }
      const uint32_t i = places.pop();
      if (symbols_[i] < 0) continue;  // has become part of its left neighbour
      const Merge merge = merge_at(i);
      if (merge.rank != rank) continue;  // its right neighbour has changed
      join(i, merge.token);
    }
  }

  void join(size_t i, Token token) {
    symbols_[next(i)] = kInside;
    place(i, token);
    if (i > 0) push(previous(i));
    push(i);
  }

  const Rule& rule_;
  std::string_view text_;
  std::vector<Token> symbols_;
  FlatMap<uint32_t> place_of_rank_;  // rank → 1 + index into waiting_
  std::deque<Places> waiting_;
  std::priority_queue<uint32_t, std::vector<uint32_t>, std::greater<>> ranks_;  // that have places waiting
};

// Merges `text` (below 2³¹ bytes) and calls emit(symbol, its text) for each symbol that is left.
template <class Rule, class Emit>
void merge_pairs(const Rule& rule, std::string_view text, Emit&& emit) {
  using Function = std::remove_reference_t<Emit>;
  if (text.size() <= ShortMerger<Rule, Function>::kMaxBytes) {
    ShortMerger<Rule, Function>(rule, text).run(emit);
  } else {
    LongMerger<Rule, Function>(rule, text).run(emit);
  }
}

}  // namespace loam
