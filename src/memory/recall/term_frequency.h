// The FTS5 function by which LexicalIndex reads postings: how often a term stands in a row.
#pragma once

#include "memory/store/database.h"

namespace loam {

// What an inner pair of syllables counts beside a word's beginning, in texts and in questions.
inline constexpr double kPartWeight = 0.5;

// Registers `loam_frequency(table)` for columns (words, parts): hits in `words` count 1, in `parts` kPartWeight.
// Error(io) where this SQLite has no FTS5.
void register_term_frequency(Database& database);

}  // namespace loam
