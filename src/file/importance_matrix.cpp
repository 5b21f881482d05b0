#include "file/importance_matrix.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/byte_reader.h"
#include "base/error.h"
#include "base/input_file.h"
#include "base/utf8.h"
#include "file/gguf_header.h"
#include "file/gguf_writer.h"

namespace loam {
namespace {

constexpr std::string_view kSquares = ".in_sum2", kCounts = ".counts";
constexpr uint64_t kMaxImportanceBytes = uint64_t{4} << 30;

[[noreturn]] void refuse_importance(const char* field, uint64_t offset, std::string message) {
  throw_gguf_error(field, offset, std::move(message));
}

std::vector<float> floats_of(const GgufFile& file, const TensorInfo& tensor) {
  if (tensor.dtype != DType::f32)
    refuse_importance("type", tensor.offset, fmt::format("{} is {}, not F32", tensor.name, name(tensor.dtype)));
  std::vector<std::byte> scratch;
  const auto bytes = file.bytes(tensor, 0, tensor.bytes, scratch);
  std::vector<float> values(tensor.bytes / sizeof(float));
  std::memcpy(values.data(), bytes.data(), tensor.bytes);
  return values;
}

void check_sum(double value, std::string_view name, uint64_t offset) {
  if (std::isfinite(value) && value >= 0) return;
  refuse_importance("value", offset,
                    fmt::format("{} holds {}, which is no sum of squares", escape_control(name), value));
}

bool is_gguf(const std::string& path) {
  const InputFile file(path);
  char magic[4] = {};
  if (file.size() < sizeof magic) return false;
  file.read(0, std::as_writable_bytes(std::span(magic)));
  return std::string_view(magic, sizeof magic) == "GGUF";
}

}  // namespace

ImportanceMatrix ImportanceMatrix::read(const std::string& path) {
  ImportanceMatrix matrix;
  if (is_gguf(path))
    matrix.read_gguf(*GgufFile::open(path));
  else
    matrix.read_legacy(path);
  if (matrix.entries_.empty()) refuse_importance("count", 0, path + " holds the importance of no tensor");
  return matrix;
}

ImportanceMatrix::Entry& ImportanceMatrix::entry(std::string_view tensor, int64_t n_matrices, int64_t cols) {
  const auto found = entries_.find(tensor);
  Entry& entry = found != entries_.end() ? found->second : entries_[std::string(tensor)];
  if (entry.counts.empty()) {
    entry.squares.resize(static_cast<size_t>(n_matrices * cols));
    entry.counts.resize(static_cast<size_t>(n_matrices));
  }
  if (std::ssize(entry.squares) != n_matrices * cols || std::ssize(entry.counts) != n_matrices)
    throw Error(Error::Code::invalid,
                fmt::format("the importance of {} has {} matrices of {} numbers in all, not {} of {}", tensor,
                            entry.counts.size(), entry.squares.size(), n_matrices, n_matrices * cols),
                std::string(tensor));
  return entry;
}

void ImportanceMatrix::add(std::string_view tensor, int64_t matrix, int64_t n_matrices, std::span<const float> input) {
  Entry& own = entry(tensor, n_matrices, std::ssize(input));
  double* squares = own.squares.data() + matrix * std::ssize(input);
  for (size_t i = 0; i < input.size(); ++i) squares[i] += double{input[i]} * input[i];
  ++own.counts[static_cast<size_t>(matrix)];
}

void ImportanceMatrix::add(const ImportanceMatrix& other) {
  for (const auto& [name, theirs] : other.entries_) {
    const auto n = std::ssize(theirs.counts);
    Entry& own = entry(name, n, std::ssize(theirs.squares) / n);
    for (size_t i = 0; i < own.squares.size(); ++i) own.squares[i] += theirs.squares[i];
    for (size_t i = 0; i < own.counts.size(); ++i) own.counts[i] += theirs.counts[i];
  }
  datasets.insert(datasets.end(), other.datasets.begin(), other.datasets.end());
  n_chunks += other.n_chunks;
  chunk_size = std::max(chunk_size, other.chunk_size);
}

// Two tensors for each: NAME.in_sum2 (n_matrices, cols) and NAME.counts (n_matrices, 1).
void ImportanceMatrix::read_gguf(const GgufFile& file) {
  const Metadata& metadata = file.metadata();
  if (const auto* names = metadata.has("imatrix.datasets") ? metadata.strings("imatrix.datasets") : nullptr)
    datasets.assign(names->begin(), names->end());
  n_chunks = metadata.integer("imatrix.chunk_count", 0).value_or(0);
  chunk_size = metadata.integer("imatrix.chunk_size", 0).value_or(0);
  for (const TensorInfo& tensor : file.tensors()) {
    if (!tensor.name.ends_with(kSquares)) continue;
    const std::string name(tensor.name.substr(0, tensor.name.size() - kSquares.size()));
    const TensorInfo* counted = file.find(name + std::string(kCounts));
    if (!counted) refuse_importance("key", tensor.offset, fmt::format("{}{} is missing", name, kCounts));
    const std::vector<float> squares = floats_of(file, tensor), counts = floats_of(file, *counted);
    if (squares.size() % counts.size() != 0)
      refuse_importance("shape", tensor.offset,
                        fmt::format("{} has {} numbers for {} matrices", tensor.name, squares.size(), counts.size()));
    Entry& own = entries_[name];
    for (const float value : squares) check_sum(value, tensor.name, tensor.offset);
    for (const float value : counts) check_sum(value, counted->name, counted->offset);
    own.squares.assign(squares.begin(), squares.end());
    for (const float count : counts) own.counts.push_back(static_cast<int64_t>(std::min(count, 9e18f)));
  }
}

// n_entries, and for each: its name with its length, calls, number of values, values; then the last chunk and the
// dataset's name, which older files lack. All numbers are int32 but the values, float32. A value is the mean square
// times the calls.
void ImportanceMatrix::read_legacy(const std::string& path) {
  const InputFile file(path);
  if (file.size() > kMaxImportanceBytes)
    refuse_importance("count", 0, fmt::format("{} has {} bytes, too many", path, file.size()));
  std::vector<std::byte> bytes(file.size());
  file.read(0, bytes);
  ByteReader reader(bytes);
  const auto count = [&](const char* what, int32_t most) {
    const uint64_t at = reader.position();
    const auto n = reader.read<int32_t>(what);
    if (n < 0 || n > most) refuse_importance("count", at, fmt::format("{} is {}, not 0 to {}", what, n, most));
    return n;
  };
  const int32_t n_entries = count("the number of tensors", 1 << 17);
  for (int32_t i = 0; i < n_entries; ++i) {
    const std::string name(reader.text(static_cast<uint64_t>(count("a name's length", 4096)), "a name"));
    const uint64_t at = reader.position();
    const int32_t n_calls = std::max(1, count("a number of calls", INT32_MAX));
    const int32_t n_values = count("a number of values", INT32_MAX);
    const auto raw = reader.take(static_cast<uint64_t>(n_values) * sizeof(float), "values");
    if (n_values == 0) refuse_importance("count", at, fmt::format("{} has no values", escape_control(name)));
    Entry& own = entries_[name];
    own.squares.resize(static_cast<size_t>(n_values));
    for (size_t v = 0; v < own.squares.size(); ++v) {
      float value;
      std::memcpy(&value, raw.data() + v * sizeof value, sizeof value);
      check_sum(value, name, at);
      own.squares[v] = value;
    }
    own.counts = {n_calls};  // for all matrices of a stack alike
  }
  if (reader.remaining() == 0) return;
  n_chunks = count("the last chunk", INT32_MAX);
  datasets = {std::string(reader.text(static_cast<uint64_t>(count("a name's length", 1 << 20)), "the dataset's name"))};
}

void ImportanceMatrix::write(const std::string& path) const {
  Metadata metadata;
  metadata.insert("general.type", {MetaType::string, 0, 0, std::string_view("imatrix")});
  MetaArray names{.type = MetaType::string, .items = {}};
  names.items.emplace<std::vector<std::string_view>>(datasets.begin(), datasets.end());
  metadata.insert("imatrix.datasets", {MetaType::array, 0, 0, std::move(names)});
  metadata.insert("imatrix.chunk_count", {MetaType::u32, 0, 0, n_chunks});
  metadata.insert("imatrix.chunk_size", {MetaType::u32, 0, 0, chunk_size});
  std::vector<NewTensor> tensors;
  std::vector<std::vector<float>> data;
  for (const auto& [name, own] : entries_) {
    const auto n = std::ssize(own.counts);
    tensors.push_back({name + std::string(kSquares), DType::f32, {n, std::ssize(own.squares) / n}});
    data.emplace_back(own.squares.begin(), own.squares.end());
    tensors.push_back({name + std::string(kCounts), DType::f32, {n, 1}});
    data.emplace_back(own.counts.begin(), own.counts.end());
  }
  GgufWriter writer(metadata, std::move(tensors));
  writer.open(path);
  for (size_t i = 0; i < data.size(); ++i) writer.write(i, 0, std::as_bytes(std::span(data[i])));
  writer.keep();
}

std::vector<float> ImportanceMatrix::importance_of(const TensorInfo& tensor) const {
  const auto found = entries_.find(tensor.name);
  if (found == entries_.end()) return {};
  const Entry& own = found->second;
  const int64_t cols = tensor.shape.cols(), stacked = tensor.shape.rank() > 2 ? tensor.shape[0] * cols : cols;
  const auto n = std::ssize(own.squares);
  if (n != cols && n != stacked)
    throw Error(Error::Code::invalid,
                fmt::format("the importance matrix has {} numbers for {}, which has {} columns: it is another model's",
                            n, tensor.name, cols),
                "--imatrix");
  const auto per_matrix = n / std::ssize(own.counts);
  std::vector<float> importance(static_cast<size_t>(n), 1);
  for (int64_t i = 0; i < n; ++i)
    if (const int64_t count = own.counts[static_cast<size_t>(i / per_matrix)]; count > 0)
      importance[static_cast<size_t>(i)] =
          static_cast<float>(own.squares[static_cast<size_t>(i)] / static_cast<double>(count));
  return importance;
}

}  // namespace loam
