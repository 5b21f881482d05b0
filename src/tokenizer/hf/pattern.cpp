#include "tokenizer/hf/pattern.h"

#include <chrono>

#include "base/utf8.h"
#include "tokenizer/pre_tokenizers.h"

namespace loam::hf {
namespace {

// Contractions as tokenizer.json files write them, and as the scanners' patterns do.
constexpr std::string_view kFolded = "(?i:'s|'t|'re|'ve|'m|'ll|'d)", kWritten = LOAM_CONTRACTION, kLongS = "\xC5\xBF";

constexpr int kLookEvery = 256;  // matches, between two looks at the clock
// Ordinary expressions take below a microsecond a byte.
constexpr double kSeconds = 2, kSecondsOfByte = 20e-6;

// A regular expression's time for one text.
class Deadline {
 public:
  explicit Deadline(size_t bytes) : seconds_(kSeconds + kSecondsOfByte * static_cast<double>(bytes)) {}
  void count() {
    if (++n_ % kLookEvery != 0) return;
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start_;
    if (passed.count() > seconds_)
      throw Error(Error::Code::invalid,
                  "cutting the text into words takes too long: the tokenizer's expression is slow", "text");
  }

 private:
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  const double seconds_;
  int n_ = 0;
};

}  // namespace

Behavior read_behavior(const Settings& settings, Behavior fallback) {
  if (!settings.has("behavior")) return fallback;
  const std::string name = settings.text("behavior");
  if (name == "Removed") return Behavior::removed;
  if (name == "Isolated") return Behavior::isolated;
  if (name == "Contiguous") return Behavior::contiguous;
  if (name == "MergedWithPrevious") return Behavior::merged_with_previous;
  if (name == "MergedWithNext") return Behavior::merged_with_next;
  settings.unsupported("behavior", "Removed, Isolated, Contiguous, MergedWithPrevious and MergedWithNext");
}

Pattern::Pattern(const Settings& settings) : literal_(settings.text("String")) {
  if (settings.has("Regex"))
    read_regex(settings.text("Regex"));
  else if (!settings.has("String"))
    settings.fail("is neither a String nor a Regex");
}

Pattern::Pattern(std::string_view expression) { read_regex(expression); }

void Pattern::read_regex(std::string_view expression) {
  regex_ = std::make_shared<Regex>(Regex::of_model(expression));
  std::string written(expression);
  if (const size_t at = written.find(kFolded); at != written.npos) written.replace(at, kFolded.size(), kWritten);
  scanner_ = find_scanner(written);
}

void Pattern::find_all(std::string_view text, const SpanSink& sink) const {
  if (!regex_) return find_literal(text, sink);
  if (scanner_ == nullptr || text.find(kLongS) != text.npos) return find_regex(text, sink);
  for (size_t begin = 0, end = 0; begin < text.size(); begin = end) sink(begin, end = scanner_(text, begin), true);
}

void Pattern::find_literal(std::string_view text, const SpanSink& sink) const {
  size_t done = 0;
  for (size_t at; !literal_.empty() && (at = text.find(literal_, done)) != text.npos; done = at + literal_.size()) {
    if (at > done) sink(done, at, false);
    sink(at, at + literal_.size(), true);
  }
  if (done < text.size()) sink(done, text.size(), false);
}

void Pattern::find_regex(std::string_view text, const SpanSink& sink) const {
  Regex::Workspace workspace;
  Regex::Match match;
  Deadline deadline(text.size());
  size_t done = 0, from = 0;
  while (from <= text.size() && regex_->find(text, from, workspace, match)) {
    deadline.count();
    const bool empty = match.end == match.begin;
    if (!empty || match.begin != done || done == 0) {  // an empty match right behind another is none
      if (match.begin > done) sink(done, match.begin, false);
      sink(match.begin, match.end, true);
      done = match.end;
    }
    from = match.end;
    if (empty) from += from < text.size() ? static_cast<size_t>(decode_utf8(text, from).bytes) : 1;
  }
  if (done < text.size()) sink(done, text.size(), false);
}

void find_characters(std::string_view text, const std::function<bool(char32_t)>& wanted, const SpanSink& sink) {
  size_t done = 0;
  for (size_t i = 0; i < text.size();) {
    const CodePoint c = decode_utf8(text, i);
    const size_t end = i + static_cast<size_t>(c.bytes);
    if (wanted(c.value)) {
      if (done < i) sink(done, i, false);
      sink(i, end, true);
      done = end;
    }
    i = end;
  }
  if (done < text.size()) sink(done, text.size(), false);
}

void Cutter::add(size_t begin, size_t end, bool match) {
  bool joins = false;
  switch (behavior_) {
    case Behavior::removed:
      if (match) return;
      break;
    case Behavior::isolated: break;
    case Behavior::contiguous: joins = match == previous_match_; break;
    case Behavior::merged_with_previous: joins = match && !previous_match_; break;
    case Behavior::merged_with_next: joins = previous_match_ && !match; break;
  }
  previous_match_ = match;
  if (open_ && joins) {
    end_ = end;
    return;
  }
  flush();
  begin_ = begin;
  end_ = end;
  open_ = true;
}

void Cutter::flush() {
  if (open_ && end_ > begin_) piece_(begin_, end_);
  open_ = false;
}

void Cutter::finish() { flush(); }

}  // namespace loam::hf
