#include "engine/grammar/determinize.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/error.h"
#include "engine/grammar/limits.h"
#include "engine/grammar/lowering.h"

namespace loam {
namespace {

using Kind = GrammarEdge::Kind;
using Set = std::vector<int32_t>;  // states, ascending

class Subsets {
 public:
  // `anything`: states after any text.
  Subsets(const std::vector<std::vector<GrammarEdge>>& edges, int32_t start, int32_t end,
          const std::vector<int32_t>& anything)
      : edges_(edges), end_(end), seen_(edges.size(), -1) {
    for (const int32_t state : anything) {
      Set set{state};
      close(set);
      if (std::ranges::binary_search(set, end_)) accepts_all_.push_back(std::move(set));
    }
    number_of({start});
    for (size_t i = 0; i < sets_.size(); ++i) expand(i);
  }
  std::vector<ByteDfa::State> take() { return std::move(states_); }

 private:
  int32_t number_of(Set set) {
    close(set);
    const auto [at, is_new] = numbers_.try_emplace(std::move(set), static_cast<int32_t>(sets_.size()));
    if (!is_new) return at->second;
    n_members_ += at->first.size();
    if (sets_.size() >= grammar_limits::kDfaStates || n_members_ > grammar_limits::kDfaMembers) {
      throw Error(Error::Code::grammar_error,
                  fmt::format("the regular expression needs more than {} states to be combined with other conditions; "
                              "use shorter counts or a simpler pattern",
                              sets_.size()));
    }
    sets_.push_back(&at->first);
    states_.push_back({{}, std::ranges::binary_search(at->first, end_)});
    return at->second;
  }

  void close(Set& set) {
    ++round_;
    for (const int32_t state : set) seen_[static_cast<size_t>(state)] = round_;
    for (size_t i = 0; i < set.size(); ++i) {
      for (const GrammarEdge& edge : edges_[static_cast<size_t>(set[i])]) {
        LOAM_CHECK(edge.kind == Kind::byte || edge.kind == Kind::epsilon);
        if (edge.kind != Kind::epsilon || seen_[static_cast<size_t>(edge.to)] == round_) continue;
        seen_[static_cast<size_t>(edge.to)] = round_;
        set.push_back(edge.to);
      }
    }
    std::ranges::sort(set);
    // With states among them from which every text is accepted, the others make no difference.
    for (const Set& all : accepts_all_) {
      if (std::ranges::includes(set, all)) {
        set = all;
        return;
      }
    }
  }

  void expand(size_t i) {
    std::vector<GrammarEdge> edges;
    std::array<bool, 257> begins{};
    for (const int32_t state : *sets_[i]) {
      for (const GrammarEdge& edge : edges_[static_cast<size_t>(state)]) {
        if (edge.kind != Kind::byte) continue;
        edges.push_back(edge);
        begins[edge.first] = begins[edge.last + 1u] = true;
      }
    }
    std::vector<ByteDfa::Edge> out;
    for (int byte = 0, last = 0; byte < 256; byte = last + 1) {
      for (last = byte; last < 255 && !begins[static_cast<size_t>(last) + 1];) ++last;
      Set next;
      for (const GrammarEdge& edge : edges) {
        if (edge.first <= byte && byte <= edge.last) next.push_back(edge.to);
      }
      if (next.empty()) continue;
      std::ranges::sort(next);
      next.erase(std::unique(next.begin(), next.end()), next.end());
      out.push_back({static_cast<uint8_t>(byte), static_cast<uint8_t>(last), number_of(std::move(next))});
    }
    states_[i].edges = std::move(out);
  }

  const std::vector<std::vector<GrammarEdge>>& edges_;
  const int32_t end_;
  std::vector<int32_t> seen_;
  int32_t round_ = 0;
  size_t n_members_ = 0;
  std::vector<Set> accepts_all_;
  std::map<Set, int32_t> numbers_;
  std::vector<const Set*> sets_;
  std::vector<ByteDfa::State> states_;
};

}  // namespace

ByteDfa determinize(const GrammarRules& rules, ExpressionId expression) {
  Lowering lowering(rules, Lowering::Counts::unrolled);
  const int32_t start = lowering.add_state(), end = lowering.lower(expression, start);
  return ByteDfa(Subsets(lowering.edges(), start, end, lowering.any_text_ends()).take());
}

}  // namespace loam
