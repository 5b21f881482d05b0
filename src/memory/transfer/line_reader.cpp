#include "memory/transfer/line_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <span>

#include "base/error.h"

namespace loam {

LineReader::LineReader(const InputFile& file) : file_(file), window_(64 << 10) {
  if (fill() && filled_ >= 3 && std::memcmp(window_.data(), "\xEF\xBB\xBF", 3) == 0) at_ = 3;
}

bool LineReader::fill() {
  filled_ = static_cast<size_t>(std::min<uint64_t>(window_.size(), file_.size() - offset_));
  file_.read(offset_, std::as_writable_bytes(std::span(window_).first(filled_)));
  offset_ += filled_;
  at_ = 0;
  return filled_ > 0;
}

bool LineReader::next(std::string& line) {
  line.clear();
  if (at_ == filled_ && !fill()) return false;
  ++number_;
  for (;;) {
    const char* begin = window_.data() + at_;
    const auto* end = static_cast<const char*>(std::memchr(begin, '\n', filled_ - at_));
    const size_t n = end != nullptr ? static_cast<size_t>(end - begin) : filled_ - at_;
    if (line.size() + n > kLongestLine) {
      throw Error(Error::Code::invalid,
                  fmt::format("{}: line {} is longer than {} MiB; split it", file_.path(), number_, kLongestLine >> 20),
                  fmt::format("line {}", number_));
    }
    line.append(begin, n);
    at_ += n;
    if (end != nullptr) {
      ++at_;
      break;
    }
    if (!fill()) break;
  }
  if (!line.empty() && line.back() == '\r') line.pop_back();
  return true;
}

}  // namespace loam
