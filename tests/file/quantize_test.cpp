// Mixes against llama.cpp's own choices, quantised files, importance matrices.
#include "file/quantize.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/error.h"
#include "file/gguf_diff.h"
#include "quant/block_format.h"
#include "quant/half.h"
#include "tests/file/folder.h"
#include "tests/support/gguf_builder.h"
#include "tests/support/support.h"

namespace loam {
namespace {

using test::Folder;
using Json = nlohmann::json;

std::string half_bytes(size_t n, int seed) {
  std::vector<uint16_t> halves(n);
  for (size_t i = 0; i < n; ++i)
    halves[i] = f32_to_f16(std::sin(static_cast<float>(i * 37 + static_cast<size_t>(seed) * 11)) * 0.05f);
  return {reinterpret_cast<const char*>(halves.data()), n * 2};
}

// ---- mixes ----

// A model of the shape that scripts/make_mix_golden.py describes.
std::string shaped_model(const Json& shape) {
  const std::string arch = shape["arch"];
  test::GgufBuilder file;
  file.key("general.architecture", arch).key(arch + ".block_count", shape["layers"].get<uint32_t>());
  file.key(arch + ".attention.head_count", shape["heads"].get<uint32_t>());
  file.key(arch + ".attention.head_count_kv", shape["kv"].get<uint32_t>());
  if (shape["experts"] > 0) file.key(arch + ".expert_count", shape["experts"].get<uint32_t>());
  const auto cols = shape["cols"].get<uint64_t>();
  const auto add = [&](const std::string& name) {
    if (name.ends_with("norm")) return file.tensor(name + ".weight", {cols}, std::vector<float>(cols)), void();
    if (name.ends_with("inp")) return file.tensor(name + ".weight", {cols, 2}, std::vector<float>(2 * cols)), void();
    std::vector<uint64_t> dims{cols, 2};
    if (name.ends_with("_exps")) dims.push_back(shape["experts"]);
    const size_t n = cols * 2 * (dims.size() > 2 ? dims[2] : 1);
    file.tensor(name + ".weight", dims, DType::f16, std::string(2 * n, '\0'));
  };
  add("token_embd");
  add("output_norm");
  if (shape["output"]) add("output");
  for (int layer = 0; layer < shape["layers"]; ++layer) {
    add("blk." + std::to_string(layer) + ".attn_norm");
    for (const auto& tensor : shape["tensors"]) add("blk." + std::to_string(layer) + "." + tensor.get<std::string>());
  }
  return file.bytes();
}

// "Q6_K*3 Q4_K*5" → the type of each layer
std::vector<std::string> unroll(const std::string& runs) {
  std::vector<std::string> types;
  std::istringstream words(runs);
  for (std::string word; words >> word;) {
    const size_t star = word.find('*');
    types.insert(types.end(), std::stoul(word.substr(star + 1)), word.substr(0, star));
  }
  return types;
}

TEST(QuantMix, GivesEveryTensorTheTypeThatLlamaCppGivesIt) {
  const Json golden = Json::parse(test::read_file(test::data_path("quant/mixes.json")));
  int64_t compared = 0;
  for (const auto& [shape_name, shape] : golden.items()) {
    const std::string bytes = shaped_model(shape);
    const auto file = GgufFile::parse(std::as_bytes(std::span(bytes)));
    for (const auto& [mix_name, kinds] : shape["mixes"].items()) {
      const QuantMix* mix = find_quant_mix(mix_name);
      ASSERT_NE(mix, nullptr) << mix_name;
      const MixRules rules(*mix, *file, /*weighted=*/false, /*pure=*/false);
      for (const auto& [kind, runs] : kinds.items()) {
        const std::vector<std::string> expected = unroll(runs);
        for (size_t layer = 0; layer < expected.size(); ++layer) {
          const std::string name = file->find(kind) ? kind : "blk." + std::to_string(layer) + "." + kind;
          const TensorInfo* tensor = file->find(name);
          ASSERT_NE(tensor, nullptr) << name;
          const DType type = MixRules::is_quantised(*tensor) ? rules.type_of(*tensor) : tensor->dtype;
          EXPECT_EQ(loam::name(type), expected[layer]) << shape_name << " " << mix_name << " " << name;
          ++compared;
        }
      }
    }
  }
  EXPECT_GT(compared, 20000);
}

TEST(QuantMix, NamesAreFoundInAnyCase) {
  EXPECT_EQ(find_quant_mix("q4_k_m")->type, DType::q4_k);
  EXPECT_EQ(find_quant_mix("Q4_K"), nullptr);
  EXPECT_EQ(find_dtype_named("q4_k"), DType::q4_k);
  EXPECT_EQ(find_dtype_named("iq2_XXS"), DType::iq2_xxs);
  EXPECT_FALSE(find_dtype_named("q4"));
}

// ---- quantised files ----

class Quantised : public testing::Test {
 protected:
  Quantised() {
    path_ = folder_.write("in.gguf",
                          test::GgufBuilder()
                              .key("general.architecture", "llama")
                              .key("llama.block_count", uint32_t{2})
                              .tensor("token_embd.weight", {256, 64}, DType::f16, half_bytes(256 * 64, 1))
                              .tensor("output.weight", {256, 64}, DType::f16, half_bytes(256 * 64, 2))
                              .tensor("blk.0.attn_q.weight", {256, 32}, DType::f16, half_bytes(256 * 32, 3))
                              .tensor("blk.0.attn_norm.weight", {256}, std::vector<float>(256, 1.5f))
                              .tensor("blk.1.ffn_up_exps.weight", {256, 4, 3}, DType::f16, half_bytes(256 * 12, 4))
                              .tensor("blk.1.ffn_down.weight", {96, 8}, DType::f16, half_bytes(96 * 8, 5))
                              .bytes());
    file_ = GgufFile::open(path_);
    out_ = folder_.path() + "/out.gguf";
  }

  std::unique_ptr<GgufFile> quantised(QuantizeOptions options, int threads = 2) {
    if (!options.mix) options.mix = find_quant_mix("Q4_K_M");
    const QuantizePlan plan(*file_, options);
    ThreadPool pool(threads);
    copy_gguf(*file_, plan.copy(), out_, pool, {});
    return GgufFile::open(out_);
  }
  std::string refusal(const QuantizeOptions& options, const GgufFile& file) {
    try {
      QuantizePlan(file, options);
    } catch (const Error& error) {
      return error.message();
    }
    return "";
  }

  const Folder folder_;
  std::string path_, out_;
  std::unique_ptr<GgufFile> file_;
};

TEST_F(Quantised, IsCloseToTheOriginalAndSaysWhatItIs) {
  const auto file = quantised({});
  EXPECT_EQ(file->find("blk.0.attn_q.weight")->dtype, DType::q4_k);
  EXPECT_EQ(file->find("output.weight")->dtype, DType::q6_k);
  EXPECT_EQ(file->find("blk.0.attn_norm.weight")->dtype, DType::f32);
  EXPECT_EQ(file->find("blk.1.ffn_down.weight")->dtype, DType::q8_0);  // rows of 96 fit no K-quant
  EXPECT_EQ(file->metadata().integer("general.file_type"), 15);
  EXPECT_EQ(file->metadata().integer("general.quantization_version"), 2);
  EXPECT_EQ(file->metadata().string("general.architecture"), "llama");
  ThreadPool pool(2);
  for (const TensorDifference& tensor : compare_models(*file_, *file, true, pool, {}).tensors) {
    ASSERT_TRUE(tensor.values) << tensor.name;
    EXPECT_LT(tensor.values->nmse, 0.01) << tensor.name;
    EXPECT_GT(tensor.values->nmse, 0) << tensor.name;
  }
}

TEST_F(Quantised, IsTheSameWithAnyNumberOfThreads) {
  quantised({}, 1);
  const std::string one = test::read_file(out_);
  quantised({}, 5);
  EXPECT_EQ(test::read_file(out_), one);
}

TEST_F(Quantised, RowsOfTheirOwnAndPureTypes) {
  const auto file = quantised({.mix = find_quant_mix("Q8_0"), .type_of = [](std::string_view name) {
                                 return name.find("attn_q") != name.npos ? std::optional(DType::q5_0) : std::nullopt;
                               }});
  EXPECT_EQ(file->find("blk.0.attn_q.weight")->dtype, DType::q5_0);
  EXPECT_EQ(file->find("token_embd.weight")->dtype, DType::q8_0);
  EXPECT_EQ(quantised({.pure = true})->find("output.weight")->dtype, DType::q4_k);
  const auto wide = quantised({.mix = find_quant_mix("F32")});
  EXPECT_EQ(wide->find("output.weight")->dtype, DType::f32);
  ThreadPool pool(1);
  for (const TensorDifference& tensor : compare_models(*file_, *wide, true, pool, {}).tensors)
    EXPECT_EQ(tensor.values->max, 0) << tensor.name;
}

TEST_F(Quantised, WhatCannotBeIsRefused) {
  EXPECT_NE(refusal({.mix = find_quant_mix("IQ2_XXS")}, *file_).find("importance matrix"), std::string::npos);
  const auto again = quantised({});
  const std::string message = refusal({.mix = find_quant_mix("Q5_K_M")}, *again);
  EXPECT_NE(message.find("already"), std::string::npos) << message;
  EXPECT_EQ(refusal({.mix = find_quant_mix("Q5_K_M"), .requantize = true}, *again), "");
  EXPECT_EQ(refusal({.mix = find_quant_mix("F16")}, *again), "");

  const float values[] = {1, NAN};
  std::string bytes(512 * 4, '\0');
  std::memcpy(bytes.data() + 1024, values, sizeof values);
  const std::string broken =
      folder_.write("nan.gguf", test::GgufBuilder().tensor("output.weight", {256, 2}, DType::f32, bytes).bytes());
  const auto file = GgufFile::open(broken);
  const QuantizePlan plan(*file, {.mix = find_quant_mix("Q8_0")});
  ThreadPool pool(2);
  try {
    copy_gguf(*file, plan.copy(), folder_.path() + "/nan-out.gguf", pool, {});
    ADD_FAILURE() << "NaN was converted";
  } catch (const Error& error) {
    EXPECT_NE(error.message().find("element 257 of 512"), std::string::npos) << error.what();
  }
  EXPECT_FALSE(test::exists(folder_.path() + "/nan-out.gguf"));
}

// ---- importance ----

ImportanceMatrix some_importance() {
  ImportanceMatrix matrix;
  matrix.datasets = {"text.txt"};
  matrix.n_chunks = 3;
  matrix.chunk_size = 512;
  for (int i = 0; i < 4; ++i) {
    std::vector<float> input(256, 0.01f);
    for (size_t c = 0; c < 8; ++c) input[c] = 10;
    matrix.add("blk.0.attn_q.weight", 0, 1, input);
    if (i < 3) matrix.add("blk.1.ffn_up_exps.weight", i == 2 ? 1 : 0, 3, input);
  }
  return matrix;
}

TEST_F(Quantised, ImportanceIsWrittenReadAndUsed) {
  const std::string path = folder_.path() + "/m.gguf";
  some_importance().write(path);
  const ImportanceMatrix matrix = ImportanceMatrix::read(path);
  EXPECT_EQ(matrix.datasets, std::vector<std::string>{"text.txt"});
  EXPECT_EQ(matrix.n_chunks, 3);
  EXPECT_EQ(matrix.chunk_size, 512);
  const auto& experts = matrix.entries().at("blk.1.ffn_up_exps.weight");
  EXPECT_EQ(experts.counts, (std::vector<int64_t>{2, 1, 0}));
  EXPECT_FLOAT_EQ(static_cast<float>(experts.squares[0]), 200);
  const auto importance = matrix.importance_of(*file_->find("blk.1.ffn_up_exps.weight"));
  ASSERT_EQ(importance.size(), 3u * 256);
  EXPECT_FLOAT_EQ(importance[0], 100);
  EXPECT_FLOAT_EQ(importance[300], 1e-4f);
  EXPECT_FLOAT_EQ(importance[600], 1);  // saw nothing
  EXPECT_TRUE(matrix.importance_of(*file_->find("output.weight")).empty());

  // The eight columns that count lose less with it, the others more.
  const auto error_of = [&](const GgufFile& file) {
    std::vector<std::byte> a, b;
    const TensorInfo &from = *file_->find("blk.0.attn_q.weight"), &to = *file.find("blk.0.attn_q.weight");
    std::vector<float> x(256 * 32), y(256 * 32);
    find_format(from.dtype)->decode(file_->bytes(from, 0, from.bytes, a).data(), std::ssize(x), x.data());
    find_format(to.dtype)->decode(file.bytes(to, 0, to.bytes, b).data(), std::ssize(y), y.data());
    double sum = 0;
    for (size_t i = 0; i < x.size(); ++i) sum += i % 256 < 8 ? (x[i] - y[i]) * (x[i] - y[i]) : 0;
    return sum;
  };
  const QuantMix* mix = find_quant_mix("Q4_K_S");
  const double plain = error_of(*quantised({.mix = mix}));
  const auto weighted = quantised({.mix = mix, .importance = &matrix, .importance_path = "m.gguf"});
  EXPECT_LT(error_of(*weighted), 0.9 * plain);
  EXPECT_EQ(weighted->metadata().string("quantize.imatrix.file"), "m.gguf");
  EXPECT_EQ(weighted->metadata().integer("quantize.imatrix.chunks_count"), 3);
  const QuantizePlan plan(*file_, {.mix = mix, .importance = &matrix});
  EXPECT_EQ(plan.without_importance().size(), 3u);
}

// Importance goes by inputs: the columns of a matrix with an order get it in that order, and only like is compared.
TEST_F(Quantised, ImportanceFollowsTheOrderOfInputs) {
  std::vector<int32_t> order(256);
  std::vector<float> values(256), sorted;
  for (int32_t i = 0; i < 256; ++i) order[static_cast<size_t>(i)] = (i * 37 + 5) % 256;
  for (size_t i = 0; i < 256; ++i) values[i] = std::sin(static_cast<float>(i * i)) * 0.05f;
  for (const int32_t i : order) sorted.push_back(values[static_cast<size_t>(i)]);
  const auto model = [&](const char* name, const std::vector<float>& row, bool ordered) {
    test::GgufBuilder file;
    std::vector<float> rows = row;
    rows.insert(rows.end(), row.begin(), row.end());
    file.key("general.architecture", "llama").tensor("blk.0.attn_q.weight", {256, 2}, rows);
    if (ordered)
      file.tensor("blk.0.attn_q.input_order", {256}, DType::i32, {reinterpret_cast<const char*>(order.data()), 1024});
    return folder_.write(name, file.bytes());
  };
  ImportanceMatrix importance;
  std::vector<float> input(256);
  for (size_t i = 0; i < 256; ++i) input[i] = i % 3 == 0 ? 9.0f : 0.1f;
  importance.add("blk.0.attn_q.weight", 0, 1, input);
  const auto quantise = [&](const std::string& path, const std::string& out) {
    const auto file = GgufFile::open(path);
    ThreadPool pool(2);
    copy_gguf(*file,
              QuantizePlan(*file, {.mix = find_quant_mix("Q4_1"), .importance = &importance, .pure = true}).copy(), out,
              pool, {});
    return GgufFile::open(out);
  };
  const std::string plain = model("plain.gguf", values, false), ordered = model("ordered.gguf", sorted, true);
  // What a plain file whose inputs, and whose importance, were in that order would become.
  std::vector<float> sorted_input;
  for (const int32_t i : order) sorted_input.push_back(input[static_cast<size_t>(i)]);
  const auto result = quantise(ordered, folder_.path() + "/q-ordered.gguf");
  importance = {};
  importance.add("blk.0.attn_q.weight", 0, 1, sorted_input);
  const auto expected = quantise(model("sorted.gguf", sorted, false), folder_.path() + "/q-sorted.gguf");
  std::vector<std::byte> a, b;
  const TensorInfo &x = *result->find("blk.0.attn_q.weight"), &y = *expected->find("blk.0.attn_q.weight");
  ASSERT_EQ(x.dtype, DType::q4_1);
  EXPECT_TRUE(std::ranges::equal(result->bytes(x, 0, x.bytes, a), expected->bytes(y, 0, y.bytes, b)));
  EXPECT_NE(result->find("blk.0.attn_q.input_order"), nullptr);

  const auto file_a = GgufFile::open(plain), file_b = GgufFile::open(ordered);
  ThreadPool pool(2);
  const ModelDifference found = compare_models(*file_a, *file_b, true, pool, {});
  ASSERT_EQ(found.tensors.size(), 2u);
  EXPECT_EQ(found.tensors[1].name, "blk.0.attn_q.weight");
  EXPECT_TRUE(found.tensors[1].other_order);
  EXPECT_FALSE(found.tensors[1].values);
  EXPECT_TRUE(compare_models(*file_b, *file_b, true, pool, {}).same());
  const auto against_quantised = compare_models(*file_b, *result, true, pool, {}).tensors;
  ASSERT_EQ(against_quantised.size(), 1u);
  EXPECT_LT(against_quantised[0].values->nmse, 0.01);
}

TEST_F(Quantised, KeptTypesStayAndAskedOnesChange) {
  const auto again = quantised({});  // Q4_K, Q6_K, Q8_0
  const QuantizePlan plan(*again, {.mix = find_quant_mix("Q8_0"), .keep = true});
  for (const CopiedTensor& tensor : plan.copy().tensors) EXPECT_EQ(tensor.dtype, tensor.source->dtype);
  const QuantizePlan one(*again, {.mix = find_quant_mix("Q8_0"),
                                  .type_of =
                                      [](std::string_view name) {
                                        return name == "output.weight" ? std::optional(DType::f16) : std::nullopt;
                                      },
                                  .keep = true});
  for (const CopiedTensor& tensor : one.copy().tensors)
    EXPECT_EQ(tensor.dtype, tensor.source->name == "output.weight" ? DType::f16 : tensor.source->dtype);
}

TEST_F(Quantised, TheLegacyFormatIsReadAndBrokenOnesAreRefused) {
  const auto legacy = [](int32_t n_values) {
    test::Bytes bytes;
    bytes.put<int32_t>(1).put<int32_t>(6).raw("tensor").put<int32_t>(4).put(n_values);
    for (int i = 0; i < 2; ++i) bytes.put(8.0f * static_cast<float>(i + 1));
    return bytes.put<int32_t>(7).put<int32_t>(3).raw("set").str();
  };
  const ImportanceMatrix matrix = ImportanceMatrix::read(folder_.write("a.dat", legacy(2)));
  EXPECT_EQ(matrix.n_chunks, 7);
  EXPECT_EQ(matrix.datasets, std::vector<std::string>{"set"});
  const TensorInfo tensor{.name = "tensor", .dtype = DType::f32, .shape = {5, 2}, .part = 0, .offset = 0, .bytes = 40};
  EXPECT_EQ(matrix.importance_of(tensor), (std::vector<float>{2, 4}));
  TensorInfo other = tensor;
  other.shape = {5, 3};
  EXPECT_THROW(matrix.importance_of(other), Error);

  for (const std::string& bytes : {std::string(), std::string("abc"), legacy(-1), legacy(0), legacy(3).substr(0, 30),
                                   legacy(2).substr(0, 20), std::string("\xff\xff\xff\x7f", 4)})
    EXPECT_THROW(ImportanceMatrix::read(folder_.write("b.dat", bytes)), Error) << bytes.size();
  EXPECT_THROW(ImportanceMatrix::read(path_), Error);  // a model
  EXPECT_THROW(ImportanceMatrix::read(folder_.path() + "/absent"), Error);
}

// Sums of squares that none can be name the tensor that they are of.
TEST_F(Quantised, SumsThatAreNoneAreRefused) {
  for (const float wrong : {NAN, INFINITY, -INFINITY, -1.0f}) {
    test::Bytes legacy;
    legacy.put<int32_t>(1).put<int32_t>(6).raw("tensor").put<int32_t>(4).put<int32_t>(2).put(1.0f).put(wrong);
    const auto gguf = [](const std::vector<float>& sums, float count) {
      test::GgufBuilder builder;
      return builder.tensor("tensor.in_sum2", {2, 1}, sums).tensor("tensor.counts", {1, 1}, {count}).bytes();
    };
    for (const std::string& bytes : {legacy.str(), gguf({1, wrong}, 1), gguf({1, 1}, wrong)}) {
      try {
        ImportanceMatrix::read(folder_.write("wrong.imatrix", bytes));
        ADD_FAILURE() << wrong << " was read";
      } catch (const Error& error) {
        EXPECT_NE(error.message().find("tensor"), std::string::npos) << error.what();
        EXPECT_TRUE(error.where().starts_with("value@")) << error.what();
      }
    }
  }
}

}  // namespace
}  // namespace loam
