#include "tokenizer/pre_tokenizer.h"

#include "tokenizer/regex.h"
#include "tokenizer/scanners.h"
#include "tokenizer/unicode.h"

namespace loam {

class PreTokenizer::Splitter {
 public:
  virtual ~Splitter() = default;
  virtual void split(std::string_view text, Regex::Workspace& workspace, const Sink& sink) const = 0;
};

namespace {

class ScannerSplitter final : public PreTokenizer::Splitter {
 public:
  explicit ScannerSplitter(Scanner scanner) : scanner_(scanner) {}

  void split(std::string_view text, Regex::Workspace&, const PreTokenizer::Sink& sink) const override {
    for (size_t begin = 0; begin < text.size();) {
      const size_t end = scanner_(text, begin);
      sink(text.substr(begin, end - begin));
      begin = end;
    }
  }

 private:
  Scanner scanner_;
};

class RegexSplitter final : public PreTokenizer::Splitter {
 public:
  explicit RegexSplitter(std::string_view pattern) : regex_(pattern) {}

  void split(std::string_view text, Regex::Workspace& workspace, const PreTokenizer::Sink& sink) const override {
    size_t begin = 0;
    Regex::Match match;
    while (begin < text.size() && regex_.find(text, begin, workspace, match)) {
      if (match.begin > begin) sink(text.substr(begin, match.begin - begin));
      sink(text.substr(match.begin, match.end - match.begin));
      begin = match.end;
    }
    if (begin < text.size()) sink(text.substr(begin));
  }

 private:
  Regex regex_;
};

// Runs of decimal digits in groups of three, counted from the right.
class ThousandsSplitter final : public PreTokenizer::Splitter {
 public:
  // `isolate`: both ends of a run are cuts too; `whole_words`: runs before a letter, mark, number or underscore stay.
  ThousandsSplitter(bool isolate, bool whole_words) : isolate_(isolate), whole_words_(whole_words) {}

  void split(std::string_view text, Regex::Workspace&, const PreTokenizer::Sink& sink) const override {
    size_t begin = 0;
    const auto cut = [&](size_t at) {
      if (at > begin) sink(text.substr(begin, at - begin));
      begin = at;
    };
    for (size_t i = 0; i < text.size();) {
      const Char c = char_at(text, i);
      if (!c.is(kDecimalDigit)) {
        i += c.bytes;
        continue;
      }
      const Run run = measure(text, i);
      i = !whole_words_ || ends_word(text, run.end) ? cut_run(text, i, run.digits, cut) : run.end;
    }
    cut(text.size());
  }

 private:
  struct Run {
    size_t end, digits;
  };

  static Run measure(std::string_view text, size_t i) {
    Run run{i, 0};
    for (Char c = char_at(text, i); c.is(kDecimalDigit); c = char_at(text, run.end), ++run.digits) run.end += c.bytes;
    return run;
  }

  static bool ends_word(std::string_view text, size_t end) {
    const Char after = char_at(text, end);
    return !after.is(kLetter | kMark | kNumber) && after.value != '_';
  }

  // Cuts the run at `i` and returns its end.
  template <class Cut>
  size_t cut_run(std::string_view text, size_t i, size_t digits, Cut&& cut) const {
    if (isolate_) cut(i);
    for (size_t left = digits; left > 0; --left) {
      if (left % 3 == 0) cut(i);
      i += char_at(text, i).bytes;
    }
    if (isolate_) cut(i);
    return i;
  }

  bool isolate_, whole_words_;
};

std::unique_ptr<PreTokenizer::Splitter> make_splitter(std::string_view pattern) {
  if (pattern == kThousands) return std::make_unique<ThousandsSplitter>(true, false);
  if (pattern == kThousandsWithin) return std::make_unique<ThousandsSplitter>(false, false);
  if (pattern == kThousandsOfWords) return std::make_unique<ThousandsSplitter>(true, true);
  if (const Scanner scanner = find_scanner(pattern)) return std::make_unique<ScannerSplitter>(scanner);
  return std::make_unique<RegexSplitter>(pattern);
}

}  // namespace

PreTokenizer::PreTokenizer(const PreTokenizerInfo& info) : info_(info) {
  for (const std::string_view pattern : info.patterns) splitters_.push_back(make_splitter(pattern));
}

PreTokenizer::~PreTokenizer() = default;

void PreTokenizer::split(std::string_view text, const Sink& sink) const {
  Regex::Workspace workspace;
  // The words of each splitter go to the next one, from the last to the first.
  std::vector<Sink> sinks(splitters_.size() + 1);
  sinks.back() = sink;
  for (size_t i = splitters_.size(); i-- > 0;) {
    sinks[i] = [&, i](std::string_view piece) { splitters_[i]->split(piece, workspace, sinks[i + 1]); };
  }
  sinks.front()(text);
}

}  // namespace loam
