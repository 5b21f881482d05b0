#include "memory/text/russian_stemmer.h"

#include <algorithm>
#include <optional>
#include <span>

#include "base/utf8.h"

namespace loam {
namespace {

struct RussianEnding {
  std::u32string_view ending;
  bool after_a = false;  // only behind а or я, which stays
};

constexpr RussianEnding kGerunds[] = {{U"в", true}, {U"вши", true}, {U"вшись", true}, {U"ив"},    {U"ивши"},
                                      {U"ившись"},  {U"ыв"},        {U"ывши"},        {U"ывшись"}};
constexpr RussianEnding kReflexives[] = {{U"ся"}, {U"сь"}};
constexpr RussianEnding kAdjectives[] = {{U"ее"},  {U"ие"},  {U"ые"},  {U"ое"},  {U"ими"}, {U"ыми"}, {U"ей"},
                                         {U"ий"},  {U"ый"},  {U"ой"},  {U"ем"},  {U"им"},  {U"ым"},  {U"ом"},
                                         {U"его"}, {U"ого"}, {U"ему"}, {U"ому"}, {U"их"},  {U"ых"},  {U"ую"},
                                         {U"юю"},  {U"ая"},  {U"яя"},  {U"ою"},  {U"ею"}};
constexpr RussianEnding kParticiples[] = {{U"ем", true}, {U"нн", true}, {U"вш", true}, {U"ющ", true},
                                          {U"щ", true},  {U"ивш"},      {U"ывш"},      {U"ующ"}};
constexpr RussianEnding kVerbs[] = {
    {U"ла", true}, {U"на", true},  {U"ете", true}, {U"йте", true}, {U"ли", true}, {U"й", true},  {U"л", true},
    {U"ем", true}, {U"н", true},   {U"ло", true},  {U"но", true},  {U"ет", true}, {U"ют", true}, {U"ны", true},
    {U"ть", true}, {U"ешь", true}, {U"нно", true}, {U"ила"},       {U"ыла"},      {U"ена"},      {U"ейте"},
    {U"уйте"},     {U"ите"},       {U"или"},       {U"ыли"},       {U"ей"},       {U"уй"},       {U"ил"},
    {U"ыл"},       {U"им"},        {U"ым"},        {U"ен"},        {U"ило"},      {U"ыло"},      {U"ено"},
    {U"ят"},       {U"ует"},       {U"уют"},       {U"ит"},        {U"ыт"},       {U"ены"},      {U"ить"},
    {U"ыть"},      {U"ишь"},       {U"ую"},        {U"ю"}};
constexpr RussianEnding kNouns[] = {
    {U"а"},   {U"ев"}, {U"ов"},  {U"ие"}, {U"ье"}, {U"е"},   {U"иями"}, {U"ями"}, {U"ами"}, {U"еи"}, {U"ии"}, {U"и"},
    {U"ией"}, {U"ей"}, {U"ой"},  {U"ий"}, {U"й"},  {U"иям"}, {U"ям"},   {U"ием"}, {U"ем"},  {U"ам"}, {U"ом"}, {U"о"},
    {U"у"},   {U"ах"}, {U"иях"}, {U"ях"}, {U"ы"},  {U"ь"},   {U"ию"},   {U"ью"},  {U"ю"},   {U"ия"}, {U"ья"}, {U"я"}};
constexpr RussianEnding kDerived[] = {{U"ост"}, {U"ость"}};
constexpr RussianEnding kSuperlatives[] = {{U"ейш"}, {U"ейше"}};

bool is_russian_vowel(char32_t c) { return std::u32string_view(U"аеиоуыэюя").find(c) != std::u32string_view::npos; }

size_t russian_region(std::u32string_view word, size_t start) {
  for (size_t i = start + 1; i < word.size(); ++i) {
    if (!is_russian_vowel(word[i]) && is_russian_vowel(word[i - 1])) return i + 1;
  }
  return word.size();
}

class RussianStemmer {
 public:
  explicit RussianStemmer(std::u32string word) : word_(std::move(word)) {
    const auto vowel = std::ranges::find_if(word_, is_russian_vowel);
    rv_ = vowel == word_.end() ? word_.size() : static_cast<size_t>(vowel - word_.begin()) + 1;
    r2_ = russian_region(word_, russian_region(word_, 0));
  }

  std::u32string stem() {
    if (!drop(kGerunds, rv_)) {
      drop(kReflexives, rv_);
      if (drop(kAdjectives, rv_)) {
        drop(kParticiples, rv_);
      } else if (!drop(kVerbs, rv_)) {
        drop(kNouns, rv_);
      }
    }
    drop_letter(U'и');
    drop(kDerived, std::max(rv_, r2_));
    tidy();
    return word_;
  }

 private:
  // Cuts the longest of the endings that the region holds; not a shorter one where that one's condition fails.
  bool drop(std::span<const RussianEnding> endings, size_t region) {
    const std::u32string_view word = word_;
    const RussianEnding* longest = nullptr;
    for (const RussianEnding& each : endings) {
      if (!word.ends_with(each.ending) || word.size() - each.ending.size() < region) continue;
      if (longest == nullptr || each.ending.size() > longest->ending.size()) longest = &each;
    }
    if (longest == nullptr) return false;
    const size_t rest = word.size() - longest->ending.size();
    if (longest->after_a && (rest <= region || (word[rest - 1] != U'а' && word[rest - 1] != U'я'))) return false;
    word_.resize(rest);
    return true;
  }

  bool drop_letter(char32_t letter) {
    if (word_.size() <= rv_ || word_.back() != letter) return false;
    word_.pop_back();
    return true;
  }

  void tidy() {
    drop(kSuperlatives, rv_);
    if (word_.ends_with(U"нн") && word_.size() - 2 >= rv_) {
      word_.pop_back();
    } else {
      drop_letter(U'ь');
    }
  }

  std::u32string word_;
  size_t rv_ = 0, r2_ = 0;  // the parts of the word in which endings are cut
};

}  // namespace

std::string stem_russian(std::string_view word) {
  std::u32string letters;
  for (const char32_t c : code_points(word)) letters += c == U'ё' ? U'е' : c;
  std::string stem;
  for (const char32_t c : RussianStemmer(std::move(letters)).stem()) append_utf8(stem, c);
  return stem;
}

}  // namespace loam
