// Which of the best turns are shown: none that says the same again, no more than there is room for.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "memory/recall/recall.h"

namespace loam {

// Maximal marginal relevance (Carbonell and Goldstein, 1998) over the candidates, the best first; near-duplicates are
// left out. Fills `excerpt`; those that the budget has no room for are left out.
std::vector<Recalled> select_recalled(std::vector<Recalled> candidates, const RecallQuery& query);

// At most about `most` bytes of the text, where most of the terms stand; cut at characters, with … where something is
// left out.
std::string excerpt_of(std::string_view text, const std::vector<std::string>& terms, size_t most);

}  // namespace loam
