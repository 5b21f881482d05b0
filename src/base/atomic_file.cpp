#include "base/atomic_file.h"

#include "base/output_file.h"

namespace loam {

void write_file_atomically(const std::string& path, std::string_view bytes) {
  OutputFile file(path, Readers::owner);
  file.write(0, std::as_bytes(std::span(bytes.data(), bytes.size())));
  file.keep();
}

}  // namespace loam
