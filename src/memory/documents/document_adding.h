// Reads documents from the disk into a library, whether it is open here or behind a server.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "memory/documents/document_reader.h"
#include "memory/turn.h"

namespace loam {

struct DocumentRecord {
  int64_t id = 0;
  std::string collection, path, title;
  std::string hash;   // SHA-256 of the file, or of the text
  UnixTime time = 0;  // when it was last changed
  int64_t n_chunks = 0;
};

// Where documents go.
class DocumentTaker {
 public:
  virtual ~DocumentTaker() = default;
  virtual std::vector<DocumentRecord> documents(std::string_view collection) = 0;
  virtual std::optional<DocumentRecord> find(std::string_view collection, std::string_view path) = 0;
  // In place of the document with the same collection and path. → the number of chunks.
  virtual int64_t put(const DocumentRecord& record, const Document& document) = 0;
  virtual void finish() {}  // after the last one
};

struct DocumentProgress {
  std::string_view path;
  uint64_t done, total;  // bytes of files
};

struct AddDocumentsOptions {
  std::string collection = "documents";
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

// A file, or all below a folder that can be read (hidden files and links are left out): new ones are added, changed
// ones replaced, those with the same content left alone. A file that cannot be read is a fault of the report; Error
// where the path is none, or the one file asked for cannot be read.
AddDocumentsReport add_documents(DocumentTaker& taker, const std::string& path,
                                 const AddDocumentsOptions& options = {});

}  // namespace loam
