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

// One thread's memory.
struct Scratch {
  std::vector<std::byte> bytes, blocks;
  std::vector<float> values;
};

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

class PieceCopier {
 public:
  PieceCopier(const GgufFile& file, const GgufCopy& copy, const GgufWriter& writer)
      : file_(file), copy_(copy), writer_(writer) {
    for (const CopiedTensor& tensor : copy.tensors) check_types(tensor);
  }

  void run(const Piece& piece, Scratch& scratch) const {
    const CopiedTensor& tensor = copy_.tensors[piece.tensor];
    const TensorInfo& source = *tensor.source;
    const uint64_t from = bytes_of(source.dtype, piece.begin), size = bytes_of(source.dtype, piece.n);
    const auto bytes = file_.bytes(source, from, size, scratch.bytes);
    const uint64_t to = bytes_of(tensor.dtype, piece.begin);
    if (tensor.dtype == source.dtype) {
      writer_.write(piece.tensor, to, bytes);
    } else {
      convert(tensor, piece, bytes, scratch);
      writer_.write(piece.tensor, to, scratch.blocks);
    }
    file_.release(source, from, size);
  }

 private:
  static void check_types(const CopiedTensor& tensor) {
    if (tensor.dtype == tensor.source->dtype) return;
    const BlockFormat *from = find_format(tensor.source->dtype), *to = find_format(tensor.dtype);
    if (from && to && to->encode) return;
    throw Error(Error::Code::unsupported,
                fmt::format("tensor {} is {}; loam cannot {} {}", tensor.source->name, name(tensor.source->dtype),
                            from ? "write" : "read", name(from ? tensor.dtype : tensor.source->dtype)),
                std::string(tensor.source->name));
  }

  void convert(const CopiedTensor& tensor, const Piece& piece, std::span<const std::byte> bytes,
               Scratch& scratch) const {
    scratch.values.resize(static_cast<size_t>(piece.n));
    find_format(tensor.source->dtype)->decode(bytes.data(), piece.n, scratch.values.data());
    check_finite(tensor, piece, scratch.values);
    scratch.blocks.resize(bytes_of(tensor.dtype, piece.n));
    encode(tensor, piece, scratch);
  }

  // With importance a piece is whole rows; each of them uses the numbers of its matrix.
  static void encode(const CopiedTensor& tensor, const Piece& piece, Scratch& scratch) {
    const BlockFormat& format = *find_format(tensor.dtype);
    if (tensor.importance.empty()) return format.encode(scratch.values.data(), piece.n, scratch.blocks.data());
    const int64_t cols = tensor.source->shape.cols(), n_matrices = std::ssize(tensor.importance) / cols;
    const int64_t rows_of_matrix = tensor.source->shape.rows() / n_matrices;
    for (int64_t at = 0; at < piece.n; at += cols) {
      const int64_t matrix = (piece.begin + at) / cols / rows_of_matrix;
      format.encode_weighted(scratch.values.data() + at, tensor.importance.data() + matrix * cols, cols,
                             scratch.blocks.data() + bytes_of(tensor.dtype, at));
    }
  }

  static void check_finite(const CopiedTensor& tensor, const Piece& piece, std::span<const float> values) {
    const auto bad = std::ranges::find_if_not(values, [](float v) { return std::isfinite(v); });
    if (bad == values.end()) return;
    throw Error(Error::Code::model_invalid,
                fmt::format("tensor {} holds {} at element {} of {}: it cannot be converted", tensor.source->name, *bad,
                            piece.begin + (bad - values.begin()), tensor.source->shape.elements()),
                std::string(tensor.source->name));
  }

  const GgufFile& file_;
  const GgufCopy& copy_;
  const GgufWriter& writer_;
};

}  // namespace

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
  std::vector<Scratch> scratch(static_cast<size_t>(pool.size()));
  for_windows(pieces.size(), 1, pool, progress, [&](size_t begin, size_t, int thread) {
    copier.run(pieces[begin], scratch[static_cast<size_t>(thread)]);
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
