// Cutting tokens (or queries) into tiles whose widths the compiler knows.

inline constexpr int kTokenTile = 8;

template <int n>
struct Constant {
  static constexpr int value = n;
};

// Calls tile(Constant<width>, first token) over [begin, end): as many whole tiles as fit, then halves, quarters, ones.
template <int kWidth = kTokenTile, class Tile>
inline void for_tiles(int64_t begin, int64_t end, Tile tile) {
  for (; begin + kWidth <= end; begin += kWidth) tile(Constant<kWidth>{}, begin);
  if constexpr (kWidth > 1) for_tiles<kWidth / 2>(begin, end, tile);
}
