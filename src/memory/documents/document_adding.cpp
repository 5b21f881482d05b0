#include "memory/documents/document_adding.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/input_file.h"
#include "base/utf8.h"
#include "memory/documents/document_folder.h"

namespace loam {
namespace {

constexpr size_t kMostFaults = 100;

void note_fault(const Error& error, AddDocumentsReport& report) {
  if (report.faults.size() < kMostFaults) report.faults.push_back(error.message());
  ++report.n_faults;
}

void add_file(DocumentTaker& taker, const std::string& path, const AddDocumentsOptions& options,
              AddDocumentsReport& report) {
  DocumentRecord record;
  record.collection = options.collection;
  record.path = sanitize_utf8(path);
  record.hash = sha256_of_file(path, [&](uint64_t) { return !options.keep_going || options.keep_going(); });
  record.time = document_time(path);
  const auto known = taker.find(record.collection, record.path);
  if (known && known->hash == record.hash) {
    ++report.n_unchanged;
    return;
  }
  const Document document = read_document(path, options.keep_going);
  record.title = document.title;
  report.n_chunks += taker.put(record, document);
  for (const DocumentBlock& block : document.blocks)
    report.n_characters += static_cast<int64_t>(count_code_points(block.text));
  ++(known ? report.n_changed : report.n_added);
}

void find_gone(DocumentTaker& taker, const std::string& folder, const std::string& collection,
               AddDocumentsReport& report) {
  for (DocumentRecord& record : taker.documents(collection)) {
    if (record.path.starts_with(folder + "/") && !is_document_file(record.path)) report.gone.push_back(record);
  }
}

}  // namespace

AddDocumentsReport add_documents(DocumentTaker& taker, const std::string& path, const AddDocumentsOptions& options) {
  const DocumentFolder folder = list_documents(path);
  AddDocumentsReport report;
  report.n_skipped = folder.n_skipped;
  uint64_t done = 0;
  for (const DocumentFile& file : folder.files) {
    if (options.progress && !options.progress({file.path, done, folder.n_bytes})) {
      report.stopped = true;
      break;
    }
    try {
      add_file(taker, file.path, options, report);
    } catch (const Error& error) {
      if (error.code() == Error::Code::cancelled) {
        report.stopped = true;
        break;
      }
      if (!folder.is_folder) throw;
      note_fault(error, report);
    }
    done += file.n_bytes;
  }
  taker.finish();
  if (!report.stopped && folder.is_folder) find_gone(taker, folder.path, options.collection, report);
  return report;
}

}  // namespace loam
