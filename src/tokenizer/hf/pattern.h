// What a tokenizer.json looks for in a text: characters as they stand, or a regular expression. Both come with a model,
// so the work of a search is bounded.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "tokenizer/hf/settings.h"
#include "tokenizer/regex.h"
#include "tokenizer/scanners.h"

namespace loam::hf {

// What becomes of a match when a text is cut.
enum class Behavior { removed, isolated, contiguous, merged_with_previous, merged_with_next };
Behavior read_behavior(const Settings& settings, Behavior fallback);

// Called with each span of a text in order: those that match, and what lies between them. Spans may be empty.
using SpanSink = std::function<void(size_t begin, size_t end, bool match)>;

class Pattern {
 public:
  // {"String": …} or {"Regex": …}. Error(unsupported) where the expression has a form that loam cannot read.
  explicit Pattern(const Settings& settings);
  static Pattern of_regex(std::string_view expression) { return Pattern(expression); }

  // Error(invalid) where the search takes far more steps than the text's length justifies.
  void find_all(std::string_view text, const SpanSink& sink) const;

 private:
  explicit Pattern(std::string_view expression);
  void read_regex(std::string_view expression);
  void find_literal(std::string_view text, const SpanSink& sink) const;
  void find_regex(std::string_view text, const SpanSink& sink) const;

  std::string literal_;  // where it is no regular expression
  std::shared_ptr<Regex> regex_;
  Scanner scanner_ = nullptr;  // does the same, save for texts with ſ, which folds to s
};

// Cuts by a predicate of characters.
void find_characters(std::string_view text, const std::function<bool(char32_t)>& wanted, const SpanSink& sink);

// Turns spans, in order, into pieces as `behavior` says: `piece` is called with those that are not empty.
class Cutter {
 public:
  using PieceSink = std::function<void(size_t begin, size_t end)>;
  Cutter(Behavior behavior, PieceSink piece) : behavior_(behavior), piece_(std::move(piece)) {}
  void add(size_t begin, size_t end, bool match);
  void finish();

 private:
  void flush();

  const Behavior behavior_;
  const PieceSink piece_;
  size_t begin_ = 0, end_ = 0;  // of the piece that may still grow
  bool open_ = false, previous_match_ = false;
};

}  // namespace loam::hf
