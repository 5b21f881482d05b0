// Attention of queries that share one sequence and one head of keys and values, a page of keys at a time: the online
// softmax of Milakov and Gimelshein (2018), as in FlashAttention (Dao et al., 2022).
//
// Pages come in ascending order; a query takes part in a page if it sees any of its keys, and then goes through all of
// them, the hidden ones with weight zero. So its arithmetic is the same whatever the other queries are, and one by one
// or in a batch gives the same bits. For the same reason a chunk of kAttentionChunk keys always begins anew, and what
// chunks give is merged in ascending order, no matter which threads attended them.

// Queries, and registers of a row of the page, that advance together: sums, row and factor fill the registers.
inline constexpr int kTileQueries = 6, kTileVectors = 2;
static_assert(kPageVectors % kTileVectors == 0 && kAttentionChunk % kPageTokens == 0);

inline int value_columns(int value_dim) { return (value_dim + kBlockNumbers - 1) / kBlockNumbers * kBlockNumbers; }

// What some keys give: of each query Σ weight · value, the largest score and Σ weight, with weight = e^(score −
// largest).
struct AttentionState {
  int columns;
  float* sums;         // [n_queries][columns]
  float* largest;      // [n_queries]
  float* denominator;  // [n_queries]

  AttentionState(float* memory, int n_queries, int value_dim)
      : columns(value_columns(value_dim)),
        sums(memory),
        largest(sums + int64_t{n_queries} * columns),
        denominator(largest + n_queries) {}

  float* sum(int64_t query) const { return sums + query * columns; }
};

// The caller's scratch memory, divided; a page widened to float32 stands in it as a page of type f32 would.
struct AttentionScratch {
  int n_queries;
  float* q;           // [head_dim][n_queries]
  float* keys;        // [head_dim][kPageTokens]
  float* values;      // [kPageTokens][value columns]
  float* scores;      // [n_queries][kPageTokens]
  float* correction;  // [n_queries], e^(largest before this page − largest)

  explicit AttentionScratch(const AttentionArgs& a)
      : n_queries(a.n_queries),
        q(a.scratch),
        keys(q + a.head_dim * a.n_queries),
        values(keys + kPageTokens * a.head_dim),
        scores(values + kPageTokens * value_columns(a.value_dim)),
        correction(scores + int64_t{a.n_queries} * kPageTokens) {}
};

// The page in work: where its keys and values stand, the bytes from there to the next page's, and what is written.
struct PageOfHead {
  const uint8_t *keys, *values;
  int64_t v_row_bytes;
  int64_t ahead;
  int begin, n_tokens;
};

// Calls tile(Constant<width>, first query) over [begin, end): as few tiles as hold them, of about the same width.
template <class Tile>
inline void for_even_tiles(int begin, int end, Tile tile) {
  static_assert(kTileQueries == 6);
  for (int n_tiles = (end - begin + kTileQueries - 1) / kTileQueries; n_tiles > 0; --n_tiles) {
    const int width = (end - begin + n_tiles - 1) / n_tiles;
    switch (width) {
      case 1: tile(Constant<1>{}, begin); break;
      case 2: tile(Constant<2>{}, begin); break;
      case 3: tile(Constant<3>{}, begin); break;
      case 4: tile(Constant<4>{}, begin); break;
      case 5: tile(Constant<5>{}, begin); break;
      default: tile(Constant<6>{}, begin);
    }
    begin += width;
  }
}

// scores[query] = scale · q · keys for kRows queries.
template <class Page, int kRows>
inline void score(const AttentionArgs& a, const AttentionScratch& s, const PageOfHead& page, int64_t query) {
  LOAM_UNROLL
  for (int v = 0; v < kPageVectors; v += kTileVectors) {
    Isa::F32 sum[kRows][kTileVectors];
    for (auto& row : sum)
      for (Isa::F32& x : row) x = Isa::zero();
    for (int first = 0; first < a.head_dim; first += kBlockNumbers) {
      const typename Page::Keys keys(page.keys, first / kBlockNumbers, page.ahead);
      const int n = a.head_dim - first < kBlockNumbers ? a.head_dim - first : kBlockNumbers;
      const float* q = s.q + first * s.n_queries + query;
      for (int i = 0; i < n; ++i, q += s.n_queries) {
        const Isa::F32 key[kTileVectors] = {keys.at(i, v), keys.at(i, v + 1)};
        for (int row = 0; row < kRows; ++row) {
          const Isa::F32 factor = Isa::splat(q[row]);
          for (int t = 0; t < kTileVectors; ++t) sum[row][t] = Isa::fma(factor, key[t], sum[row][t]);
        }
      }
    }
    for (int row = 0; row < kRows; ++row)
      for (int t = 0; t < kTileVectors; ++t)
        Isa::store(s.scores + (query + row) * kPageTokens + (v + t) * Isa::kLanes,
                   Isa::mul(sum[row][t], Isa::splat(a.scale)));
  }
}

// sums[query] = sums[query] · correction + weights · values for kRows queries. Tokens that are not written yet are left
// out: their weight is zero, their values may be NaN.
template <class Page, int kRows>
inline void add_values(const AttentionScratch& s, const AttentionState& state, const PageOfHead& page, int64_t query) {
  for (int block = 0; block < state.columns / kBlockNumbers; ++block) {
    LOAM_UNROLL
    for (int v = 0; v < kPageVectors; v += kTileVectors) {
      Isa::F32 sum[kRows][kTileVectors];
      const auto column = [&](int row, int t) {
        return state.sum(query + row) + block * kBlockNumbers + (v + t) * Isa::kLanes;
      };
      for (int row = 0; row < kRows; ++row) {
        const Isa::F32 correction = Isa::splat(s.correction[query + row]);
        for (int t = 0; t < kTileVectors; ++t) sum[row][t] = Isa::mul(Isa::load(column(row, t)), correction);
      }
      for (int token = 0; token < page.n_tokens; ++token) {
        const typename Page::Values values(page.values + token * page.v_row_bytes, block, page.ahead);
        const Isa::F32 value[kTileVectors] = {values.at(v), values.at(v + 1)};
        for (int row = 0; row < kRows; ++row) {
          const Isa::F32 weight = Isa::splat(s.scores[(query + row) * kPageTokens + token]);
          for (int t = 0; t < kTileVectors; ++t) sum[row][t] = Isa::fma(weight, value[t], sum[row][t]);
        }
      }
      for (int row = 0; row < kRows; ++row)
        for (int t = 0; t < kTileVectors; ++t) Isa::store(column(row, t), sum[row][t]);
    }
  }
}

inline int first_visible(const AttentionArgs& a, int query) {
  const int position = a.positions[query];
  if (a.chunked) return position - position % a.window;
  if (a.n_keys > 0) return a.window > 0 && position > a.window ? position - a.window : 0;
  return a.window > 0 && position >= a.window ? position - a.window + 1 : 0;
}

inline int last_visible(const AttentionArgs& a, int query) {
  const int position = a.positions[query];
  if (a.n_keys == 0) return position;
  return a.window > 0 && position + a.window < a.n_keys ? position + a.window : a.n_keys - 1;
}

// ALiBi: what is farther away counts less. Press, Smith and Lewis, Train Short, Test Long, 2021.
inline void add_slope(float* scores, float slope, int first_distance) {
  for (int i = 0; i < kPageTokens; ++i) {
    const int distance = first_distance + i;  // ahead, or behind
    scores[i] -= slope * static_cast<float>(distance < 0 ? -distance : distance);
  }
}

// Hides the keys of this page that the query does not see.
inline void mask(const AttentionArgs& a, const AttentionScratch& s, int query, int page_begin) {
  float* scores = s.scores + query * kPageTokens;
  const int first = first_visible(a, query) - page_begin, last = last_visible(a, query) - page_begin;
  for (int i = 0; i < first; ++i) scores[i] = -__builtin_inff();
  for (int i = last + 1; i < kPageTokens; ++i) scores[i] = -__builtin_inff();
}

// e^x of one number.
inline float exp_of(float x) {
  float e[Isa::kLanes];
  Isa::store(e, exp(Isa::splat(x)));
  return e[0];
}

// Turns the scores of a page into weights e^(score − largest), and brings largest and denominator up to date.
inline void weigh(const AttentionArgs& a, const AttentionScratch& s, const AttentionState& state, int query,
                  int page_begin) {
  float* scores = s.scores + query * kPageTokens;
  if (a.softcap > 0) softcap(scores, a.softcap, kPageTokens);
  if (a.slopes) add_slope(scores, a.slopes[query], page_begin - a.positions[query]);
  mask(a, s, query, page_begin);

  Isa::F32 score[kPageVectors], page_largest = Isa::splat(state.largest[query]);
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
  s.correction[query] = exp_of(state.largest[query] - largest);
  state.denominator[query] = state.denominator[query] * s.correction[query] + fold(weights);
  state.largest[query] = largest;
}

template <class Page>
inline void widen_keys(const AttentionArgs& a, const AttentionScratch& s, const PageOfHead& page) {
  float* out = s.keys;
  for (int first = 0; first < a.head_dim; first += kBlockNumbers) {
    const typename Page::Keys keys(page.keys, first / kBlockNumbers, page.ahead);
    const int n = a.head_dim - first < kBlockNumbers ? a.head_dim - first : kBlockNumbers;
    for (int i = 0; i < n; ++i, out += kPageTokens)
      for (int v = 0; v < kPageVectors; ++v) Isa::store(out + v * Isa::kLanes, keys.at(i, v));
  }
}

template <class Page>
inline void widen_values(const AttentionArgs& a, const AttentionScratch& s, const PageOfHead& page) {
  float* out = s.values;
  const auto widen_block = [&](const typename Page::Values& values) {
    for (int v = 0; v < kPageVectors; ++v) Isa::store(out + v * Isa::kLanes, values.at(v));
    out += kBlockNumbers;
  };
  const int n_whole = a.value_dim / kBlockNumbers, rest = a.value_dim % kBlockNumbers;
  for (int token = 0; token < page.n_tokens; ++token) {
    const uint8_t* row = page.values + token * page.v_row_bytes;
    for (int block = 0; block < n_whole; ++block) widen_block({row, block, page.ahead});
    if constexpr (requires { typename Page::PartOfBlock; })
      if (rest > 0) {
        const typename Page::PartOfBlock last(row, n_whole, rest);
        widen_block({last.numbers, 0, 0});
      }
  }
}

// The page as float32, widened once for all queries.
inline PageOfHead widen(const AttentionArgs& a, const AttentionScratch& s, const PageOfHead& page) {
  with_page_type(a.k_type, [&](auto type) { widen_keys<decltype(type)>(a, s, page); });
  with_page_type(a.v_type, [&](auto type) { widen_values<decltype(type)>(a, s, page); });
  PageOfHead wide = page;
  wide.keys = reinterpret_cast<const uint8_t*>(s.keys);
  wide.values = reinterpret_cast<const uint8_t*>(s.values);
  wide.v_row_bytes = value_columns(a.value_dim) * static_cast<int64_t>(sizeof(float));
  wide.ahead = 0;
  return wide;
}

inline void attend_page(const AttentionArgs& a, const AttentionScratch& s, const AttentionState& state,
                        const PageOfHead& stored, int begin, int end) {
  constexpr int kFewQueries = 2 * kTileQueries;  // that read the page as it is stored: less work than widening it
  const bool wide = end - begin > kFewQueries || a.value_dim % kBlockNumbers != 0;
  const PageOfHead page = wide ? widen(a, s, stored) : stored;
  const auto score_all = [&](auto type) {
    for_even_tiles(begin, end, [&](auto n, int64_t query) { score<decltype(type), n.value>(a, s, page, query); });
  };
  const auto add_all_values = [&](auto type) {
    for_even_tiles(begin, end,
                   [&](auto n, int64_t query) { add_values<decltype(type), n.value>(s, state, page, query); });
  };
  wide ? score_all(WidePage{}) : with_page_type(a.k_type, score_all);
  for (int query = begin; query < end; ++query) weigh(a, s, state, query, page.begin);
  wide ? add_all_values(WidePage{}) : with_page_type(a.v_type, add_all_values);
}

inline void start(const AttentionArgs& a, const AttentionScratch& s, const AttentionState& state) {
  for (int query = 0; query < a.n_queries; ++query) {
    for (int i = 0; i < a.head_dim; ++i) s.q[i * a.n_queries + query] = a.q[query][i];
    state.largest[query] = -__builtin_inff();
    state.denominator[query] = 0;
    for (int i = 0; i < state.columns; ++i) state.sum(query)[i] = 0;
  }
}

inline void attention(const AttentionArgs& a) noexcept {
  const AttentionScratch s(a);
  const AttentionState state(a.state, a.n_queries, a.value_dim);
  start(a, s, state);
  const auto least = [](int x, int y) { return x < y ? x : y; };
  const int last_key = last_visible(a, a.n_queries - 1), chunk_end = a.chunk_begin + kAttentionChunk;
  const int first_key = first_visible(a, 0) > a.chunk_begin ? first_visible(a, 0) : a.chunk_begin;
  const int last_page = least(last_key, chunk_end - 1) / kPageTokens;
  int begin = 0, end = 0;  // the queries that see a page: both only advance, as positions ascend
  for (int i = first_key / kPageTokens; i <= last_page; ++i) {
    const int64_t at = a.pages[i] * a.page_stride, next = i < last_page ? a.pages[i + 1] * a.page_stride : at;
    const PageOfHead page{.keys = static_cast<const uint8_t*>(a.k_pages) + at,
                          .values = static_cast<const uint8_t*>(a.v_pages) + at,
                          .v_row_bytes = a.v_row_bytes,
                          .ahead = next - at,
                          .begin = i * kPageTokens,
                          .n_tokens = least(kPageTokens, last_key - i * kPageTokens + 1)};
    while (last_visible(a, begin) < page.begin) ++begin;
    while (end < a.n_queries && first_visible(a, end) < page.begin + kPageTokens) ++end;
    attend_page(a, s, state, page, begin, end);
  }
}

// into += from, both brought to the larger of their largest scores.
inline void merge_attention(int n_queries, int value_dim, float* from_memory, float* into_memory) noexcept {
  const AttentionState from(from_memory, n_queries, value_dim), into(into_memory, n_queries, value_dim);
  for (int query = 0; query < n_queries; ++query) {
    if (from.denominator[query] == 0) continue;  // it sees none of those keys
    const float largest = from.largest[query] > into.largest[query] ? from.largest[query] : into.largest[query];
    const float into_factor = exp_of(into.largest[query] - largest),
                from_factor = exp_of(from.largest[query] - largest);
    const Isa::F32 into_factors = Isa::splat(into_factor), from_factors = Isa::splat(from_factor);
    transform(
        into.columns, into.sum(query),
        [&](Isa::F32 x, Isa::F32 y) { return Isa::fma(y, from_factors, Isa::mul(x, into_factors)); }, into.sum(query),
        from.sum(query));
    into.denominator[query] = into.denominator[query] * into_factor + from.denominator[query] * from_factor;
    into.largest[query] = largest;
  }
}

// out = sums / denominator. A sink is one more score, whose value is zero. Adding zero makes −0, which depends on the
// company a query had, +0.
inline void finish_attention(int n_queries, int value_dim, const float* sinks, float* memory,
                             float* const* out) noexcept {
  const AttentionState state(memory, n_queries, value_dim);
  for (int query = 0; query < n_queries; ++query) {
    float scale = 1, denominator = state.denominator[query];
    if (sinks) {
      const float largest = sinks[query] > state.largest[query] ? sinks[query] : state.largest[query];
      scale = exp_of(state.largest[query] - largest);
      denominator = denominator * scale + exp_of(sinks[query] - largest);
    }
    const Isa::F32 factor = Isa::splat(scale / denominator);
    transform(
        value_dim, out[query], [&](Isa::F32 sum) { return Isa::fma(sum, factor, Isa::zero()); }, state.sum(query));
  }
}
