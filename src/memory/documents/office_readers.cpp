// DOCX (ECMA-376), ODT (OASIS OpenDocument) and EPUB: zip archives of XML, of which the text is taken.
#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/utf8.h"
#include "base/zip.h"
#include "memory/documents/document_builder.h"
#include "memory/documents/document_reader.h"
#include "memory/documents/markup_scanner.h"

namespace loam {
namespace {

using Kind = MarkupPiece::Kind;

constexpr uint64_t kMostXml = kMostDocumentText;  // bytes unpacked, of one member
constexpr size_t kMostChapters = 10'000;

int digit_in(std::string_view text) {
  const size_t at = text.find_first_of("123456");
  return at != std::string_view::npos ? text[at] - '0' : 0;
}

// The level of a paragraph style: "Heading2", "2" (Word in other languages names them so), "Title".
int docx_heading_level(std::string_view style) {
  if (style == "Title") return 1;
  if (style.size() == 1) return digit_in(style);
  return style.starts_with("Heading") || style.starts_with("heading") ? digit_in(style) : 0;
}

struct EpubFolder {
  std::map<std::string, std::string> paths;  // of the manifest, by id
  std::vector<std::string> order;            // ids in the order of reading
  std::string title;
};

// "OEBPS/content.opf" + "text/1.xhtml" → "OEBPS/text/1.xhtml"
std::string beside(const std::string& path, const std::string& relative) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? relative : path.substr(0, slash + 1) + relative;
}

EpubFolder read_package(const std::string& package, const std::string& path) {
  EpubFolder folder;
  MarkupScanner scanner(package);
  for (MarkupPiece piece = scanner.next(); piece.kind != Kind::end; piece = scanner.next()) {
    if (piece.kind != Kind::open) continue;
    if (piece.name == "item" && folder.paths.size() < kMostChapters) {
      folder.paths[markup_attribute(piece.text, "id")] = beside(path, markup_attribute(piece.text, "href"));
    } else if (piece.name == "itemref" && folder.order.size() < kMostChapters) {
      folder.order.push_back(markup_attribute(piece.text, "idref"));
    } else if (piece.name == "dc:title" && folder.title.empty()) {
      folder.title = replace_entities(scanner.skip_element("dc:title"));
    }
  }
  return folder;
}

std::string package_path(const ZipFile& zip) {
  const std::string container = zip.read("META-INF/container.xml", kMostXml);
  MarkupScanner scanner(container);
  for (MarkupPiece piece = scanner.next(); piece.kind != Kind::end; piece = scanner.next()) {
    if (piece.kind == Kind::open && piece.name == "rootfile") return markup_attribute(piece.text, "full-path");
  }
  throw Error(Error::Code::invalid, "this EPUB does not say where its contents are");
}

}  // namespace

Document read_docx_xml(std::string_view xml) {
  DocumentBuilder builder;
  MarkupScanner scanner(xml);
  bool in_text = false;
  int level = 0;
  for (MarkupPiece piece = scanner.next(); piece.kind != Kind::end; piece = scanner.next()) {
    if (piece.kind == Kind::text) {
      if (in_text) builder.append(replace_entities(piece.text));
    } else if (piece.name == "w:t") {
      in_text = piece.kind == Kind::open && !piece.closes_itself;
    } else if (piece.name == "w:tab" || piece.name == "w:br" || piece.name == "w:tc") {
      builder.append(" ");
    } else if (piece.name == "w:pstyle" && piece.kind == Kind::open) {
      level = docx_heading_level(markup_attribute(piece.text, "w:val"));
    } else if (piece.name == "w:p") {
      level > 0 && piece.kind == Kind::close ? builder.end_heading(level) : builder.end_block();
      level = 0;
    }
  }
  return builder.take();
}

Document read_odt_xml(std::string_view xml) {
  DocumentBuilder builder;
  MarkupScanner scanner(xml);
  bool in_text = false;
  int level = 1;
  for (MarkupPiece piece = scanner.next(); piece.kind != Kind::end; piece = scanner.next()) {
    const bool opens = piece.kind == Kind::open;
    if (piece.kind == Kind::text) {
      if (in_text) builder.append(replace_entities(piece.text));
    } else if (piece.name == "text:tab" || piece.name == "text:s" || piece.name == "text:line-break") {
      builder.append(" ");
    } else if (piece.name == "text:p" || piece.name == "text:h") {
      const bool ends_heading = !opens && piece.name == "text:h";
      ends_heading ? builder.end_heading(level) : builder.end_block();
      if (opens) level = std::max(1, digit_in(markup_attribute(piece.text, "text:outline-level")));
      in_text = opens && !piece.closes_itself;
    }
  }
  return builder.take();
}

Document read_docx(const std::string& path) { return read_docx_xml(ZipFile(path).read("word/document.xml", kMostXml)); }

Document read_odt(const std::string& path) { return read_odt_xml(ZipFile(path).read("content.xml", kMostXml)); }

Document read_epub(const std::string& path) {
  const ZipFile zip(path);
  const std::string package = package_path(zip);
  const EpubFolder folder = read_package(zip.read(package, kMostXml), package);
  Document book;
  size_t bytes = 0;
  for (const std::string& id : folder.order) {
    const auto found = folder.paths.find(id);
    if (found == folder.paths.end() || !zip.holds(found->second) || bytes >= kMostDocumentText) continue;
    Document chapter = read_html(zip.read(found->second, kMostXml));
    if (book.title.empty()) book.title = chapter.title;
    for (DocumentBlock& block : chapter.blocks) {
      bytes += block.text.size();
      book.blocks.push_back(std::move(block));
    }
  }
  if (!folder.title.empty()) book.title = sanitize_utf8(folder.title).substr(0, 300);
  return book;
}

}  // namespace loam
