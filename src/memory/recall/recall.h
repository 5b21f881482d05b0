// Recaller: the turns that matter for what is asked now, with the reasons why.
//
// Every turn gets a score: how much of the question's words it and its neighbours hold (BM25), how much its
// conversation does, and how close its vector is. The best are then weighed by what each is: when it was said, what it
// quotes, whom it names, how much it matters by itself; and chosen so that they do not repeat each other.
#pragma once

#include <cstddef>
#include <functional>
#include <future>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "memory/recall/lexical_index.h"
#include "memory/recall/vector_index.h"
#include "memory/store/turn_store.h"
#include "memory/text_embedder.h"

namespace loam {

struct RecallQuery {
  std::string text;
  std::vector<std::string> spaces;  // empty: all
  std::string exclude_session;      // what the prompt holds already; may be empty
  std::vector<TurnId> exclude_turns;
  UnixTime now = 0;               // "two weeks ago" is seen from there; 0: unix_now()
  std::optional<UnixTime> as_of;  // only what had been said then
  size_t limit = 8;               // turns
  size_t budget = 2000;           // tokens of all excerpts, as estimate_tokens counts
  size_t excerpt = 1500;          // bytes that are told of a long turn; of a document's always so many
  bool deep = false;              // looks at common words in all turns too
  bool floor = true;              // nothing rather than what has little to do with the question
};

// Parts of a score: the first three are added up, the others multiply.
struct RecallReasons {
  double words = 0;       // of the question in the turn and around it: 1 where each stands once
  double session = 0;     // the same in its conversation
  double similarity = 0;  // cosine of the vectors
  double time = 1;        // said when the question speaks of
  double phrase = 1;      // holds what the question has in quotes, or the question itself
  double name = 1;        // holds or is said by whom the question names
  double recency = 1;
  double importance = 1;
  std::vector<std::string> terms;  // of the question, that the turn itself holds
};

struct Recalled {
  Turn turn;
  std::string excerpt;  // the turn's text, of a long one what stands around the question's words
  double score = 0;
  RecallReasons reasons;
};

struct RecalledSession {
  std::string space, session;
  double score = 0;
};

// Safe to call from several threads.
class Recaller {
 public:
  // All must outlive it; without an embedder and its index recall is lexical.
  Recaller(TurnStore& store, LexicalIndex& words, VectorIndex* vectors = nullptr, TextEmbedder* embedder = nullptr);

  // The best first. Empty where nothing passes the floor.
  std::vector<Recalled> recall(const RecallQuery& query);
  // The conversations that the question is about, the best first.
  std::vector<RecalledSession> recall_sessions(const RecallQuery& query);

  // Only the order of turns by words and vectors, not weighed and nothing left out that repeats another: the ids of the
  // first `most`.
  std::vector<TurnId> ranking(const RecallQuery& query, size_t most);

  // Makes vectors for up to `most` of the turns that wait for one. → how many were made; 0 when none wait. For idle
  // times: the embedding model runs without the store's lock, and no longer than for some 256 tokens once `stop` is
  // true.
  size_t catch_up(size_t most, const std::function<bool()>& stop = {});

 private:
  struct Ranked {
    size_t row;
    double score;
    RecallReasons reasons;
  };
  static void keep_best(std::vector<Ranked>& ranked, size_t most);
  // A question's vector is made while its words are looked for, with a core that would have nothing to do.
  std::future<std::vector<float>> begin_vector(const std::string& text) const;
  std::vector<Ranked> rank(const RecallQuery& query, std::future<std::vector<float>> begun, size_t most);
  std::string embedded_text(const Turn& turn);

  TurnStore& store_;
  LexicalIndex& words_;
  VectorIndex* vectors_;
  TextEmbedder* embedder_;
};

}  // namespace loam
