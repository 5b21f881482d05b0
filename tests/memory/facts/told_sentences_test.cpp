// How many facts of careless sentences are found, and how many of those found are told.
#include "tests/memory/facts/told_sentences.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "memory/facts/fact_rules.h"

namespace loam {
namespace {

struct Quality {
  int n_told = 0, n_found = 0, n_right = 0;
  double precision() const { return n_found > 0 ? static_cast<double>(n_right) / n_found : 1; }
  double recall() const { return static_cast<double>(n_right) / n_told; }
  std::string faults;  // a line each
};

Quality quality_of(const std::vector<test::ToldSentence>& sentences) {
  Quality quality;
  for (const test::ToldSentence& told : sentences) {
    const auto found = find_statements(told.text);
    const bool is_right = std::ranges::any_of(found, [&](const FactStatement& s) {
      return !s.ends && s.attribute == told.attribute && s.value == told.value;
    });
    quality.n_told += told.attribute.empty() ? 0 : 1;
    quality.n_found += static_cast<int>(std::ranges::count(found, false, &FactStatement::ends));
    quality.n_right += is_right ? 1 : 0;
    const bool is_silent = std::ranges::all_of(found, &FactStatement::ends);
    if (told.attribute.empty() ? is_silent : is_right && found.size() == 1) continue;
    quality.faults += std::string(told.text) + " →";
    for (const FactStatement& s : found) quality.faults += " " + s.attribute + "=" + s.value + ";";
    quality.faults += "\n";
  }
  return quality;
}

void expect_quality(const std::vector<test::ToldSentence>& sentences) {
  ASSERT_GE(sentences.size(), 45u);
  const Quality quality = quality_of(sentences);
  EXPECT_GE(quality.precision(), 0.94) << quality.faults;
  EXPECT_GE(quality.recall(), 0.94) << quality.faults;
  testing::Test::RecordProperty("precision", std::to_string(quality.precision()));
  testing::Test::RecordProperty("recall", std::to_string(quality.recall()));
}

TEST(ToldSentences, English) { expect_quality(test::told_in_english()); }
TEST(ToldSentences, Korean) { expect_quality(test::told_in_korean()); }
TEST(ToldSentences, Russian) { expect_quality(test::told_in_russian()); }

}  // namespace
}  // namespace loam
