#include "memory/transfer/json_elements.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "base/error.h"

namespace loam {

JsonElements::JsonElements(const InputFile& file) : file_(file), window_(64 << 10) {
  if (peek() == 0xEF) at_ += std::min<size_t>(3, filled_);  // a byte-order mark
  const int first = skip_space();
  if (first != '[' && first != '{') fail("it is neither a JSON array nor an object");
  is_array_ = first == '[';
  if (is_array_) take();
}

int JsonElements::peek() {
  if (at_ == filled_) {
    filled_ = static_cast<size_t>(std::min<uint64_t>(window_.size(), file_.size() - offset_));
    file_.read(offset_, std::as_writable_bytes(std::span(window_).first(filled_)));
    offset_ += filled_;
    at_ = 0;
  }
  return at_ < filled_ ? static_cast<unsigned char>(window_[at_]) : -1;
}

int JsonElements::take() {
  const int byte = peek();
  if (byte >= 0) ++at_;
  return byte;
}

int JsonElements::skip_space() {
  for (;;) {
    const int byte = peek();
    if (byte != ' ' && byte != '\t' && byte != '\n' && byte != '\r') return byte;
    ++at_;
  }
}

bool JsonElements::next(std::string& element) {
  if (ended_) return false;
  int byte = skip_space();
  if (is_array_ && byte == ',') {
    take();
    byte = skip_space();
  }
  if (is_array_ && byte == ']') {
    ended_ = true;
    return false;
  }
  begin_ = done();
  scan(element);
  if (!is_array_) ended_ = true;
  return true;
}

// To the end of a value, by its brackets and strings alone: that it is sound JSON is found when it is parsed.
void JsonElements::scan(std::string& element) {
  element.clear();
  int depth = 0;
  bool in_string = false;
  for (;;) {
    const int byte = peek();
    if (byte < 0) fail("it ends in the middle");
    const bool at_end = depth == 0 && !in_string && !element.empty() && (byte == ',' || byte == ']');
    if (at_end) return;
    ++at_;
    if (element.size() == kLargestElement) {
      fail(fmt::format("an element is larger than {} MiB", kLargestElement >> 20));
    }
    element += static_cast<char>(byte);
    if (in_string) {
      if (byte == '\\' && peek() >= 0) element += static_cast<char>(take());
      in_string = byte != '"';
      continue;
    }
    in_string = byte == '"';
    if ((byte == '{' || byte == '[') && ++depth > kDeepest) fail(fmt::format("it nests deeper than {}", kDeepest));
    if ((byte == '}' || byte == ']') && --depth <= 0) return;
  }
}

void JsonElements::fail(const std::string& what) const {
  throw Error(Error::Code::invalid, fmt::format("{} is no sound JSON: {} (at byte {})", file_.path(), what, done()),
              fmt::format("json@{}", done()));
}

}  // namespace loam
