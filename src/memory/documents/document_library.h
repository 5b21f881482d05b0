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
#include "memory/documents/document_reader.h"
#include "memory/store/turn_store.h"

namespace loam {

struct DocumentRecord {
  int64_t id = 0;
  std::string collection, path, title;
  std::string hash;   // SHA-256 of the file, or of the text
  UnixTime time = 0;  // when it was last changed
  int64_t n_chunks = 0;
};

struct ChunkPlace {
  int64_t document = 0;
  std::string path, title, heading;
  DocumentPlace place;
};
// "Title, Heading › Section, page 3" or "…, lines 10–24": what an answer cites.
std::string cite(const ChunkPlace& place);

struct DocumentProgress {
  std::string_view path;
  uint64_t done, total;  // bytes of files
};

struct AddDocumentsOptions {
  std::string collection = "documents";
  ChunkLimits chunks;
  // Before each file; returns false to stop. What was added until then stays.
  std::function<bool(const DocumentProgress&)> progress;
  std::function<bool()> keep_going;  // asked while a file is read
};

struct AddDocumentsReport {
  int64_t n_added = 0, n_changed = 0, n_unchanged = 0;
  int64_t n_skipped = 0;  // files of a folder with endings that are not read
  int64_t n_chunks = 0, n_characters = 0;
  bool stopped = false;
  std::vector<std::string> faults;  // what could not be read and why: the first 100
  int64_t n_faults = 0;
  std::vector<DocumentRecord> gone;  // documents below the path whose files are no more
};

// An index only so that what is erased takes its places along. Not to be used by two threads at a time.
class DocumentLibrary final : public DerivedIndex {
 public:
  static constexpr int kVersion = 1;

  // Makes its tables where they are missing and attaches itself. Must outlive the store's use.
  explicit DocumentLibrary(TurnStore& store);

  // A file, or all below a folder that can be read (hidden files and links are left out): new ones are added, changed
  // ones replaced, those with the same content left alone. A file that cannot be read is a fault of the report; Error
  // where the path is none, or the one file asked for cannot be read.
  AddDocumentsReport add(const std::string& path, const AddDocumentsOptions& options = {});
  // → the number of chunks; 0 where the same text is there already.
  int64_t add_text(std::string_view text, const std::string& title, const AddDocumentsOptions& options = {});

  std::vector<DocumentRecord> documents(std::string_view collection = {});  // by path
  std::vector<std::string> collections();
  std::optional<ChunkPlace> place(TurnId chunk);
  std::vector<TurnId> chunks(int64_t document);

  std::string_view name() const override { return "documents"; }
  void add(const Turn&) override {}
  void remove(std::span<const TurnId> turns) override;
  void clear() override {}  // places come with documents, not from turns

 private:
  std::optional<DocumentRecord> find(std::string_view collection, std::string_view path);
  void add_file(const std::string& path, const AddDocumentsOptions& options, AddDocumentsReport& report);
  int64_t store_document(const DocumentRecord& record, const Document& document, const AddDocumentsOptions& options,
                         AddDocumentsReport* report);
  int64_t store_record(const DocumentRecord& record);
  void store_place(TurnId turn, int64_t document, const DocumentChunk& chunk);
  void note_stale(const DocumentRecord& record, std::span<const TurnId> fresh);
  void erase_stale();
  void find_gone(const std::string& folder, const std::string& collection, AddDocumentsReport& report);

  TurnStore& store_;
  std::vector<TurnId> stale_;  // chunks of documents that were replaced
};

}  // namespace loam
