// Logits of a text, kept in two bytes each.
#include "file/logit_file.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "tests/file/folder.h"
#include "tests/support/gguf_builder.h"

namespace loam {
namespace {

using test::Folder;

TEST(LogitFiles, KeepLogProbabilitiesWithinTheirSteps) {
  const Folder folder;
  const std::string path = folder.path() + "/base.logits";
  ScoredText text{.tokens = {1, 2, 3, 0, 1, 2, 3}, .window = 3, .n_vocab = 4, .model = "m"};
  EXPECT_EQ(text.n_scored(), 4);  // windows of 3, 3 and 1 tokens
  std::vector<std::vector<float>> rows;
  {
    LogitFileWriter writer(path, text);
    for (int64_t row = 0; row < 4; ++row) {
      rows.push_back({1.0f, 2.5f, -30.0f, static_cast<float>(row)});
      writer.add(row, rows.back());
    }
    writer.keep();
  }
  LogitFile file(path);
  EXPECT_EQ(file.text().tokens, text.tokens);
  EXPECT_EQ(file.text().window, 3);
  EXPECT_EQ(file.text().n_vocab, 4);
  for (int64_t row = 0; row < 4; ++row) {
    double sum = 0;
    for (const float logit : rows[static_cast<size_t>(row)]) sum += std::exp(double{logit});
    const double total = std::log(sum);
    for (size_t i = 0; i < 4; ++i)
      EXPECT_NEAR(file.row(row)[i], rows[static_cast<size_t>(row)][i] - total, 33.0 / 65535) << row << " " << i;
  }
  EXPECT_THROW(LogitFile(folder.write("x.gguf", test::GgufBuilder().tensor("tokens", {1}, {1.0f}).bytes())), Error);
}

}  // namespace
}  // namespace loam
