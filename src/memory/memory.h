// Memory: all that loam remembers of one user, in one database.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "memory/conversation.h"
#include "memory/core_snapshot.h"
#include "memory/documents/document_library.h"
#include "memory/emotion/emotion_index.h"
#include "memory/exchange.h"
#include "memory/facts/fact_store.h"
#include "memory/known_turns.h"
#include "memory/patterns/pattern_store.h"
#include "memory/persona/core_memory.h"
#include "memory/recall/recall.h"
#include "memory/recall_trace.h"
#include "memory/reflection/reflection.h"
#include "memory/store/turn_store.h"
#include "memory/text_embedder.h"

namespace loam {

// Safe to use from several threads.
class Memory {
 public:
  // `folder`: the user's own, made where it is missing, readable by the owner only. Error(io).
  explicit Memory(const std::string& folder);

  // From now on recall also goes by what texts mean. Turns that were kept before get their vectors in `catch_up`.
  void use_embedder(std::shared_ptr<TextEmbedder> embedder);

  // Documents that all users share are recalled, too.
  void use_shared(std::shared_ptr<Memory> shared);

  // Keeps the question, which is on the disk when this returns, and finds what belongs into the prompt. `messages` are
  // the conversation's, in order, without instructions. Questions that were kept before are not kept again.
  Exchange begin(std::span<const ChatText> messages, const MemoryOptions& options);
  // Keeps the answer to it; on the disk when this returns. → its turn; 0 where nothing is kept.
  TurnId finish(const Exchange& exchange, std::string_view answer, bool partial);

  // The turns that matter for a question, the best first.
  std::vector<Recalled> search(const RecallQuery& query) { return recaller()->recall(query); }
  // What was recalled for a question that was asked, in the order of the prompt.
  struct Recollection {
    Turn turn;
    TracedItem item;
  };
  // Of the core that the question's conversation began with; "" where it had none.
  std::string core_hash(const Turn& question);
  std::vector<Recollection> why(TurnId question);

  // A piece of what can wait until nobody asks, such as vectors: → false where nothing is left. A small one once
  // `is_busy`, which is asked within it.
  bool catch_up(const std::function<bool()>& is_busy = {});
  // Makes vectors for some of the turns that wait for one. → how many.
  size_t make_vectors(size_t most) { return recaller()->catch_up(most); }
  int64_t n_without_vector();  // 0 without an embedder
  // Lets a model think about a conversation that has rested since `rest`. → false where none waits, or nobody thinks.
  bool reflect(const Think& think, UnixTime rest) { return reflection_.step(think, rest); }

  TurnStore& turns() { return turns_; }
  RecallTrace& trace() { return trace_; }
  FactStore& facts() { return facts_; }
  EmotionIndex& emotion() { return emotion_; }
  SummaryStore& summaries() { return summaries_; }
  PatternStore& patterns() { return patterns_; }
  CoreMemory& core() { return core_; }
  // From the next question of every conversation on.
  void set_persona(const Persona& persona);
  DocumentLibrary& documents() { return documents_; }  // one thread at a time may add
  // From any thread. → the number of chunks, as DocumentLibrary::add_text.
  int64_t add_document(std::string_view text, const std::string& title, const AddDocumentsOptions& options);
  int64_t add_document(const DocumentRecord& record, const Document& document);

 private:
  // Recall with an embedding model, for as long as somebody uses it.
  struct Meaning {
    Meaning(Database& database, TurnStore& turns, LexicalIndex& words, std::shared_ptr<TextEmbedder> embedding)
        : embedder(std::move(embedding)),
          vectors(database, embedder->name(), embedder->dimensions()),
          recaller(turns, words, &vectors, embedder.get()) {}

    std::shared_ptr<TextEmbedder> embedder;
    VectorIndex vectors;
    Recaller recaller;
  };

  std::shared_ptr<Recaller> recaller();
  std::shared_ptr<TextEmbedder> embedder();
  std::shared_ptr<Memory> shared();
  bool feel_turns(const std::function<bool()>& is_busy);
  bool look_for_patterns();
  TurnId done_until(std::string_view work);
  void set_done(std::string_view work, TurnId turn);
  std::string find_session(std::span<const ChatText> messages, std::span<const std::string> chain,
                           const MemoryOptions& options);
  void keep_history(std::span<const ChatText> messages, std::span<const std::string> chain, const Exchange& exchange);
  void keep_question(std::span<const ChatText> messages, std::span<const std::string> chain, size_t question,
                     Exchange& exchange);
  static NewTurn new_turn(const Exchange& exchange, TurnRole role, std::string_view text);

  std::vector<TracedItem> recall(std::span<const ChatText> messages, size_t question, const Exchange& exchange);
  std::vector<TurnId> known_turns(std::span<const ChatText> messages, const Exchange& exchange);
  void insert_recalled(std::span<const ChatText> messages, std::span<const std::string> chain, size_t question,
                       Exchange& exchange);
  std::vector<std::string> recalled_spaces(const MemoryOptions& options);
  void add_patterns(const std::string& question, const Exchange& exchange, std::vector<TracedItem>& items);
  void recall_shared(const RecallQuery& query, std::vector<TracedItem>& items);
  std::optional<Turn> find_traced(TurnId id);
  std::string source_of_item(const TracedItem& item, const Turn& turn);
  std::string block_of(std::span<const TracedItem> items);
  std::string core_of(const Exchange& exchange);

  Database database_;
  TurnStore turns_;
  ConversationIndex conversations_;
  RecallTrace trace_;
  CoreSnapshot snapshots_;
  LexicalIndex words_;
  FactStore facts_;
  CoreMemory core_;
  EmotionIndex emotion_;
  SummaryStore summaries_;
  PatternStore patterns_;
  Reflection reflection_;
  DocumentLibrary documents_;
  KnownTurns known_turns_;
  std::atomic<int64_t> caught_up_ = -1;  // TurnStore::n_changes when nothing was left to do
  std::mutex documents_mutex_;           // of whoever adds documents
  std::mutex mutex_;                     // of those below
  std::shared_ptr<Memory> shared_;
  std::shared_ptr<Recaller> lexical_;
  std::shared_ptr<Meaning> meaning_;
};

}  // namespace loam
