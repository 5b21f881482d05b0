#include "memory/memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <random>

#include "base/error.h"
#include "base/hash.h"
#include "memory/recall_block.h"

namespace loam {
namespace {

namespace fs = std::filesystem;

std::string database_path(const std::string& folder) {
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed) throw Error(Error::Code::io, fmt::format("cannot make '{}': {}", folder, failed.message()), folder);
  fs::permissions(folder, fs::perms::owner_all, failed);
  return folder + "/mem.db";
}

std::string new_session(const std::string& idempotency_key) {
  if (idempotency_key.empty()) {
    std::random_device random;
    return fmt::format("{}-{:08x}{:08x}", date_of(unix_now()), random(), random());
  }
  Sha256 hash;
  hash.update(std::as_bytes(std::span(idempotency_key)));
  return "key-" + hash.hex().substr(0, 32);
}

constexpr size_t kNone = static_cast<size_t>(-1);

size_t last_question(std::span<const ChatText> messages) {
  for (size_t i = messages.size(); i-- > 0;)
    if (messages[i].role == TurnRole::user) return i;
  return kNone;
}

}  // namespace

Memory::Memory(const std::string& folder)
    : database_(database_path(folder)),
      turns_(database_),
      conversations_(database_),
      trace_(database_),
      documents_(turns_) {
  turns_.attach(conversations_, ConversationIndex::kVersion);
  turns_.attach(trace_, RecallTrace::kVersion);
}

std::string Memory::find_session(std::span<const ChatText> messages, std::span<const std::string> chain,
                                 const MemoryOptions& options) {
  if (!options.session.empty()) return options.session;
  const bool is_answered = messages.back().role != TurnRole::user;  // as where a tool's result follows
  if (is_answered) {
    if (const auto place = conversations_.find(options.space, chain.back())) return place->session;
  }
  if (chain.size() > 1) {
    if (const auto place = conversations_.find(options.space, chain[chain.size() - 2])) return place->session;
  }
  return new_session(options.idempotency_key);
}

// What came before the question and was never seen: a conversation that began elsewhere.
void Memory::keep_history(std::span<const ChatText> messages, std::span<const std::string> chain,
                          const Exchange& exchange) {
  std::vector<NewTurn> history;
  size_t n_questions = 0;
  for (const ChatText& message : messages) {
    if (message.role == TurnRole::user) ++n_questions;
    if (message.text.empty() || n_questions == 0) continue;
    NewTurn turn = new_turn(exchange, message.role, message.text);
    turn.origin = TurnOrigin::import;
    turn.key = ConversationIndex::key_of(exchange.session, chain[n_questions - 1]);
    history.push_back(std::move(turn));
  }
  turns_.add(history);
}

NewTurn Memory::new_turn(const Exchange& exchange, TurnRole role, std::string_view text) {
  NewTurn turn;
  turn.space = exchange.options.space;
  turn.session = exchange.session;
  turn.role = role;
  turn.text = text;
  return turn;
}

void Memory::keep_question(std::span<const ChatText> messages, std::span<const std::string> chain, size_t question,
                           Exchange& exchange) {
  const bool is_known =
      chain.size() < 2 || conversations_.find(exchange.options.space, chain[chain.size() - 2], exchange.session);
  if (!is_known) keep_history(messages.first(question), chain, exchange);
  NewTurn turn = new_turn(exchange, TurnRole::user, messages[question].text);
  turn.key = ConversationIndex::key_of(exchange.session, chain.back());
  exchange.question = turns_.add(turn);
}

Exchange Memory::begin(std::span<const ChatText> messages, const MemoryOptions& options) {
  Exchange exchange;
  exchange.options = options;
  const size_t question = last_question(messages);
  if (question == kNone || messages[question].text.empty()) return exchange;
  const std::vector<std::string> chain = conversation_chain(messages);
  exchange.session = find_session(messages, chain, options);
  if (options.write) keep_question(messages, chain, question, exchange);
  return exchange;
}

TurnId Memory::finish(const Exchange& exchange, std::string_view answer, bool partial) {
  if (exchange.question == 0 || answer.empty()) return 0;
  NewTurn turn = new_turn(exchange, TurnRole::assistant, answer);
  turn.origin = TurnOrigin::assistant;
  turn.partial = partial;
  return turns_.add(turn);
}

std::vector<Memory::Recollection> Memory::why(TurnId question) {
  std::vector<Recollection> recollections;
  for (TracedItem& item : trace_.find(question).value_or(std::vector<TracedItem>())) {
    if (auto turn = turns_.find(item.turn)) recollections.push_back({std::move(*turn), std::move(item)});
  }
  return recollections;
}

}  // namespace loam
