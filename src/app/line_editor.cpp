#include "app/line_editor.h"

#include <histedit.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "app/interrupt.h"
#include "app/terminal.h"
#include "base/utf8.h"

namespace loam {
namespace {

constexpr int kHistorySize = 1000;
constexpr wchar_t kLiteral = L'\1';  // encloses escape sequences in the prompt, which take no columns
constexpr wchar_t kCancelKey = L'\3';
constexpr const char* kPasteOn = "\x1b[?2004h";
constexpr const char* kPasteOff = "\x1b[?2004l";
constexpr std::wstring_view kPasteEnd = L"\x1b[201~";

std::wstring widen(std::string_view text) {
  std::wstring out;
  for (const char32_t c : code_points(text)) out += static_cast<wchar_t>(c);
  return out;
}

std::string narrow(std::wstring_view text) {
  std::string out;
  for (const wchar_t c : text) append_utf8(out, static_cast<char32_t>(c));
  return out;
}

// Takes UTF-8 whatever the locale, which libedit's own reader does not. Ctrl+C arrives as a signal and becomes a key.
// → 1: a character; 0: end of input.
int read_character(EditLine*, wchar_t* out) {
  if (!wait_for_input(STDIN_FILENO)) {
    clear_interrupt();
    *out = kCancelKey;
    return 1;
  }
  std::string bytes;
  char byte;
  do {
    if (read(STDIN_FILENO, &byte, 1) <= 0) break;
    bytes += byte;
  } while (complete_utf8_prefix(bytes) < bytes.size());
  if (bytes.empty()) return 0;
  *out = static_cast<wchar_t>(decode_utf8(bytes, 0).value);
  return 1;
}

}  // namespace

struct LineEditor::State {
  EditLine* editor = nullptr;
  HistoryW* history = nullptr;
  std::string history_path;
  std::wstring prompt;
  bool cancelled = false;

  static State& of(EditLine* editor) {
    void* data = nullptr;
    el_wget(editor, EL_CLIENTDATA, &data);
    return *static_cast<State*>(data);
  }

  static wchar_t* show_prompt(EditLine* editor) { return of(editor).prompt.data(); }

  static unsigned char cancel(EditLine* editor, wint_t) {
    of(editor).cancelled = true;
    const LineInfoW* line = el_wline(editor);
    const auto length = static_cast<int>(line->lastchar - line->buffer);
    el_cursor(editor, length);
    el_wdeletestr(editor, length);
    el_wpush(editor, L"\n");
    return CC_REFRESH;
  }

  // The terminal has announced pasted text (bracketed paste): line ends in it do not send the message.
  static unsigned char paste(EditLine* editor, wint_t) {
    std::wstring text;
    wchar_t c;
    while (!text.ends_with(kPasteEnd) && read_character(editor, &c) == 1 && c != kCancelKey)
      text += c == L'\r' ? L'\n' : c;
    if (text.ends_with(kPasteEnd)) text.resize(text.size() - kPasteEnd.size());
    return !text.empty() && el_winsertstr(editor, text.c_str()) != 0 ? CC_ERROR : CC_REFRESH;
  }
};

LineEditor::LineEditor(std::string history_path) : state_(std::make_unique<State>()) {
  State& s = *state_;
  s.history_path = std::move(history_path);
  s.history = history_winit();
  HistEventW event;
  history_w(s.history, &event, H_SETSIZE, kHistorySize);
  history_w(s.history, &event, H_SETUNIQUE, 1);
  if (!s.history_path.empty()) history_w(s.history, &event, H_LOAD, s.history_path.c_str());

  s.editor = el_init("loam", stdin, stdout, stderr);
  el_wset(s.editor, EL_CLIENTDATA, &s);
  el_wset(s.editor, EL_PROMPT_ESC, &State::show_prompt, kLiteral);
  el_wset(s.editor, EL_EDITOR, L"emacs");
  el_wset(s.editor, EL_SIGNAL, 1);
  el_wset(s.editor, EL_HIST, history_w, s.history);
  el_wset(s.editor, EL_GETCFN, &read_character);
  el_wset(s.editor, EL_ADDFN, L"loam-cancel", L"Clear the line", &State::cancel);
  el_wset(s.editor, EL_ADDFN, L"loam-paste", L"Insert pasted text", &State::paste);
  el_source(s.editor, nullptr);
  el_wset(s.editor, EL_BIND, L"^C", L"loam-cancel", nullptr);
  el_wset(s.editor, EL_BIND, L"\\e[200~", L"loam-paste", nullptr);
  el_wset(s.editor, EL_BIND, L"^R", L"em-inc-search-prev", nullptr);
}

LineEditor::~LineEditor() {
  el_end(state_->editor);
  history_wend(state_->history);
}

LineEditor::Status LineEditor::read(const std::string& prompt, std::string& line) {
  State& s = *state_;
  s.prompt = widen(prompt);
  s.cancelled = false;
  el_wset(s.editor, EL_PREP_TERM, 1);  // before the prompt is seen: from then on keys are for the editor
  std::fputs(kPasteOn, stdout);
  std::fflush(stdout);
  int length = 0;
  const wchar_t* text = el_wgets(s.editor, &length);
  std::fputs(kPasteOff, stdout);
  std::fflush(stdout);
  if (s.cancelled) return Status::cancelled;
  if (!text || length <= 0) return Status::end;
  std::wstring_view view(text, static_cast<size_t>(length));
  if (view.ends_with(L'\n')) view.remove_suffix(1);
  line = narrow(view);
  return Status::line;
}

void LineEditor::remember(const std::string& message) {
  State& s = *state_;
  HistEventW event;
  const std::wstring wide = widen(message);
  history_w(s.history, &event, H_ENTER, wide.c_str());
  if (s.history_path.empty()) return;
  std::error_code ignored;  // a history that cannot be kept is no reason to stop a conversation
  std::filesystem::create_directories(std::filesystem::path(s.history_path).parent_path(), ignored);
  const mode_t before = umask(0077);
  history_w(s.history, &event, H_SAVE, s.history_path.c_str());
  umask(before);
}

}  // namespace loam
