// Any file as a chat export, or as a document: an Error, or turns and chunks that are UTF-8, within the sizes of the
// input. The first byte chooses the reader, the rest is the file.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/utf8.h"
#include "memory/documents/chunker.h"
#include "memory/documents/document_reader.h"
#include "memory/transfer/chat_format.h"
#include "memory/transfer/turn_json.h"
#include "tests/fuzz/memory_file.h"

namespace {

using namespace loam;
using loam::test::MemoryFile;

void import_bytes(uint8_t which, std::string_view bytes) {
  const MemoryFile memory(bytes);
  const InputFile file(memory.path());
  size_t n_bytes = 0;
  ChatVisitor visitor;
  visitor.message = [&](const ImportedMessage& message) { n_bytes += message.text.size(); };
  visitor.other_branches = [](int64_t n) { LOAM_CHECK(n > 0); };
  visitor.done = [&](uint64_t done) { LOAM_CHECK(done <= bytes.size()); };
  switch (which % 5) {
    case 0: detect_chat_format(file); break;
    case 1: read_chatgpt_json(file, visitor); break;
    case 2: read_claude_json(file, visitor); break;
    case 3: read_nexus_markdown(file, visitor); break;
    default: read_plain_text(file, visitor);
  }
  LOAM_CHECK(n_bytes <= 4 * bytes.size());
}

Document read_bytes(uint8_t which, std::string_view bytes) {
  switch (which % 9) {
    case 0: return read_markdown(bytes);
    case 1: return read_code(bytes);
    case 2: return read_html(bytes);
    case 3: return read_docx_xml(bytes);
    case 4: return read_odt_xml(bytes);
    case 5: return read_docx(MemoryFile(bytes).path());
    case 6: return read_odt(MemoryFile(bytes).path());
    case 7: return read_epub(MemoryFile(bytes).path());
    default: return read_plain_document(bytes);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto which = static_cast<uint8_t>(data[0] / 3);
  try {
    if (data[0] % 3 == 0) {
      import_bytes(which, bytes);
    } else if (data[0] % 3 == 1) {
      for (const DocumentChunk& chunk : cut_document(read_bytes(which, bytes))) LOAM_CHECK(is_valid_utf8(chunk.text));
    } else {
      const Turn turn = turn_from_json(bytes, 1);
      LOAM_CHECK(turn_to_json(turn_from_json(turn_to_json(turn), 1)) == turn_to_json(turn));
    }
  } catch (const Error&) {
  }
  return 0;
}
