// What the terminal can show: whether there is one, colours, width, and text made safe to print on it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace loam {

bool is_terminal(int fd);
// On a terminal that is not "dumb", unless NO_COLOR is set (https://no-color.org) or `disable_color` was called.
bool has_color(int fd);
void disable_color();  // --no-color

// Select Graphic Rendition codes (ECMA-48, 8.3.117).
namespace style {
inline constexpr std::string_view kReset = "\x1b[0m", kBold = "\x1b[1m", kDim = "\x1b[2m", kItalic = "\x1b[3m",
                                  kRed = "\x1b[31m", kGreen = "\x1b[32m", kYellow = "\x1b[33m", kCyan = "\x1b[36m";
}
// `text` in `code` where `fd` has colours, else as it is.
std::string paint(int fd, std::string_view code, std::string_view text);

int terminal_width(int fd);  // columns; 80 where unknown
// Columns that a line of `text` takes: two for each wide letter, as of Korean. fmt::format("{:<{}}") pads by the same.
size_t terminal_columns(std::string_view text);

// Text that a model or a file wrote, with every control character but newline and tab shown as \xNN, so that it cannot
// move the cursor, set the title or fill the clipboard. `text` is valid UTF-8.
std::string terminal_safe(std::string_view text);

std::string human_count(double count);  // "134.5 M"
}  // namespace loam
