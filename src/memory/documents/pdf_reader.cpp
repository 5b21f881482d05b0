// PDF through Poppler's pdftotext, as a process of its own with limits: a broken or hostile file ends that process, not
// this one.
#include <fmt/format.h>
#include <stdlib.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "base/child_process.h"
#include "base/error.h"
#include "memory/documents/document_builder.h"
#include "memory/documents/document_reader.h"

namespace loam {
namespace {

namespace fs = std::filesystem;

constexpr int kPdfSeconds = 120;                    // of processor time, and of patience
constexpr uint64_t kPdfMemory = uint64_t{1} << 30;  // bytes of address space

// A file of its own that is gone when it is done with.
class TemporaryFile {
 public:
  TemporaryFile() : path_((fs::temp_directory_path() / "loam-pdf-XXXXXX").string()) {
    const int file = mkstemp(path_.data());
    if (file < 0) throw Error(Error::Code::io, "cannot make a file in " + fs::temp_directory_path().string());
    close(file);
  }
  ~TemporaryFile() {
    std::error_code ignored;
    fs::remove(path_, ignored);
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

bool is_in_path(std::string_view program) {
  const char* folders = std::getenv("PATH");
  for (std::string_view rest = folders != nullptr ? folders : "/usr/bin:/bin"; !rest.empty();) {
    const size_t end = std::min(rest.find(':'), rest.size());
    if (access((std::string(rest.substr(0, end)) + "/" + std::string(program)).c_str(), X_OK) == 0) return true;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return false;
}

void check_program(const char* program, const char* package) {
  if (is_in_path(program)) return;
  throw Error(Error::Code::not_found,
              fmt::format("PDF files are read with {}, which is not installed: apt install {}", program, package),
              "pdf");
}

std::string pdf_text(const std::string& path, const std::function<bool()>& keep_going) {
  check_program("pdftotext", "poppler-utils");
  check_program("prlimit", "util-linux");
  const TemporaryFile text;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(kPdfSeconds);
  bool in_time = true;
  const auto go_on = [&] {
    in_time = std::chrono::steady_clock::now() < end;
    return in_time && (!keep_going || keep_going());
  };
  try {
    const ChildResult result =
        run_child({"prlimit", fmt::format("--cpu={}", kPdfSeconds), fmt::format("--as={}", kPdfMemory),
                   fmt::format("--fsize={}", kMostDocumentText), "--core=0", "--", "pdftotext", "-q", "-enc", "UTF-8",
                   "-eol", "unix", fs::absolute(path).string(), text.path()},
                  {}, go_on);
    if (result.exit_status != 0) {
      throw Error(Error::Code::invalid, fmt::format("{} cannot be read as PDF (pdftotext ended with {}): {}", path,
                                                    result.exit_status, result.output.substr(0, 200)));
    }
  } catch (const Error& error) {
    if (error.code() != Error::Code::cancelled || in_time) throw;
    throw Error(Error::Code::invalid, fmt::format("{} took pdftotext more than {} s", path, kPdfSeconds));
  }
  std::ifstream file(text.path(), std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

// Pages end with a form feed, paragraphs with a blank line.
Document read_pdf(const std::string& path, const std::function<bool()>& keep_going) {
  const std::string text = pdf_text(path, keep_going);
  DocumentBuilder builder;
  int page = 1;
  for (size_t begin = 0; begin < text.size(); ++page) {
    const size_t end = std::min(text.find('\f', begin), text.size());
    builder.set_page(page);
    for (size_t line = begin; line < end;) {
      const size_t line_end = std::min(text.find('\n', line), end);
      line_end == line ? builder.end_block() : builder.append(text.substr(line, line_end - line) + "\n");
      line = line_end + 1;
    }
    builder.end_block();
    begin = end + 1;
  }
  return builder.take();
}

}  // namespace loam
