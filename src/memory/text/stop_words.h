// Words that say nothing about what a text is about: articles, pronouns, question words, particles' hosts.
#pragma once

#include <string_view>

#include "memory/text/words.h"

namespace loam {

// `word`: lower case, whole, not a stem; ё as е.
bool is_stop_word(std::string_view word, Language language);

}  // namespace loam
