// Chats as text, copied from a page or typed: a line names who speaks, and what follows is theirs until the next does.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <span>

#include "base/error.h"
#include "memory/transfer/chat_format.h"
#include "memory/transfer/line_reader.h"
#include "memory/transfer/message_text.h"

namespace loam {
namespace {

struct SpeakerNames {
  std::string_view user, assistant;
};

// Of several pairs that a file holds the first counts: "You said" says more than a "User:" that an answer quotes.
constexpr std::array<SpeakerNames, 26> kSpeakers = {{
    {"You said", "ChatGPT said"},
    {"You said", "Claude said"},
    {"You said", "Gemini said"},
    {"You said", "Copilot said"},
    {"나의 말", "ChatGPT의 말"},
    {"나의 말", "Claude의 말"},
    {"내가 한 말", "ChatGPT의 말"},
    {"Вы сказали", "ChatGPT сказал"},
    {"Ты сказал", "ChatGPT сказал"},
    {"Вы сказали", "Claude сказал"},
    {"User", "Assistant"},
    {"User", "ChatGPT"},
    {"Human", "Assistant"},
    {"Human", "Claude"},
    {"Human", "AI"},
    {"User", "AI"},
    {"You", "ChatGPT"},
    {"Me", "ChatGPT"},
    {"Пользователь", "Ассистент"},
    {"Пользователь", "ChatGPT"},
    {"Я", "ChatGPT"},
    {"Вы", "ChatGPT"},
    {"사용자", "어시스턴트"},
    {"사용자", "ChatGPT"},
    {"나", "ChatGPT"},
    {"질문", "답변"},
}};

struct SpeakerLine {
  TurnRole role;
  std::string_view rest;  // what stands in the same line
};

// "## **Name:** rest" → rest; nothing where the line does not begin with the name and a colon.
std::optional<std::string_view> after_name(std::string_view line, std::string_view name) {
  line.remove_prefix(std::min(line.find_first_not_of("#* \t"), line.size()));
  if (!line.starts_with(name)) return std::nullopt;
  line.remove_prefix(name.size());
  line.remove_prefix(std::min(line.find_first_not_of("* "), line.size()));
  constexpr std::string_view kWideColon = "：";  // as Korean and Chinese keyboards have it
  if (!line.starts_with(':') && !line.starts_with(kWideColon)) return std::nullopt;
  line.remove_prefix(line.starts_with(':') ? 1 : kWideColon.size());
  if (line.starts_with("**")) line.remove_prefix(2);
  return strip_space(line);
}

std::optional<SpeakerLine> speaker_of(std::string_view line, const SpeakerNames& names) {
  if (const auto rest = after_name(line, names.user)) return SpeakerLine{TurnRole::user, *rest};
  if (const auto rest = after_name(line, names.assistant)) return SpeakerLine{TurnRole::assistant, *rest};
  return std::nullopt;
}

// The first pair of which both speak, within the beginning of the text.
const SpeakerNames* find_speakers(std::string_view head) {
  std::array<int, kSpeakers.size()> spoken{};  // bit 0: the user, bit 1: the assistant
  for (size_t begin = 0; begin < head.size();) {
    const size_t end = std::min(head.find('\n', begin), head.size());
    const std::string_view line = head.substr(begin, end - begin);
    for (size_t i = 0; i < kSpeakers.size(); ++i) {
      if (const auto speaker = speaker_of(line, kSpeakers[i])) spoken[i] |= speaker->role == TurnRole::user ? 1 : 2;
    }
    begin = end + 1;
  }
  const auto found = std::ranges::find(spoken, 3);
  return found != spoken.end() ? &kSpeakers[static_cast<size_t>(found - spoken.begin())] : nullptr;
}

class PlainTextReader {
 public:
  PlainTextReader(const SpeakerNames& names, const ChatVisitor& visitor) : names_(names), visitor_(visitor) {}

  void read(std::string_view line, int64_t number) {
    const auto speaker = speaker_of(line, names_);
    if (!speaker) {
      append_line(message_.text, line, number);
      return;
    }
    if (!has_begun_) {
      // What stands before the first name is the end of what the other one said.
      message_.role = speaker->role == TurnRole::user ? TurnRole::assistant : TurnRole::user;
      message_.partial = true;
      has_begun_ = true;
    }
    finish();
    message_.role = speaker->role;
    message_.text = std::string(speaker->rest);
  }
  void finish() {
    message_.text = std::string(strip_space(message_.text));
    if (!message_.text.empty()) visitor_.message(std::move(message_));
    message_ = {};
  }

 private:
  const SpeakerNames names_;
  const ChatVisitor& visitor_;
  ImportedMessage message_;
  bool has_begun_ = false;
};

}  // namespace

bool is_plain_chat(std::string_view head) { return find_speakers(head) != nullptr; }

void read_plain_text(const InputFile& file, const ChatVisitor& visitor) {
  std::string head(static_cast<size_t>(std::min<uint64_t>(1 << 20, file.size())), '\0');
  file.read(0, std::as_writable_bytes(std::span(head)));
  const SpeakerNames* names = find_speakers(head);
  if (names == nullptr) {
    throw Error(Error::Code::invalid,
                fmt::format("{} names no two speakers, as \"User:\" and \"Assistant:\" would", file.path()));
  }
  LineReader lines(file);
  PlainTextReader reader(*names, visitor);
  for (std::string line; lines.next(line);) {
    reader.read(line, lines.number());
    if (lines.number() % 1024 == 0) visitor.done(lines.done());
  }
  reader.finish();
}

}  // namespace loam
