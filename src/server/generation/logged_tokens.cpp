#include "server/generation/logged_tokens.h"

#include <algorithm>

namespace loam {

void LoggedTokens::push(LoggedToken token) {
  spelled_ += token.bytes;
  tokens_.push_back(std::move(token));
}

std::vector<LoggedToken> LoggedTokens::take(std::string_view text) {
  std::vector<LoggedToken> taken;
  size_t begin = spelled_.find(text);
  if (begin == std::string::npos) begin = 0;  // replaced characters: U+FFFD is not what the tokens spell
  const size_t end = std::min(spelled_.size(), begin + text.size());
  size_t at = 0;
  while (!tokens_.empty() && at < end) {
    const size_t token_end = at + tokens_.front().bytes.size();
    if (token_end > begin) taken.push_back(std::move(tokens_.front()));
    tokens_.pop_front();
    at = token_end;
  }
  spelled_.erase(0, at);
  return taken;
}

}  // namespace loam
