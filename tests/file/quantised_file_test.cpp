// Models that are quantised as they are read, against the file that `loam quantize` writes.
#include "file/quantised_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/thread_pool.h"
#include "file/quantize.h"
#include "quant/half.h"
#include "tests/file/folder.h"
#include "tests/support/gguf_builder.h"

namespace loam {
namespace {

std::string model_bytes(float bad = 0) {
  test::GgufBuilder file;
  file.key("general.architecture", "llama").key("llama.block_count", uint32_t{1});
  file.key("llama.attention.head_count", uint32_t{4}).key("llama.attention.head_count_kv", uint32_t{4});
  int seed = 0;
  const auto add = [&](const std::string& name, uint64_t cols, uint64_t rows) {
    std::vector<uint16_t> halves(cols * rows);
    for (size_t i = 0; i < halves.size(); ++i)
      halves[i] = f32_to_f16(std::sin(static_cast<float>(i * 37 + static_cast<size_t>(seed) * 11)) * 0.05f);
    if (bad != 0 && name == "output") halves[3] = f32_to_f16(bad);
    ++seed;
    file.tensor(name + ".weight", {cols, rows}, DType::f16,
                {reinterpret_cast<const char*>(halves.data()), halves.size() * 2});
  };
  add("token_embd", 256, 40);
  add("output", 256, 40);
  file.tensor("output_norm.weight", {256}, std::vector<float>(256, 1));
  for (const char* name : {"attn_q", "attn_v", "ffn_up"}) add(std::string("blk.0.") + name, 256, 1100);
  add("blk.0.ffn_down", 96, 256);
  return file.bytes();
}

std::string refusal(std::unique_ptr<GgufFile> file, std::string_view mix) {
  try {
    quantised(std::move(file), mix);
    return {};
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Error::Code::invalid);
    EXPECT_EQ(error.where(), "--quant");
    return error.message();
  }
}

class QuantisedFile : public testing::Test {
 protected:
  std::unique_ptr<GgufFile> open() const { return GgufFile::open(path_); }
  std::unique_ptr<GgufFile> written(const char* mix) const {
    const auto original = open();
    ThreadPool pool(2);
    const std::string out = folder_.path() + "/" + mix + ".gguf";
    copy_gguf(*original, QuantizePlan(*original, {.mix = find_quant_mix(mix)}).copy(), out, pool, {});
    return GgufFile::open(out);
  }

  test::Folder folder_;
  std::string path_ = folder_.write("model.gguf", model_bytes());
};

TEST_F(QuantisedFile, HasTheTensorsThatQuantizeWrites) {
  for (const char* mix : {"Q8_0", "Q4_K_M", "Q2_K", "IQ4_XS", "BF16"}) {
    const auto expected = written(mix);
    const auto file = quantised(open(), mix);
    ASSERT_EQ(file->tensors().size(), expected->tensors().size());
    for (const TensorInfo& tensor : file->tensors()) {
      SCOPED_TRACE(std::string(mix) + " " + std::string(tensor.name));
      const TensorInfo& other = *expected->find(tensor.name);
      ASSERT_EQ(tensor.dtype, other.dtype);
      ASSERT_EQ(tensor.bytes, other.bytes);
      EXPECT_EQ(file->computes(tensor), tensor.name != "output_norm.weight");
      std::vector<std::byte> a, b;
      const auto whole = expected->bytes(other, 0, other.bytes, a);
      EXPECT_TRUE(std::ranges::equal(file->bytes(tensor, 0, tensor.bytes, b), whole));
      // Any window is a part of the whole.
      EXPECT_TRUE(std::ranges::equal(file->bytes(tensor, 7, tensor.bytes - 20, b), whole.subspan(7, other.bytes - 20)));
    }
  }
}

TEST_F(QuantisedFile, IsTheFileOtherwise) {
  const auto plain = open();
  const auto q8 = quantised(open(), "q8_0"), q4 = quantised(open(), "Q4_0");
  EXPECT_EQ(q8->metadata().string("general.architecture"), "llama");
  EXPECT_EQ(q8->path(), path_);
  EXPECT_EQ(q8->find("absent"), nullptr);
  EXPECT_NE(q8->fingerprint(), plain->fingerprint());
  EXPECT_NE(q8->fingerprint(), q4->fingerprint());
}

TEST_F(QuantisedFile, RefusesWhatCannotBe) {
  EXPECT_NE(refusal(open(), "Q9").find("Q4_K_M"), std::string::npos);
  EXPECT_NE(refusal(open(), "IQ2_XXS").find("importance matrix"), std::string::npos);
  EXPECT_NE(refusal(written("Q8_0"), "Q4_0").find("is Q8_0 already"), std::string::npos);
}

TEST_F(QuantisedFile, TellsWhereNoNumberIs) {
  const auto file = quantised(GgufFile::open(folder_.write("nan.gguf", model_bytes(NAN))), "Q8_0");
  const TensorInfo& tensor = *file->find("output.weight");
  std::vector<std::byte> scratch;
  try {
    file->bytes(tensor, 0, tensor.bytes, scratch);
    ADD_FAILURE() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Error::Code::model_invalid);
    EXPECT_NE(error.message().find("element 3 of"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace loam
