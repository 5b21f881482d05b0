#include "memory/text/korean_stemmer.h"

#include <algorithm>
#include <array>

namespace loam {
namespace {

constexpr size_t kSyllableBytes = 3;  // every Hangul syllable's in UTF-8

enum class SoundBefore { any, vowel, consonant };
struct Particle {
  std::string_view text;
  SoundBefore before;
};

// Longest first. One syllable only where the sound before tells it from a part of the word: "가을", "나이" and "제도"
// stay.
constexpr std::array kParticles = {
    Particle{"에서부터", SoundBefore::any},     Particle{"으로부터", SoundBefore::consonant},
    Particle{"이라는", SoundBefore::consonant}, Particle{"이라고", SoundBefore::consonant},
    Particle{"에서는", SoundBefore::any},       Particle{"에서도", SoundBefore::any},
    Particle{"에게서", SoundBefore::any},       Particle{"으로는", SoundBefore::consonant},
    Particle{"으로도", SoundBefore::consonant}, Particle{"까지는", SoundBefore::any},
    Particle{"입니다", SoundBefore::any},       Particle{"이에요", SoundBefore::consonant},
    Particle{"에서", SoundBefore::any},         Particle{"에게", SoundBefore::any},
    Particle{"한테", SoundBefore::any},         Particle{"으로", SoundBefore::consonant},
    Particle{"까지", SoundBefore::any},         Particle{"부터", SoundBefore::any},
    Particle{"처럼", SoundBefore::any},         Particle{"보다", SoundBefore::any},
    Particle{"하고", SoundBefore::any},         Particle{"이랑", SoundBefore::consonant},
    Particle{"이나", SoundBefore::consonant},   Particle{"에는", SoundBefore::any},
    Particle{"에도", SoundBefore::any},         Particle{"만큼", SoundBefore::any},
    Particle{"예요", SoundBefore::vowel},       Particle{"이야", SoundBefore::consonant},
    Particle{"은", SoundBefore::consonant},     Particle{"이", SoundBefore::consonant},
    Particle{"을", SoundBefore::consonant},     Particle{"과", SoundBefore::consonant},
    Particle{"는", SoundBefore::vowel},         Particle{"가", SoundBefore::vowel},
    Particle{"를", SoundBefore::vowel},         Particle{"와", SoundBefore::vowel},
};

// Whether the word is Hangul and nothing else, as far as the lengths of its letters tell: else it is left alone.
bool has_syllables_only(std::string_view word) {
  for (size_t i = 0; i < word.size(); i += kSyllableBytes) {
    if ((static_cast<unsigned char>(word[i]) & 0xF0U) != 0xE0U) return false;
  }
  return word.size() % kSyllableBytes == 0;
}

// A syllable's code point is 0xAC00 + 28·(initial and vowel) + final consonant.
bool ends_in_consonant(std::string_view word) {
  const auto byte = [&](size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(word[word.size() - i])); };
  const unsigned syllable = (byte(3) & 0x0FU) << 12U | (byte(2) & 0x3FU) << 6U | (byte(1) & 0x3FU);
  return (syllable - 0xAC00U) % 28U != 0;
}

}  // namespace

std::string_view without_particle(std::string_view word) {
  if (!has_syllables_only(word)) return word;
  for (const Particle& particle : kParticles) {
    if (word.size() <= particle.text.size() || !word.ends_with(particle.text)) continue;
    const std::string_view rest = word.substr(0, word.size() - particle.text.size());
    if (particle.before == SoundBefore::any || (particle.before == SoundBefore::consonant) == ends_in_consonant(rest)) {
      return rest;
    }
  }
  return word;
}

std::string stem_korean(std::string_view word) {
  if (!has_syllables_only(word)) return std::string(word);
  const std::string_view rest = without_particle(word);
  return std::string(rest.substr(0, std::min(rest.size(), 2 * kSyllableBytes)));
}

std::vector<std::string> inner_syllable_pairs(std::string_view word) {
  std::vector<std::string> pairs;
  if (!has_syllables_only(word)) return pairs;
  const std::string_view rest = without_particle(word);
  for (size_t i = kSyllableBytes; i + 2 * kSyllableBytes <= rest.size(); i += kSyllableBytes) {
    pairs.emplace_back(rest.substr(i, 2 * kSyllableBytes));
  }
  return pairs;
}

}  // namespace loam
