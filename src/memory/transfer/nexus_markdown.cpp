// ChatGPT's conversations as Obsidian's plugin "Nexus AI Chat Importer" writes them, one file or many in one:
//
//   conversation_id: 6861178a-…
//   aliases: "Title"
//   >[!nexus_user] **User** - 29.06.2025 at 17:38
//   > What was said,
//   > line by line.
//   <!-- UID: 2c8657fb-… -->
#include <fmt/format.h>

#include <optional>

#include "base/error.h"
#include "memory/transfer/chat_format.h"
#include "memory/transfer/line_reader.h"
#include "memory/transfer/message_text.h"
#include "memory/transfer/written_time.h"

namespace loam {
namespace {

std::string unquoted(std::string_view value) {
  value = strip_space(value);
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
  return std::string(value);
}

std::optional<TurnRole> role_of_callout(std::string_view line) {
  line.remove_prefix(std::min(line.find_first_not_of("> "), line.size()));
  if (line.starts_with("[!nexus_user]")) return TurnRole::user;
  if (line.starts_with("[!nexus_agent]")) return TurnRole::assistant;
  return std::nullopt;
}

// "… **User** - 29.06.2025 at 17:38"
UnixTime time_of_callout(std::string_view line) {
  const size_t dash = line.rfind(" - ");
  if (dash == std::string_view::npos) return 0;
  return parse_written_time(strip_space(line.substr(dash + 3))).value_or(0);
}

class NexusReader {
 public:
  explicit NexusReader(const ChatVisitor& visitor) : visitor_(visitor) {}

  void read(std::string_view line, int64_t number) {
    const bool is_quoted = line.starts_with('>');
    if (const auto role = is_quoted ? role_of_callout(line) : std::nullopt) {
      finish();
      begin(*role, line);
    } else if (is_quoted && is_open_) {
      line.remove_prefix(line.starts_with("> ") ? 2 : 1);
      append_line(message_.text, line, number);
    } else if (!is_quoted) {
      is_open_ = false;  // the end of a callout; its id may follow
      read_outside(line);
    }
  }
  void finish() {
    if (has_message_) {
      trim_end(message_.text);
      visitor_.message(std::move(message_));
    }
    has_message_ = is_open_ = false;
  }

 private:
  void begin(TurnRole role, std::string_view line) {
    message_ = {};
    message_.conversation = conversation_;
    message_.title = title_;
    message_.role = role;
    message_.time = time_of_callout(line);
    has_message_ = is_open_ = true;
  }
  void read_outside(std::string_view line) {
    constexpr std::string_view kId = "<!-- UID:", kConversation = "conversation_id:", kTitle = "aliases:";
    if (line.starts_with(kId) && has_message_) {
      message_.id = std::string(strip_space(line.substr(kId.size(), line.find("-->") - kId.size())));
      finish();
    } else if (line.starts_with("nexus:")) {
      finish();  // a new file begins: what it does not say is not known
      conversation_.clear();
      title_.clear();
    } else if (line.starts_with(kConversation)) {
      conversation_ = unquoted(line.substr(kConversation.size()));
    } else if (line.starts_with(kTitle)) {
      title_ = unquoted(line.substr(kTitle.size()));
    }
  }

  const ChatVisitor& visitor_;
  std::string conversation_, title_;
  ImportedMessage message_;
  bool has_message_ = false;  // one that was not handed on yet
  bool is_open_ = false;      // lines that follow belong to it
};

}  // namespace

void read_nexus_markdown(const InputFile& file, const ChatVisitor& visitor) {
  LineReader lines(file);
  NexusReader reader(visitor);
  for (std::string line; lines.next(line);) {
    reader.read(line, lines.number());
    if (lines.number() % 1024 == 0) visitor.done(lines.done());
  }
  reader.finish();
}

}  // namespace loam
