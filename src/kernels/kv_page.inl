// The numbers of a cached page, 32 at a time, whatever their type (layout: AttentionArgs). A block of keys is 32
// features of the page's 32 tokens, `at(i, v)` being feature i of the tokens from v · kLanes on; a block of values is
// 32 columns of one token, `at(v)` those from v · kLanes on.
//
// No CPU can foresee where the next page stands, so reading a number also asks for the one that stands `ahead` bytes
// further, at the same place of that page: the memory's work is spread over the arithmetic. Into the second-level
// cache, since two pages do not fit the first.

inline constexpr int kPageVectors = kPageTokens / Isa::kLanes;
inline constexpr int kBlockNumbers = 32;

inline void prefetch_ahead(const void* p, int64_t ahead) {
  constexpr int kRead = 0, kSecondLevel = 2;
  __builtin_prefetch(static_cast<const uint8_t*>(p) + ahead, kRead, kSecondLevel);
}

struct NumberF32 {
  using Stored = float;
  static Isa::F32 load(const Stored* p) { return Isa::load(p); }
};
struct NumberF16 {
  using Stored = uint16_t;
  static Isa::F32 load(const Stored* p) { return Isa::load_f16(p); }
};
struct NumberBf16 {
  using Stored = uint16_t;
  static Isa::F32 load(const Stored* p) { return Isa::load_bf16(p); }
};

template <class Number, bool kPrefetch = true>
struct PlainPage {
  using Stored = typename Number::Stored;

  class Keys {
   public:
    Keys(const void* page, int block, int64_t ahead)
        : numbers_(static_cast<const Stored*>(page) + block * kBlockNumbers * kPageTokens), ahead_(ahead) {}
    Isa::F32 at(int i, int v) const {
      const Stored* p = numbers_ + i * kPageTokens + v * Isa::kLanes;
      if constexpr (kPrefetch) prefetch_ahead(p, ahead_);
      return Number::load(p);
    }

   private:
    const Stored* numbers_;
    int64_t ahead_;
  };

  class Values {
   public:
    Values(const void* row, int block, int64_t ahead)
        : numbers_(static_cast<const Stored*>(row) + block * kBlockNumbers), ahead_(ahead) {}
    Isa::F32 at(int v) const {
      const Stored* p = numbers_ + v * Isa::kLanes;
      if constexpr (kPrefetch) prefetch_ahead(p, ahead_);
      return Number::load(p);
    }

   private:
    const Stored* numbers_;
    int64_t ahead_;
  };

  // The first n columns of a block of values as a block of its own, zeros behind them.
  struct PartOfBlock {
    Stored numbers[kBlockNumbers];

    PartOfBlock(const void* row, int block, int n) {
      for (int i = 0; i < kBlockNumbers; ++i)
        numbers[i] = i < n ? static_cast<const Stored*>(row)[block * kBlockNumbers + i] : Stored{};
    }
  };
};

// Codes of Q8_0 and Q4_0 as whole numbers; feature i of Q4_0 is low in byte i, feature i + 16 high.
struct CodesQ8 {
  static constexpr int kBlockBytes = 34;
  static const uint8_t* key(const uint8_t* codes, int i, int v) { return codes + i * kPageTokens + v * Isa::kLanes; }
  static Isa::F32 key_code(const uint8_t* p, int) { return Isa::load_i8(p); }
  static Isa::F32 value(const uint8_t* codes, int v) { return Isa::load_i8(codes + v * Isa::kLanes); }
};
struct CodesQ4 {
  static constexpr int kBlockBytes = 18;
  static Isa::F32 unbiased(Isa::F32 code) { return Isa::sub(code, Isa::splat(8)); }
  static const uint8_t* key(const uint8_t* codes, int i, int v) {
    return codes + i % 16 * kPageTokens + v * Isa::kLanes;
  }
  static Isa::F32 key_code(const uint8_t* p, int i) {
    return unbiased(i < 16 ? Isa::load_low_nibbles(p) : Isa::load_high_nibbles(p));
  }
  static Isa::F32 value(const uint8_t* codes, int v) {
    const int first = v * Isa::kLanes;
    return unbiased(first < 16 ? Isa::load_low_nibbles(codes + first) : Isa::load_high_nibbles(codes + first - 16));
  }
};

template <class Codes>
struct QuantisedPage {
  class Keys {
   public:
    Keys(const void* page, int block, int64_t ahead)
        : scales_(static_cast<const uint8_t*>(page) + block * Codes::kBlockBytes * kPageTokens), ahead_(ahead) {
      for (int v = 0; v < kPageVectors; ++v)
        scale_[v] = Isa::load_f16(reinterpret_cast<const uint16_t*>(scales_) + v * Isa::kLanes);
    }
    Isa::F32 at(int i, int v) const {
      const uint8_t* p = Codes::key(scales_ + sizeof(uint16_t) * kPageTokens, i, v);
      prefetch_ahead(p, ahead_);
      return Isa::mul(scale_[v], Codes::key_code(p, i));
    }

   private:
    const uint8_t* scales_;
    int64_t ahead_;
    Isa::F32 scale_[kPageVectors];
  };

  class Values {
   public:
    Values(const void* row, int block, int64_t ahead)
        : block_(static_cast<const uint8_t*>(row) + block * Codes::kBlockBytes), scale_(Isa::splat_f16(block_)) {
      prefetch_ahead(block_, ahead);
    }
    Isa::F32 at(int v) const { return Isa::mul(scale_, Codes::value(block_ + sizeof(uint16_t), v)); }

   private:
    const uint8_t* block_;
    Isa::F32 scale_;
  };
};

// A page that has been widened, and is in the cache.
using WidePage = PlainPage<NumberF32, false>;

// Calls use(page type) with the reader of `type`.
template <class Use>
inline void with_page_type(DType type, Use use) {
  switch (type) {
    case DType::f32: return use(PlainPage<NumberF32>{});
    case DType::bf16: return use(PlainPage<NumberBf16>{});
    case DType::q8_0: return use(QuantisedPage<CodesQ8>{});
    case DType::q4_0: return use(QuantisedPage<CodesQ4>{});
    default: return use(PlainPage<NumberF16>{});
  }
}
