#include "memory/documents/document_library.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/hash.h"
#include "base/utf8.h"

namespace loam {
namespace {

constexpr char kDocumentSchema[] = R"(
  CREATE TABLE IF NOT EXISTS document (
    id INTEGER PRIMARY KEY, collection TEXT NOT NULL, path TEXT NOT NULL, title TEXT NOT NULL, hash TEXT NOT NULL,
    time INTEGER NOT NULL, n_chunks INTEGER NOT NULL, UNIQUE (collection, path));
  CREATE TABLE IF NOT EXISTS document_chunk (
    turn INTEGER PRIMARY KEY, document INTEGER NOT NULL, heading TEXT NOT NULL, page INTEGER NOT NULL,
    first_line INTEGER NOT NULL, last_line INTEGER NOT NULL);
  CREATE INDEX IF NOT EXISTS document_chunk_document ON document_chunk (document, turn);
)";

constexpr size_t kStaleTurns = 20'000;  // erased at once

std::string hash_of_text(std::string_view text) {
  Sha256 hash;
  hash.update(std::as_bytes(std::span(text)));
  return hash.hex();
}

// The path of headings without the title, where that is the first of them.
std::string_view below_title(std::string_view heading, std::string_view title) {
  constexpr std::string_view kBelow = " › ";
  if (!heading.starts_with(title)) return heading;
  const std::string_view rest = heading.substr(title.size());
  if (rest.starts_with(kBelow)) return rest.substr(kBelow.size());
  return rest.empty() ? rest : heading;
}

NewTurn turn_of_chunk(const DocumentRecord& record, const DocumentChunk& chunk, size_t n) {
  NewTurn turn;
  turn.space = record.collection;
  turn.session = record.path;
  turn.role = TurnRole::document;
  turn.origin = TurnOrigin::document;
  turn.speaker = record.title;
  const std::string_view heading = below_title(chunk.heading, record.title);
  if (!heading.empty()) turn.speaker += fmt::format(" › {}", heading);
  turn.text = chunk.text;
  turn.time = record.time;
  turn.key = "document:" + hash_of_text(fmt::format("{}\n{}\n{}", record.path, record.hash, n)).substr(0, 32);
  return turn;
}

DocumentRecord read_record(const Statement& row) {
  DocumentRecord record;
  record.id = row.integer(0);
  record.collection = row.text(1);
  record.path = row.text(2);
  record.title = row.text(3);
  record.hash = row.text(4);
  record.time = row.integer(5);
  record.n_chunks = row.integer(6);
  return record;
}

}  // namespace

std::string cite(const ChunkPlace& place) {
  std::string text = place.title;
  const std::string_view heading = below_title(place.heading, place.title);
  if (!heading.empty()) text += fmt::format(", {}", heading);
  if (place.place.page > 0) text += fmt::format(", page {}", place.place.page);
  if (place.place.first_line > 0) {
    text += place.place.last_line > place.place.first_line
                ? fmt::format(", lines {}–{}", place.place.first_line, place.place.last_line)
                : fmt::format(", line {}", place.place.first_line);
  }
  return text;
}

DocumentLibrary::DocumentLibrary(TurnStore& store) : store_(store) {
  Transaction transaction(store_.database());
  store_.database().run(kDocumentSchema);
  transaction.commit();
  store_.attach(*this, kVersion);
}

int64_t DocumentLibrary::add_text(std::string_view text, const std::string& title, const AddDocumentsOptions& options) {
  if (text.size() > kMostDocumentText) {
    throw Error(Error::Code::invalid,
                fmt::format("the text has {} bytes; at most {} are taken", text.size(), kMostDocumentText));
  }
  DocumentRecord record;
  record.collection = options.collection;
  record.hash = hash_of_text(text);
  record.path = "text:" + record.hash.substr(0, 16);
  record.time = unix_now();
  Document document = read_markdown(text);
  record.title = !title.empty() ? sanitize_utf8(title) : !document.title.empty() ? document.title : record.path;
  if (find(record.collection, record.path)) return 0;
  return put(record, document);
}

int64_t DocumentLibrary::put(const DocumentRecord& record, const Document& document) {
  const std::vector<DocumentChunk> chunks = cut_document(document, {});
  std::vector<NewTurn> turns;
  for (size_t i = 0; i < chunks.size(); ++i) turns.push_back(turn_of_chunk(record, chunks[i], i));
  Transaction transaction(store_.database());
  const std::vector<TurnId> ids = store_.add(turns);
  DocumentRecord stored = record;
  stored.n_chunks = static_cast<int64_t>(chunks.size());
  const int64_t id = store_record(stored);
  for (size_t i = 0; i < ids.size(); ++i) store_place(ids[i], id, chunks[i]);
  note_stale(record, ids);
  transaction.commit();
  if (stale_.size() >= kStaleTurns) finish();
  return stored.n_chunks;
}

int64_t DocumentLibrary::store_record(const DocumentRecord& record) {
  store_.database()
      .prepare(
          "INSERT INTO document (collection, path, title, hash, time, n_chunks) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
          " ON CONFLICT (collection, path) DO UPDATE SET title = ?3, hash = ?4, time = ?5, n_chunks = ?6")
      .bind(1, record.collection)
      .bind(2, record.path)
      .bind(3, record.title)
      .bind(4, record.hash)
      .bind(5, record.time)
      .bind(6, record.n_chunks)
      .run();
  return find(record.collection, record.path)->id;
}

void DocumentLibrary::store_place(TurnId turn, int64_t document, const DocumentChunk& chunk) {
  store_.database()
      .prepare("INSERT OR REPLACE INTO document_chunk VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
      .bind(1, turn)
      .bind(2, document)
      .bind(3, chunk.heading)
      .bind(4, int64_t{chunk.place.page})
      .bind(5, int64_t{chunk.place.first_line})
      .bind(6, int64_t{chunk.place.last_line})
      .run();
}

// The document's chunks that are not among the fresh ones, also those that an interrupted replacement left.
void DocumentLibrary::note_stale(const DocumentRecord& record, std::span<const TurnId> fresh) {
  Statement rows =
      store_.database().prepare("SELECT id FROM turn WHERE session = ?1 AND space = ?2 AND origin = ?3 ORDER BY id");
  rows.bind(1, record.path).bind(2, record.collection).bind(3, static_cast<int64_t>(TurnOrigin::document));
  while (rows.step()) {
    if (!std::ranges::binary_search(fresh, rows.integer(0))) stale_.push_back(rows.integer(0));
  }
}

void DocumentLibrary::finish() {
  if (!stale_.empty()) store_.erase(stale_);
  stale_.clear();
}

std::optional<DocumentRecord> DocumentLibrary::find(std::string_view collection, std::string_view path) {
  const Reading reading(store_.database());
  Statement row = store_.database().prepare(
      "SELECT id, collection, path, title, hash, time, n_chunks FROM document WHERE collection = ?1 AND path = ?2");
  row.bind(1, collection).bind(2, path);
  return row.step() ? std::optional(read_record(row)) : std::nullopt;
}

std::vector<DocumentRecord> DocumentLibrary::documents(std::string_view collection) {
  const Reading reading(store_.database());
  Statement rows = store_.database().prepare(
      "SELECT id, collection, path, title, hash, time, n_chunks FROM document"
      " WHERE (?1 = '' OR collection = ?1) ORDER BY collection, path");
  rows.bind(1, collection);
  std::vector<DocumentRecord> records;
  while (rows.step()) records.push_back(read_record(rows));
  return records;
}

std::vector<std::string> DocumentLibrary::collections() {
  const Reading reading(store_.database());
  Statement rows = store_.database().prepare("SELECT DISTINCT collection FROM document ORDER BY collection");
  std::vector<std::string> collections;
  while (rows.step()) collections.emplace_back(rows.text(0));
  return collections;
}

std::optional<ChunkPlace> DocumentLibrary::place(TurnId chunk) {
  const Reading reading(store_.database());
  Statement row = store_.database().prepare(
      "SELECT document.id, path, title, heading, page, first_line, last_line FROM document_chunk"
      " JOIN document ON document.id = document_chunk.document WHERE turn = ?1");
  row.bind(1, chunk);
  if (!row.step()) return std::nullopt;
  ChunkPlace found;
  found.document = row.integer(0);
  found.path = row.text(1);
  found.title = row.text(2);
  found.heading = row.text(3);
  found.place = {static_cast<int>(row.integer(4)), static_cast<int>(row.integer(5)), static_cast<int>(row.integer(6))};
  return found;
}

std::vector<TurnId> DocumentLibrary::chunks(int64_t document) {
  const Reading reading(store_.database());
  Statement rows = store_.database().prepare("SELECT turn FROM document_chunk WHERE document = ?1 ORDER BY turn");
  rows.bind(1, document);
  std::vector<TurnId> ids;
  while (rows.step()) ids.push_back(rows.integer(0));
  return ids;
}

void DocumentLibrary::remove(std::span<const TurnId> turns) {
  Database& database = store_.database();
  bool any = false;
  for (const TurnId turn : turns) {
    database.prepare("DELETE FROM document_chunk WHERE turn = ?1").bind(1, turn).run();
    any |= database.n_changed() > 0;
  }
  // A document without a chunk is forgotten as a whole; one that had none from the start stays known.
  if (any) {
    database.run(
        "DELETE FROM document WHERE n_chunks > 0"
        " AND NOT EXISTS (SELECT 1 FROM document_chunk WHERE document = document.id)");
  }
}

}  // namespace loam
