// Attention of some query rows of one KV head over one sequence's pages: plain two-pass softmax.

inline float key_dot(const AttentionArgs& a, const float* q, int64_t position) {
  const uint16_t* page = a.k_pages + a.pages[position / kPageTokens] * a.page_stride_k + position % kPageTokens;
  float sum = 0;
  for (int i = 0; i < a.head_dim; ++i) sum += q[i] * from_f16(page[i * kPageTokens]);
  sum *= a.scale;
  return a.softcap > 0 ? a.softcap * __builtin_tanhf(sum / a.softcap) : sum;
}

inline void attend(const AttentionArgs& a, int query) {
  const int64_t last = a.positions[query], first = a.window > 0 && last >= a.window ? last - a.window + 1 : 0;
  const float* q = a.q[query];
  float largest = a.sinks ? a.sinks[query] : key_dot(a, q, first);
  for (int64_t p = first; p <= last; ++p) {
    const float score = key_dot(a, q, p);
    largest = score > largest ? score : largest;
  }
  float* out = a.out[query];
  for (int i = 0; i < a.value_dim; ++i) out[i] = 0;
  float sum = a.sinks ? __builtin_expf(a.sinks[query] - largest) : 0;
  for (int64_t p = first; p <= last; ++p) {
    const float weight = __builtin_expf(key_dot(a, q, p) - largest);
    const uint16_t* value = a.v_pages + a.pages[p / kPageTokens] * a.page_stride_v + p % kPageTokens * a.value_dim;
    for (int i = 0; i < a.value_dim; ++i) out[i] += weight * from_f16(value[i]);
    sum += weight;
  }
  for (int i = 0; i < a.value_dim; ++i) out[i] /= sum;
}

inline void attention(const AttentionArgs& args) noexcept {
  for (int query = 0; query < args.n_queries; ++query) attend(args, query);
}
