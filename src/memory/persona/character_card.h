// Character cards (V1, V2, V3), as other programs exchange personas: JSON, alone or inside a PNG image.
#pragma once

#include <string>
#include <string_view>

#include "memory/persona/persona.h"

namespace loam {

// From a card's JSON, or a PNG file's "ccv3" or "chara" text (base64). Error(invalid) for what is neither, is broken,
// or has a text beyond the limits of a Persona; `where` names the field or the place in the file.
Persona read_character_card(std::string_view file);
// A V3 card. What an imported card had beyond a persona's fields (lore books, examples, other greetings, extensions) is
// still there; what loam's has beyond a card's stands in extensions.loam.
std::string write_character_card(const Persona& persona);

}  // namespace loam
