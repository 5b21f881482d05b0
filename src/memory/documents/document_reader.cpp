#include "memory/documents/document_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <span>

#include "base/error.h"
#include "base/input_file.h"
#include "base/utf8.h"

namespace loam {
namespace {

namespace fs = std::filesystem;

struct NameEnding {
  std::string_view ending;
  DocumentKind kind;
};

constexpr std::array<NameEnding, 20> kNameEndings = {{
    {"txt", DocumentKind::text},    {"text", DocumentKind::text},    {"log", DocumentKind::text},
    {"rst", DocumentKind::text},    {"org", DocumentKind::text},     {"tex", DocumentKind::text},
    {"csv", DocumentKind::code},    {"tsv", DocumentKind::code},     {"srt", DocumentKind::text},
    {"md", DocumentKind::markdown}, {"mdx", DocumentKind::markdown}, {"markdown", DocumentKind::markdown},
    {"html", DocumentKind::html},   {"htm", DocumentKind::html},     {"xhtml", DocumentKind::html},
    {"pdf", DocumentKind::pdf},     {"docx", DocumentKind::docx},    {"odt", DocumentKind::odt},
    {"epub", DocumentKind::epub},   {"adoc", DocumentKind::text},
}};

constexpr std::array<std::string_view, 44> kCodeEndings = {
    "c",    "h",   "cc", "cpp",  "cxx", "hpp", "inl",  "cu",    "cuh",   "py",   "js",  "mjs",   "ts",  "tsx", "jsx",
    "java", "kt",  "go", "rs",   "rb",  "php", "cs",   "swift", "scala", "lua",  "pl",  "r",     "jl",  "hs",  "ml",
    "ex",   "erl", "sh", "bash", "zsh", "sql", "toml", "yaml",  "yml",   "json", "ini", "cmake", "css", "xml"};

bool has_text(std::string_view head) { return head.find('\0') == std::string_view::npos; }

std::string read_text_file(const std::string& path) {
  const InputFile file(path);
  if (file.size() > kMostDocumentText) {
    throw Error(Error::Code::invalid,
                fmt::format("{} has {} bytes; text of at most {} is read", path, file.size(), kMostDocumentText));
  }
  std::string text(static_cast<size_t>(file.size()), '\0');
  file.read(0, std::as_writable_bytes(std::span(text)));
  if (!has_text(text)) throw Error(Error::Code::unsupported, fmt::format("{} is no text", path));
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  return text;
}

void check_file_size(const std::string& path) {
  const InputFile file(path);
  if (file.size() <= kLargestDocumentFile) return;
  throw Error(Error::Code::invalid,
              fmt::format("{} has {} bytes; at most {} are read", path, file.size(), kLargestDocumentFile));
}

Document read_by_kind(const std::string& path, const std::function<bool()>& keep_going) {
  switch (document_kind(path)) {
    case DocumentKind::markdown: return read_markdown(read_text_file(path));
    case DocumentKind::code: return read_code(read_text_file(path));
    case DocumentKind::html: return read_html(read_text_file(path));
    case DocumentKind::pdf: return read_pdf(path, keep_going);
    case DocumentKind::docx: return read_docx(path);
    case DocumentKind::odt: return read_odt(path);
    case DocumentKind::epub: return read_epub(path);
    default: return read_plain_document(read_text_file(path));
  }
}

}  // namespace

DocumentKind document_kind(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  const size_t dot = name.rfind('.');
  if (dot == std::string_view::npos) return DocumentKind::unknown;
  std::string ending(name.substr(dot + 1));
  std::ranges::transform(ending, ending.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const auto found = std::ranges::find(kNameEndings, ending, &NameEnding::ending);
  if (found != kNameEndings.end()) return found->kind;
  return std::ranges::find(kCodeEndings, ending) != kCodeEndings.end() ? DocumentKind::code : DocumentKind::unknown;
}

Document read_document(const std::string& path, const std::function<bool()>& keep_going) {
  check_file_size(path);
  Document document = read_by_kind(path, keep_going);
  if (document.title.empty()) document.title = sanitize_utf8(fs::path(path).filename().string());
  return document;
}

}  // namespace loam
