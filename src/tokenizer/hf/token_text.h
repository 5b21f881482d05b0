// The decoder of a tokenizer.json: the bytes that a token stands for.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tokenizer/hf/settings.h"

namespace loam::hf {

class TokenText {
 public:
  // ByteLevel, ByteFallback, Metaspace, Replace, Strip, Fuse, WordPiece, BPEDecoder and Sequence. Error(unsupported)
  // for others.
  explicit TokenText(const Settings& settings) { read(settings); }

  // Of an ordinary token, as it stands inside of a text.
  void append(std::string_view stored, std::string& out) const;
  // Makes a decoded text whole: removes the space that encoding has put before it.
  void finish(std::string& text) const;

 private:
  void read(const Settings& settings);

  bool spelled_bytes_ = false, words_ = false, tidies_ = false;
  std::string word_prefix_, word_suffix_;
  std::vector<std::pair<std::string, std::string>> replaced_;
  size_t leading_spaces_ = 0;
};

}  // namespace loam::hf
