// What a text tells about its speaker, by rules in English, Korean and Russian. No model is asked.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "memory/facts/fact.h"

namespace loam {

// The statements of a user's own words, in their order, each (attribute, value) once. Questions, quotations,
// suppositions, what others are said to have said, and texts brought for translation or the like make none.
std::vector<FactStatement> find_statements(std::string_view text);

}  // namespace loam
