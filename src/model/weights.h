// Weights: name → shape-checked tensor. A model's constructor asks for what it needs; `load` then fills it, in
// parallel.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/thread_pool.h"
#include "file/gguf.h"
#include "kernels/kernel_table.h"
#include "model/packed_folder.h"
#include "model/weight_loader.h"
#include "ops/ops.h"

namespace loam {

// What asking for a tensor does: takes its memory, or only checks and counts, for plans (its `data` stays null).
enum class Binding { allocate, measure };

// Some of a matrix's rows, where a file joins several matrices in one: [first, first + n).
struct Rows {
  int64_t first = 0, n = 0;
};

// A copy shares everything with its original. The file must outlive it, and it must outlive its tensors.
class Weights {
 public:
  Weights(const GgufFile& file, const KernelTable& kernels, Binding binding = Binding::allocate);

  // The names below it: scope("blk", 3).matrix("attn_q", …) reads "blk.3.attn_q.weight".
  Weights scope(std::string_view prefix, int index) const;
  // A ".weight" may be missing behind a name, as it is for some tensors that no product reads: here and below.
  bool has(std::string_view name, std::string_view suffix = "weight") const;

  // Shapes may lack leading dimensions of 1, as files do. Each throws Error(model_invalid, "shape@<offset>") naming the
  // tensor, the expected and the found shape, and Error(unsupported) for a type that loam cannot decode or multiply
  // with.
  Tensor vector(std::string_view name, Shape shape,
                std::string_view suffix = "weight") const;  // decoded to f32 at once
  // (n, m) of the file as (m, n), decoded to f32 at once.
  Tensor transposed(std::string_view name, Shape shape, std::string_view suffix = "weight") const;
  Tensor matrix(std::string_view name, Shape shape) const;  // (out, in) or (n, out, in): packed for products by `load`
  Tensor table(std::string_view name, Shape shape) const;   // row look-ups only: stays in the file
  // Matrix and, where the file has them, its ".bias" and the order of its inputs (file/input_order.h). Only these can
  // have such an order: the others throw Error(unsupported) for a tensor that has one.
  Linear linear(std::string_view name, Shape shape) const;
  // Those rows of a matrix, or of each of several: a matrix of its own. `shape` is the whole tensor's.
  Tensor matrix(std::string_view name, Shape shape, Rows rows) const;
  Linear linear(std::string_view name, Shape shape, Rows rows) const;

  // Fills every matrix asked for so far, once: from what an earlier load kept in `packed_folder`, or by packing the
  // file's, which is then kept there (empty: neither). Resident memory stays near the packed size: what has been read
  // is released behind. Error(io) where the file changed, Error(cancelled) where `progress` returned false.
  // `from_disk`: what was kept is not read in before it is used, and Error(io) where nothing can be kept.
  void load(ThreadPool& pool, const Progress& progress, const std::string& packed_folder = {},
            bool from_disk = false) const;

  const GgufFile& file() const;
  const Metadata& metadata() const { return file().metadata(); }
  // Bytes that the tensors asked for so far take in memory: packed matrices and vectors, and tables of files that are
  // not mapped.
  uint64_t packed_bytes() const;
  // Which of a tensor's matrices begins at an address among the loaded ones. None for the second and further parts of a
  // matrix that was asked for by rows: they multiply what the first does.
  struct Place {
    const TensorInfo* info;
    int64_t matrix, n_matrices;
  };
  std::optional<Place> find_packed(const void* address) const;
  // The matrices asked for so far that `load` has yet to pack.
  std::span<const PackJob> matrices() const;
  // Whether one of them has its inputs in an order of its own.
  bool has_input_orders() const;
  // Bytes of the tables asked for so far.
  uint64_t table_bytes() const;

 private:
  struct Store;
  std::string full_name(std::string_view name, std::string_view suffix) const;
  const TensorInfo& look_up(std::string_view name, const Shape& shape, std::string_view suffix) const;
  const TensorInfo& find(std::string_view name, const Shape& shape, std::string_view suffix) const;
  Tensor packed(const TensorInfo& info, const Shape& shape, Rows rows) const;
  Tensor input_order(const TensorInfo& matrix) const;
  Tensor computed_table(const TensorInfo& info, const Shape& shape) const;
  std::byte* add_job(PackJob job) const;
  PackedIdentity packed_identity() const;
  void read_in(ThreadPool& pool, const Progress& progress) const;

  std::shared_ptr<Store> store_;
  std::string prefix_;
};

}  // namespace loam
