#include "memory/transfer/message_text.h"

#include <fmt/format.h>

#include "base/error.h"
#include "memory/transfer/chat_format.h"

namespace loam {

std::string_view strip_space(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

void trim_end(std::string& text) { text.resize(text.find_last_not_of(" \t\r\n") + 1); }

void append_line(std::string& text, std::string_view line, int64_t number) {
  if (text.size() + line.size() > kLongestMessage) {
    throw Error(Error::Code::invalid,
                fmt::format("the message at line {} is longer than {} MiB; split it", number, kLongestMessage >> 20),
                fmt::format("line {}", number));
  }
  if (!text.empty()) text += '\n';
  text += line;
}

}  // namespace loam
