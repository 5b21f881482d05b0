#include "memory/recall/query_context.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_set>
#include <utility>

#include "memory/emotion/emotion.h"
#include "memory/facts/importance.h"
#include "memory/text/words.h"

namespace loam {
namespace {

constexpr double kTimeGain = 0.4;  // of a turn within the time that the question speaks of
constexpr double kPhraseGain = 0.6;
constexpr double kNameGain = 0.2;
constexpr double kRecencyGain = 0.15;
constexpr double kImportanceGain = 0.15;
constexpr double kHalfLife = 30.0 * static_cast<double>(kDay);
constexpr size_t kMostPhrases = 8;

constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kQuotes = {
    {{"\"", "\""}, {"“", "”"}, {"«", "»"}, {"„", "“"}, {"「", "」"}, {"『", "』"}}};

std::vector<std::string> quoted_phrases(std::string_view text) {
  std::vector<std::string> phrases;
  for (const auto& [open, close] : kQuotes) {
    size_t from = text.find(open);
    while (from != std::string_view::npos && phrases.size() < kMostPhrases) {
      from += open.size();
      const size_t to = text.find(close, from);
      if (to == std::string_view::npos) break;
      std::string phrase = spaced_terms(text.substr(from, to - from));
      if (phrase.size() > 1) phrases.push_back(std::move(phrase));
      from = text.find(open, to + close.size());
    }
  }
  return phrases;
}

// Words with a capital, or in small letters only where a language has no capitals: none. The first word of a sentence
// counts only where it is no stop word, which is what questions begin with.
std::vector<std::string> names_in(const std::vector<Word>& words) {
  std::vector<std::string> names;
  for (const Word& word : words) {
    if (word.stop || (word.language != Language::en && word.language != Language::ru)) continue;
    if (fold_word(word.text).substr(0, 2) != word.text.substr(0, 2)) names.push_back(word.term);
  }
  return names;
}

}  // namespace

std::string spaced_terms(std::string_view text) {
  std::string terms = " ";
  for (const Word& word : words_of(text)) (terms += word.term) += ' ';
  return terms;
}

QueryContext::QueryContext(const RecallQuery& query)
    : now_(query.now != 0 ? query.now : unix_now()),
      time_(find_time_expression(query.text, now_)),
      phrases_(quoted_phrases(query.text)) {
  const std::vector<Word> words = words_of(query.text);
  names_ = names_in(words);
  // A question in the very words of a turn asks for that turn.
  const auto n_telling = std::ranges::count_if(words, [](const Word& word) { return !word.stop; });
  if (n_telling >= 2) phrases_.push_back(spaced_terms(query.text));
  for (const Word& word : words) {
    if (!word.stop && std::ranges::find(terms_, word.term) == terms_.end() && terms_.size() < 64) {
      terms_.push_back(word.term);
    }
  }
}

void QueryContext::weigh(const Turn& turn, RecallReasons& reasons) const {
  const std::string text = spaced_terms(turn.text), speaker = spaced_terms(turn.speaker);
  const auto holds = [&](const std::string& term) { return text.find(' ' + term + ' ') != std::string::npos; };
  reasons.time = time_factor(turn.time);
  reasons.recency = recency_factor(turn);
  reasons.importance = 1 + kImportanceGain * importance_of(turn.text, feel(turn.text).intensity());
  if (std::ranges::any_of(phrases_,
                          [&](const std::string& phrase) { return text.find(phrase) != std::string::npos; })) {
    reasons.phrase = 1 + kPhraseGain;
  }
  if (std::ranges::any_of(names_, [&](const std::string& name) {
        return holds(name) || speaker.find(' ' + name + ' ') != std::string::npos;
      })) {
    reasons.name = 1 + kNameGain;
  }
  std::ranges::copy_if(terms_, std::back_inserter(reasons.terms), holds);
}

// Full within the range, then less the farther off, measured by how long the range is.
double QueryContext::time_factor(UnixTime time) const {
  if (!time_) return 1;
  const UnixTime off = time < time_->from ? time_->from - time : std::max<UnixTime>(0, time - time_->to);
  const auto length = static_cast<double>(std::max(time_->to - time_->from, kDay));
  return 1 + kTimeGain * std::exp(-static_cast<double>(off) / length);
}

double QueryContext::recency_factor(const Turn& turn) const {
  if (turn.role == TurnRole::document) return 1;  // what a document says does not fade
  const double age = std::max(0.0, static_cast<double>(now_) - static_cast<double>(turn.time));
  return 1 + kRecencyGain * std::exp2(-age / kHalfLife);
}

}  // namespace loam
