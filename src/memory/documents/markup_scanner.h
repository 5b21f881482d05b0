// Walks through HTML or XML tag by tag, whatever is wrong with it: no tree, so that no nesting exhausts anything, and
// no entity expands to more than one character.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace loam {

struct MarkupPiece {
  enum class Kind { text, open, close, end };
  Kind kind = Kind::end;
  std::string name;            // of a tag, in lower case, with its prefix: "w:p"
  std::string_view text;       // of a text, with its entities; of a tag, its attributes
  bool closes_itself = false;  // <br/>
};

class MarkupScanner {
 public:
  // The text must outlive the scanner.
  explicit MarkupScanner(std::string_view text) : text_(text) {}

  // Comments, declarations and instructions are left out; a CDATA section is text, marked as one without entities.
  MarkupPiece next();
  // Goes on behind the next </name>, which is given too: what <script> holds is no markup. → what stands before it.
  std::string_view skip_element(std::string_view name);

 private:
  MarkupPiece read_tag();
  bool skip_declaration();
  void skip_past(std::string_view mark);

  std::string_view text_;
  size_t at_ = 0;
};

// Of a tag's attributes; empty where it has none of this name. Entities are replaced.
std::string markup_attribute(std::string_view attributes, std::string_view name);

// &amp; &#233; &#x416; &nbsp; and the like as UTF-8; those that are not known stay.
std::string replace_entities(std::string_view text);

}  // namespace loam
