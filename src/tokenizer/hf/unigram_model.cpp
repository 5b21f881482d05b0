// The segmentation of the highest total score. Kudo 2018, arXiv:1804.10959.
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "base/utf8.h"
#include "file/tokenizer_json.h"
#include "tokenizer/byte_trie.h"
#include "tokenizer/hf/word_model.h"
#include "tokenizer/hf/words.h"

namespace loam::hf {
namespace {

constexpr double kUnknownPenalty = 10;  // below the lowest score
constexpr double kUnreached = -std::numeric_limits<double>::infinity();

class Unigram final : public WordModel {
 public:
  Unigram(const Settings& s, const Metadata& metadata, const Vocabulary& vocabulary)
      : vocabulary_(vocabulary), words_(s, vocabulary), byte_fallback_(s.flag("byte_fallback", false)) {
    const std::vector<double>* scores = metadata.numbers(kExactTokenScores);
    if (scores == nullptr) scores = metadata.numbers("tokenizer.ggml.scores");
    if (scores == nullptr || std::ssize(*scores) != vocabulary.size()) s.fail("has no score for each token");
    scores_ = *scores;
    if (s.has("unk_id")) unknown_ = static_cast<Token>(s.count("unk_id", 0));
    if (unknown_ >= vocabulary.size()) s.fail("has an unk_id beyond the vocabulary");
    double lowest = std::numeric_limits<double>::infinity();
    for (Token token = 0; token < vocabulary.size(); ++token) {
      const double score = scores_[static_cast<size_t>(token)];
      if (!std::isfinite(score)) continue;  // an added token, which the model has not got
      lowest = std::min(lowest, score);
      if (words_.has(token, true)) trie_.insert(vocabulary.text(token), token);
    }
    unknown_score_ = lowest - kUnknownPenalty;
  }

  void encode(std::string_view word, bool special, std::vector<Token>& out) const override {
    std::vector<Step> steps(word.size() + 1, {kUnreached, -1, 0});
    steps[0].score = 0;
    for (size_t i = 0; i < word.size(); i += static_cast<size_t>(decode_utf8(word, i).bytes))
      extend(word, i, special, steps);
    std::vector<size_t> ends;  // of the best segmentation, from the last
    for (size_t end = word.size(); end > 0; end = steps[end].begin) ends.push_back(end);
    std::reverse(ends.begin(), ends.end());
    for (size_t i = 0; i < ends.size(); ++i) {
      const Step& step = steps[ends[i]];
      if (step.token != unknown_ && step.token >= 0) {
        out.push_back(step.token);
        continue;
      }
      size_t last = i;  // a run of unknown characters is one
      while (last + 1 < ends.size() && is_unknown(steps[ends[last + 1]])) ++last;
      append_unknown(word.substr(step.begin, ends[last] - step.begin), special, out);
      i = last;
    }
  }

 private:
  // The best way to reach a place of the word: its last token, and where that starts.
  struct Step {
    double score;
    Token token;
    size_t begin;
  };
  bool is_unknown(const Step& step) const { return step.token < 0 || step.token == unknown_; }

  // Tries all tokens that start at `begin`, a place that some segmentation reaches.
  void extend(std::string_view text, size_t begin, bool special, std::vector<Step>& steps) const {
    const auto offer = [&](size_t end, Token token, double score) {
      const double total = steps[begin].score + score;
      if (total > steps[end].score) steps[end] = {total, token, begin};
    };
    const size_t character = begin + static_cast<size_t>(decode_utf8(text, begin).bytes);
    bool character_known = false;
    uint32_t node = ByteTrie::kRoot;
    for (size_t i = begin; i < text.size(); ++i) {
      node = trie_.child(node, text[i]);
      if (node == ByteTrie::kRoot) break;
      const Token token = trie_.token(node);
      if (token < 0 || !words_.has(token, special)) continue;
      offer(i + 1, token, scores_[static_cast<size_t>(token)]);
      character_known = character_known || i + 1 == character;
    }
    if (!character_known) offer(character, -1, unknown_score_);
  }

  void append_unknown(std::string_view run, bool special, std::vector<Token>& out) const {
    if (const Token token = words_.find(run, special); token >= 0) return out.push_back(token);
    const auto byte_token = [&](char c) { return vocabulary_.byte_token(static_cast<unsigned char>(c)); };
    if (byte_fallback_ && std::all_of(run.begin(), run.end(), [&](char c) { return byte_token(c) >= 0; })) {
      for (const char c : run) out.push_back(byte_token(c));
    } else if (unknown_ >= 0) {
      out.push_back(unknown_);
    } else {
      throw Error(Error::Code::invalid, "the tokenizer has neither a token nor an unknown one for a character", "text");
    }
  }

  const Vocabulary& vocabulary_;
  const Words words_;
  const bool byte_fallback_;
  ByteTrie trie_;
  std::vector<double> scores_;
  Token unknown_ = -1;
  double unknown_score_ = 0;
};

}  // namespace

std::unique_ptr<WordModel> make_unigram(const Settings& s, const Metadata& metadata, const Vocabulary& vocabulary) {
  return std::make_unique<Unigram>(s, metadata, vocabulary);
}

}  // namespace loam::hf
