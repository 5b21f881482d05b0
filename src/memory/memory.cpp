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
    return fmt::format("{}-{:08x}{:08x}", iso_date(unix_now()), random(), random());
  }
  return "key-" + sha256_of(idempotency_key).substr(0, 32);
}

constexpr size_t kNone = static_cast<size_t>(-1);

size_t last_question(std::span<const ChatText> messages) {
  for (size_t i = messages.size(); i-- > 0;)
    if (messages[i].role == TurnRole::user) return i;
  return kNone;
}

// The user's last message but one; there is one.
const std::string& question_before_last(std::span<const ChatText> messages) {
  const size_t last = last_question(messages);
  return messages[last_question(messages.first(last))].text;
}

}  // namespace

Memory::Memory(const std::string& folder)
    : database_(database_path(folder)),
      turns_(database_),
      conversations_(database_),
      trace_(database_),
      snapshots_(database_),
      words_(database_),
      facts_(database_),
      core_(database_, facts_),
      emotion_(database_),
      summaries_(database_),
      patterns_(database_),
      reflection_(turns_, facts_, summaries_),
      documents_(turns_),
      known_turns_(turns_),
      lexical_(std::make_shared<Recaller>(turns_, words_)) {
  turns_.attach(conversations_, ConversationIndex::kVersion);
  turns_.attach(trace_, RecallTrace::kVersion);
  turns_.attach(snapshots_, CoreSnapshot::kVersion);
  turns_.attach(words_, LexicalIndex::kVersion);
  turns_.attach(facts_, FactStore::kVersion);
  turns_.attach(emotion_, EmotionIndex::kVersion);
  turns_.attach(summaries_, SummaryStore::kVersion);
  turns_.attach(patterns_, PatternStore::kVersion);
  turns_.attach(known_turns_, KnownTurns::kVersion);
  database_.run("CREATE TABLE IF NOT EXISTS idle_work (name TEXT PRIMARY KEY, turn INTEGER NOT NULL) WITHOUT ROWID");
}

void Memory::use_embedder(std::shared_ptr<TextEmbedder> embedder) {
  const std::lock_guard lock(mutex_);
  if (meaning_ || !embedder) return;
  meaning_ = std::make_shared<Meaning>(database_, turns_, words_, std::move(embedder));
  turns_.attach(meaning_->vectors, VectorIndex::kVersion);
}

void Memory::use_shared(std::shared_ptr<Memory> shared) {
  const std::lock_guard lock(mutex_);
  shared_ = std::move(shared);
}

std::shared_ptr<Memory> Memory::shared() {
  const std::lock_guard lock(mutex_);
  return shared_;
}

int64_t Memory::n_without_vector() {
  std::shared_ptr<Meaning> meaning;
  {
    const std::lock_guard lock(mutex_);
    meaning = meaning_;
  }
  if (!meaning) return 0;
  const Reading reading(database_);
  return meaning->vectors.n_pending();
}

std::shared_ptr<TextEmbedder> Memory::embedder() {
  const std::lock_guard lock(mutex_);
  return meaning_ ? meaning_->embedder : nullptr;
}

std::shared_ptr<Recaller> Memory::recaller() {
  const std::lock_guard lock(mutex_);
  if (!meaning_) return lexical_;
  return {meaning_, &meaning_->recaller};
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
    const std::string& before = question_before_last(messages);
    if (const auto place = conversations_.find_said(options.space, before)) return place->session;
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
  const std::string& space = exchange.options.space;
  const bool is_known = chain.size() < 2 || conversations_.find(space, chain[chain.size() - 2], exchange.session) ||
                        conversations_.find_said(space, question_before_last(messages), exchange.session);
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
  if (options.recall == RecallMode::off) return exchange;
  insert_recalled(messages, chain, question, exchange);
  exchange.core = core_of(exchange);
  return exchange;
}

void Memory::set_persona(const Persona& persona) {
  core_.set_persona(persona);
  snapshots_.clear();
}

int64_t Memory::add_document(std::string_view text, const std::string& title, const AddDocumentsOptions& options) {
  const std::lock_guard lock(documents_mutex_);
  return documents_.add_text(text, title, options);
}

int64_t Memory::add_document(const DocumentRecord& record, const Document& document) {
  const std::lock_guard lock(documents_mutex_);
  const int64_t n_chunks = documents_.put(record, document);
  documents_.finish();
  return n_chunks;
}

std::string Memory::core_hash(const Turn& question) {
  const std::string core = snapshots_.find(question.space, question.session).value_or("");
  return core.empty() ? "" : sha256_of(core);
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
    if (auto turn = find_traced(item.turn)) recollections.push_back({std::move(*turn), std::move(item)});
  }
  return recollections;
}

}  // namespace loam
