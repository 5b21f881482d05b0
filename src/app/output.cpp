#include "app/output.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

#include "base/error.h"

namespace loam {
namespace {

using FilePointer = std::unique_ptr<FILE, int (*)(FILE*)>;

std::string read_all(FILE* file, const std::string& name) {
  std::string bytes;
  char buffer[1 << 16];
  while (const size_t n = std::fread(buffer, 1, sizeof buffer, file)) bytes.append(buffer, n);
  if (std::ferror(file)) throw Error(Error::Code::io, std::string("cannot read: ") + std::strerror(errno), name);
  return bytes;
}

[[noreturn]] void fail_writing(const std::string& path) {
  throw Error(Error::Code::io, std::string("cannot write: ") + std::strerror(errno), path);
}

}  // namespace

void print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0) return;
  if (errno == EPIPE) throw BrokenPipe{};
  fail_writing("standard output");
}

std::string read_whole_file(const std::string& path) {
  if (std::filesystem::is_directory(path)) throw Error(Error::Code::io, "is a folder, not a file", path);
  const FilePointer file(std::fopen(path.c_str(), "rb"), &std::fclose);
  if (!file) {
    const auto code = errno == ENOENT ? Error::Code::not_found : Error::Code::io;
    throw Error(code, std::string("cannot open: ") + std::strerror(errno), path);
  }
  return read_all(file.get(), path);
}

std::string read_standard_input() { return read_all(stdin, "standard input"); }

std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + "\"";
}

}  // namespace loam
