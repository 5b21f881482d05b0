// Russian words as a dictionary has them, as far as endings tell: "в Москве" → "Москва", "работаю врачом" → "врач".
#pragma once

#include <string>
#include <string_view>

namespace loam {

// A place in the prepositional or accusative case. What is not sure stays as it was said.
std::string russian_place(std::string_view said);
// A profession in the instrumental case, with its adjectives; only the first noun phrase is changed.
std::string russian_role(std::string_view said);

}  // namespace loam
