#include "memory/transfer/import.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/hash.h"
#include "base/utf8.h"
#include "memory/transfer/line_reader.h"
#include "memory/transfer/message_text.h"
#include "memory/transfer/turn_json.h"

namespace loam {
namespace {

constexpr size_t kBatchTurns = 256, kBatchBytes = 1 << 20;  // stored in one transaction
constexpr size_t kLongestTitle = 200;                       // bytes

// Valid UTF-8 without NUL, which other programs that read the database take for the end.
std::string mended(std::string_view text) {
  std::string valid = sanitize_utf8(text);
  for (size_t at = valid.find('\0'); at != std::string::npos; at = valid.find('\0', at)) {
    valid.replace(at, 1, to_utf8(kReplacement));
  }
  return valid;
}

std::string short_title(std::string_view title) {
  std::string valid = mended(strip_space(title).substr(0, kLongestTitle + 4));
  if (valid.size() > kLongestTitle)
    valid.resize(complete_utf8_prefix(std::string_view(valid).substr(0, kLongestTitle)));
  return valid;
}

// "Title (6861178a)": the title to be read, the beginning of the id to tell conversations of one title apart.
std::string session_name(const ImportedMessage& message, const std::string& file_name) {
  const std::string title = short_title(message.title), id = short_title(message.conversation).substr(0, 8);
  if (title.empty() && id.empty()) return file_name;
  if (title.empty()) return id;
  return id.empty() ? title : fmt::format("{} ({})", title, id);
}

std::string hash_of(std::initializer_list<std::string_view> parts) {
  Sha256 hash;
  for (const std::string_view part : parts) {
    hash.update(std::as_bytes(std::span(part)));
    hash.update(std::as_bytes(std::span("", 1)));
  }
  return hash.hex().substr(0, 32);
}

// Turns messages into turns, counts them, and stores them a batch at a time.
class Importer {
 public:
  Importer(const TurnSink& sink, const ImportOptions& options, std::string file_name, ImportReport& report)
      : sink_(sink), options_(options), file_name_(std::move(file_name)), report_(report) {}

  void add(const ImportedMessage& message) {
    if (message.text.size() > kLongestMessage) {
      throw Error(Error::Code::invalid,
                  fmt::format("a message of \"{}\" is longer than {} MiB", message.title, kLongestMessage >> 20));
    }
    Turn turn;
    turn.space = options_.space;
    turn.session = options_.session.empty() ? session_name(message, file_name_) : options_.session;
    turn.role = message.role;
    turn.origin = TurnOrigin::import;
    turn.speaker = short_title(message.speaker);
    turn.text = mended(message.text);
    turn.seen = unix_now();
    turn.time = message.time != 0 ? message.time : turn.seen;
    turn.partial = message.partial;
    begin_conversation(message.conversation.empty() ? turn.session : message.conversation);
    turn.key = key_of(message, turn);
    count(message.role);
    batch_bytes_ += turn.text.size();
    batch_.push_back(std::move(turn));
    if (batch_.size() == kBatchTurns || batch_bytes_ >= kBatchBytes) flush();
  }
  void flush() {
    if (batch_.empty()) return;
    report_.n_known += static_cast<int64_t>(batch_.size()) - sink_(batch_);
    batch_.clear();
    batch_bytes_ = 0;
  }

 private:
  void begin_conversation(const std::string& source) {
    if (report_.n_conversations > 0 && source == source_) return;
    source_ = source;
    chain_.clear();
    previous_.reset();
    ++report_.n_conversations;
  }
  // By the id that the export gives the message; else by all that was said before it and itself, so that a later export
  // of the same conversation adds only what is new.
  std::string key_of(const ImportedMessage& message, const NewTurn& turn) {
    chain_ = hash_of({chain_, turn_role_name(turn.role), turn.text});
    return "import:" + (message.id.empty() ? hash_of({source_, chain_}) : hash_of({source_, message.id, turn.text}));
  }
  void count(TurnRole role) {
    (role == TurnRole::user ? report_.n_user : role == TurnRole::assistant ? report_.n_assistant : report_.n_other)++;
    if (role == TurnRole::assistant && (!previous_ || *previous_ == TurnRole::assistant)) ++report_.n_orphans;
    previous_ = role;
  }

  const TurnSink& sink_;
  const ImportOptions& options_;
  const std::string file_name_;
  ImportReport& report_;
  std::string source_, chain_;
  std::optional<TurnRole> previous_;
  std::vector<Turn> batch_;
  size_t batch_bytes_ = 0;
};

class ImportProgress {
 public:
  ImportProgress(const InputFile& file, const ImportOptions& options) : file_(file), options_(options) {}
  void operator()(uint64_t done) const {
    if (options_.progress && !options_.progress(done, file_.size())) {
      throw Error(Error::Code::cancelled, "stopped; what was imported until then stays", file_.path());
    }
  }

 private:
  const InputFile& file_;
  const ImportOptions& options_;
};

void import_messages(const TurnSink& sink, const InputFile& file, const ImportOptions& options, ImportReport& report) {
  const std::string stem = mended(std::filesystem::path(file.path()).stem().string());
  Importer importer(sink, options, stem, report);
  const ImportProgress progress(file, options);
  ChatVisitor visitor;
  visitor.message = [&](const ImportedMessage& message) { importer.add(message); };
  visitor.other_branches = [&](int64_t n) { report.n_other_branches += n; };
  visitor.done = [&](uint64_t done) { progress(done); };
  switch (report.format) {
    case ChatFormat::chatgpt_json: read_chatgpt_json(file, visitor); break;
    case ChatFormat::claude_json: read_claude_json(file, visitor); break;
    case ChatFormat::nexus_markdown: read_nexus_markdown(file, visitor); break;
    default: read_plain_text(file, visitor);
  }
  importer.flush();
}

void count_restored(const Turn& turn, std::string& session, ImportReport& report) {
  if (turn.role == TurnRole::user) ++report.n_user;
  if (turn.role == TurnRole::assistant) ++report.n_assistant;
  if (turn.role > TurnRole::assistant) ++report.n_other;
  report.n_conversations += turn.session != session;
  session = turn.session;
}

void import_turns(const TurnSink& sink, const InputFile& file, const ImportOptions& options, ImportReport& report) {
  const ImportProgress progress(file, options);
  LineReader lines(file);
  std::vector<Turn> batch;
  size_t bytes = 0;
  std::string session;
  const auto flush = [&] {
    if (batch.empty()) return;
    report.n_known += static_cast<int64_t>(batch.size()) - sink(batch);
    batch.clear();
    bytes = 0;
    progress(lines.done());
  };
  for (std::string line; lines.next(line);) {
    if (strip_space(line).empty()) continue;
    batch.push_back(turn_from_json(line, lines.number()));
    count_restored(batch.back(), session, report);
    bytes += line.size();
    if (batch.size() == kBatchTurns || bytes >= kBatchBytes) flush();
  }
  flush();
}

}  // namespace

ImportReport import_chats(const TurnSink& sink, const std::string& path, const ImportOptions& options) {
  const InputFile file(path);
  ImportReport report;
  report.format = options.format ? *options.format : detect_chat_format(file);
  if (report.format == ChatFormat::loam_jsonl) {
    import_turns(sink, file, options, report);
  } else {
    import_messages(sink, file, options, report);
  }
  return report;
}

ImportReport import_chats(TurnStore& store, const std::string& path, const ImportOptions& options) {
  return import_chats([&](std::span<const Turn> turns) { return store.restore(turns); }, path, options);
}

}  // namespace loam
