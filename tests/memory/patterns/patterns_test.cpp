#include "memory/patterns/patterns.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/memory/memory_support.h"

namespace loam {
namespace {

constexpr UnixTime kMonday = 1'704'067'200'000;  // 2024-01-01 00:00 UTC
constexpr UnixTime kOneHour = 3'600'000;
constexpr int kLogDays = 60;

// Words nobody has a feeling about, drawn by Zipf's law; made of syllables in one of the three scripts.
class Vocabulary {
 public:
  explicit Vocabulary(std::vector<std::string> syllables) : syllables_(std::move(syllables)) {}
  std::string draw(std::mt19937& random) const {
    const double u = std::uniform_real_distribution<>(0, 1)(random);
    return word(static_cast<size_t>(std::exp(u * std::log(1500.0))));
  }

 private:
  std::string word(size_t rank) const {
    const size_t n = syllables_.size();
    return syllables_[rank % n] + syllables_[rank / n % n] + syllables_[rank / n / n % n] + syllables_[(rank + 3) % n];
  }
  std::vector<std::string> syllables_;
};

Vocabulary latin() { return Vocabulary({"ba", "du", "ki", "lo", "mo", "nu", "pa", "ri", "so", "tu", "ve", "zo"}); }
Vocabulary cyrillic() { return Vocabulary({"ба", "ду", "ки", "ло", "мо", "ну", "па", "ри", "со", "ту", "ве", "зо"}); }
Vocabulary hangul() { return Vocabulary({"가", "두", "키", "로", "모", "누", "파", "리", "소", "투", "베", "조"}); }

struct LogTurn {
  int session, day, hour;
  std::string text;
};

// One or two sessions a day of one to eight turns, of four to twelve words.
std::vector<LogTurn> make_log(const Vocabulary& words, unsigned seed) {
  std::mt19937 random(seed);
  const auto between = [&](int a, int b) { return std::uniform_int_distribution<>(a, b)(random); };
  std::vector<LogTurn> log;
  int session = 0;
  for (int day = 0; day < kLogDays; ++day) {
    for (int n = between(1, 2); n > 0; --n, ++session) {
      const int hour = between(6, 22);
      for (int turns = between(1, 8); turns > 0; --turns) {
        std::string text;
        for (int k = between(4, 12); k > 0; --k) text += words.draw(random) + " ";
        log.push_back({session, day, hour, text});
      }
    }
  }
  return log;
}

// To the first turn of the day's first session. → which turn of the log.
size_t plant(std::vector<LogTurn>& log, int day, const std::string& text, int hour = -1) {
  const auto found = std::ranges::find(log, day, &LogTurn::day);
  found->text += " " + text;
  if (hour >= 0) {
    for (LogTurn& turn : log) turn.hour = turn.session == found->session ? hour : turn.hour;
  }
  return static_cast<size_t>(found - log.begin());
}

// Which words are where is left to chance; sessions keep their lengths and times.
void shuffle_words(std::vector<LogTurn>& log, unsigned seed) {
  std::vector<std::string> words;
  for (const LogTurn& turn : log) {
    for (const Word& word : words_of(turn.text)) words.emplace_back(word.text);
  }
  std::mt19937 random(seed);
  std::ranges::shuffle(words, random);
  size_t next = 0;
  for (LogTurn& turn : log) {
    const size_t n = words_of(turn.text).size();
    turn.text.clear();
    for (size_t i = 0; i < n; ++i) turn.text += words[next++] + " ";
  }
}

struct PatternsTest : testing::Test {
  std::vector<TurnPattern> find(const std::vector<LogTurn>& log) {
    folder = std::make_unique<test::TemporaryFolder>();
    database = std::make_unique<Database>(folder->path("mem.db"));
    store = std::make_unique<TurnStore>(*database);
    std::vector<NewTurn> turns;
    for (const LogTurn& said : log) {
      turns.push_back(test::turn_of("s" + std::to_string(said.session), said.text,
                                    kMonday + (said.day * 24 + said.hour) * kOneHour + 1000 * said.session));
    }
    ids = store->add(turns);
    return find_patterns(*store);
  }

  // The pattern of this kind whose first item is `item`, or that has it as either.
  static const TurnPattern* among(const std::vector<TurnPattern>& patterns, PatternKind kind, const std::string& item) {
    const auto found = std::ranges::find_if(patterns, [&](const TurnPattern& pattern) {
      return pattern.kind == kind && std::ranges::find(pattern.items, item) != pattern.items.end();
    });
    return found == patterns.end() ? nullptr : &*found;
  }

  // The pattern of these two, in either order; its names in the order of `items`.
  static const TurnPattern* pair_of(const std::vector<TurnPattern>& patterns, const std::string& a,
                                    const std::string& b) {
    const auto found = std::ranges::find_if(patterns, [&](const TurnPattern& pattern) {
      return pattern.kind == PatternKind::pair &&
             std::set(pattern.items.begin(), pattern.items.end()) == std::set{a, b};
    });
    return found == patterns.end() ? nullptr : &*found;
  }

  void expect_evidence(const TurnPattern* pattern, const std::vector<size_t>& planted) {
    ASSERT_NE(pattern, nullptr);
    std::vector<TurnId> wanted;
    for (const size_t i : planted) wanted.push_back(ids[i]);
    for (const TurnId id : wanted) {
      EXPECT_NE(std::ranges::find(pattern->turns, id), pattern->turns.end()) << "turn " << id << " is missing";
    }
    EXPECT_LE(pattern->turns.size(), wanted.size() + 1);
    EXPECT_GE(pattern->n_days, 3);
    EXPECT_GE(pattern->npmi, 0.3);
    EXPECT_GE(pattern->g2, 10.83);
  }

  // A log with one pattern of each kind, in this language.
  void expect_planted(const Vocabulary& words, unsigned seed, const std::vector<std::string>& names,
                      const std::string& sad) {
    std::vector<LogTurn> log = make_log(words, seed);
    std::vector<size_t> pair, mood, weekday, hour, burst;
    for (const int day : {3, 11, 16, 24, 31, 38, 44, 53}) pair.push_back(plant(log, day, names[0] + " " + names[1]));
    for (const int day : {2, 9, 15, 22, 26, 33, 40, 47, 54}) mood.push_back(plant(log, day, names[2] + " " + sad));
    for (int day = 6; day < kLogDays; day += 7) weekday.push_back(plant(log, day, names[3]));
    for (const int day : {1, 7, 12, 19, 23, 29, 36, 41, 46, 50, 57}) hour.push_back(plant(log, day, names[4], 2));
    for (int day = 28; day < 38; ++day) burst.push_back(plant(log, day, names[5]));
    const auto patterns = find(log);
    expect_evidence(among(patterns, PatternKind::pair, names[0]), pair);
    expect_evidence(among(patterns, PatternKind::emotion, names[2]), mood);
    expect_evidence(among(patterns, PatternKind::weekday, names[3]), weekday);
    EXPECT_EQ(among(patterns, PatternKind::weekday, names[3])->items[1], "0") << "Sundays";
    expect_evidence(among(patterns, PatternKind::hour, names[4]), hour);
    expect_evidence(among(patterns, PatternKind::burst, names[5]), burst);
  }

  std::unique_ptr<test::TemporaryFolder> folder;
  std::unique_ptr<Database> database;
  std::unique_ptr<TurnStore> store;
  std::vector<TurnId> ids;
};

TEST_F(PatternsTest, PlantedInEnglish) {
  expect_planted(latin(), 1, {"coffee", "headache", "Boris", "piano", "notebook", "kitchen"},
                 ". I feel so sad and lonely");
}

TEST_F(PatternsTest, PlantedInRussian) {
  expect_planted(cyrillic(), 2, {"кофе", "дождь", "Борис", "пианино", "тетрадь", "кухня"},
                 ". Мне так грустно и одиноко");
}

TEST_F(PatternsTest, PlantedInKorean) {
  expect_planted(hangul(), 3, {"커피", "두통", "동생", "피아노", "공책", "부엌"}, ". 너무 슬프고 외로워");
}

TEST_F(PatternsTest, PlantedNames) {
  std::vector<LogTurn> log = make_log(latin(), 7);
  std::vector<size_t> pair, mood, weekday;
  for (const int day : {3, 11, 16, 24, 31, 38, 44, 53})
    pair.push_back(plant(log, day, "we worked on project Heron with Anna Petrova"));
  for (const int day : {2, 9, 15, 22, 26, 33, 40, 47, 54})
    mood.push_back(plant(log, day, ". New York again, I feel so sad and lonely in New York"));
  for (int day = 6; day < kLogDays; day += 7) weekday.push_back(plant(log, day, ". Mark called, and I ran with Mark"));
  for (const int day : {4, 12, 19, 25, 34, 41}) plant(log, day, "a mark");  // the word is not the name
  const auto patterns = find(log);
  const TurnPattern* together = pair_of(patterns, "Anna Petrova", "Heron");
  expect_evidence(together, pair);
  EXPECT_EQ(std::set(together->names.begin(), together->names.end()), (std::set<std::string>{"project", "person"}));
  const TurnPattern* sad = among(patterns, PatternKind::emotion, "New York");
  expect_evidence(sad, mood);
  EXPECT_EQ(sad->names[0], "place");
  const TurnPattern* sundays = among(patterns, PatternKind::weekday, "Mark");
  expect_evidence(sundays, weekday);
  EXPECT_EQ(sundays->names[0], "person");
  EXPECT_EQ(among(patterns, PatternKind::pair, "York"), nullptr) << "a name's words are no pair";
}

TEST_F(PatternsTest, PlantedNamesInRussianAndKorean) {
  std::vector<LogTurn> log = make_log(cyrillic(), 8);
  std::vector<size_t> pair;
  for (const int day : {3, 11, 16, 24, 31, 38, 44, 53})
    pair.push_back(plant(log, day, day % 2 == 0 ? "был с Анной в Казани" : "видел Анну около Казани"));
  const auto patterns = find(log);
  const TurnPattern* together = among(patterns, PatternKind::pair, "Анну");
  expect_evidence(together, pair);
  EXPECT_EQ(std::set(together->names.begin(), together->names.end()), (std::set<std::string>{"person", "place"}));
  log = make_log(hangul(), 9);
  pair.clear();
  for (const int day : {3, 11, 16, 24, 31, 38, 44, 53})
    pair.push_back(plant(log, day, day % 2 == 0 ? "민수 씨와 제주에서 만났다" : "민수와 제주에 갔다"));
  const auto korean = find(log);
  const TurnPattern* there = among(korean, PatternKind::pair, "민수");
  expect_evidence(there, pair);
  EXPECT_EQ(std::set(there->names.begin(), there->names.end()), (std::set<std::string>{"person", "place"}));
}

TEST_F(PatternsTest, AShuffledLogHasNone) {
  int n_false = 0;
  for (unsigned seed = 0; seed < 100; ++seed) {
    std::vector<LogTurn> log = make_log(seed % 3 == 0 ? latin() : seed % 3 == 1 ? cyrillic() : hangul(), 100 + seed);
    for (const int day : {3, 11, 16, 24, 31, 38, 44, 53}) plant(log, day, "coffee headache so sad, met Anna in Kazan");
    for (int day = 28; day < 38; ++day) plant(log, day, "kitchen");
    shuffle_words(log, seed);
    n_false += find(log).empty() ? 0 : 1;
  }
  EXPECT_LE(n_false, 5);
  RecordProperty("n_false", n_false);
}

TEST_F(PatternsTest, OnlyWhatTheUserTypedCounts) {
  std::vector<LogTurn> log = make_log(latin(), 5);
  find(log);
  for (int i = 0; i < 12; ++i) {
    NewTurn turn = test::turn_of("s" + std::to_string(i * 4), "coffee headache", kMonday + i * 96 * kOneHour);
    turn.role = i % 2 == 0 ? TurnRole::assistant : TurnRole::user;
    turn.origin = i % 2 == 0 ? TurnOrigin::assistant : TurnOrigin::import;
    store->add(turn);
  }
  EXPECT_EQ(among(find_patterns(*store), PatternKind::pair, "coffee"), nullptr);
}

TEST_F(PatternsTest, AWordThatTellsOfAnEmotionIsNoFinding) {
  std::vector<LogTurn> log = make_log(cyrillic(), 6);
  for (int day = 2; day < kLogDays; day += 6) plant(log, day, "грустно");
  EXPECT_EQ(among(find(log), PatternKind::emotion, "грустно"), nullptr);
}

TEST_F(PatternsTest, NoTurnsAndOneTurnAreNoPattern) {
  EXPECT_TRUE(find({}).empty());
  EXPECT_TRUE(find({{0, 0, 0, "coffee headache"}}).empty());
}

TEST(DescribePattern, SaysThatItIsPossible) {
  TurnPattern pattern;
  pattern.items = {"coffee", "sadness"};
  pattern.kind = PatternKind::emotion;
  pattern.n_sessions = 7;
  EXPECT_EQ(describe_pattern(pattern, Language::en),
            "possible pattern: where “coffee” comes up there is sadness (7 conversations)");
  EXPECT_NE(describe_pattern(pattern, Language::ko).find("슬픔"), std::string::npos);
  pattern.kind = PatternKind::weekday;
  pattern.items = {"{0}", "3"};
  EXPECT_EQ(describe_pattern(pattern, Language::ru),
            "возможная закономерность: «{0}» бывает по средам (разговоров: 7)");
}

}  // namespace
}  // namespace loam
