#include "memory/forget.h"

#include <set>
#include <string_view>

#include "memory/text/words.h"

namespace loam {
namespace {

std::set<std::string> terms_of(std::string_view text) {
  std::set<std::string> terms;
  for (Word& word : words_of(text)) terms.insert(std::move(word.term));
  return terms;
}

bool holds_all(std::string_view text, const std::set<std::string>& wanted) {
  size_t n_missing = wanted.size();
  std::set<std::string_view> found;
  for (const Word& word : words_of(text)) {
    const auto term = wanted.find(word.term);
    if (term != wanted.end() && found.insert(*term).second && --n_missing == 0) return true;
  }
  return wanted.empty();
}

// A chunk's session is its document's path, its speaker begins with the title.
bool is_of_document(const Turn& turn, const std::string& document) {
  if (turn.origin != TurnOrigin::document) return false;
  return turn.session == document || turn.speaker == document || turn.speaker.starts_with(document + " › ");
}

}  // namespace

std::vector<TurnId> find_to_forget(TurnStore& store, const ForgetRequest& request) {
  const std::set<std::string> wanted = terms_of(request.query);
  std::vector<TurnId> ids;
  if (!request.query.empty() && wanted.empty()) return ids;  // "?!" is no reason to forget everything
  store.for_each(request.turns.space, request.turns.session, [&](const Turn& turn) {
    const bool is_meant = request.turns.admits(turn) &&
                          (request.document.empty() || is_of_document(turn, request.document)) &&
                          holds_all(turn.text, wanted);
    if (is_meant) ids.push_back(turn.id);
    return true;
  });
  return ids;
}

}  // namespace loam
