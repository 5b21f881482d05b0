// Follows a JSON object or array byte by byte: where it ends, and where it breaks JSON's structure.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace loam {

inline bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }  // between JSON's values

// Brackets, commas, colons and strings are followed; numbers, words and escapes are checked by whoever parses the text.
// Control characters within strings, which small models write, are let through.
class JsonScanner {
 public:
  enum class Status { more, complete, invalid };

  Status push(char c);  // not after `complete` or `invalid`
  bool in_string() const { return in_string_; }
  size_t depth() const { return open_.size(); }  // brackets that are open
  bool after_key() const { return expected_ == Expected::colon && !in_string_; }

 private:
  enum class Expected { value, value_or_end, key, key_or_end, colon, comma_or_end };

  Status push_in_string(char c);
  Status open(char c);
  Status close(char c);
  Status begin_string();
  Status follow(char c, Expected next);

  static constexpr size_t kMaxDepth = 128;

  std::string open_;  // '{' and '[' that are not closed
  Expected expected_ = Expected::value;
  bool in_string_ = false, escaped_ = false, in_word_ = false;
};

// ---- of texts that are valid JSON ----

// The members of an object, in order: key (unescaped) and value's text.
std::vector<std::pair<std::string, std::string_view>> json_members(std::string_view object);
// The texts of an array's elements.
std::vector<std::string_view> json_elements(std::string_view array);
std::string json_unquoted(std::string_view text);  // the string that "text" in quotes stands for
std::string json_quoted(std::string_view text);    // invalid UTF-8 becomes U+FFFD
bool is_json(std::string_view text);               // whole and valid, UTF-8 too

}  // namespace loam
