// A document as text: its title, and its paragraphs with the place of each.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace loam {

// Where something stands; 0 where the format has no such thing.
struct DocumentPlace {
  int page = 0;                       // from 1: PDF
  int first_line = 0, last_line = 0;  // from 1: Markdown, text and code
  bool operator==(const DocumentPlace&) const = default;
};

struct DocumentBlock {
  std::string text;     // a paragraph, a heading, a row of a table, lines of code; UTF-8
  std::string heading;  // "Chapter › Section" that it stands below; may be empty
  DocumentPlace place;
  bool is_heading = false;
  bool keeps_lines = false;  // cut between lines only: code, verse
};

struct Document {
  std::string title;
  std::vector<DocumentBlock> blocks;
};

// Of one document; larger ones are refused with Error(invalid), or cut where the format does not tell beforehand.
inline constexpr uint64_t kLargestDocumentFile = 256 << 20;  // bytes
inline constexpr size_t kMostDocumentText = 64 << 20;        // bytes of text

}  // namespace loam
