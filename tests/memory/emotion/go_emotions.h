// GoEmotions with Ekman's labels (text, label numbers, comment), and the micro-F1 of what is felt against it.
#pragma once

#include <zlib.h>

#include <array>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "memory/emotion/emotion.h"

namespace loam::test {

using EmotionSet = std::array<bool, kEmotionLabels>;

inline std::vector<std::pair<std::string, EmotionSet>> read_go_emotions(const std::string& path) {
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> file(gzopen(path.c_str(), "rb"), gzclose);
  if (file == nullptr) throw std::runtime_error("cannot open " + path);
  std::vector<std::pair<std::string, EmotionSet>> rows;
  std::array<char, 65536> buffer{};
  while (gzgets(file.get(), buffer.data(), buffer.size()) != nullptr) {
    const std::string_view line = buffer.data();
    const size_t first = line.find('\t'), second = line.find('\t', first + 1);
    EmotionSet labels{};
    for (const char c : line.substr(first + 1, second - first - 1)) {
      if (c >= '0' && c <= '6') labels[static_cast<size_t>(c - '0')] = true;
    }
    rows.emplace_back(line.substr(0, first), labels);
  }
  return rows;
}

// Over all labels of all texts; a text has those labels whose score is ≥ .5, and the highest one in any case.
class MicroF1 {
 public:
  void add(const Emotion& felt, const EmotionSet& wanted) {
    ++n_texts_;
    for (size_t i = 0; i < kEmotionLabels; ++i) {
      const bool chosen = felt.scores[i] >= 0.5F || i == static_cast<size_t>(felt.label);
      both_ += chosen && wanted[i];
      either_ += static_cast<int>(chosen) + static_cast<int>(wanted[i]);
    }
  }
  double value() const { return 2.0 * both_ / either_; }
  int n_texts() const { return n_texts_; }

 private:
  int n_texts_ = 0, both_ = 0, either_ = 0;
};

}  // namespace loam::test
