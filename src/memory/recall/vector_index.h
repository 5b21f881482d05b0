// VectorIndex: which turns mean something close to a question, by the vectors of one embedding model.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "memory/recall/turn_rows.h"
#include "memory/store/turn_store.h"

namespace loam {

// Vectors of length 1 are kept as int8 with a scale each: 38 MB for 100,000 of 384, all of which a question is compared
// with (milliseconds). They are made later than the turns are stored: see Recaller::catch_up.
class VectorIndex : public DerivedIndex {
 public:
  static constexpr int kVersion = 1;
  // Vectors of other models stay in the file and are not looked at.
  VectorIndex(Database& database, std::string model, size_t dimensions);

  std::string_view name() const override { return "recall_vector"; }
  void add(const Turn& /*turn*/) override {}  // waits in `pending`
  void remove(std::span<const TurnId> turns) override;
  void clear() override;

  // The first turns that have no vector yet, in the order of their ids. Under the caller's Reading.
  std::vector<TurnId> pending(size_t most);
  int64_t n_pending();
  // In the order of ids. Error(invalid) where the vector has not `dimensions` elements. Within the caller's
  // Transaction.
  void add(TurnId turn, std::span<const float> vector);

  // For each row the cosine with the query (length 1), averaged over the turns around it by kNeighbourWeights; 0 where
  // no vector is there yet. Under the caller's Reading.
  std::vector<float> similarities(std::span<const float> query, const TurnRows& rows);
  size_t dimensions() const { return dimensions_; }

 private:
  void load();
  void append(TurnId turn, float scale, std::span<const std::byte> vector);
  const int8_t* vector(size_t i) const { return chunks_[i / kChunk].get() + i % kChunk * dimensions_; }
  std::vector<float> multiply(std::span<const int16_t> query) const;

  Database& database_;
  const std::string model_;
  const size_t dimensions_;
  bool stale_ = true;  // what is in memory must be read again from the start
  std::vector<TurnId> ids_;
  std::vector<float> scales_;
  static constexpr size_t kChunk = 1024;           // vectors; growing takes no second copy of what there is
  std::vector<std::unique_ptr<int8_t[]>> chunks_;  // [kChunk][dimensions] each
};

}  // namespace loam
