// Embedder: a text encoder with its tokenizer and threads, which turns texts into vectors of length 1, or, of a
// cross-encoder, pairs of texts into scores. Vectors are compared by their dot product, which is the cosine.
#pragma once

#include <cmath>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/planner.h"
#include "engine/text_prompts.h"
#include "file/gguf.h"
#include "model/pooling.h"
#include "model/weight_loader.h"
#include "tokenizer/tokenizer.h"

namespace loam {

struct EmbedderOptions {
  int n_threads = 0;                    // 0: physical cores
  bool check_memory = true;             // refuse with numbers what does not fit the machine's (or cgroup's) free memory
  std::optional<Pooling> pooling = {};  // of the tokens; needed for models of text whose files do not say
  std::string quant = {};               // what the weights become as they are loaded; empty: as in the file
  Progress progress = {};               // loading; may cancel
};

struct Embedding {
  std::vector<float> vector;  // [dimensions], of length 1
  int64_t n_tokens = 0;       // that were embedded
  bool truncated = false;     // the text had more
};

struct Score {
  float logit = 0;         // the higher, the more relevant is the document
  int64_t n_tokens = 0;    // of query and document with what stands around them
  bool truncated = false;  // the document had more
};

// Between 0 and 1: the logit's sigmoid, as such models are trained to give it.
inline double relevance(const Score& score) { return 1 / (1 + std::exp(-double{score.logit})); }

// Asked between batches, and by any thread within them; true ends the call with Error(cancelled).
using Cancelled = std::function<bool()>;

// Safe to call from several threads: calls take turns batch by batch; with one thread each runs on its caller's.
class Embedder {
 public:
  // A Hugging Face folder or a GGUF file of an architecture of Encoder::architectures(), or a model of text that is an
  // embedder by its pooling. Error as the file, the tokenizer and Encoder::create say, and Error(no_memory).
  static std::unique_ptr<Embedder> load(const std::string& path, EmbedderOptions options = {});
  ~Embedder();

  const std::string& name() const;  // the model's own
  bool scores() const;              // a cross-encoder: it scores pairs instead of making vectors
  int64_t dimensions() const;
  int64_t max_tokens() const;  // of a text; what is longer is cut
  const Tokenizer& tokenizer() const;
  const TextPrompts& prompts() const;  // which whoever embeds puts before texts

  // A text's ids as they are embedded, with the tokens before and behind it; at most max_tokens. Control tokens in the
  // text count as such, as everywhere that such models are used. Never none.
  std::vector<Token> tokenize(std::string_view text, bool* truncated = nullptr) const;

  // In order. A text's vector does not depend on the others. Error(unsupported) where the model scores.
  std::vector<Embedding> embed(std::span<const std::string> texts, const Cancelled& cancelled = {}) const;
  // Of ids, which are embedded as they are. Error(invalid, "input") for no ids and ids outside the vocabulary.
  std::vector<Embedding> embed_tokens(std::span<const std::vector<Token>> texts, const Cancelled& cancelled = {}) const;

  // How well each document answers the query, in order; a document's score does not depend on the others. The two are
  // framed or written into a prompt as the file says (PairWriter), and what is longer than max_tokens cuts the
  // document. Error(unsupported) where the model makes vectors, Error(invalid, "query") where the query leaves no room.
  std::vector<Score> score(std::string_view query, std::span<const std::string> documents,
                           const Cancelled& cancelled = {}) const;

 private:
  struct State;
  explicit Embedder(std::unique_ptr<State> state);
  const std::unique_ptr<State> state_;
};

// What an embedding model's file takes in memory, from its header alone.
MemoryPlan plan_embedder(const GgufFile& file);

}  // namespace loam
