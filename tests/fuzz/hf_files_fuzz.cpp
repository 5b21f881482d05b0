// Any file as a tokenizer.json or a safetensors file: an Error, or a tokenizer whose ids are in its vocabulary and
// tensors that lie within the file. The first byte chooses the reader, the rest is the file.
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/utf8.h"
#include "file/safetensors.h"
#include "file/tokenizer_json.h"
#include "tests/fuzz/memory_file.h"
#include "tokenizer/tokenizer.h"

namespace {

using namespace loam;
using loam::test::MemoryFile;

void tokenize(std::string_view bytes, int64_t n_vocab) {
  Metadata metadata;
  std::deque<std::string> texts;
  read_tokenizer_json(MemoryFile(bytes).path(), n_vocab, metadata, texts);
  const auto tokenizer = Tokenizer::load(metadata);
  for (const std::string_view text : {"Hello, world 123  \xED\x95\x9C\xEA\xB5\xAD", "a a\tb\n  \xCC\x81 <s>", "\xFF"}) {
    const auto ids = tokenizer->encode(text, {.special = true, .add_special = true});
    for (const Token id : ids) LOAM_CHECK(id >= 0 && id < tokenizer->n_vocab());
    tokenizer->decode(ids, true);
  }
}

void read_tensors(std::string_view bytes) {
  const SafetensorsFile file(MemoryFile(bytes).path());
  std::vector<std::byte> scratch;
  for (const auto& [_, info] : file.tensors())
    LOAM_CHECK(file.bytes(info, 0, info.bytes, scratch).size() == info.bytes && info.bytes <= bytes.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  try {
    switch (data[0] % 3) {
      case 0: read_tensors(bytes); break;
      case 1: tokenize(bytes, 0); break;
      default: tokenize(bytes, 32);
    }
  } catch (const Error&) {  // what a damaged file may end in
  }
  return 0;
}
