#include "memory/persona/persona.h"

#include <fmt/format.h>

#include <toml++/toml.h>
#include <algorithm>
#include <array>
#include <sstream>
#include <utility>

#include "base/error.h"
#include "base/utf8.h"
#include "memory/recall_block.h"
#include "memory/text/token_estimate.h"

namespace loam {
namespace {

constexpr size_t kMostPersonaBytes = 64 << 10, kMostTextBytes = 16 << 10, kMostItemBytes = 500, kMostItems = 32;

struct TextField {
  std::string_view name;
  std::string Persona::*text;
  size_t most_bytes;
};
constexpr std::array kTextFields = {
    TextField{"name", &Persona::name, kMostItemBytes}, TextField{"description", &Persona::description, kMostTextBytes},
    TextField{"voice", &Persona::voice, kMostTextBytes}, TextField{"scenario", &Persona::scenario, kMostTextBytes},
    TextField{"greeting", &Persona::greeting, kMostTextBytes}};

struct ListField {
  std::string_view name;
  std::vector<std::string> Persona::*items;
};
constexpr std::array kListFields = {ListField{"values", &Persona::values}, ListField{"languages", &Persona::languages},
                                    ListField{"boundaries", &Persona::boundaries}};

[[noreturn]] void fail(const std::string& message, size_t line) {
  throw Error(Error::Code::invalid, "persona: " + message, fmt::format("line {}", line));
}

std::string read_text(const toml::node& node, std::string_view field, size_t most_bytes) {
  const auto text = node.value<std::string>();
  const size_t line = node.source().begin.line;
  if (!text || !node.is_string()) fail(fmt::format("'{}' must be a text in quotes", field), line);
  if (text->size() > most_bytes)
    fail(fmt::format("'{}' has {} bytes; at most {} are kept", field, text->size(), most_bytes), line);
  if (text->find('\0') != std::string::npos) fail(fmt::format("'{}' holds a zero byte", field), line);
  return *text;
}

std::vector<std::string> read_list(const toml::node& node, std::string_view field) {
  const toml::array* array = node.as_array();
  const size_t line = node.source().begin.line;
  if (array == nullptr) fail(fmt::format("'{}' must be a list of texts: [\"…\", \"…\"]", field), line);
  if (array->size() > kMostItems)
    fail(fmt::format("'{}' has {} items; at most {} are kept", field, array->size(), kMostItems), line);
  std::vector<std::string> items;
  for (const toml::node& item : *array) items.push_back(read_text(item, field, kMostItemBytes));
  return items;
}

void read_field(const toml::key& key, const toml::node& node, Persona& persona) {
  for (const TextField& field : kTextFields) {
    if (key.str() != field.name) continue;
    persona.*field.text = read_text(node, field.name, field.most_bytes);
    return;
  }
  for (const ListField& field : kListFields) {
    if (key.str() != field.name) continue;
    persona.*field.items = read_list(node, field.name);
    return;
  }
  fail(fmt::format("'{}' is no field of a persona; there are name, description, voice, scenario, greeting, values, "
                   "languages, boundaries",
                   escape_control(key.str().substr(0, 60))),
       key.source().begin.line);
}

// A basic TOML string; of several lines where the text has some.
std::string toml_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      out += fmt::format("\\{}", c);
    else if (c == '\n')
      out += "\\n";
    else if (byte < 0x20 || byte == 0x7F)
      out += fmt::format("\\u{:04X}", byte);
    else
      out += c;
  }
  return out + "\"";
}

void replace_each(std::string& text, std::string_view from, std::string_view to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
}

// The longest beginning that fits the budget and ends with a sentence or a line.
std::string_view cut_to_fit(std::string_view text, size_t budget) {
  if (estimate_tokens(text) <= budget) return text;
  size_t low = 0, high = text.size();
  while (low < high) {
    const size_t middle = low + (high - low + 1) / 2;
    if (estimate_tokens(text.substr(0, middle)) <= budget)
      low = middle;
    else
      high = middle - 1;
  }
  text = text.substr(0, low);
  text = text.substr(0, complete_utf8_prefix(text));
  const size_t end = text.find_last_of(".!?\n");
  return end == std::string_view::npos ? std::string_view() : text.substr(0, end + 1);
}

}  // namespace

Persona parse_persona(std::string_view toml) {
  if (toml.size() > kMostPersonaBytes)
    fail(fmt::format("{} bytes; at most {} are kept", toml.size(), kMostPersonaBytes), 1);
  if (!is_valid_utf8(toml)) fail("is not UTF-8", 1);
  Persona persona;
  try {
    const toml::table table = toml::parse(toml);
    for (const auto& [key, node] : table) read_field(key, node, persona);
  } catch (const toml::parse_error& error) {
    fail(std::string(error.description()), error.source().begin.line);
  }
  return persona;
}

std::string write_persona(const Persona& persona) {
  std::string out;
  for (const TextField& field : kTextFields) {
    if (!(persona.*field.text).empty()) out += fmt::format("{} = {}\n", field.name, toml_string(persona.*field.text));
  }
  for (const ListField& field : kListFields) {
    const std::vector<std::string>& items = persona.*field.items;
    if (items.empty()) continue;
    out += fmt::format("{} = [", field.name);
    for (size_t i = 0; i < items.size(); ++i) out += (i == 0 ? "" : ", ") + toml_string(items[i]);
    out += "]\n";
  }
  return out;
}

std::string render_persona(const Persona& persona, size_t budget) {
  std::string out;
  const auto add = [&](std::string text) {
    replace_each(text, "{{char}}", persona.name.empty() ? "the assistant" : persona.name);
    replace_each(text, "{{user}}", "the user");
    const size_t used = estimate_tokens(out);
    if (used < budget) out += cut_to_fit(text, budget - used);
    if (!out.empty() && out.back() != '\n') out += '\n';
  };
  // The short fields first, so that a long description cannot push them out.
  if (!persona.name.empty()) add(fmt::format("You are {}.", persona.name));
  if (!persona.voice.empty()) add("How you speak: " + persona.voice + ".");
  for (const auto& [title, items] :
       {std::pair("What you hold dear", &persona.values), std::pair("Languages you speak", &persona.languages),
        std::pair("What you do not do", &persona.boundaries)}) {
    if (!items->empty()) add(fmt::format("{}: {}.", title, fmt::join(*items, "; ")));
  }
  if (!persona.description.empty()) add(persona.description);
  if (!persona.scenario.empty()) add("The situation: " + persona.scenario);
  return out;
}

}  // namespace loam
