// loam memory add: documents that answers can cite.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/asked_memory.h"
#include "app/command.h"
#include "app/interrupt.h"
#include "app/memory_transfer.h"
#include "app/output.h"
#include "app/progress_bar.h"
#include "app/terminal.h"
#include "base/error.h"
#include "base/utf8.h"
#include "memory/documents/document_adding.h"
#include "server/memory/memory_api.h"

namespace loam {
namespace {

constexpr const char* kAddExamples =
    R"(WHAT is a file, a folder, or a text. Markdown, text, source code, HTML, PDF, DOCX, ODT and EPUB are read. What has not
changed since it was added is left alone; Ctrl+C keeps what is done.
Examples:
  loam memory add notes/
  loam memory add manual.pdf --collection LTM_1
  loam memory add "The key is under the mat." --title Key
  loam memory add handbook.docx --shared)";

struct AddFlags {
  MemoryOwner owner;
  std::string what, collection = "documents", title;
  bool prune = false;
};

void show_faults(const AddDocumentsReport& report) {
  for (const std::string& fault : report.faults) {
    fmt::print(stderr, "{} {}\n", paint(STDERR_FILENO, style::kYellow, "loam:"), terminal_safe(sanitize_utf8(fault)));
  }
  if (report.n_faults > static_cast<int64_t>(report.faults.size())) {
    fmt::print(stderr, "… and {} more files could not be read\n",
               report.n_faults - static_cast<int64_t>(report.faults.size()));
  }
}

// The library of a server's memory: documents are read here, and sent as their paragraphs.
class ServedLibrary final : public DocumentTaker {
 public:
  explicit ServedLibrary(const AskedMemory& memory) : memory_(memory) {}

  std::vector<DocumentRecord> documents(std::string_view collection) override {
    std::vector<DocumentRecord> records;
    const Json all = memory_.call("documents", {{"collection", std::string(collection)}});
    for (const Json& told : all["documents"]) {
      DocumentRecord& record = records.emplace_back();
      record.collection = told["collection"];
      record.path = told["path"];
      record.title = told["title"];
      record.hash = told["hash"];
      record.time = told["time"];
      record.n_chunks = told["chunks"];
    }
    return records;
  }

  std::optional<DocumentRecord> find(std::string_view collection, std::string_view path) override {
    if (!known_) {
      known_.emplace();
      for (DocumentRecord& record : documents(collection)) known_->emplace(record.path, std::move(record));
    }
    const auto found = known_->find(path);
    return found != known_->end() ? std::optional(found->second) : std::nullopt;
  }

  int64_t put(const DocumentRecord& record, const Document& document) override {
    Json blocks = Json::array();
    for (const DocumentBlock& block : document.blocks)
      blocks.push_back({{"text", block.text},
                        {"heading", block.heading},
                        {"page", block.place.page},
                        {"first_line", block.place.first_line},
                        {"last_line", block.place.last_line},
                        {"is_heading", block.is_heading},
                        {"keeps_lines", block.keeps_lines}});
    return memory_.call("add-document", {{"collection", record.collection},
                                         {"path", record.path},
                                         {"title", record.title},
                                         {"hash", record.hash},
                                         {"time", record.time},
                                         {"blocks", std::move(blocks)}})["chunks"];
  }

 private:
  const AskedMemory& memory_;
  std::optional<std::map<std::string, DocumentRecord, std::less<>>> known_;  // of the collection, before, by path
};

// Documents whose files are no more are kept until the user says so.
void handle_gone(const AskedMemory& memory, const AddDocumentsReport& report, bool prune) {
  for (const DocumentRecord& gone : report.gone) {
    fmt::print(stderr, "{}: {}\n", prune ? "removed" : "its file is gone", terminal_safe(gone.path));
    if (prune) memory.call("forget", {{"namespace", gone.collection}, {"document", gone.path}});
  }
  if (!report.gone.empty() && !prune) fmt::print(stderr, "--prune removes them from memory too\n");
}

std::string add_summary(const AddDocumentsReport& report, double seconds) {
  const double pages = std::ceil(static_cast<double>(report.n_characters) / 3000);
  std::string text = fmt::format("{} added, {} changed, {} unchanged, {} skipped; {} chunks", report.n_added,
                                 report.n_changed, report.n_unchanged, report.n_skipped, report.n_chunks);
  if (report.n_chunks > 0) {
    text +=
        fmt::format(" of {:.0f} pages in {:.1f} s ({:.0f} pages/s)", pages, seconds, pages / std::max(seconds, 0.001));
  }
  return text + "\n";
}

void add_path(const AskedMemory& memory, const AddFlags& flags) {
  const InterruptGuard guard;
  const auto begin = std::chrono::steady_clock::now();
  AddDocumentsReport report;
  {
    ProgressBar bar("reading", ProgressBar::Unit::bytes);
    AddDocumentsOptions options;
    options.collection = flags.collection;
    options.progress = [&](const DocumentProgress& progress) {
      bar.update(progress.done, progress.total);
      return !interrupted();
    };
    options.keep_going = [] { return !interrupted(); };
    ServedLibrary served(memory);
    DocumentTaker& library = memory.here() ? static_cast<DocumentTaker&>(memory.here()->documents()) : served;
    report = add_documents(library, flags.what, options);
  }
  show_faults(report);
  handle_gone(memory, report, flags.prune);
  print(add_summary(report, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count()));
  if (report.stopped) throw Error(Error::Code::cancelled, "stopped; what was added until then stays");
}

void add_documents(const AddFlags& flags) {
  const AskedMemory memory(flags.owner);
  std::error_code ignored;
  if (std::filesystem::exists(flags.what, ignored)) return add_path(memory, flags);
  // A lone word with a slash or a dot is a path that was mistyped rather than a text.
  if (flags.what.find(' ') == std::string::npos && flags.what.find_first_of("/.") != std::string::npos) {
    throw Error(Error::Code::not_found, fmt::format("there is no file or folder '{}'", flags.what));
  }
  const Json added =
      memory.call("add-document", {{"collection", flags.collection}, {"title", flags.title}, {"text", flags.what}});
  print(added["chunks"] > 0 ? "added\n" : "it was there already\n");
}

}  // namespace

void add_memory_add(Command& memory) {
  Command* command = memory.add_subcommand("add", "add documents: files, folders or a text");
  auto flags = std::make_shared<AddFlags>();
  command->add_option("WHAT", flags->what, "a file, a folder, or a text")->required()->type_name("");
  command->add_option("--collection", flags->collection, "the namespace that they go to")
      ->type_name("NAME")
      ->capture_default_str();
  command->add_option("--title", flags->title, "of a text")->type_name("TITLE");
  command->add_flag("--prune", flags->prune, "remove documents of the folder whose files are gone");
  add_owner_options(*command, flags->owner);
  command->footer(kAddExamples);
  command->callback([flags] { add_documents(*flags); });
}

}  // namespace loam
