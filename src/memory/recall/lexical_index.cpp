#include "memory/recall/lexical_index.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "memory/recall/term_frequency.h"
#include "memory/text/korean_stemmer.h"
#include "memory/text/words.h"

namespace loam {
namespace {

// BM25 (Robertson and Zaragoza, 2009): how soon more hits stop to count, and how much a long text takes from each. The
// length is that of a turn with its neighbours, which vary less, so k1 may be below the usual 1.2.
constexpr double kSaturation = 1.0;        // k1
constexpr double kLengthPenalty = 0.6;     // b
constexpr double kSpeakerFrequency = 0.7;  // who says a turn that the question names counts as so many hits
constexpr int64_t kMostPostings = 12'000;  // of one question, so that it takes milliseconds
constexpr int64_t kCommon = 500;           // counting terms in fewer turns costs next to nothing
constexpr size_t kMostTerms = 64;          // of one question

struct IndexedWords {
  std::string words, parts;  // terms with spaces between
  int64_t length = 0;        // without stop words
};

IndexedWords indexed_words_of(std::string_view text) {
  IndexedWords indexed;
  for (const Word& word : words_of(text)) {
    (indexed.words += word.term) += ' ';
    if (!word.stop) ++indexed.length;
    if (word.language != Language::ko) continue;
    for (const std::string& pair : inner_syllable_pairs(fold_word(word.text))) (indexed.parts += pair) += ' ';
  }
  return indexed;
}

bool is_question(std::string_view text) {
  const size_t last = text.find_last_not_of(" \t\r\n\"')");
  return last != std::string_view::npos && (text[last] == '?' || text.substr(0, last + 1).ends_with("？"));
}

double inverse_frequency(double n_all, double n_with) { return std::log(1 + (n_all - n_with + 0.5) / (n_with + 0.5)); }

double bm25(double frequency, double length, double mean_length) {
  const double relative = mean_length > 0 ? length / mean_length : 1;
  const double norm = kSaturation * (1 - kLengthPenalty + kLengthPenalty * relative);
  return frequency * (kSaturation + 1) / (frequency + norm);
}

// Adds up one term after another.
class Scoring {
 public:
  explicit Scoring(const TurnRows& rows)
      : rows_(rows), frequencies_(rows.size()), session_frequencies_(rows.n_sessions()) {
    scores_.turns.resize(rows.size());
    scores_.sessions.resize(rows.n_sessions());
  }

  void hit(size_t row, float frequency) {
    rows_.around(row, [&](size_t other, float weight) { count(other, frequency * weight); });
    float& session = session_frequencies_[rows_[row].session];
    if (session == 0) sessions_.push_back(rows_[row].session);
    session += frequency;
  }

  void speaker(uint32_t speaker) {
    for (size_t row = 0; row < rows_.size(); ++row) {
      if (rows_[row].speaker == speaker) count(row, static_cast<float>(kSpeakerFrequency));
    }
    if (std::ranges::find(scores_.speakers, speaker) == scores_.speakers.end()) scores_.speakers.push_back(speaker);
  }

  // `n_turns`: how many hold the term, which may be more than were told of.
  void finish_term(double weight, int64_t n_turns) {
    const double idf = weight * inverse_frequency(static_cast<double>(rows_.size()), static_cast<double>(n_turns));
    ideal_ += idf;
    for (const size_t row : touched_) {
      const double score = bm25(frequencies_[row], rows_[row].context_length, rows_.mean_context_length());
      scores_.turns[row] += static_cast<float>(idf * score);
      frequencies_[row] = 0;
    }
    finish_sessions(weight);
    touched_.clear();
  }

  LexicalScores finish() {
    for (float& score : scores_.turns) score = static_cast<float>(score / std::max(ideal_, 1e-9));
    for (float& score : scores_.sessions) score = static_cast<float>(score / std::max(session_ideal_, 1e-9));
    return std::move(scores_);
  }
  LexicalScores& scores() { return scores_; }

 private:
  void count(size_t row, float frequency) {
    if (frequencies_[row] == 0) touched_.push_back(row);
    frequencies_[row] += frequency;
  }

  void finish_sessions(double weight) {
    const double n_all = static_cast<double>(rows_.n_sessions());
    const double idf = weight * inverse_frequency(n_all, static_cast<double>(sessions_.size()));
    session_ideal_ += idf;
    for (const uint32_t session : sessions_) {
      const double score =
          bm25(session_frequencies_[session], rows_.session_length(session), rows_.mean_session_length());
      scores_.sessions[session] += static_cast<float>(idf * score);
      session_frequencies_[session] = 0;
    }
    sessions_.clear();
  }

  const TurnRows& rows_;
  LexicalScores scores_;
  std::vector<float> frequencies_, session_frequencies_;  // of the current term
  std::vector<size_t> touched_;                           // rows with a frequency
  std::vector<uint32_t> sessions_;                        // sessions with one
  double ideal_ = 0, session_ideal_ = 0;                  // of a text in which every term stands once
};

// Which speakers a term is a name of.
std::unordered_map<std::string, std::vector<uint32_t>> speakers_by_term(const TurnRows& rows) {
  std::unordered_map<std::string, std::vector<uint32_t>> speakers;
  for (uint32_t speaker = 0; speaker < rows.speakers().size(); ++speaker) {
    for (const Word& word : words_of(rows.speakers()[speaker])) speakers[word.term].push_back(speaker);
  }
  return speakers;
}

}  // namespace

LexicalIndex::LexicalIndex(Database& database) : database_(database) {
  register_term_frequency(database_);
  Transaction transaction(database_);
  make_tables();
  transaction.commit();
}

void LexicalIndex::make_tables() {
  // Terms come analysed: the tokenizer only parts them at spaces.
  database_.run(R"(
    CREATE VIRTUAL TABLE IF NOT EXISTS recall_words USING fts5(words, parts, tokenize = "ascii tokenchars '.:'''");
    CREATE VIRTUAL TABLE IF NOT EXISTS recall_vocabulary USING fts5vocab(recall_words, row);
    CREATE TABLE IF NOT EXISTS recall_turn (id INTEGER PRIMARY KEY, length INTEGER NOT NULL, question INTEGER NOT NULL);
  )");
}

void LexicalIndex::add(const Turn& turn) {
  if (turn.role == TurnRole::system) return;  // instructions, not memories
  const IndexedWords indexed = indexed_words_of(turn.text);
  database_.prepare("INSERT INTO recall_words (rowid, words, parts) VALUES (?1, ?2, ?3)")
      .bind(1, turn.id)
      .bind(2, indexed.words)
      .bind(3, indexed.parts)
      .run();
  database_.prepare("INSERT INTO recall_turn VALUES (?1, ?2, ?3)")
      .bind(1, turn.id)
      .bind(2, indexed.length)
      .bind(3, int64_t{is_question(turn.text)})
      .run();
}

void LexicalIndex::remove(std::span<const TurnId> turns) {
  for (const TurnId id : turns) {
    database_.prepare("DELETE FROM recall_words WHERE rowid = ?1").bind(1, id).run();
    database_.prepare("DELETE FROM recall_turn WHERE id = ?1").bind(1, id).run();
  }
  // FTS5 only notes what is deleted until its segments are merged: their terms would stay in the file.
  database_.run("INSERT INTO recall_words (recall_words) VALUES ('optimize')");
  stale_ = true;
}

void LexicalIndex::clear() {
  database_.run("DROP TABLE recall_vocabulary; DROP TABLE recall_words; DROP TABLE recall_turn");
  make_tables();
  stale_ = true;
}

// Read at need instead of kept by `add`, whose transaction may yet be undone.
const TurnRows& LexicalIndex::rows() {
  if (stale_) {
    rows_.clear();
    common_terms_.clear();
  }
  stale_ = false;
  Statement added = database_.prepare(
      "SELECT turn.id, time, space, session, speaker, length, question FROM recall_turn JOIN turn USING (id)"
      " WHERE recall_turn.id > ?1 ORDER BY recall_turn.id");
  added.bind(1, rows_.last_id());
  while (added.step()) {
    rows_.append({added.integer(0), added.integer(1), added.text(2), added.text(3), added.text(4), added.integer(5),
                  added.integer(6) != 0});
  }
  return rows_;
}

std::vector<LexicalIndex::Term> LexicalIndex::terms_of_question(std::string_view text) {
  const std::vector<Word> words = words_of(text);
  const bool only_stops = std::ranges::all_of(words, &Word::stop);
  std::vector<Term> terms;
  std::unordered_set<std::string> seen;
  const auto add = [&](const std::string& term, double weight) {
    if (terms.size() < kMostTerms && seen.insert(term).second) terms.push_back({term, weight, count_turns(term)});
  };
  for (const Word& word : words) {
    if (!word.stop || only_stops) add(word.term, 1);
  }
  for (const Word& word : words) {
    if (word.stop || word.language != Language::ko) continue;
    for (const std::string& pair : inner_syllable_pairs(fold_word(word.text))) add(pair, kPartWeight);
  }
  std::ranges::stable_sort(terms, {}, &Term::n_turns);
  return terms;
}

int64_t LexicalIndex::count_turns(const std::string& term) {
  if (rows_.size() > counted_at_ + counted_at_ / 16) {
    common_terms_.clear();
    counted_at_ = rows_.size();
  }
  if (const auto known = common_terms_.find(term); known != common_terms_.end()) return known->second;
  Statement counted = database_.prepare("SELECT doc FROM recall_vocabulary WHERE term = ?1");
  counted.bind(1, term);
  const int64_t n = counted.step() ? counted.integer(0) : 0;
  if (n >= kCommon) common_terms_[term] = n;
  return n;
}

LexicalScores LexicalIndex::score(std::string_view text, bool thorough) {
  const TurnRows& all = rows();
  const auto called = speakers_by_term(all);
  Scoring scoring(all);
  int64_t left = thorough ? 10 * kMostPostings : kMostPostings;
  for (const Term& term : terms_of_question(text)) {
    // Where rarer terms have used up what may be read, the more common ones hardly tell turns apart.
    if (term.n_turns > left && !scoring.scores().terms.empty()) break;
    Statement hits = database_.prepare(
        "SELECT rowid, loam_frequency(recall_words) FROM recall_words WHERE recall_words MATCH ?1"
        " ORDER BY rowid DESC LIMIT ?2");
    const std::string phrase = fmt::format("\"{}\"", term.text);
    hits.bind(1, phrase).bind(2, left);
    while (hits.step()) {
      if (const auto row = all.find(hits.integer(0))) scoring.hit(*row, static_cast<float>(hits.real(1)));
    }
    left -= std::min(left, term.n_turns);
    int64_t n_turns = term.n_turns;
    if (const auto speakers = called.find(term.text); speakers != called.end()) {
      for (const uint32_t speaker : speakers->second) {
        scoring.speaker(speaker);
        n_turns = std::max(n_turns, static_cast<int64_t>(all.n_turns_of_speaker(speaker)));
      }
    }
    scoring.finish_term(term.weight, n_turns);
    scoring.scores().terms.push_back(term.text);
  }
  return scoring.finish();
}

}  // namespace loam
