// Memory: all that loam remembers of one user, in one database.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "memory/conversation.h"
#include "memory/documents/document_library.h"
#include "memory/exchange.h"
#include "memory/recall_trace.h"
#include "memory/store/turn_store.h"

namespace loam {

// Safe to use from several threads.
class Memory {
 public:
  // `folder`: the user's own, made where it is missing, readable by the owner only. Error(io).
  explicit Memory(const std::string& folder);

  // Keeps the question, which is on the disk when this returns, and finds what belongs into the prompt. `messages` are
  // the conversation's, in order, without instructions. Questions that were kept before are not kept again.
  Exchange begin(std::span<const ChatText> messages, const MemoryOptions& options);
  // Keeps the answer to it; on the disk when this returns. → its turn; 0 where nothing is kept.
  TurnId finish(const Exchange& exchange, std::string_view answer, bool partial);

  // What was recalled for a question, in the order of the prompt.
  struct Recollection {
    Turn turn;
    TracedItem item;
  };
  std::vector<Recollection> why(TurnId question);

  TurnStore& turns() { return turns_; }
  RecallTrace& trace() { return trace_; }
  DocumentLibrary& documents() { return documents_; }  // one thread at a time

 private:
  std::string find_session(std::span<const ChatText> messages, std::span<const std::string> chain,
                           const MemoryOptions& options);
  void keep_history(std::span<const ChatText> messages, std::span<const std::string> chain, const Exchange& exchange);
  void keep_question(std::span<const ChatText> messages, std::span<const std::string> chain, size_t question,
                     Exchange& exchange);
  static NewTurn new_turn(const Exchange& exchange, TurnRole role, std::string_view text);

  Database database_;
  TurnStore turns_;
  ConversationIndex conversations_;
  RecallTrace trace_;
  DocumentLibrary documents_;
};

}  // namespace loam
