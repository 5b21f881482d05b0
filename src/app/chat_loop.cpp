#include "app/chat_loop.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <utility>

#include "app/generation_stats.h"
#include "app/interrupt.h"
#include "app/markdown_stream.h"
#include "app/output.h"
#include "app/progress_bar.h"
#include "app/terminal.h"
#include "base/atomic_file.h"
#include "base/error.h"

namespace loam {
namespace {

constexpr const char* kHelp = R"(/system TEXT   set the system message (without TEXT: show it; "/system -" removes it)
/clear         forget the conversation, keep the system message
/retry         answer the last message again
/compact       put a summary in place of all but the last question and answer: makes room in the context
/undo          take back the last message and its answer
/save FILE     write the conversation as JSON
/load FILE     continue a saved conversation
/stats         speed, tokens, accepted drafts and context use of the last answer (/stats on, /stats off: after every answer)
/memory [TEXT] what is remembered (what would be recalled for TEXT); /facts: what you have told about yourself
/why           what was recalled for the last question, and why
/persona [FILE] who the model is for you (read from TOML; "-": nobody in particular)
/remember TEXT keep a note;  /forget ID…: erase turns by the numbers that /memory shows
/quit          end (also /exit, Ctrl+D)
Ctrl+C stops an answer. A line that ends with \ continues; """ starts and ends a message of several lines.
// sends a message that begins with a slash.)";

// Prints an answer as it comes: styled on a terminal, as it is elsewhere.
class AnswerPrinter {
 public:
  AnswerPrinter() : styled_(has_color(STDOUT_FILENO)), safe_(is_terminal(STDOUT_FILENO)) {}

  void write(std::string_view text) {
    if (std::exchange(reasons_, false)) fmt::print(stderr, "\n\n");
    print(styled_ ? markdown_.push(text) : safe_ ? terminal_safe(text) : std::string(text));
  }
  // To standard error: it is not the answer.
  void write_reasoning(std::string_view text) {
    reasons_ = true;
    fmt::print(stderr, "{}", paint(STDERR_FILENO, style::kDim, terminal_safe(text)));
    std::fflush(stderr);
  }
  void finish() { print(markdown_.finish() + "\n"); }

 private:
  bool styled_, safe_, reasons_ = false;
  MarkdownStream markdown_;
};

std::string_view trim(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\n") - first + 1);
}

}  // namespace

ChatLoop::ChatLoop(ChatSession& session, MessageReader& reader, std::string model, bool interactive, CallMemory memory)
    : session_(session),
      reader_(reader),
      model_(std::move(model)),
      memory_(std::move(memory)),
      interactive_(interactive) {}

bool ChatLoop::run() {
  for (;;) {
    clear_interrupt();
    const auto message = reader_.next();
    if (!message) {
      if (interactive_) print("\n");
      return !failed_;
    }
    try {
      if (!handle(*message)) return !failed_;
    } catch (const Error& error) {
      failed_ = true;
      say(fmt::format("{} {}", paint(STDERR_FILENO, style::kRed, "loam:"), terminal_safe(error.what())));
    }
  }
}

bool ChatLoop::handle(const std::string& message) {
  if (message.starts_with("//") || message[0] != '/') {
    const std::string text = message[0] == '/' ? message.substr(1) : message;
    answer([&](const auto& callbacks) { return session_.ask(text, callbacks); });
    return true;
  }
  const size_t end = std::min(message.find_first_of(" \t\n"), message.size());
  return command(std::string_view(message).substr(1, end - 1), std::string(trim(message.substr(end))));
}

bool ChatLoop::command(std::string_view name, const std::string& argument) {
  if (name == "quit" || name == "exit") return false;
  if (name == "help") {
    say(kHelp);
  } else if (name == "clear") {
    session_.clear();
    say("The conversation is empty.");
  } else if (name == "undo") {
    session_.undo();
    say(fmt::format("Taken back; {} messages remain.", session_.messages().size()));
  } else if (name == "compact") {
    compact();
  } else if (name == "retry") {
    answer([&](const auto& callbacks) { return session_.retry(callbacks); });
  } else if (name == "system") {
    if (argument.empty())
      return say(session_.system().empty() ? "There is no system message." : session_.system()), true;
    session_.set_system(argument == "-" ? "" : argument);
    say(argument == "-" ? "The system message is removed." : "The system message is set.");
  } else if (name == "save") {
    save(argument);
  } else if (name == "load") {
    load(argument);
  } else if (name == "stats") {
    if (argument == "on" || argument == "off") stats_after_answers_ = argument == "on";
    if (argument != "off") show_stats();
  } else if (is_memory_command(name)) {
    say(run_memory_command(name, argument, memory_));
  } else {
    throw Error(Error::Code::invalid, fmt::format("there is no command /{}; /help lists them, // sends a slash", name));
  }
  return true;
}

void ChatLoop::answer(const std::function<ChatAnswer(const ChatCallbacks&)>& start) {
  ProgressBar bar("reading", ProgressBar::Unit::tokens, std::chrono::seconds(1));
  AnswerPrinter printer;
  bool written = false;
  last_ = start({.on_text =
                     [&](std::string_view text) {
                       bar.erase();
                       written = true;
                       printer.write(text);
                       return !interrupted();
                     },
                 .on_reasoning =
                     [&](std::string_view text) {
                       bar.erase();
                       written = true;
                       printer.write_reasoning(text);
                     },
                 .on_prompt_read =
                     [&](int64_t done, int64_t total) {
                       bar.update(static_cast<uint64_t>(done), static_cast<uint64_t>(total));
                       return !interrupted();
                     }});
  bar.erase();
  if (written || last_.finish != FinishReason::cancelled) printer.finish();
  report_end(last_);
}

void ChatLoop::compact() {
  ProgressBar bar("summarising", ProgressBar::Unit::tokens, std::chrono::seconds(1));
  const std::string summary =
      session_.compact({.on_text = [](std::string_view) { return !interrupted(); },
                        .on_reasoning = {},
                        .on_prompt_read =
                            [&](int64_t done, int64_t total) {
                              bar.update(static_cast<uint64_t>(done), static_cast<uint64_t>(total));
                              return !interrupted();
                            }});
  bar.erase();
  clear_interrupt();
  say("The conversation goes on from this summary: " + terminal_safe(summary));
}

void ChatLoop::report_end(const ChatAnswer& result) {
  if (result.finish == FinishReason::cancelled)
    say(paint(STDERR_FILENO, style::kDim, result.text.empty() ? "[stopped; the message is taken back]" : "[stopped]"));
  if (result.finish == FinishReason::length)
    say(paint(STDERR_FILENO, style::kDim,
              fmt::format("[cut off after {} tokens: --n-predict]", result.stats.n_answer)));
  if (result.finish == FinishReason::context_full) {
    failed_ = true;
    say(fmt::format(
        "{} the context is full: {} of {} tokens are used and the answer is cut off here. /compact or /clear makes "
        "room; `--ctx N` at the start gives more.",
        paint(STDERR_FILENO, style::kYellow, "loam:"), session_.tokens_used(), session_.context()));
  }
  if (stats_after_answers_) show_stats();
  clear_interrupt();
}

void ChatLoop::show_stats() {
  say(paint(STDERR_FILENO, style::kDim,
            fmt::format("{} · context {} of {}", describe(last_.stats), session_.tokens_used(),
                        session_.context() > 0 ? std::to_string(session_.context()) : "?")));
}

void ChatLoop::save(const std::string& path) {
  if (path.empty()) throw Error(Error::Code::invalid, "which file? /save FILE");
  write_file_atomically(path, write_transcript(session_.messages(), model_));
  say(fmt::format("Saved {} messages to {}.", session_.messages().size(), terminal_safe(path)));
}

void ChatLoop::load(const std::string& path) {
  if (path.empty()) throw Error(Error::Code::invalid, "which file? /load FILE");
  session_.restore(parse_transcript(read_whole_file(path), path));
  say(fmt::format("Loaded {} messages from {}.", session_.messages().size(), terminal_safe(path)));
  if (!interactive_) return;
  for (const ChatMessage& message : session_.messages()) {
    print(paint(STDOUT_FILENO, style::kDim, message.role + ":") + "\n");
    AnswerPrinter printer;
    printer.write(message.content);
    printer.finish();
  }
}

void ChatLoop::say(std::string_view text) const {
  fmt::print(stderr, "{}\n", text);
  std::fflush(stderr);
}

}  // namespace loam
