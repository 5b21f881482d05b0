#include "memory/facts/russian_cases.h"

#include <algorithm>
#include <array>
#include <span>
#include <vector>

namespace loam {
namespace {

struct Ending {
  std::string_view from, to;
};

// Feminine places whose prepositional (-е) or accusative (-у) looks like that of a masculine one.
constexpr std::array<std::string_view, 32> kFemininePlaces = {
    "Москв",        "Самар",   "Уф",    "Вологд", "Праг",    "Варшав",  "Одесс",    "Тул",
    "Риг",          "Калуг",   "Чит",   "Америк", "Анкар",   "Канад",   "Вен",      "Женев",
    "Барселон",     "Алма-Ат", "Астан", "Ялт",    "Костром", "Кубан",   "Полтав",   "Пенз",
    "Лос-Анджелес", "Гаван",   "Ник",   "Польш",  "Франц",   "Македон", "Махачкал", "Анап"};

// In the order in which they are tried.
constexpr std::array kPlaceEndings = {
    Ending{"ии", "ия"},       Ending{"ию", "ия"},       Ending{"орее", "орея"},        Ending{"орею", "орея"},
    Ending{"азани", "азань"}, Ending{"язани", "язань"}, Ending{"ерми", "ермь"},        Ending{"вери", "верь"},
    Ending{"юмени", "юмень"}, Ending{"урции", "урция"}, Ending{"овгороде", "овгород"},
};
constexpr std::array<std::string_view, 8> kUnchangedPlaces = {"Сочи", "Тбилиси", "Дели",   "Токио",
                                                              "Осло", "Баку",    "Чикаго", "Сан-Франциско"};

// Feminine and neuter before masculine: -ой and -ей are endings of both adjectives and nouns.
constexpr std::array kRoleEndings = {
    Ending{"ителем", "итель"}, Ending{"ателем", "атель"}, Ending{"арем", "арь"}, Ending{"рачом", "рач"},
    Ending{"ицей", "ица"},     Ending{"шей", "ша"},       Ending{"ьей", "ья"},   Ending{"ьёй", "ья"},
    Ending{"тром", "тр"},      Ending{"ником", "ник"},    Ending{"ком", "к"},    Ending{"строй", "стра"},
    Ending{"кой", "ка"},       Ending{"ней", "ня"},       Ending{"ом", ""},      Ending{"ем", "й"},
};
constexpr std::array kRoleAdjectives = {Ending{"ным", "ный"},   Ending{"вым", "вый"}, Ending{"ским", "ский"},
                                        Ending{"шим", "ший"},   Ending{"щим", "щий"}, Ending{"ной", "ная"},
                                        Ending{"ской", "ская"}, Ending{"шей", "шая"}};

bool replace_ending(std::string& word, std::span<const Ending> endings) {
  for (const Ending& ending : endings) {
    if (word.size() <= ending.from.size() || !word.ends_with(ending.from)) continue;
    word.replace(word.size() - ending.from.size(), ending.from.size(), ending.to);
    return true;
  }
  return false;
}

std::vector<std::string> words_between_spaces(std::string_view text) {
  std::vector<std::string> words;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find(' ', at), text.size());
    if (end > at) words.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

}  // namespace

std::string russian_place(std::string_view said) {
  std::string place(said);
  if (place.find(' ') != std::string::npos || std::ranges::find(kUnchangedPlaces, said) != kUnchangedPlaces.end())
    return place;
  if (replace_ending(place, kPlaceEndings)) return place;
  const bool locative = place.ends_with("е"), accusative = place.ends_with("у");
  if ((!locative && !accusative) || place.size() < 8) return place;
  const std::string stem = place.substr(0, place.size() - std::string_view("е").size());
  if (accusative || std::ranges::find(kFemininePlaces, stem) != kFemininePlaces.end()) return stem + "а";
  for (const std::string_view vowel : {"а", "о", "у"}) {
    if (stem.ends_with(vowel)) return stem + "й";  // Китае → Китай
  }
  return stem;
}

std::string russian_role(std::string_view said) {
  std::vector<std::string> words = words_between_spaces(said);
  for (std::string& word : words) {
    const bool last = &word == &words.back();
    if (!last && replace_ending(word, kRoleAdjectives)) continue;
    replace_ending(word, kRoleEndings);
    break;
  }
  return joined(words);
}

}  // namespace loam
