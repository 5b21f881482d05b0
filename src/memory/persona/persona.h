// Persona: who the model is for a user, written by that user as TOML and kept in the user's own database.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace loam {

// All texts are UTF-8 and may be empty; of a character {{char}} stands for its name and {{user}} for the user.
struct Persona {
  std::string name, description, voice, scenario, greeting;
  std::vector<std::string> values, languages, boundaries;
  // The character card that it was imported from, as JSON: kept so that an export loses nothing.
  std::string card;

  bool empty() const { return *this == Persona(); }
  bool operator==(const Persona&) const = default;
};

// Limits: 64 KiB in all, 16 KiB a text, 500 bytes a name or an item, 32 items a list.
// Error(invalid), `where` = "line 3", for what is no TOML, an unknown field, a wrong type, too long or not UTF-8.
Persona parse_persona(std::string_view toml);
// TOML that reads back as the same persona (without the card).
std::string write_persona(const Persona& persona);

// The persona for the system prompt: the fields in a fixed order, a text that is too long cut at a sentence's or line's
// end. `budget`: most tokens, estimated. "" for an empty one.
std::string render_persona(const Persona& persona, size_t budget);

}  // namespace loam
