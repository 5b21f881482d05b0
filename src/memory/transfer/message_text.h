// What the readers of line-wise chats do with their lines.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace loam {

std::string_view strip_space(std::string_view text);  // of white space at both ends
void trim_end(std::string& text);
// Adds a line to a message. Error(invalid) naming the line where the message becomes longer than kLongestMessage.
void append_line(std::string& text, std::string_view line, int64_t number);

}  // namespace loam
