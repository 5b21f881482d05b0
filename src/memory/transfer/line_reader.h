// The lines of a text file, one after another, through a small window.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/input_file.h"

namespace loam {

class LineReader {
 public:
  static constexpr size_t kLongestLine = 16 << 20;  // bytes

  // The file must outlive the reader. A byte-order mark at its start is left out.
  explicit LineReader(const InputFile& file);

  // The next line without its "\n" or "\r\n"; false after the last. Error(invalid) naming the line where it is longer
  // than kLongestLine.
  bool next(std::string& line);
  int64_t number() const { return number_; }                   // of the line last given, from 1
  uint64_t done() const { return offset_ - (filled_ - at_); }  // bytes of the file that were given

 private:
  bool fill();

  const InputFile& file_;
  std::vector<char> window_;
  size_t at_ = 0, filled_ = 0;
  uint64_t offset_ = 0;
  int64_t number_ = 0;
};

}  // namespace loam
