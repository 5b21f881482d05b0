// Rows 24 to 26 of docs/bad-inputs.md: right GGUF files that no model can be made of.
#include <gtest/gtest.h>

#include "base/error.h"
#include "kernels/kernel_table.h"
#include "model/model.h"
#include "tests/support/bad_gguf.h"

namespace loam {
namespace {

std::unique_ptr<Model> create(const GgufFile& file) { return Model::create(Weights(file, *available_kernels()[0])); }

std::unique_ptr<GgufFile> parse(const std::string& bytes) { return GgufFile::parse(std::as_bytes(std::span(bytes))); }

TEST(BadModels, ARightTinyModelIsMade) {
  const std::string bytes = test::tiny_llama();
  const auto file = parse(bytes);
  EXPECT_EQ(create(*file)->config().n_layers, 1);
}

TEST(BadModels, AreRefusedWithFieldAndPlace) {
  for (const test::BadGguf& bad : test::bad_models()) {
    SCOPED_TRACE("row " + std::to_string(bad.row) + ": " + bad.name);
    const auto file = parse(bad.bytes);
    try {
      create(*file);
      FAIL() << "not refused";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Error::Code::model_invalid) << error.what();
      const size_t at = error.where().find('@');
      ASSERT_NE(at, std::string::npos) << error.what();
      EXPECT_EQ(error.where().substr(0, at), bad.field) << error.what();
      EXPECT_GT(std::stoull(error.where().substr(at + 1)), 0u) << error.what();
      EXPECT_LT(std::stoull(error.where().substr(at + 1)), bad.bytes.size()) << error.what();
    }
  }
}

}  // namespace
}  // namespace loam
