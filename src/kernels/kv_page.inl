// The numbers of a cached page, 32 at a time, whatever their type (layout: AttentionArgs). A block of keys is 32
// features of the page's 32 tokens, `at(i, v)` being feature i of the tokens from v · kLanes on; a block of values is
// 32 columns of one token, `at(v)` those from v · kLanes on.

inline constexpr int kPageVectors = kPageTokens / Isa::kLanes;
inline constexpr int kBlockNumbers = 32;

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

template <class Number>
struct PlainPage {
  using Stored = typename Number::Stored;

  class Keys {
   public:
    Keys(const void* page, int block)
        : numbers_(static_cast<const Stored*>(page) + block * kBlockNumbers * kPageTokens) {}
    Isa::F32 at(int i, int v) const { return Number::load(numbers_ + i * kPageTokens + v * Isa::kLanes); }

   private:
    const Stored* numbers_;
  };

  // The row's last block may be shorter: `dim` columns in all.
  class Values {
   public:
    Values(const void* row, int block, int dim) : numbers_(static_cast<const Stored*>(row) + block * kBlockNumbers) {
      const int rest = dim - block * kBlockNumbers;
      if (rest >= kBlockNumbers) return;
      for (int i = 0; i < kBlockNumbers; ++i) last_[i] = i < rest ? numbers_[i] : Stored{};
      numbers_ = last_;
    }
    Values(const Values&) = delete;
    Values& operator=(const Values&) = delete;
    Isa::F32 at(int v) const { return Number::load(numbers_ + v * Isa::kLanes); }

   private:
    const Stored* numbers_;
    Stored last_[kBlockNumbers];
  };
};

// Codes of Q8_0 and Q4_0 as whole numbers; feature i of Q4_0 is low in byte i, feature i + 16 high.
struct CodesQ8 {
  static constexpr int kBlockBytes = 34;
  static Isa::F32 key(const uint8_t* codes, int i, int v) {
    return Isa::load_i8(codes + i * kPageTokens + v * Isa::kLanes);
  }
  static Isa::F32 value(const uint8_t* codes, int v) { return Isa::load_i8(codes + v * Isa::kLanes); }
};
struct CodesQ4 {
  static constexpr int kBlockBytes = 18;
  static Isa::F32 unbiased(Isa::F32 code) { return Isa::sub(code, Isa::splat(8)); }
  static Isa::F32 key(const uint8_t* codes, int i, int v) {
    const uint8_t* row = codes + i % 16 * kPageTokens + v * Isa::kLanes;
    return unbiased(i < 16 ? Isa::load_low_nibbles(row) : Isa::load_high_nibbles(row));
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
    Keys(const void* page, int block)
        : scales_(static_cast<const uint8_t*>(page) + block * Codes::kBlockBytes * kPageTokens) {
      for (int v = 0; v < kPageVectors; ++v)
        scale_[v] = Isa::load_f16(reinterpret_cast<const uint16_t*>(scales_) + v * Isa::kLanes);
    }
    Isa::F32 at(int i, int v) const {
      return Isa::mul(scale_[v], Codes::key(scales_ + sizeof(uint16_t) * kPageTokens, i, v));
    }

   private:
    const uint8_t* scales_;
    Isa::F32 scale_[kPageVectors];
  };

  class Values {
   public:
    Values(const void* row, int block, int /*dim*/)
        : block_(static_cast<const uint8_t*>(row) + block * Codes::kBlockBytes) {
      uint16_t scale;
      __builtin_memcpy(&scale, block_, sizeof(scale));
      scale_ = Isa::splat(loam::f16_to_f32(scale));
    }
    Isa::F32 at(int v) const { return Isa::mul(scale_, Codes::value(block_ + sizeof(uint16_t), v)); }

   private:
    const uint8_t* block_;
    Isa::F32 scale_;
  };
};

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
