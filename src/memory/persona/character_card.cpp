#include "memory/persona/character_card.h"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/error.h"
#include "base/utf8.h"
#include "memory/persona/png_text.h"

namespace loam {
namespace {

using CardJson = nlohmann::ordered_json;

constexpr size_t kMostCardBytes = 8 << 20;
constexpr int kDeepestCard = 32;

// A card's fields that are a persona's.
constexpr std::array kCardFields = {std::pair("name", &Persona::name), std::pair("description", &Persona::description),
                                    std::pair("personality", &Persona::voice),
                                    std::pair("scenario", &Persona::scenario),
                                    std::pair("first_mes", &Persona::greeting)};
constexpr std::array kLoamFields = {std::pair("values", &Persona::values), std::pair("languages", &Persona::languages),
                                    std::pair("boundaries", &Persona::boundaries)};

[[noreturn]] void fail_card(const std::string& message, const std::string& where) {
  throw Error(Error::Code::invalid, "character card: " + message, where);
}

CardJson parse_card(const std::string& text) {
  if (text.size() > kMostCardBytes) fail_card(fmt::format("{} bytes; 8 MiB are read at most", text.size()), "size");
  bool too_deep = false;
  const auto shallow = [&](int depth, CardJson::parse_event_t, CardJson&) {
    too_deep |= depth > kDeepestCard;
    return depth <= kDeepestCard;
  };
  CardJson card = CardJson::parse(text, shallow, /*allow_exceptions=*/false);
  if (card.is_discarded()) fail_card("is no JSON", "card");
  if (too_deep) fail_card(fmt::format("nested deeper than {} levels", kDeepestCard), "card");
  if (!card.is_object()) fail_card("must be a JSON object", "card");
  return card;
}

// V1 has its fields at the top, V2 and V3 in "data".
const CardJson& card_data(const CardJson& card) {
  if (!card.contains("spec")) return card;
  if (card["spec"] != "chara_card_v2" && card["spec"] != "chara_card_v3")
    fail_card(
        fmt::format("'{}' is neither chara_card_v2 nor chara_card_v3",
                    escape_control(card["spec"].is_string() ? card["spec"].get<std::string>().substr(0, 60) : "?")),
        "spec");
  if (!card.contains("data") || !card["data"].is_object()) fail_card("has no object 'data'", "data");
  return card["data"];
}

std::string card_text(const CardJson& data, const char* field) {
  if (!data.contains(field) || data[field].is_null()) return {};
  if (!data[field].is_string()) fail_card(fmt::format("'{}' must be a text", field), field);
  return data[field].get<std::string>();
}

std::vector<std::string> loam_list(const CardJson& data, const char* field) {
  const auto path = CardJson::json_pointer("/extensions/loam/" + std::string(field));
  std::vector<std::string> items;
  if (!data.contains(path) || !data[path].is_array()) return items;
  for (const CardJson& item : data[path]) {
    if (item.is_string()) items.push_back(item.get<std::string>());
  }
  return items;
}

std::string json_of_file(std::string_view file) {
  if (!is_png(file)) return std::string(file);
  auto text = find_png_text(file, "ccv3");
  if (!text) text = find_png_text(file, "chara");
  if (!text) fail_card("the PNG has no text 'ccv3' or 'chara'; it is a picture only", "file");
  return decode_base64(*text);
}

}  // namespace

Persona read_character_card(std::string_view file) {
  const CardJson card = parse_card(json_of_file(file));
  const CardJson& data = card_data(card);
  Persona persona;
  for (const auto& [field, text] : kCardFields) persona.*text = card_text(data, field);
  for (const auto& [field, items] : kLoamFields) persona.*items = loam_list(data, field);
  if (persona.name.empty()) fail_card("has no name", "name");
  persona = parse_persona(write_persona(persona));  // a persona's limits
  persona.card = card.dump();
  return persona;
}

std::string write_character_card(const Persona& persona) {
  CardJson card = persona.card.empty() ? CardJson::object() : parse_card(persona.card);
  CardJson data = card_data(card);
  for (const auto& [field, text] : kCardFields) data[field] = persona.*text;
  for (const char* text :
       {"mes_example", "creator_notes", "system_prompt", "post_history_instructions", "creator", "character_version"}) {
    if (!data.contains(text)) data[text] = "";
  }
  for (const char* list : {"alternate_greetings", "tags", "group_only_greetings"}) {
    if (!data.contains(list)) data[list] = CardJson::array();
  }
  if (!data.contains("extensions") || !data["extensions"].is_object()) data["extensions"] = CardJson::object();
  CardJson loam = CardJson::object();
  for (const auto& [field, items] : kLoamFields) {
    if (!(persona.*items).empty()) loam[field] = persona.*items;
  }
  data["extensions"].erase("loam");
  if (!loam.empty()) data["extensions"]["loam"] = std::move(loam);
  if (!card.contains("spec")) card = CardJson::object();
  card["spec"] = "chara_card_v3";
  card["spec_version"] = "3.0";
  card["data"] = std::move(data);
  return card.dump(2) + "\n";
}

}  // namespace loam
