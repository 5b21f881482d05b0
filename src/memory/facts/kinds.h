// Kinds of pets, relatives, things and favourites: one English name for each, whatever language it was said in.
#pragma once

#include <string>
#include <string_view>

namespace loam {

// "кошку" and "고양이" → "cat"; what is not known stays as it was said, in lower case.
std::string kind_name(std::string_view said);

}  // namespace loam
