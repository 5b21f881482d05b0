#include "memory/facts/importance.h"

#include <algorithm>

#include "base/utf8.h"
#include "memory/text/pattern.h"

namespace loam {
namespace {

constexpr size_t kMostBytesLookedAt = 8 << 10;

}  // namespace

double importance_of(std::string_view text, double emotion_intensity, double novelty) {
  static const Pattern asked(
      R"((?:^|[.!,\n] ?)(?:please,? |пожалуйста,? )?(?:remember (?:that|this|:|my|i)|don't forget|keep in mind|make a note|запомни|не забудь|имей в виду)|기억해 ?(?:줘|주세요|둬|두|라)|기억해[.!]|잊지 ?마)");
  static const Pattern about_oneself(
      R"(\b(?:i|i'm|i've|my|mine|me|я|мне|меня|мой|моя|моё|мои|у меня)\b|(?:^|[\s,.!])(?:저는|전|나는|난|제가|내가|제|내|저도|나도|저희|우리) )");
  // A capital within a sentence, a number with a unit, a month, a day of the week.
  static const Pattern entity_or_date(
      R"((?-i:[\p{Ll},] \p{Lu}\p{Ll}+)|\d|\b(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday|january|february|april|june|july|august|september|october|november|december|tomorrow|yesterday|завтра|вчера|понедельник|вторник|среду|четверг|пятницу|субботу|воскресенье)\b|[월화수목금토일]요일|내일|어제|모레)");
  text = text.substr(0, kMostBytesLookedAt);
  text = text.substr(0, complete_utf8_prefix(text));
  if (asked.matches(text)) return 1;
  double importance = 0.3;
  if (about_oneself.matches(text)) importance += 0.2;
  if (entity_or_date.matches(text)) importance += 0.2;
  return importance + 0.2 * std::clamp(emotion_intensity, 0.0, 1.0) + 0.1 * std::clamp(novelty, 0.0, 1.0);
}

}  // namespace loam
