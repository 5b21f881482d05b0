#include "model/weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <unordered_map>

#include "base/error.h"
#include "model/weight_loader.h"
#include "quant/block_format.h"

namespace loam {
namespace {

constexpr size_t kAlignment = 64;          // of every tensor: a cache line
constexpr size_t kBlockBytes = 256 << 20;  // of the weights' memory; large, so that huge pages can back it

[[noreturn]] void fail(Error::Code code, const TensorInfo& info, const std::string& message) {
  throw Error(code, fmt::format("tensor {} {}", info.name, message), fmt::format("{}@{}", info.name, info.offset));
}

}  // namespace

struct Weights::Store {
  Store(const GgufFile& f, const KernelTable& k, Binding b) : file(f), kernels(k), binding(b) {}

  const GgufFile& file;
  const KernelTable& kernels;
  const Binding binding;
  std::vector<Buffer> blocks;
  size_t used = 0;         // of the last block
  uint64_t allocated = 0;  // by all tensors
  uint64_t table_bytes = 0;
  std::vector<PackJob> jobs;  // matrices that `load` has yet to pack
  std::unordered_map<const TensorInfo*, Tensor> matrices;
  std::vector<std::vector<std::byte>> tables;  // those of files that are not mapped

  // Null where tensors are only measured.
  void* allocate(size_t bytes) {
    bytes = (bytes + kAlignment - 1) / kAlignment * kAlignment;
    allocated += bytes;
    if (binding == Binding::measure) return nullptr;
    if (blocks.empty() || blocks.back().size() - used < bytes) {
      blocks.emplace_back(std::max(bytes, std::min<size_t>(kBlockBytes, 2 * file.file_bytes())));
      used = 0;
    }
    void* memory = blocks.back().data() + used;
    used += bytes;
    return memory;
  }
};

Weights::Weights(const GgufFile& file, const KernelTable& kernels, Binding binding)
    : store_(std::make_shared<Store>(file, kernels, binding)) {}

Weights Weights::scope(std::string_view prefix, int index) const {
  Weights inner = *this;
  inner.prefix_ = fmt::format("{}{}.{}.", prefix_, prefix, index);
  return inner;
}

std::string Weights::full_name(std::string_view name, std::string_view suffix) const {
  return fmt::format("{}{}.{}", prefix_, name, suffix);
}

bool Weights::has(std::string_view name, std::string_view suffix) const {
  return store_->file.find(full_name(name, suffix)) != nullptr;
}

const TensorInfo& Weights::find(std::string_view name, const Shape& shape, std::string_view suffix) const {
  const std::string wanted = full_name(name, suffix);
  const TensorInfo* info = store_->file.find(wanted);
  if (!info)
    throw Error(Error::Code::model_invalid,
                fmt::format("tensor {} is missing; expected shape {}", wanted, shape.text()), wanted);
  if (info->shape != shape)
    throw Error(
        Error::Code::model_invalid,
        fmt::format("tensor {} has shape {}; the hyperparameters ask for {}", wanted, info->shape.text(), shape.text()),
        fmt::format("shape@{}", info->offset));
  return *info;
}

Tensor Weights::vector(std::string_view name, Shape shape, std::string_view suffix) const {
  const TensorInfo& info = find(name, shape, suffix);
  const BlockFormat* format = find_format(info.dtype);
  if (!format)
    fail(Error::Code::unsupported, info, fmt::format("is {}, which loam cannot decode", loam::name(info.dtype)));
  const int64_t n = shape.elements();
  auto* values = static_cast<float*>(store_->allocate(static_cast<size_t>(n) * sizeof(float)));
  std::vector<std::byte> scratch;
  if (values) format->decode(store_->file.bytes(info, 0, info.bytes, scratch).data(), n, values);
  return {.dtype = DType::f32, .layout = Layout::plain, .shape = shape, .data = values};
}

Tensor Weights::matrix(std::string_view name, Shape shape) const {
  const TensorInfo& info = find(name, shape, "weight");
  if (const auto known = store_->matrices.find(&info); known != store_->matrices.end()) return known->second;
  if (!has_matmul(info.dtype))
    fail(Error::Code::unsupported, info, fmt::format("is {}, which loam cannot compute with", loam::name(info.dtype)));
  PackJob job{
      .info = &info, .n_matrices = 1, .rows = shape.rows(), .cols = shape.cols(), .stride = 0, .packed = nullptr};
  if (shape.rank() == 3) {
    job.n_matrices = shape[0];
    job.rows = shape[1];
  }
  job.stride = loam::packed_bytes(store_->kernels, info.dtype, job.rows, job.cols);
  job.packed = store_->allocate(job.stride * static_cast<size_t>(job.n_matrices));
  store_->jobs.push_back(job);
  const Tensor tensor{.dtype = info.dtype, .layout = Layout::packed, .shape = shape, .data = job.packed};
  store_->matrices.emplace(&info, tensor);
  return tensor;
}

Tensor Weights::table(std::string_view name, Shape shape) const {
  const TensorInfo& info = find(name, shape, "weight");
  if (!find_format(info.dtype))
    fail(Error::Code::unsupported, info, fmt::format("is {}, which loam cannot decode", loam::name(info.dtype)));
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

Linear Weights::linear(std::string_view name, Shape shape) const {
  Linear linear{.weight = matrix(name, shape), .bias = {}};
  if (has(name, "bias")) linear.bias = vector(name, {shape[0]}, "bias");
  return linear;
}

void Weights::load(ThreadPool& pool, const Progress& progress) const {
  pack_matrices(store_->file, store_->kernels, std::move(store_->jobs), pool, progress);
  store_->jobs.clear();
}

const GgufFile& Weights::file() const { return store_->file; }

uint64_t Weights::packed_bytes() const { return store_->allocated; }
uint64_t Weights::table_bytes() const { return store_->table_bytes; }

}  // namespace loam
