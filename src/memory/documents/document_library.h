// DocumentLibrary: documents in memory, cut into chunks that are turns, so that all that finds turns finds them too.
//
// A chunk is a turn of role and origin `document`: its space is the collection, its session the document's path, its
// speaker "Title › Heading", and its neighbours are the turns before and after it. Where in the document it stands is
// in the library's own tables.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "memory/documents/chunker.h"
#include "memory/documents/document_adding.h"
#include "memory/store/turn_store.h"

namespace loam {

struct ChunkPlace {
  int64_t document = 0;
  std::string path, title, heading;
  DocumentPlace place;
};
// "Title, Heading › Section, page 3" or "…, lines 10–24": what an answer cites.
std::string cite(const ChunkPlace& place);

// An index only so that what is erased takes its places along. Not to be used by two threads at a time.
class DocumentLibrary final : public DerivedIndex, public DocumentTaker {
 public:
  static constexpr int kVersion = 1;

  // Makes its tables where they are missing and attaches itself. Must outlive the store's use.
  explicit DocumentLibrary(TurnStore& store);

  // As add_documents.
  AddDocumentsReport add(const std::string& path, const AddDocumentsOptions& options = {}) {
    return add_documents(*this, path, options);
  }
  // → the number of chunks; 0 where the same text is there already.
  int64_t add_text(std::string_view text, const std::string& title, const AddDocumentsOptions& options = {});

  // By path.
  std::vector<DocumentRecord> documents(std::string_view collection = {}) override;
  std::optional<DocumentRecord> find(std::string_view collection, std::string_view path) override;
  int64_t put(const DocumentRecord& record, const Document& document) override;
  void finish() override;  // erases the chunks of what was replaced
  std::vector<std::string> collections();
  std::optional<ChunkPlace> place(TurnId chunk);
  std::vector<TurnId> chunks(int64_t document);

  std::string_view name() const override { return "documents"; }
  void add(const Turn&) override {}
  void remove(std::span<const TurnId> turns) override;
  void clear() override {}  // places come with documents, not from turns

 private:
  int64_t store_record(const DocumentRecord& record);
  void store_place(TurnId turn, int64_t document, const DocumentChunk& chunk);
  void note_stale(const DocumentRecord& record, std::span<const TurnId> fresh);

  TurnStore& store_;
  std::vector<TurnId> stale_;  // chunks of documents that were replaced
};

}  // namespace loam
