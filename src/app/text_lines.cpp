#include "app/text_lines.h"

#include <algorithm>
#include <utility>

#include "app/output.h"

namespace loam {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    std::string line = text.substr(begin, end - begin);
    if (line.ends_with('\r')) line.pop_back();
    lines.push_back(std::move(line));
    begin = end + 1;
  }
  return lines;
}

}  // namespace

std::vector<std::string> input_lines(const std::vector<std::string>& arguments, const std::string& path) {
  if (!path.empty()) return lines_of(read_whole_file(path));
  return arguments.empty() ? lines_of(read_standard_input()) : arguments;
}

}  // namespace loam
