#include "memory/recall/vector_index.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <future>
#include <utility>

#include "base/error.h"
#include "memory/recall/int8_dot.h"

namespace loam {
namespace {

constexpr float kLargestInt8 = 127;
constexpr float kLargestQuery = 4095;     // of a query's elements, which are kept in 16 bits
constexpr size_t kWorthAThread = 20'000;  // vectors: some milliseconds

float largest_magnitude(std::span<const float> vector) {
  float largest = 0;
  for (const float value : vector) largest = std::max(largest, std::abs(value));
  return largest;
}

}  // namespace

VectorIndex::VectorIndex(Database& database, std::string model, size_t dimensions)
    : database_(database), model_(std::move(model)), dimensions_(dimensions) {
  if (dimensions < 1 || dimensions > 4096) {
    throw Error(Error::Code::unsupported, fmt::format("vectors of {} elements (1 to 4096 are supported)", dimensions),
                model_);
  }
  Transaction transaction(database_);
  database_.run(R"(CREATE TABLE IF NOT EXISTS recall_vector (model TEXT NOT NULL, id INTEGER NOT NULL,
    scale REAL NOT NULL, vector BLOB NOT NULL, PRIMARY KEY (model, id)) WITHOUT ROWID)");
  transaction.commit();
}

void VectorIndex::remove(std::span<const TurnId> turns) {
  std::vector<std::string> models;
  {
    Statement known = database_.prepare("SELECT DISTINCT model FROM recall_vector");
    while (known.step()) models.emplace_back(known.text(0));
  }
  for (const std::string& model : models) {
    for (const TurnId id : turns) {
      database_.prepare("DELETE FROM recall_vector WHERE model = ?1 AND id = ?2").bind(1, model).bind(2, id).run();
    }
  }
  stale_ = true;
}

void VectorIndex::clear() {
  database_.run("DELETE FROM recall_vector");
  stale_ = true;
}

std::vector<TurnId> VectorIndex::pending(size_t most) {
  Statement rows = database_.prepare(
      "SELECT id FROM recall_turn WHERE id > (SELECT coalesce(max(id), 0) FROM recall_vector WHERE model = ?1)"
      " ORDER BY id LIMIT ?2");
  rows.bind(1, model_).bind(2, static_cast<int64_t>(most));
  std::vector<TurnId> ids;
  while (rows.step()) ids.push_back(rows.integer(0));
  return ids;
}

int64_t VectorIndex::n_pending() {
  Statement counted = database_.prepare(
      "SELECT count(*) FROM recall_turn WHERE id > (SELECT coalesce(max(id), 0) FROM recall_vector WHERE model = ?1)");
  counted.bind(1, model_);
  return counted.step() ? counted.integer(0) : 0;
}

void VectorIndex::add(TurnId turn, std::span<const float> vector) {
  if (vector.size() != dimensions_) {
    throw Error(Error::Code::invalid, fmt::format("a vector of {} elements, not {}", vector.size(), dimensions_),
                model_);
  }
  const float largest = largest_magnitude(vector);
  std::vector<std::byte> bytes;
  for (const float value : vector) {
    const float scaled = largest > 0 ? std::round(value / largest * kLargestInt8) : 0;
    bytes.push_back(static_cast<std::byte>(static_cast<int8_t>(scaled)));
  }
  database_.prepare("INSERT OR REPLACE INTO recall_vector VALUES (?1, ?2, ?3, ?4)")
      .bind(1, model_)
      .bind(2, turn)
      .bind(3, double{largest / kLargestInt8})
      .bind_blob(4, bytes)
      .run();
}

void VectorIndex::load() {
  if (stale_) {
    ids_.clear();
    scales_.clear();
    chunks_.clear();
  }
  stale_ = false;
  Statement rows =
      database_.prepare("SELECT id, scale, vector FROM recall_vector WHERE model = ?1 AND id > ?2 ORDER BY id");
  rows.bind(1, model_).bind(2, ids_.empty() ? TurnId{0} : ids_.back());
  while (rows.step()) append(rows.integer(0), static_cast<float>(rows.real(1)), rows.blob(2));
}

void VectorIndex::append(TurnId turn, float scale, std::span<const std::byte> vector) {
  if (vector.size() != dimensions_) return;  // of another model that had this name
  const size_t at = ids_.size() % kChunk;
  if (at == 0) chunks_.push_back(std::make_unique<int8_t[]>(kChunk * dimensions_));
  std::memcpy(chunks_.back().get() + at * dimensions_, vector.data(), dimensions_);
  ids_.push_back(turn);
  scales_.push_back(scale);
}

// With each vector. Many are read from memory as fast as two cores can.
std::vector<float> VectorIndex::multiply(std::span<const int16_t> query) const {
  std::vector<float> products(ids_.size());
  const auto part = [&](size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i)
      products[i] = static_cast<float>(dot_int8(vector(i), query.data(), dimensions_)) * scales_[i];
  };
  if (products.size() < kWorthAThread) {
    part(0, products.size());
    return products;
  }
  const auto second = std::async(std::launch::async, part, products.size() / 2, products.size());
  part(0, products.size() / 2);
  second.wait();
  return products;
}

std::vector<float> VectorIndex::similarities(std::span<const float> query, const TurnRows& rows) {
  load();
  std::vector<float> own(rows.size()), averaged(rows.size());
  std::vector<char> known(rows.size());
  if (query.size() != dimensions_) return averaged;
  const float largest = largest_magnitude(query);
  std::vector<int16_t> wide;
  for (const float value : query) {
    wide.push_back(static_cast<int16_t>(largest > 0 ? std::round(value / largest * kLargestQuery) : 0));
  }
  const std::vector<float> products = multiply(wide);
  size_t row = 0;
  for (size_t i = 0; i < ids_.size(); ++i) {
    while (row < rows.size() && rows[row].id < ids_[i]) ++row;
    if (row == rows.size()) break;
    if (rows[row].id != ids_[i]) continue;
    own[row] = products[i] * (largest / kLargestQuery);
    known[row] = 1;
  }
  for (row = 0; row < rows.size(); ++row) {
    float sum = 0, weights = 0;
    rows.around(row, [&](size_t other, float weight) {
      if (known[other] == 0) return;
      sum += own[other] * weight;
      weights += weight;
    });
    if (known[row] != 0) averaged[row] = sum / weights;
  }
  return averaged;
}

}  // namespace loam
