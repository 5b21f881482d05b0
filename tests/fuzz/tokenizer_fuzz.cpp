// Any vocabulary on any text. The input's first byte is the length of the text at its end; between them is a GGUF file.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/utf8.h"
#include "file/gguf.h"
#include "tokenizer/tokenizer.h"

namespace {

void run(const loam::Tokenizer& tokenizer, std::string_view text, const loam::EncodeOptions& options) {
  const std::vector<loam::Token> tokens = tokenizer.encode(text, options);
  std::vector<loam::Token> visible;
  std::ranges::copy_if(tokens, std::back_inserter(visible), [&](loam::Token t) { return tokenizer.is_control(t); });
  loam::StreamDecoder decoder(tokenizer, visible);
  std::string streamed;
  for (const loam::Token token : tokens) {
    LOAM_CHECK(token >= 0 && token < tokenizer.n_vocab());
    LOAM_CHECK(options.special || options.add_special || !tokenizer.is_control(token) || token == tokenizer.unknown());
    streamed += decoder.push(token);
  }
  streamed += decoder.finish();
  LOAM_CHECK(loam::is_valid_utf8(streamed));
  tokenizer.decode(tokens);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0 || size - 1 < data[0]) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + size - data[0], data[0]);
  try {
    const auto file = loam::GgufFile::parse(std::as_bytes(std::span(data + 1, size - 1 - data[0])));
    const auto tokenizer = loam::Tokenizer::load(file->metadata());
    run(*tokenizer, text, {});
    run(*tokenizer, text, {.special = true, .add_special = true});
  } catch (const loam::Error&) {
  }
  return 0;
}
