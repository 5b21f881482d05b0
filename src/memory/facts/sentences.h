// The sentences of a turn that are the speaker's own prose: no code, no cited lines; what is quoted stays in one piece.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace loam {

struct Sentence {
  std::string text;  // with single spaces, ' for ’, without the mark at its end
  bool question = false;

  // "I live in Rome, what shall I wear?": what stands before a question's last comma may be a statement; the rest asks.
  std::string_view stated() const { return std::string_view(text).substr(0, comma()); }
  std::string_view asked() const { return comma() == 0 ? text : std::string_view(text).substr(comma() + 2); }

 private:
  size_t comma() const {
    const size_t at = question ? text.rfind(", ") : text.size();
    return at == std::string::npos ? 0 : at;
  }
};

// Of the first 16 KiB; more than that is no telling but a document.
std::vector<Sentence> speaker_sentences(std::string_view turn);
// The end of the quotation that begins at text[at]; `at` where none begins there, or it does not end.
size_t end_of_quote(std::string_view text, size_t at);
// Whether the byte stands between quotation marks of the sentence.
bool is_quoted(std::string_view sentence, size_t at);

}  // namespace loam
