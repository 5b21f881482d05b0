#include "model/weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <utility>

#include "base/error.h"
#include "base/hash.h"
#include "base/human_bytes.h"
#include "file/gguf_parts.h"
#include "file/input_order.h"
#include "model/weight_memory.h"
#include "quant/block_format.h"

namespace loam {
namespace {

constexpr size_t kBlockBytes = 256 << 20;  // of the weights' memory; large, so that huge pages can back it
constexpr uint64_t kKeepFrom = 16 << 20;   // bytes of packed weights; smaller ones are packed in no time
constexpr size_t kReadInBytes = 8 << 20;   // with one request: a slow disk's need not be waited for to cancel
// Changes with the packed form, whose bytes may be kept by an older version.
constexpr int kPackedVersion = 1;

// (1, 1, 64) is stored as (64).
Shape without_leading_ones(const Shape& shape) {
  int first = 0;
  while (first + 1 < shape.rank() && shape[first] == 1) ++first;
  std::vector<int64_t> dims;
  for (int i = first; i < shape.rank(); ++i) dims.push_back(shape[i]);
  return Shape(dims);
}

[[noreturn]] void fail(Error::Code code, const TensorInfo& info, const std::string& message) {
  throw Error(code, fmt::format("tensor {} {}", info.name, message), fmt::format("{}@{}", info.name, info.offset));
}

}  // namespace

struct Weights::Store {
  Store(const GgufFile& f, const KernelTable& k, Binding b)
      : file(f), kernels(k), binding(b), memory(std::min<uint64_t>(kBlockBytes, 2 * f.file_bytes())) {}

  const GgufFile& file;
  const KernelTable& kernels;
  const Binding binding;
  WeightMemory memory;          // of the matrices
  std::vector<PackJob> jobs;    // matrices that `load` has yet to fill
  std::vector<PackJob> loaded;  // those that it has filled, by offset
  uint64_t allocated = 0;       // by all tensors
  uint64_t table_bytes = 0;
  std::map<std::pair<const TensorInfo*, int64_t>, Tensor> matrices;  // by tensor and first row
  std::vector<std::vector<float>> vectors;
  bool has_input_orders = false;
  std::deque<std::vector<int32_t>> input_orders;  // no two alike
  std::vector<std::vector<std::byte>> tables;     // those of files that are not mapped
};

Weights::Weights(const GgufFile& file, const KernelTable& kernels, Binding binding)
    : store_(std::make_shared<Store>(file, kernels, binding)) {}

Weights Weights::scope(std::string_view prefix, int index) const {
  Weights inner = *this;
  inner.prefix_ = fmt::format("{}{}.{}.", prefix_, prefix, index);
  return inner;
}

std::string Weights::full_name(std::string_view name, std::string_view suffix) const {
  const std::string bare = prefix_ + std::string(name),
                    full = suffix.empty() ? bare : fmt::format("{}.{}", bare, suffix);
  return suffix == "weight" && !store_->file.find(full) && store_->file.find(bare) ? bare : full;
}

bool Weights::has(std::string_view name, std::string_view suffix) const {
  return store_->file.find(full_name(name, suffix)) != nullptr;
}

const TensorInfo& Weights::look_up(std::string_view name, const Shape& shape, std::string_view suffix) const {
  const std::string wanted = full_name(name, suffix);
  const TensorInfo* info = store_->file.find(wanted);
  if (!info)
    throw Error(Error::Code::model_invalid,
                fmt::format("tensor {} is missing; expected shape {}", wanted, shape.text()), wanted);
  if (info->shape != shape && info->shape != without_leading_ones(shape))
    throw Error(
        Error::Code::model_invalid,
        fmt::format("tensor {} has shape {}; the hyperparameters ask for {}", wanted, info->shape.text(), shape.text()),
        fmt::format("shape@{}", info->offset));
  return *info;
}

const TensorInfo& Weights::find(std::string_view name, const Shape& shape, std::string_view suffix) const {
  const TensorInfo& info = look_up(name, shape, suffix);
  if (find_input_order(store_->file, info))
    fail(Error::Code::unsupported, info, "has its inputs in an order of its own, which loam has no code for here");
  return info;
}

// Equal orders are one, so that products of one input gather it once; each is counted, since a plan reads none.
Tensor Weights::input_order(const TensorInfo& matrix) const {
  const TensorInfo* info = find_input_order(store_->file, matrix);
  if (!info) return {};
  store_->has_input_orders = true;
  store_->allocated += info->bytes;
  if (store_->binding == Binding::measure) return {.dtype = DType::i32, .shape = info->shape};
  std::vector<int32_t> order = read_input_order(store_->file, *info);
  auto known = std::ranges::find(store_->input_orders, order);
  if (known == store_->input_orders.end()) known = store_->input_orders.insert(known, std::move(order));
  return {.dtype = DType::i32, .shape = info->shape, .data = known->data()};
}

Tensor Weights::vector(std::string_view name, Shape shape, std::string_view suffix) const {
  const TensorInfo& info = find(name, shape, suffix);
  const BlockFormat* format = find_format(info.dtype);
  if (!format)
    fail(Error::Code::unsupported, info, fmt::format("is {}, which loam cannot decode", loam::name(info.dtype)));
  const int64_t n = shape.elements();
  store_->allocated += static_cast<uint64_t>(n) * sizeof(float);
  float* values = nullptr;
  if (store_->binding != Binding::measure) {
    values = store_->vectors.emplace_back(static_cast<size_t>(n)).data();
    std::vector<std::byte> scratch;
    format->decode(store_->file.bytes(info, 0, info.bytes, scratch).data(), n, values);
  }
  return {.dtype = DType::f32, .layout = Layout::plain, .shape = shape, .data = values};
}

Tensor Weights::transposed(std::string_view name, Shape shape, std::string_view suffix) const {
  const Tensor plain = vector(name, shape, suffix);
  const int64_t n_rows = shape.rows(), n_cols = shape.cols();
  const Tensor turned{.shape = {n_cols, n_rows}, .data = plain.data};
  if (!plain) return turned;  // only measured
  const std::vector<float> values(plain.f32(), plain.f32() + shape.elements());
  for (int64_t row = 0; row < n_rows; ++row)
    for (int64_t col = 0; col < n_cols; ++col) turned.row(col)[row] = values[static_cast<size_t>(row * n_cols + col)];
  return turned;
}

Tensor Weights::matrix(std::string_view name, Shape shape) const {
  return matrix(name, shape, {.first = 0, .n = shape[shape.rank() - 2]});
}

Tensor Weights::matrix(std::string_view name, Shape shape, Rows rows) const {
  return packed(find(name, shape, "weight"), shape, rows);
}

Tensor Weights::packed(const TensorInfo& info, const Shape& shape, Rows rows) const {
  const bool several = shape.rank() == 3;
  const int64_t file_rows = shape[several ? 1 : 0];
  LOAM_CHECK(rows.first >= 0 && rows.n > 0 && rows.first + rows.n <= file_rows);
  const auto known = store_->matrices.find({&info, rows.first});
  if (known != store_->matrices.end()) return known->second;
  if (!has_matmul(info.dtype))
    fail(Error::Code::unsupported, info, fmt::format("is {}, which loam cannot compute with", loam::name(info.dtype)));
  const PackJob job{.info = &info,
                    .n_matrices = several ? shape[0] : 1,
                    .rows = rows.n,
                    .cols = shape.cols(),
                    .stride = loam::packed_bytes(store_->kernels, info.dtype, rows.n, shape.cols()),
                    .offset = 0,
                    .first_row = rows.first,
                    .file_rows = file_rows};
  const Tensor tensor{.dtype = info.dtype,
                      .layout = Layout::packed,
                      .shape = several ? Shape{shape[0], rows.n, shape[2]} : Shape{rows.n, shape[1]},
                      .data = add_job(job)};
  store_->matrices.emplace(std::pair(&info, rows.first), tensor);
  return tensor;
}

Tensor Weights::table(std::string_view name, Shape shape) const {
  const TensorInfo& info = find(name, shape, "weight");
  if (!find_format(info.dtype))
    fail(Error::Code::unsupported, info, fmt::format("is {}, which loam cannot decode", loam::name(info.dtype)));
  if (store_->file.computes(info)) return computed_table(info, shape);
  store_->table_bytes += info.bytes;
  if (store_->binding == Binding::measure) return {.dtype = info.dtype, .layout = Layout::plain, .shape = shape};
  std::vector<std::byte> scratch;
  const std::span<const std::byte> bytes = store_->file.bytes(info, 0, info.bytes, scratch);
  if (bytes.data() == scratch.data()) {  // not mapped: this copy is the table
    store_->allocated += scratch.size();
    store_->tables.push_back(std::move(scratch));
  }
  // Tensor is a view for reading and writing; nobody writes to a table.
  return {.dtype = info.dtype, .layout = Layout::plain, .shape = shape, .data = const_cast<std::byte*>(bytes.data())};
}

// It goes where the packed matrices go, so that `load` works it out once.
Tensor Weights::computed_table(const TensorInfo& info, const Shape& shape) const {
  const std::byte* rows = add_job({.info = &info,
                                   .n_matrices = 1,
                                   .rows = shape.rows(),
                                   .cols = shape.cols(),
                                   .stride = info.bytes,
                                   .offset = 0,
                                   .first_row = 0,
                                   .file_rows = shape.rows(),
                                   .plain = true});
  return {.dtype = info.dtype, .layout = Layout::plain, .shape = shape, .data = const_cast<std::byte*>(rows)};
}

// → where `load` will put the matrices; null where they are only measured.
std::byte* Weights::add_job(PackJob job) const {
  const size_t bytes = job.stride * static_cast<size_t>(job.n_matrices);
  store_->allocated += bytes;
  std::byte* data = nullptr;
  if (store_->binding != Binding::measure) {
    data = store_->memory.allocate(bytes);
    job.offset = store_->memory.offset(data);
  }
  store_->jobs.push_back(job);
  return data;
}

Linear Weights::linear(std::string_view name, Shape shape) const {
  const TensorInfo& info = look_up(name, shape, "weight");
  Linear linear{
      .weight = packed(info, shape, {.first = 0, .n = shape[0]}), .bias = {}, .input_order = input_order(info)};
  if (has(name, "bias")) linear.bias = vector(name, {shape[0]}, "bias");
  return linear;
}

Linear Weights::linear(std::string_view name, Shape shape, Rows rows) const {
  const TensorInfo& info = look_up(name, shape, "weight");
  Linear linear{.weight = packed(info, shape, rows), .bias = {}, .input_order = input_order(info)};
  if (!has(name, "bias")) return linear;
  const Tensor whole = vector(name, {shape[0]}, "bias");
  linear.bias = {.shape = {rows.n}, .data = whole ? whole.f32() + rows.first : nullptr};
  return linear;
}

// Everything that the packed bytes depend on: the files as the system knows them (any change of a file changes its
// status), where each matrix goes, and the instruction set.
PackedIdentity Weights::packed_identity() const {
  const Store& s = *store_;
  Sha256 hash;
  const auto add = [&](const std::string& text) { hash.update(std::as_bytes(std::span(text))); };
  add(fmt::format("{} {} {}\n", kPackedVersion, s.kernels.name, s.kernels.row_group));
  add(tensor_fingerprint_of(s.file));
  for (const PackJob& job : s.jobs)
    add(fmt::format("{} {} {} {} {} {} {}{}\n", job.info->name, name(job.info->dtype), job.info->offset, job.stride,
                    job.rows, job.first_row, job.offset, job.plain ? " plain" : ""));
  return {.source = tensor_path_of(s.file), .digest = hash.hex(), .bytes = s.memory.size()};
}

void Weights::read_in(ThreadPool& pool, const Progress& progress) const {
  const WeightMemory& memory = store_->memory;
  for_windows(memory.size(), kReadInBytes, pool, progress, [&](size_t begin, size_t end, int) {
    for (size_t next; begin < end; begin = next) {
      next = memory.end_of_run(begin, end);
      if (!memory.read_in(begin, next - begin)) throw Error(Error::Code::io, "cannot read the packed weights");
    }
  });
}

void Weights::load(ThreadPool& pool, const Progress& progress, const std::string& packed_folder, bool from_disk) const {
  Store& s = *store_;
  const bool keep = !s.file.fingerprint().empty() && s.memory.size() >= kKeepFrom;
  const PackedFolder folder(keep ? packed_folder : "");
  const PackedIdentity identity = packed_identity();
  const auto pack = [&](const PackedSink& sink) {
    pack_matrices(s.file, s.kernels, s.jobs, s.memory.size(), pool, progress, sink);
  };
  if (const auto kept = folder.open(identity)) {
    s.memory.map(kept->descriptor());
    if (!from_disk) read_in(pool, progress);
  } else if (const auto fresh = folder.create(identity)) {
    pack([&](size_t offset, std::span<const std::byte> bytes) { fresh->write(offset, bytes); });
    fresh->keep();
    s.memory.map(fresh->descriptor());
  } else if (from_disk && keep) {
    throw Error(Error::Code::io, fmt::format("--mmap runs from packed weights on the disk: {} needs {} and 4 GiB more",
                                             packed_folder, human_bytes(identity.bytes)));
  } else {
    s.memory.commit();
    pack([&](size_t offset, std::span<const std::byte> bytes) { s.memory.write(offset, bytes); });
  }
  s.loaded.insert(s.loaded.end(), s.jobs.begin(), s.jobs.end());
  s.jobs.clear();
}

const GgufFile& Weights::file() const { return store_->file; }

std::span<const PackJob> Weights::matrices() const { return store_->jobs; }

bool Weights::has_input_orders() const { return store_->has_input_orders; }

std::optional<Weights::Place> Weights::find_packed(const void* address) const {
  const size_t offset = store_->memory.offset(static_cast<const std::byte*>(address));
  const auto job = std::ranges::upper_bound(store_->loaded, offset, {}, &PackJob::end);
  LOAM_CHECK(job != store_->loaded.end() && (offset - job->offset) % job->stride == 0);
  if (job->first_row > 0) return std::nullopt;
  return Place{job->info, static_cast<int64_t>((offset - job->offset) / job->stride), job->n_matrices};
}

uint64_t Weights::packed_bytes() const { return store_->allocated; }
uint64_t Weights::table_bytes() const { return store_->table_bytes; }

}  // namespace loam
