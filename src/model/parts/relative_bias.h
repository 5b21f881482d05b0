// T5's positions: scores get a learned bias of each head, by how far the key is before or behind the query.
// Raffel et al., arXiv 1910.10683.
#pragma once

#include <vector>

#include "tensor/tensor.h"

namespace loam {

// Distances from this on share the last bucket.
inline constexpr int kFarthestDistance = 128;

// The bucket of n_buckets, an even number, that a key belongs to which stands `offset` tokens behind the query: half of
// the buckets for each side, of which half for single distances and the others for ranges that grow with their
// logarithm.
int relative_bucket(int offset, int n_buckets);

// [n_heads][2 · kFarthestDistance + 1], by offset from −kFarthestDistance on, of a plain tensor (n_buckets, n_heads);
// empty where that has no numbers, as in a model that is only measured.
std::vector<float> relative_biases(const Tensor& of_buckets);

}  // namespace loam
