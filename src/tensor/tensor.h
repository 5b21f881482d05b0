// Tensor: a typed, shaped view of memory that somebody else owns. Buffer: an owner.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>

#include "tensor/dtype.h"

namespace loam {

// Up to four dimensions, outermost first, as in the papers: a weight is (out, in), activations are (tokens, features).
// (GGUF stores them innermost first; the reader turns them round.)
class Shape {
 public:
  Shape() = default;
  Shape(std::initializer_list<int64_t> dims) : Shape(std::span(dims.begin(), dims.size())) {}
  explicit Shape(std::span<const int64_t> dims);
  int rank() const { return rank_; }
  int64_t operator[](int i) const { return dims_[i]; }
  int64_t elements() const;
  int64_t rows() const;                              // product of all but the last dimension
  int64_t cols() const { return dims_[rank_ - 1]; }  // the last, contiguous dimension
  bool operator==(const Shape&) const = default;
  std::string text() const;  // "(2048, 576)"

 private:
  std::array<int64_t, 4> dims_{};
  int rank_ = 0;
};

// How the bytes behind a Tensor are laid out.
enum class Layout : uint8_t {
  plain,   // rows one after another, in the block format of `dtype`
  packed,  // row groups interleaved for the running instruction set (kernels/kernel_table.h)
};

struct Tensor {
  DType dtype = DType::f32;
  Layout layout = Layout::plain;
  Shape shape;
  void* data = nullptr;

  explicit operator bool() const { return data != nullptr; }
  float* f32() const { return static_cast<float*>(data); }
  float* row(int64_t i) const { return f32() + i * shape.cols(); }
};

// Zeroed memory from the operating system, aligned to 64 bytes. Huge pages may back it from 32 MiB on, unless only a
// part of it will ever be written.
class Buffer {
 public:
  Buffer() = default;
  explicit Buffer(size_t bytes, bool huge_pages = true);
  Buffer(Buffer&&) noexcept;
  Buffer& operator=(Buffer&&) noexcept;
  ~Buffer();
  std::byte* data() const { return data_; }
  size_t size() const { return size_; }
  // The system takes back its whole pages within [begin, end), which are zeroed then.
  void release(size_t begin, size_t end) const;

 private:
  std::byte* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace loam
