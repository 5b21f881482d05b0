#include "file/gguf_copy.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "base/error.h"
#include "base/utf8.h"
#include "file/gguf_parts.h"
#include "quant/block_format.h"

namespace loam {
namespace {

// Elements of a piece: a multiple of every block size. With importance a piece is whole rows.
constexpr int64_t kPieceElements = int64_t{1} << 18;

// Elements [begin, begin + n) of a tensor.
struct Piece {
  size_t tensor;
  int64_t begin, n;
};

std::vector<Piece> pieces_of(const GgufCopy& copy) {
  std::vector<Piece> pieces;
  for (size_t t = 0; t < copy.tensors.size(); ++t) {
    const Shape& shape = copy.tensors[t].source->shape;
    const int64_t elements = shape.elements(), cols = shape.cols();
    const int64_t step =
        copy.tensors[t].importance.empty() ? kPieceElements : std::max<int64_t>(1, kPieceElements / cols) * cols;
    for (int64_t begin = 0; begin < elements; begin += step)
      pieces.push_back({t, begin, std::min(step, elements - begin)});
  }
  return pieces;
}

// With importance the elements are whole rows; each of them uses the numbers of its matrix.
void encode_elements(const CopiedTensor& tensor, int64_t begin, std::span<const float> values, std::byte* out) {
  const BlockFormat& format = *find_format(tensor.dtype);
  if (tensor.importance.empty()) return format.encode(values.data(), std::ssize(values), out);
  const int64_t cols = tensor.source->shape.cols(), n_matrices = std::ssize(tensor.importance) / cols;
  const int64_t rows_of_matrix = tensor.source->shape.rows() / n_matrices;
  for (int64_t at = 0; at < std::ssize(values); at += cols) {
    const int64_t matrix = (begin + at) / cols / rows_of_matrix;
    format.encode_weighted(values.data() + at, tensor.importance.data() + matrix * cols, cols,
                           out + bytes_of(tensor.dtype, at));
  }
}

void check_finite(const TensorInfo& tensor, int64_t begin, std::span<const float> values) {
  const auto bad = std::ranges::find_if_not(values, [](float v) { return std::isfinite(v); });
  if (bad == values.end()) return;
  throw Error(Error::Code::model_invalid,
              fmt::format("tensor {} holds {} at element {} of {}: it cannot be converted", tensor.name, *bad,
                          begin + (bad - values.begin()), tensor.shape.elements()),
              std::string(tensor.name));
}

class PieceCopier {
 public:
  PieceCopier(const GgufFile& file, const GgufCopy& copy, const GgufWriter& writer)
      : file_(file), copy_(copy), writer_(writer) {
    for (const CopiedTensor& tensor : copy.tensors) check_conversion(tensor);
  }

  // `blocks` and `scratch` are the thread's own.
  void run(const Piece& piece, std::vector<std::byte>& blocks, ConversionScratch& scratch) const {
    const CopiedTensor& tensor = copy_.tensors[piece.tensor];
    const TensorInfo& source = *tensor.source;
    const uint64_t to = bytes_of(tensor.dtype, piece.begin);
    if (tensor.dtype == source.dtype) {
      const uint64_t size = bytes_of(source.dtype, piece.n);
      writer_.write(piece.tensor, to, file_.bytes(source, to, size, scratch.bytes));
      file_.release(source, to, size);
    } else {
      blocks.resize(bytes_of(tensor.dtype, piece.n));
      convert_elements(file_, tensor, piece.begin, piece.n, scratch, blocks.data());
      writer_.write(piece.tensor, to, blocks);
    }
  }

 private:
  const GgufFile& file_;
  const GgufCopy& copy_;
  const GgufWriter& writer_;
};

}  // namespace

void check_conversion(const CopiedTensor& tensor) {
  if (tensor.dtype == tensor.source->dtype) return;
  const BlockFormat *from = find_format(tensor.source->dtype), *to = find_format(tensor.dtype);
  if (from && to && to->encode) return;
  throw Error(Error::Code::unsupported,
              fmt::format("tensor {} is {}; loam cannot {} {}", tensor.source->name, name(tensor.source->dtype),
                          from ? "write" : "read", name(from ? tensor.dtype : tensor.source->dtype)),
              std::string(tensor.source->name));
}

void convert_elements(const GgufFile& file, const CopiedTensor& tensor, int64_t begin, int64_t n,
                      ConversionScratch& scratch, std::byte* out) {
  const TensorInfo& source = *tensor.source;
  const uint64_t from = bytes_of(source.dtype, begin), size = bytes_of(source.dtype, n);
  const auto bytes = file.bytes(source, from, size, scratch.bytes);
  scratch.values.resize(static_cast<size_t>(n));
  find_format(source.dtype)->decode(bytes.data(), n, scratch.values.data());
  check_finite(source, begin, scratch.values);
  encode_elements(tensor, begin, scratch.values, out);
  file.release(source, from, size);
}

GgufCopy whole_copy(const GgufFile& file, Metadata& metadata) {
  for (const char* key : {"split.no", "split.count", "split.tensors.count"}) metadata.forget(key);
  GgufCopy copy{.metadata = &metadata, .tensors = {}};
  for (const TensorInfo& tensor : file.tensors()) copy.tensors.push_back({&tensor, tensor.dtype});
  return copy;
}

GgufWriter writer_for(const GgufCopy& copy) {
  std::vector<NewTensor> tensors;
  for (const CopiedTensor& tensor : copy.tensors)
    tensors.push_back({std::string(tensor.source->name), tensor.dtype, tensor.source->shape});
  return GgufWriter(*copy.metadata, std::move(tensors));
}

void copy_tensors(const GgufFile& file, const GgufCopy& copy, GgufWriter& writer, ThreadPool& pool,
                  const Progress& progress) {
  const PieceCopier copier(file, copy, writer);
  const std::vector<Piece> pieces = pieces_of(copy);
  const auto n_threads = static_cast<size_t>(pool.size());
  std::vector<std::vector<std::byte>> blocks(n_threads);
  std::vector<ConversionScratch> scratch(n_threads);
  for_windows(pieces.size(), 1, pool, progress, [&](size_t begin, size_t, int thread) {
    const auto t = static_cast<size_t>(thread);
    copier.run(pieces[begin], blocks[t], scratch[t]);
  });
}

void copy_gguf(const GgufFile& file, const GgufCopy& copy, const std::string& out, ThreadPool& pool,
               const Progress& progress) {
  check_output(file, out);
  GgufWriter writer = writer_for(copy);
  writer.open(out);
  copy_tensors(file, copy, writer, pool, progress);
  writer.keep();
}

void check_output(const GgufFile& file, const std::string& out) {
  for (const std::string& path : files_of(file)) {
    std::error_code fault;
    if (std::filesystem::equivalent(path, out, fault) && !fault)
      throw Error(Error::Code::invalid, fmt::format("{} is read from: write to another file", escape_control(out)),
                  "OUT");
  }
}

}  // namespace loam
