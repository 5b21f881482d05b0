// What a model predicted for a text, kept as a file that other runs are compared with: a GGUF of the text's tokens and,
// for each scored one, the log-probabilities of the whole vocabulary in 16 bits.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "file/gguf.h"
#include "file/gguf_writer.h"

namespace loam {

struct ScoredText {
  std::vector<int32_t> tokens;
  int64_t window = 0;  // tokens that are read together; each but a window's first is scored
  int64_t n_vocab = 0;
  std::string model;

  int64_t n_scored() const;
};

class LogitFileWriter {
 public:
  // Errors as GgufWriter::open: the file takes 2 · n_scored · n_vocab bytes.
  LogitFileWriter(const std::string& path, const ScoredText& text);
  // The logits before scored token `row`, n_vocab of them.
  void add(int64_t row, std::span<const float> logits);
  void keep() { writer_.keep(); }

 private:
  GgufWriter writer_;
  std::vector<uint16_t> codes_;
};

class LogitFile {
 public:
  // Error(model_invalid) with field and offset where it is no such file.
  explicit LogitFile(const std::string& path);
  const ScoredText& text() const { return text_; }
  // → n_vocab log-probabilities, each within half a 65535th of the row's range; valid until the next call.
  std::span<const float> row(int64_t row);

 private:
  std::unique_ptr<GgufFile> file_;
  ScoredText text_;
  const TensorInfo *codes_ = nullptr, *ranges_ = nullptr;
  std::vector<std::byte> scratch_, range_scratch_;
  std::vector<float> values_;
};

}  // namespace loam
