#include "memory/facts/sentences.h"

#include <algorithm>
#include <array>

#include "base/utf8.h"

namespace loam {
namespace {

constexpr size_t kMostBytes = 16 << 10;
constexpr size_t kMostSentences = 200;
constexpr size_t kLongestSentence = 600;  // bytes; longer ones are lists or logs
constexpr size_t kLongestQuote = 400;

// A full stop after one of these ends no sentence.
constexpr std::array<std::string_view, 14> kShortened = {"dr", "mr", "mrs", "ms", "st", "prof", "jr",
                                                         "г",  "ул", "им",  "д",  "кв", "проф", "стр"};

bool is_word_byte(std::string_view text, size_t i) {
  const auto byte = static_cast<unsigned char>(text[i]);
  return byte >= 0x80 || (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
}

// The mark that closes what the one at text[at] opens; empty where none opens. An apostrophe within a word is none.
std::string_view closing_quote(std::string_view text, size_t at) {
  constexpr std::array<std::array<std::string_view, 2>, 8> kQuotes = {
      {{"\"", "\""}, {"“", "”"}, {"„", "“"}, {"«", "»"}, {"‘", "'"}, {"「", "」"}, {"『", "』"}, {"'", "'"}}};
  for (const auto& [open, close] : kQuotes) {
    if (!text.substr(at).starts_with(open)) continue;
    const bool within_word = open == "'" && at > 0 && is_word_byte(text, at - 1);
    return within_word ? std::string_view() : close;
  }
  return {};
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
}

// Without fenced code, lines cited with ">", tables and headings of somebody's document.
std::string own_prose(std::string_view turn) {
  std::string prose;
  bool in_code = false;
  for (size_t at = 0; at < turn.size();) {
    const size_t end = std::min(turn.find('\n', at), turn.size());
    const std::string_view line = turn.substr(at, end - at);
    const size_t first = std::min(line.find_first_not_of(" \t"), line.size());
    const std::string_view start = line.substr(first);
    at = end + 1;
    if (start.starts_with("```") || start.starts_with("~~~")) {
      in_code = !in_code;
      continue;
    }
    if (in_code || start.starts_with(">") || start.starts_with("|") || start.starts_with("#")) continue;
    prose.append(line).append("\n");
  }
  replace_all(prose, "’", "'");
  replace_all(prose, "？", "?");
  replace_all(prose, "。", ".");
  replace_all(prose, "\xC2\xA0", " ");
  return prose;
}

bool ends_sentence(std::string_view text, size_t at) {
  const char c = text[at];
  if (c == '\n' || c == ';' || c == '!' || c == '?') return true;
  if (c != '.') return false;
  if (at + 1 < text.size() && is_word_byte(text, at + 1)) return false;  // 3.5, loam.toml
  size_t begin = at;
  while (begin > 0 && is_word_byte(text, begin - 1)) --begin;
  std::string word(text.substr(begin, at - begin));
  std::ranges::transform(word, word.begin(),
                         [](char b) { return b >= 'A' && b <= 'Z' ? static_cast<char>(b + 32) : b; });
  return std::ranges::find(kShortened, word) == kShortened.end();
}

std::string single_spaced(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool space = c == ' ' || c == '\t' || c == '\r' || c == '\n';
    if (!space)
      out += c;
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

}  // namespace

size_t end_of_quote(std::string_view text, size_t at) {
  const std::string_view close = closing_quote(text, at);
  if (close.empty()) return at;
  for (size_t end = at + 1; (end = text.find(close, end)) != std::string_view::npos; ++end) {
    if (end - at > kLongestQuote) break;
    const size_t after = end + close.size();
    if (close == "'" && after < text.size() && is_word_byte(text, after)) continue;  // I'm
    return after;
  }
  return at;
}

std::vector<Sentence> speaker_sentences(std::string_view turn) {
  turn = turn.substr(0, kMostBytes);
  const std::string prose = own_prose(turn.substr(0, complete_utf8_prefix(turn)));
  std::vector<Sentence> sentences;
  size_t begin = 0;
  for (size_t at = 0; at < prose.size() && sentences.size() < kMostSentences; ++at) {
    if (const size_t quoted = end_of_quote(prose, at); quoted > at) {
      at = quoted - 1;
      continue;
    }
    if (!ends_sentence(prose, at)) continue;
    size_t end = at;
    while (end + 1 < prose.size() && (prose[end + 1] == '?' || prose[end + 1] == '!' || prose[end + 1] == '.')) ++end;
    const bool question = prose.substr(at, end + 1 - at).find('?') != std::string::npos;
    std::string text = single_spaced(std::string_view(prose).substr(begin, at - begin));
    if (!text.empty() && text.size() <= kLongestSentence) sentences.push_back({std::move(text), question});
    begin = end + 1;
    at = end;
  }
  return sentences;
}

bool is_quoted(std::string_view sentence, size_t at) {
  for (size_t i = 0; i <= at && i < sentence.size(); ++i) {
    const size_t end = end_of_quote(sentence, i);
    if (end == i) continue;
    if (i < at && at < end) return true;
    i = end - 1;
  }
  return false;
}

}  // namespace loam
