#include "app/terminal.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <iterator>

#include "base/utf8.h"

namespace loam {
namespace {

bool color_disabled = false;

}  // namespace

bool is_terminal(int fd) { return isatty(fd) == 1; }

void disable_color() { color_disabled = true; }

bool has_color(int fd) {
  const char* no_color = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  return !color_disabled && !(no_color && *no_color) && term && std::strcmp(term, "dumb") != 0 && is_terminal(fd);
}

std::string paint(int fd, std::string_view code, std::string_view text) {
  return has_color(fd) ? fmt::format("{}{}{}", code, text, style::kReset) : std::string(text);
}

int terminal_width(int fd) {
  winsize size{};
  return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

size_t terminal_columns(std::string_view text) {
  const size_t most = 2 * text.size();
  const size_t padding = fmt::format("{:<{}}", text, most).size() - text.size();
  return most - padding;
}

std::string terminal_safe(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    const CodePoint c = decode_utf8(text, i);
    // C0, DEL, and C1, whose U+009B starts a control sequence as ESC [ does.
    const bool control = (c.value < 0x20 && c.value != '\n' && c.value != '\t') || (c.value >= 0x7F && c.value < 0xA0);
    if (control)
      out += fmt::format("\\x{:02X}", static_cast<uint32_t>(c.value));
    else
      append_utf8(out, c.value);
    i += c.bytes;
  }
  return out;
}

std::string human_count(double count) {
  static constexpr const char* kUnits[] = {"", " k", " M", " B", " T"};
  size_t unit = 0;
  for (; count >= 1000 && unit + 1 < std::size(kUnits); ++unit) count /= 1000;
  return unit == 0 ? fmt::format("{:.0f}", count) : fmt::format("{:.1f}{}", count, kUnits[unit]);
}

}  // namespace loam
