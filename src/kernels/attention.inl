// Attention of queries that share one sequence and one head of keys and values, a page of keys at a time: the online
// softmax of Milakov and Gimelshein (2018), as in FlashAttention (Dao et al., 2022).
//
// A page is widened to float32 once for all queries. Pages come in ascending order; a query takes part in a page if it
// sees any of its keys, and then goes through all 32 of them, the hidden ones with weight zero. So its arithmetic is
// the same whatever the other queries are, and one by one or in a batch gives the same bits.

static_assert(kPageVectors == kSumRegisters);
// Queries that advance together: their sums, one row of the page and their factors fill the registers.
inline constexpr int kTileQueries = Isa::kLanes == 16 ? 6 : 3;

// The caller's scratch memory, divided. Value columns stand in blocks of kPageTokens, [block][token][column]: scores
// and weighted sums are then the same product of a row by a contiguous (depth × kPageTokens) matrix.
struct AttentionScratch {
  int n_blocks;        // of value columns
  float* keys;         // [head_dim][kPageTokens]
  float* values;       // [n_blocks][kPageTokens][kPageTokens]
  float* scores;       // [n_queries][kPageTokens]
  float* sums;         // [n_queries][n_blocks · kPageTokens], Σ weight · value
  float* largest;      // [n_queries], the largest score so far
  float* denominator;  // [n_queries], Σ e^(score − largest)
  float* correction;   // [n_queries], e^(largest before this page − largest)

  explicit AttentionScratch(const AttentionArgs& a)
      : n_blocks((a.value_dim + kPageTokens - 1) / kPageTokens),
        keys(a.scratch),
        values(keys + kPageTokens * a.head_dim),
        scores(values + n_blocks * kPageTokens * kPageTokens),
        sums(scores + a.n_queries * kPageTokens),
        largest(sums + a.n_queries * n_blocks * kPageTokens),
        denominator(largest + a.n_queries),
        correction(denominator + a.n_queries) {}

  float* sum(int64_t query) const { return sums + query * n_blocks * kPageTokens; }
};

// sum[row] += Σ_k a[row][k] · b[k], each b[k] being kPageTokens numbers.
template <int kRows>
inline void accumulate(const float* const (&a)[kRows], const float* b, int depth,
                       Isa::F32 (&sum)[kRows][kPageVectors]) {
  for (int k = 0; k < depth; ++k)
    for (int v = 0; v < kPageVectors; ++v) {
      const Isa::F32 column = Isa::load(b + k * kPageTokens + v * Isa::kLanes);
      for (int row = 0; row < kRows; ++row) sum[row][v] = Isa::fma(Isa::splat(a[row][k]), column, sum[row][v]);
    }
}

// scores[query] = scale · q · keys for kRows queries.
template <int kRows>
inline void score(const AttentionArgs& a, const AttentionScratch& s, int64_t query) {
  const float* q[kRows];
  Isa::F32 sum[kRows][kPageVectors];
  for (int row = 0; row < kRows; ++row) {
    q[row] = a.q[query + row];
    for (int v = 0; v < kPageVectors; ++v) sum[row][v] = Isa::zero();
  }
  accumulate<kRows>(q, s.keys, a.head_dim, sum);
  for (int row = 0; row < kRows; ++row)
    for (int v = 0; v < kPageVectors; ++v)
      Isa::store(s.scores + (query + row) * kPageTokens + v * Isa::kLanes, Isa::mul(sum[row][v], Isa::splat(a.scale)));
}

// sums[query] = sums[query] · correction + weights · values for kRows queries.
template <int kRows>
inline void add_values(const AttentionScratch& s, int64_t query) {
  for (int block = 0; block < s.n_blocks; ++block) {
    const float* weights[kRows];
    Isa::F32 sum[kRows][kPageVectors];
    for (int row = 0; row < kRows; ++row) {
      weights[row] = s.scores + (query + row) * kPageTokens;
      const Isa::F32 correction = Isa::splat(s.correction[query + row]);
      for (int v = 0; v < kPageVectors; ++v)
        sum[row][v] = Isa::mul(Isa::load(s.sum(query + row) + block * kPageTokens + v * Isa::kLanes), correction);
    }
    accumulate<kRows>(weights, s.values + block * kPageTokens * kPageTokens, kPageTokens, sum);
    for (int row = 0; row < kRows; ++row)
      for (int v = 0; v < kPageVectors; ++v)
        Isa::store(s.sum(query + row) + block * kPageTokens + v * Isa::kLanes, sum[row][v]);
  }
}

inline int first_visible(const AttentionArgs& a, int query) {
  const int position = a.positions[query];
  return a.window > 0 && position >= a.window ? position - a.window + 1 : 0;
}

// Hides the keys of this page that the query does not see.
inline void mask(const AttentionArgs& a, const AttentionScratch& s, int query, int page_begin) {
  float* scores = s.scores + query * kPageTokens;
  const int first = first_visible(a, query) - page_begin, last = a.positions[query] - page_begin;
  for (int i = 0; i < first; ++i) scores[i] = -__builtin_inff();
  for (int i = last + 1; i < kPageTokens; ++i) scores[i] = -__builtin_inff();
}

// Turns the scores of a page into weights e^(score − largest), and brings largest and denominator up to date.
inline void weigh(const AttentionArgs& a, const AttentionScratch& s, int query, int page_begin) {
  float* scores = s.scores + query * kPageTokens;
  if (a.softcap > 0) softcap(scores, a.softcap, kPageTokens);
  mask(a, s, query, page_begin);

  Isa::F32 score[kPageVectors], page_largest = Isa::splat(s.largest[query]);
  for (int v = 0; v < kPageVectors; ++v) {
    score[v] = Isa::load(scores + v * Isa::kLanes);
    page_largest = Isa::max(page_largest, score[v]);
  }
  const float largest = Isa::reduce_max(page_largest);
  Isa::F32 weights[kPageVectors];
  for (int v = 0; v < kPageVectors; ++v) {
    weights[v] = exp(Isa::sub(score[v], Isa::splat(largest)));
    Isa::store(scores + v * Isa::kLanes, weights[v]);
  }
  float correction[Isa::kLanes];
  Isa::store(correction, exp(Isa::splat(s.largest[query] - largest)));
  s.correction[query] = correction[0];
  s.denominator[query] = s.denominator[query] * correction[0] + fold(weights);
  s.largest[query] = largest;
}

template <class Page>
inline void widen_keys(const AttentionArgs& a, const AttentionScratch& s, const void* page) {
  float* out = s.keys;
  for (int first = 0; first < a.head_dim; first += kBlockNumbers) {
    const typename Page::Keys keys(page, first / kBlockNumbers);
    const int n = a.head_dim - first < kBlockNumbers ? a.head_dim - first : kBlockNumbers;
    for (int i = 0; i < n; ++i, out += kPageTokens)
      for (int v = 0; v < kPageVectors; ++v) Isa::store(out + v * Isa::kLanes, keys.at(i, v));
  }
}

// Tokens from `n_tokens` on are not written yet. Their keys are masked in the scores, whatever they are; their values
// must become zero, because weight zero times NaN would be NaN.
template <class Page>
inline void widen_values(const AttentionArgs& a, const AttentionScratch& s, const void* page, int n_tokens) {
  float* out = s.values;
  for (int block = 0; block < s.n_blocks; ++block) {
    for (int token = 0; token < n_tokens; ++token, out += kPageTokens) {
      const typename Page::Values values(static_cast<const uint8_t*>(page) + token * a.v_row_bytes, block, a.value_dim);
      for (int v = 0; v < kPageVectors; ++v) Isa::store(out + v * Isa::kLanes, values.at(v));
    }
    for (int i = n_tokens; i < kPageTokens; ++i, out += kPageTokens)
      for (int v = 0; v < kPageVectors; ++v) Isa::store(out + v * Isa::kLanes, Isa::zero());
  }
}

inline void widen_page(const AttentionArgs& a, const AttentionScratch& s, int64_t page, int n_tokens) {
  const auto* keys = static_cast<const uint8_t*>(a.k_pages) + page * a.page_stride;
  const auto* values = static_cast<const uint8_t*>(a.v_pages) + page * a.page_stride;
  with_page_type(a.k_type, [&](auto type) { widen_keys<decltype(type)>(a, s, keys); });
  with_page_type(a.v_type, [&](auto type) { widen_values<decltype(type)>(a, s, values, n_tokens); });
}

inline void start(const AttentionArgs& a, const AttentionScratch& s) {
  for (int query = 0; query < a.n_queries; ++query) {
    s.largest[query] = a.sinks ? a.sinks[query] : -__builtin_inff();
    s.denominator[query] = a.sinks ? 1 : 0;
    for (int i = 0; i < s.n_blocks * kPageTokens; ++i) s.sum(query)[i] = 0;
  }
}

// out = sums / denominator. Adding zero makes −0, which depends on the company a query had, +0.
inline void finish(const AttentionArgs& a, const AttentionScratch& s) {
  for (int query = 0; query < a.n_queries; ++query) {
    const Isa::F32 factor = Isa::splat(1 / s.denominator[query]);
    transform(
        a.value_dim, a.out[query], [&](Isa::F32 sum) { return Isa::fma(sum, factor, Isa::zero()); }, s.sum(query));
  }
}

// Fetches a page into the second cache while the one before it is worked on: no CPU can foresee where it stands.
inline void prefetch_page(const AttentionArgs& a, int64_t page) {
  constexpr int kCacheLine = 64, kSecondCache = 2;
  const auto* keys = static_cast<const uint8_t*>(a.k_pages) + page * a.page_stride;
  const auto* values = static_cast<const uint8_t*>(a.v_pages) + page * a.page_stride;
  for (int64_t i = 0; i < a.k_row_bytes * kPageTokens; i += kCacheLine) __builtin_prefetch(keys + i, 0, kSecondCache);
  for (int64_t i = 0; i < a.v_row_bytes * kPageTokens; i += kCacheLine) __builtin_prefetch(values + i, 0, kSecondCache);
}

inline void attention(const AttentionArgs& a) noexcept {
  const AttentionScratch s(a);
  start(a, s);
  const int last_position = a.positions[a.n_queries - 1];
  int begin = 0, end = 0;  // the queries that see a page: both only advance, as positions ascend
  for (int page = first_visible(a, 0) / kPageTokens; page <= last_position / kPageTokens; ++page) {
    const int page_begin = page * kPageTokens, n_written = last_position - page_begin + 1;
    widen_page(a, s, a.pages[page], n_written < kPageTokens ? n_written : kPageTokens);
    if (page < last_position / kPageTokens) prefetch_page(a, a.pages[page + 1]);
    while (a.positions[begin] < page_begin) ++begin;
    while (end < a.n_queries && first_visible(a, end) < page_begin + kPageTokens) ++end;
    for_tiles<kTileQueries>(begin, end, [&](auto width, int64_t query) { score<width.value>(a, s, query); });
    for (int query = begin; query < end; ++query) weigh(a, s, query, page_begin);
    for_tiles<kTileQueries>(begin, end, [&](auto width, int64_t query) { add_values<width.value>(s, query); });
  }
  finish(a, s);
}
