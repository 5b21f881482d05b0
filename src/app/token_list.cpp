#include "app/token_list.h"

#include <fmt/format.h>

#include <charconv>

#include "base/error.h"

namespace loam {
namespace {

constexpr std::string_view kSeparators = ", \t\r\n";

Token parse_token(std::string_view text, const char* where) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < INT32_MIN || value > INT32_MAX)
    throw Error(Error::Code::invalid, fmt::format("'{}' is not a token id", text.substr(0, 40)), where);
  return static_cast<Token>(value);
}

}  // namespace

std::vector<Token> parse_token_list(std::string_view text, const char* where) {
  std::vector<Token> tokens;
  for (size_t begin = text.find_first_not_of(kSeparators); begin < text.size();) {
    const size_t end = std::min(text.find_first_of(kSeparators, begin), text.size());
    tokens.push_back(parse_token(text.substr(begin, end - begin), where));
    begin = text.find_first_not_of(kSeparators, end);
  }
  if (tokens.empty()) throw Error(Error::Code::invalid, "no token ids given", where);
  return tokens;
}

void check_token_range(const std::vector<Token>& tokens, int64_t n_vocab, const char* where) {
  for (const Token token : tokens)
    if (token < 0 || token >= n_vocab)
      throw Error(Error::Code::invalid,
                  fmt::format("token id {} is outside the vocabulary of {} (0 to {})", token, n_vocab, n_vocab - 1),
                  where);
}

}  // namespace loam
