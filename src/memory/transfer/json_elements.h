// The elements of a JSON array in a file, one after another: an export of years of chats is larger than what one may
// hold in memory, its longest conversation is not.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/input_file.h"

namespace loam {

class JsonElements {
 public:
  static constexpr size_t kLargestElement = 64 << 20;  // bytes
  static constexpr int kDeepest = 200;                 // arrays and objects within each other

  // A file that holds one object counts as an array of one. The file must outlive the reader. Error(invalid) where it
  // begins as neither.
  explicit JsonElements(const InputFile& file);

  // The text of the next element, whose brackets and strings are balanced; false after the last. Error(invalid) naming
  // the offset where the file ends within it, or it is larger or deeper than the limits.
  bool next(std::string& element);
  uint64_t begin() const { return begin_; }  // offset of the element last given
  uint64_t done() const { return offset_ - (filled_ - at_); }

 private:
  int peek();  // the next byte, or -1 at the end of the file
  int take();
  int skip_space();  // → the next byte that is none, or -1
  void scan(std::string& element);
  [[noreturn]] void fail(const std::string& what) const;

  const InputFile& file_;
  std::vector<char> window_;
  size_t at_ = 0, filled_ = 0;
  uint64_t offset_ = 0, begin_ = 0;
  bool is_array_ = false, ended_ = false;
};

}  // namespace loam
