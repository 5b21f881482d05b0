#include "memory/recall/evaluation.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "base/error.h"
#include "memory/recall/int8_dot.h"
#include "tests/memory/memory_support.h"

namespace loam {
namespace {

TEST(Int8Dot, IsExactForEveryLength) {
  for (const size_t n : {0U, 1U, 63U, 64U, 65U, 384U, 400U, 4096U}) {
    std::vector<int8_t> a(n);
    std::vector<int16_t> b(n);
    int64_t expected = 0;
    for (size_t i = 0; i < n; ++i) {
      a[i] = static_cast<int8_t>(i % 2 == 0 ? -128 : 127 - static_cast<int>(i % 7));
      b[i] = static_cast<int16_t>(i % 3 == 0 ? -4095 : 4095 - static_cast<int>(i % 11));
      expected += int64_t{a[i]} * b[i];
    }
    EXPECT_EQ(dot_int8(a.data(), b.data(), n), expected) << n;
  }
}

TEST(Evaluation, LoCoMoByWordsAlone) {
  const std::string path = test::shared_path("data/retrieval/locomo-dev.json");
  LOAM_NEEDS(path);
  const EvaluationReport report = evaluate_recall(read_evaluation_sets(path), nullptr);
  EXPECT_EQ(report.n_questions, 302U);
  EXPECT_GE(report.turn_recall_at_10.lexical.value_or(0), 0.79);
  EXPECT_GE(report.session_recall_at_10.lexical.value_or(0), 0.94);
  EXPECT_FALSE(report.turn_recall_at_10.hybrid.has_value());
  EXPECT_FALSE(report.mean_average_precision.lexical.has_value());
}

TEST(Evaluation, CacmByWordsAlone) {
  const std::string path = test::shared_path("data/retrieval/cacm.tar.gz");
  LOAM_NEEDS(path);
  const EvaluationReport report = evaluate_recall(read_evaluation_sets(path), nullptr);
  EXPECT_EQ(report.n_questions, 52U);
  EXPECT_GE(report.mean_average_precision.lexical.value_or(0), 0.312);
}

TEST(Evaluation, RefusesWhatIsNoSet) {
  test::TemporaryFolder folder;
  const std::string path = folder.path("set.json");
  for (const char* text : {"", "{}", "[1]", "[{\"conversation\": 3, \"qa\": []}]", "[[[[", "[{\"qa\": {}}]"}) {
    std::ofstream(path) << text;
    EXPECT_THROW(read_evaluation_sets(path), Error) << text;
  }
  std::ofstream(folder.path("x.tar.gz")) << "no archive";
  EXPECT_THROW(read_evaluation_sets(folder.path("x.tar.gz")), Error);
  EXPECT_THROW(read_evaluation_sets(folder.path("missing")), Error);
}

}  // namespace
}  // namespace loam
