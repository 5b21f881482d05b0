#include "file/gguf_diff.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <set>

#include "file/gguf_writer.h"
#include "file/input_order.h"
#include "file/metadata_text.h"
#include "quant/block_format.h"

namespace loam {
namespace {

constexpr int64_t kComparedElements = int64_t{1} << 18;  // at once; a multiple of every block size

bool equal_values(const MetaValue& a, const MetaValue& b) {
  if (a.type != b.type) return false;
  std::string bytes_a, bytes_b;
  append_gguf_value(bytes_a, a);
  append_gguf_value(bytes_b, b);
  return bytes_a == bytes_b;
}

std::string typed_text(const MetaValue* value) {
  if (!value) return {};
  const bool plain = value->type == MetaType::string || value->type == MetaType::array;
  return metadata_text(*value) + (plain ? "" : " (" + std::string(meta_type_name(value->type)) + ")");
}

void compare_keys(const GgufFile& a, const GgufFile& b, ModelDifference& out) {
  std::set<std::string_view> keys;
  for (const GgufFile* file : {&a, &b})
    for (const auto& [key, value] : file->metadata().entries()) keys.insert(key);
  for (const std::string_view key : keys) {
    const MetaValue *in_a = a.metadata().find(key), *in_b = b.metadata().find(key);
    if (in_a && in_b && equal_values(*in_a, *in_b))
      ++out.equal_keys;
    else
      out.keys.push_back({std::string(key), typed_text(in_a), typed_text(in_b)});
  }
}

// Sums over a piece; pieces are added in their order, so that the result does not depend on the threads.
struct PieceSums {
  bool same_bytes = true;
  double max = 0, absolute = 0, squares = 0, reference = 0;
  int64_t n = 0, not_finite = 0;

  void add(float a, float b) {
    const double difference = std::fabs(double{a} - b);
    if (!std::isfinite(difference)) {
      ++not_finite;
      return;
    }
    ++n;
    max = std::max(max, difference);
    absolute += difference;
    squares += difference * difference;
    reference += double{a} * a;
  }
  void add(const PieceSums& other) {
    same_bytes = same_bytes && other.same_bytes;
    max = std::max(max, other.max);
    absolute += other.absolute;
    squares += other.squares;
    reference += other.reference;
    n += other.n;
    not_finite += other.not_finite;
  }
  ValueDifference result() const {
    const double none = squares > 0 ? std::numeric_limits<double>::infinity() : 0;
    return {max, n ? absolute / static_cast<double>(n) : 0, reference > 0 ? squares / reference : none, not_finite};
  }
};

struct PairPiece {
  size_t pair;
  int64_t begin, n;
};

// Compares the tensors of one name in both files.
class TensorPairs {
 public:
  TensorPairs(const GgufFile& a, const GgufFile& b) : a_(a), b_(b) {}

  void add(const TensorInfo& a, const TensorInfo& b) {
    for (int64_t begin = 0; begin < a.shape.elements(); begin += kComparedElements)
      pieces_.push_back({pairs_.size(), begin, std::min(kComparedElements, a.shape.elements() - begin)});
    pairs_.emplace_back(&a, &b);
  }

  // → the sums of each pair, in the order of `add`
  std::vector<PieceSums> run(ThreadPool& pool, const Progress& progress) const {
    std::vector<PieceSums> sums(pieces_.size());
    std::vector<Memory> memory(static_cast<size_t>(pool.size()));
    for_windows(pieces_.size(), 1, pool, progress, [&](size_t i, size_t, int thread) {
      sums[i] = compare(pieces_[i], memory[static_cast<size_t>(thread)]);
    });
    std::vector<PieceSums> totals(pairs_.size());
    for (size_t i = 0; i < pieces_.size(); ++i) totals[pieces_[i].pair].add(sums[i]);
    return totals;
  }

 private:
  struct Memory {
    std::vector<std::byte> a, b;
    std::vector<float> values_a, values_b;
  };

  static std::span<const std::byte> read(const GgufFile& file, const TensorInfo& tensor, const PairPiece& piece,
                                         std::vector<std::byte>& scratch) {
    return file.bytes(tensor, bytes_of(tensor.dtype, piece.begin), bytes_of(tensor.dtype, piece.n), scratch);
  }

  PieceSums compare(const PairPiece& piece, Memory& memory) const {
    const auto& [a, b] = pairs_[piece.pair];
    const auto bytes_a = read(a_, *a, piece, memory.a), bytes_b = read(b_, *b, piece, memory.b);
    PieceSums sums;
    if (a->dtype == b->dtype && std::memcmp(bytes_a.data(), bytes_b.data(), bytes_a.size()) == 0) {
      sums.n = piece.n;
      if (!find_format(a->dtype)) return sums;
    } else {
      sums.same_bytes = false;
    }
    const BlockFormat *format_a = find_format(a->dtype), *format_b = find_format(b->dtype);
    if (!format_a || !format_b) return sums;
    sums.n = 0;
    memory.values_a.resize(static_cast<size_t>(piece.n));
    memory.values_b.resize(static_cast<size_t>(piece.n));
    format_a->decode(bytes_a.data(), piece.n, memory.values_a.data());
    format_b->decode(bytes_b.data(), piece.n, memory.values_b.data());
    for (size_t i = 0; i < memory.values_a.size(); ++i) sums.add(memory.values_a[i], memory.values_b[i]);
    return sums;
  }

  const GgufFile &a_, &b_;
  std::vector<std::pair<const TensorInfo*, const TensorInfo*>> pairs_;
  std::vector<PairPiece> pieces_;
};

}  // namespace

ModelDifference compare_models(const GgufFile& a, const GgufFile& b, bool values, ThreadPool& pool,
                               const Progress& progress) {
  ModelDifference out;
  compare_keys(a, b, out);
  TensorPairs pairs(a, b);
  std::vector<TensorDifference> compared;
  for (const TensorInfo& tensor : a.tensors()) {
    const TensorInfo* other = b.find(tensor.name);
    TensorDifference difference{std::string(tensor.name), &tensor, other, {}};
    if (!other || other->shape != tensor.shape) {
      out.tensors.push_back(difference);
    } else if (values && !have_one_input_order(a, tensor, b, *other)) {
      difference.other_order = true;
      out.tensors.push_back(difference);
    } else if (values) {
      pairs.add(tensor, *other);
      compared.push_back(difference);
    } else if (other->dtype != tensor.dtype) {
      out.tensors.push_back(difference);
    } else {
      ++out.equal_tensors;
    }
  }
  const std::vector<PieceSums> sums = pairs.run(pool, progress);
  for (size_t i = 0; i < sums.size(); ++i) {
    if (sums[i].same_bytes && compared[i].a->dtype == compared[i].b->dtype) {
      ++out.equal_tensors;
      continue;
    }
    if (find_format(compared[i].a->dtype) && find_format(compared[i].b->dtype)) compared[i].values = sums[i].result();
    out.tensors.push_back(compared[i]);
  }
  for (const TensorInfo& tensor : b.tensors())
    if (!a.find(tensor.name)) out.tensors.push_back({std::string(tensor.name), nullptr, &tensor, {}});
  std::ranges::stable_sort(out.tensors, {}, &TensorDifference::name);
  return out;
}

}  // namespace loam
