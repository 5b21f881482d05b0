// The table of pre-tokenisers: what each value of `tokenizer.ggml.pre` means.
#pragma once

#include <span>
#include <string_view>

namespace loam {

struct PreTokenizerInfo {
  std::string_view name;
  // Each expression cuts the pieces that the one before it left: a match becomes a piece of its own, and so does the
  // text between two matches.
  std::span<const std::string_view> patterns;
  bool add_bos = false;            // where the metadata does not say
  bool whole_words_first = false;  // a word that is a token needs no merges
  bool byte_level = true;          // tokens spell bytes; otherwise they are UTF-8 with ▁ for spaces
};

// nullptr where the name is unknown.
const PreTokenizerInfo* find_pre_tokenizer(std::string_view name);

// Not a regular expression: cuts runs of decimal digits into groups of three, counted from the right.
inline constexpr std::string_view kThousands = "(thousands)";                      // 1|234|567, on its own
inline constexpr std::string_view kThousandsWithin = "(thousands within)";         // inside a piece: a12|345b
inline constexpr std::string_view kThousandsOfWords = "(thousands, whole words)";  // where no word character follows

// Patterns that have a hand-written scanner.
inline constexpr std::string_view kGpt2Pattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
#define LOAM_CONTRACTION "'(?:[sdmtSDMT]|[lL][lL]|[vV][eE]|[rR][eE])"
#define LOAM_SPACES R"(\s*[\r\n]+|\s+(?!\S)|\s+)"
inline constexpr std::string_view kLlama3Pattern =
    LOAM_CONTRACTION R"(|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|)" LOAM_SPACES;
inline constexpr std::string_view kQwen2Pattern =
    LOAM_CONTRACTION R"(|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|)" LOAM_SPACES;
inline constexpr std::string_view kQwen35Pattern =
    LOAM_CONTRACTION R"(|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|)" LOAM_SPACES;

}  // namespace loam
