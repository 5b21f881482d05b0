// Reads documents of many formats as text.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "memory/documents/document.h"

namespace loam {

enum class DocumentKind { unknown, text, markdown, code, html, pdf, docx, odt, epub };

// By the ending of the name alone; `unknown` for endings that loam has no reader for.
DocumentKind document_kind(std::string_view path);

// Reads the file as its ending says; one with an unknown ending as text, where it is text. `keep_going` is asked now
// and then, and stops it by returning false: Error(cancelled). Errors: not_found, io; unsupported for what is no text;
// invalid for a broken or too large document; not_found with the package's name where a program is missing.
Document read_document(const std::string& path, const std::function<bool()>& keep_going = {});

// The readers of each format; `name` titles a document that has no title of its own.
Document read_plain_document(std::string_view text);
Document read_markdown(std::string_view text);
Document read_code(std::string_view text);
Document read_html(std::string_view text);
Document read_docx(const std::string& path);
Document read_odt(const std::string& path);
Document read_epub(const std::string& path);
Document read_pdf(const std::string& path, const std::function<bool()>& keep_going);
Document read_docx_xml(std::string_view xml);
Document read_odt_xml(std::string_view xml);

}  // namespace loam
