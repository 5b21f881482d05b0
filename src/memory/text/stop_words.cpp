#include "memory/text/stop_words.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace loam {
namespace {

constexpr auto kEnglishStopWords = std::to_array<std::string_view>(
    {"a",       "about",   "above",     "after",    "again",    "against",   "all",     "also",       "am",
     "an",      "and",     "any",       "are",      "aren't",   "as",        "at",      "be",         "because",
     "been",    "before",  "being",     "below",    "between",  "both",      "but",     "by",         "can",
     "can't",   "cannot",  "could",     "couldn't", "did",      "didn't",    "didnt",   "do",         "does",
     "doesn't", "doing",   "don't",     "dont",     "down",     "during",    "each",    "ever",       "few",
     "for",     "from",    "further",   "get",      "gets",     "getting",   "got",     "had",        "hadn't",
     "has",     "hasn't",  "have",      "haven't",  "having",   "he",        "he'd",    "he'll",      "he's",
     "hello",   "her",     "here",      "here's",   "hers",     "herself",   "hey",     "hi",         "him",
     "himself", "his",     "how",       "how's",    "i",        "i'd",       "i'll",    "i'm",        "i've",
     "if",      "im",      "in",        "into",     "is",       "isn't",     "it",      "it'd",       "it'll",
     "it's",    "its",     "itself",    "ive",      "just",     "let's",     "like",    "lot",        "many",
     "me",      "might",   "more",      "most",     "much",     "must",      "mustn't", "my",         "myself",
     "no",      "nor",     "not",       "of",       "off",      "oh",        "ok",      "okay",       "on",
     "once",    "only",    "or",        "other",    "ought",    "our",       "ours",    "ourselves",  "out",
     "over",    "own",     "please",    "really",   "same",     "shan't",    "she",     "she'd",      "she'll",
     "she's",   "should",  "shouldn't", "since",    "so",       "some",      "such",    "than",       "thank",
     "thanks",  "that",    "that's",    "the",      "their",    "theirs",    "them",    "themselves", "then",
     "there",   "there's", "these",     "they",     "they'd",   "they'll",   "they're", "they've",    "this",
     "those",   "through", "to",        "too",      "under",    "until",     "up",      "upon",       "us",
     "very",    "was",     "wasn't",    "we",       "we'd",     "we'll",     "we're",   "we've",      "well",
     "were",    "weren't", "what",      "what's",   "when",     "when's",    "where",   "where's",    "which",
     "while",   "who",     "who's",     "whom",     "whose",    "why",       "why's",   "will",       "with",
     "won't",   "would",   "wouldn't",  "wow",      "yeah",     "yes",       "you",     "you'd",      "you'll",
     "you're",  "you've",  "your",      "yours",    "yourself", "yourselves"});
static_assert(std::ranges::is_sorted(kEnglishStopWords));

constexpr auto kRussianStopWords = std::to_array<std::string_view>(
    {"а",      "без",    "более",   "больше",  "будет",    "будто",   "бы",      "был",     "была",    "были",
     "было",   "быть",   "в",       "вам",     "вами",     "вас",     "ваш",     "ваша",    "ваше",    "ваши",
     "вдруг",  "ведь",   "весь",    "вместо",  "вне",      "во",      "вообще",  "вот",     "впрочем", "все",
     "всегда", "всего",  "всем",    "всеми",   "всех",     "всю",     "вся",     "вы",      "где",     "да",
     "давай",  "даже",   "для",     "до",      "другой",   "его",     "ее",      "ей",      "ему",     "если",
     "есть",   "еще",    "ж",       "же",      "за",       "зачем",   "здесь",   "и",       "из",      "из-за",
     "или",    "им",     "ими",     "иногда",  "их",       "к",       "как",     "какая",   "какие",   "каков",
     "какой",  "когда",  "конечно", "которая", "которого", "которой", "которую", "которые", "который", "которых",
     "кто",    "куда",   "ли",      "либо",    "лучше",    "между",   "меня",    "мне",     "много",   "мной",
     "мною",   "мое",    "моего",   "моей",    "моему",    "может",   "можно",   "мои",     "моим",    "моих",
     "мой",    "моя",    "мы",      "на",      "над",      "надо",    "наконец", "нам",     "нами",    "нас",
     "наш",    "наша",   "наше",    "наши",    "не",       "него",    "нее",     "ней",     "нельзя",  "нет",
     "ни",     "нибудь", "ним",     "них",     "ничего",   "но",      "ну",      "о",       "об",      "обо",
     "однако", "он",     "она",     "они",     "оно",      "от",      "очень",   "по",      "под",     "пожалуйста",
     "после",  "потом",  "потому",  "почему",  "почти",    "при",     "привет",  "про",     "просто",  "раз",
     "разве",  "с",      "сам",     "сама",    "сами",     "своего",  "своей",   "свои",    "своих",   "свой",
     "свою",   "себе",   "себя",    "сейчас",  "сколько",  "со",      "совсем",  "спасибо", "та",      "так",
     "такая",  "также",  "такие",   "такой",   "там",      "твое",    "твоего",  "твоей",   "твои",    "твой",
     "твоя",   "те",     "тебе",    "тебя",    "тем",      "теперь",  "тех",     "типа",    "то",      "тобой",
     "тобою",  "тогда",  "того",    "тоже",    "той",      "только",  "том",     "тот",     "ту",      "тут",
     "ты",     "у",      "уж",      "уже",     "хоть",     "хотя",    "чего",    "чей",     "чем",     "через",
     "что",    "чтоб",   "чтобы",   "чуть",    "эта",      "эти",     "этим",    "этих",    "это",     "этого",
     "этой",   "этом",   "этот",    "эту",     "я"});
static_assert(std::ranges::is_sorted(kRussianStopWords));

constexpr auto kKoreanStopWords = std::to_array<std::string_view>(
    {"가",     "같아",   "같은",   "같이",   "거",     "거기",   "거기서", "건",     "걸",     "것",     "것은",
     "것을",   "것이",   "게",     "과",     "관한",   "관해",   "그",     "그가",   "그건",   "그걸",   "그것",
     "그것은", "그게",   "그냥",   "그녀",   "그녀는", "그는",   "그들",   "그들은", "그래서", "그러나", "그러니까",
     "그러면", "그런",   "그런데", "그럼",   "그렇게", "그리고", "그의",   "근데",   "나",     "나는",   "나도",
     "나를",   "나의",   "난",     "날",     "내",     "내가",   "너",     "너는",   "너도",   "너를",   "너무",
     "너의",   "넌",     "네",     "네가",   "누가",   "누구",   "누구를", "는",     "다",     "당신",   "당신은",
     "당신의", "대한",   "대해",   "대해서", "더",     "덜",     "도",     "돼",     "됐다",   "됐어",   "되는",
     "되다",   "되어",   "된",     "될",     "등",     "때",     "때문",   "때문에", "또",     "또는",   "로",
     "를",     "만",     "만약",   "매우",   "몇",     "모두",   "못",     "무엇",   "무엇을", "무엇이", "무엇인가",
     "뭐",     "뭐가",   "뭐를",   "뭐야",   "뭔지",   "뭘",     "및",     "수",     "수가",   "아",     "아니",
     "아니다", "아니라", "아니야", "아주",   "안",     "어",     "어느",   "어디",   "어디서", "어디에", "어디에서",
     "어때",   "어떤",   "어떻게", "언제",   "얼마나", "없는",   "없다",   "없어",   "없어요", "에",     "여기",
     "여기서", "예",     "오",     "와",     "왜",     "요",     "우리",   "우리가", "우리는", "우리의", "위해",
     "은",     "을",     "음",     "응",     "의",     "이",     "이건",   "이걸",   "이것",   "이것은", "이게",
     "이다",   "이런",   "이렇게", "이야",   "인가",   "인가요", "입니다", "있고",   "있나",   "있나요", "있는",
     "있다",   "있어",   "있어요", "있었다", "있을",   "있지",   "잘",     "저",     "저건",   "저것",   "저기",
     "저는",   "저런",   "저렇게", "저를",   "저의",   "전",     "정말",   "제",     "제가",   "좀",     "중",
     "즉",     "진짜",   "하게",   "하고",   "하는",   "하다",   "하면",   "하지",   "하지만", "한",     "한다",
     "할",     "해",     "해요",   "했나",   "했나요", "했다",   "했던",   "했어",   "했어요", "했지"});
static_assert(std::ranges::is_sorted(kKoreanStopWords));

}  // namespace

bool is_stop_word(std::string_view word, Language language) {
  switch (language) {
    case Language::en: return std::ranges::binary_search(kEnglishStopWords, word);
    case Language::ru: return std::ranges::binary_search(kRussianStopWords, word);
    case Language::ko: return std::ranges::binary_search(kKoreanStopWords, word);
    case Language::other: return false;
  }
  return false;
}

}  // namespace loam
