// Models whose numbers or tensors make no sense (bad-inputs rows 24 to 26): each is refused by name, before it runs.
#include <cmath>
#include <functional>

#include "base/error.h"
#include "tests/model/runner.h"
#include "tests/model/tiny_model.h"
#include "tests/support/support.h"

namespace loam {
namespace {

std::unique_ptr<Model> build(const std::string& bytes) {
  const auto file = GgufFile::parse(std::as_bytes(std::span(bytes)));
  return Model::create(Weights(*file, select_kernels()));
}

void expect_error(const std::string& bytes, Error::Code code, const std::string& where, const std::string& message) {
  try {
    build(bytes);
    ADD_FAILURE() << where << " was accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    EXPECT_TRUE(error.where().starts_with(where)) << error.what();
    EXPECT_NE(error.message().find(message), std::string::npos) << error.what();
  }
}

void expect_invalid(const std::string& bytes, const std::string& where, const std::string& message) {
  expect_error(bytes, Error::Code::model_invalid, where, message);
}

// The tiny model's bytes after `change` to its numbers; the tensors follow the numbers where they can.
std::string with(const std::function<void(test::TinyModel&)>& change) {
  test::TinyModel model;
  change(model);
  return model.bytes();
}

template <class T>
std::string with_key(const std::string& key, const T& value) {
  const test::TinyModel model;
  test::GgufBuilder writer = model.keys();
  writer.key(key, value);
  model.add_tensors(writer);
  return writer.bytes();
}

template <class T>
std::string with_array(const std::string& key, const std::vector<T>& values) {
  const test::TinyModel model;
  test::GgufBuilder writer = model.keys();
  writer.array(key, values);
  model.add_tensors(writer);
  return writer.bytes();
}

// Only the keys: for counts that no list of tensors could follow.
std::string keys_with(const std::function<void(test::TinyModel&)>& change) {
  test::TinyModel model;
  change(model);
  test::GgufBuilder writer = model.keys();
  writer.tensor("token_embd.weight", {1}, {0.0f});
  return writer.bytes();
}

TEST(BadModels, TheTinyModelItselfIsFine) { EXPECT_EQ(build(test::TinyModel{}.bytes())->config().n_layers, 2); }

// ---- orders of inputs ----

std::string with_order(const std::string& name, std::vector<int32_t> order, DType type = DType::i32) {
  const test::TinyModel model;
  test::GgufBuilder writer = model.keys();
  model.add_tensors(writer);
  const uint64_t n = order.size();
  writer.tensor(name, {n}, type, {reinterpret_cast<const char*>(order.data()), n * sizeof(int32_t)});
  return writer.bytes();
}

std::vector<int32_t> backwards(int32_t n) {
  std::vector<int32_t> order;
  while (n > 0) order.push_back(--n);
  return order;
}

TEST(BadModels, OrdersOfInputs) {
  const std::string name = "blk.1.attn_q.input_order";
  EXPECT_EQ(build(with_order(name, backwards(64)))->config().n_layers, 2);
  std::vector<int32_t> order = backwards(64);
  order[5] = 0;
  expect_invalid(with_order(name, order), name + "@", "names input 0 twice; it must name each of 64 once");
  for (const int32_t input : {64, -1, INT32_MAX, INT32_MIN}) {
    order[5] = input;
    expect_invalid(with_order(name, order), name + "@", "names input " + std::to_string(input) + " at element 5");
  }
  expect_invalid(with_order(name, backwards(63)), "shape@", name + " has shape (63)");
  expect_invalid(with_order(name, backwards(65)), "shape@", name + " has shape (65)");
  expect_invalid(with_order(name, backwards(64), DType::f32), "dtype@", name + " is F32");
}

// What is no product by itself would compute nonsense.
TEST(BadModels, OrdersThatNothingGathers) {
  expect_error(with_order("token_embd.input_order", backwards(64)), Error::Code::unsupported, "token_embd.weight@",
               "an order of its own");
  expect_error(with_order("blk.0.attn_norm.input_order", backwards(64)), Error::Code::unsupported,
               "blk.0.attn_norm.weight@", "an order of its own");
}

TEST(BadModels, LayerCounts) {
  for (const uint32_t n : {0u, 513u, 1u << 31})
    expect_invalid(keys_with([&](auto& m) { m.n_layers = n; }), "hparam@", "llama.block_count");
}

TEST(BadModels, HeadCounts) {
  for (const uint32_t n : {0u, 1u << 31})
    expect_invalid(keys_with([&](auto& m) { m.n_heads = n; }), "hparam@", "head_count");
  expect_invalid(keys_with([](auto& m) { m.n_kv_heads = 3; }), "hparam@", "4 query heads");
  expect_invalid(keys_with([](auto& m) { m.n_heads = m.n_kv_heads = 128; }), "hparam@",
                 "128 heads do not fit an embedding of 64");
}

TEST(BadModels, RopeBases) {
  for (const float base : {0.0f, -1.0f, std::nanf(""), INFINITY})
    expect_invalid(with_key("llama.rope.freq_base", base), "hparam@", "llama.rope.freq_base: is");
  expect_invalid(with_key("llama.rope.dimension_count", uint32_t{18}), "hparam@", "llama.rope.dimension_count: is 18");
  expect_invalid(with_key("llama.rope.dimension_count", uint32_t{15}), "hparam@",
                 "expected an even number up to the head size, 16");
}

TEST(BadModels, RopeScalingThatLoamDoesNotKnow) {
  const test::TinyModel model;
  test::GgufBuilder writer = model.keys();
  writer.key("llama.rope.scaling.type", "dynamic").key("llama.rope.scaling.factor", 4.0f);
  model.add_tensors(writer);
  expect_error(writer.bytes(), Error::Code::unsupported, "hparam@", "dynamic");
}

TEST(BadModels, ExpertCounts) {
  const test::TinyModel model;
  for (const uint32_t used : {0u, 9u, 1u << 31}) {
    test::GgufBuilder writer = model.keys();
    writer.key("llama.expert_count", uint32_t{8}).key("llama.expert_used_count", used);
    model.add_tensors(writer);
    expect_invalid(writer.bytes(), "hparam@", "expert_used_count");
  }
  expect_invalid(with_key("llama.expert_used_count", uint32_t{2}), "hparam@", "expert_count, 0");
}

TEST(BadModels, ValuesThatDifferBetweenLayers) {
  test::GgufBuilder uniform, different;
  for (auto [writer, last] : {std::pair(&uniform, 96u), std::pair(&different, 64u)}) {
    const test::TinyModel model;
    writer->key("general.architecture", "llama").key("llama.block_count", uint32_t{2});
    writer->key("llama.context_length", uint32_t{128}).key("llama.embedding_length", uint32_t{64});
    writer->array("llama.feed_forward_length", std::vector<uint32_t>{96, last});
    writer->array("llama.attention.head_count", std::vector<uint32_t>{4, 4});
    writer->array("llama.attention.head_count_kv", std::vector<uint32_t>{2, 2});
    writer->key("llama.vocab_size", uint32_t{32});
    model.add_tensors(*writer);
  }
  EXPECT_EQ(build(uniform.bytes())->config().ffn_dim, 96);
  expect_invalid(different.bytes(), "shape@",
                 "blk.1.ffn_gate.weight has shape (96, 64); the hyperparameters ask for (64, 64)");
}

TEST(BadModels, NormEpsilon) { expect_invalid(with_key("llama.attention.scale", std::nanf("")), "hparam@", "finite"); }

TEST(BadModels, SlidingPatternShorterThanTheModel) {
  expect_invalid(with_array("llama.attention.sliding_window_pattern", std::vector<bool>{true}), "hparam@",
                 "1 values for 2 layers");
}

TEST(BadModels, ShapesThatContradictTheNumbers) {
  expect_invalid(with([](auto& m) {
                   m.shapes["blk.1.attn_k.weight"] = {64, 48};
                 }),
                 "shape@", "has shape (48, 64); the hyperparameters ask for (32, 64)");
  expect_invalid(with([](auto& m) { m.shapes["token_embd.weight"] = {64, 31}; }), "shape@", "(32, 64)");
  expect_invalid(with([](auto& m) { m.shapes["blk.0.attn_norm.weight"] = {64, 1}; }), "shape@", "(1, 64)");
}

TEST(BadModels, MissingTensors) {
  expect_invalid(with([](auto& m) { m.left_out = {"blk.1.ffn_down.weight"}; }), "blk.1.ffn_down.weight",
                 "tensor blk.1.ffn_down.weight is missing; expected shape (64, 96)");
}

TEST(BadModels, UnknownArchitecture) {
  test::GgufBuilder writer;
  writer.key("general.architecture", "hypernet").tensor("x", {1}, {1.0f});
  expect_error(writer.bytes(), Error::Code::unsupported, "general.architecture@", "gemma3");
}

TEST(BadModels, AVocabularyAloneCannotRun) {
  expect_invalid(test::TinyModel{}.keys().bytes(), "tensor_count@", "vocabulary");
  const std::string path = test::fixture_path("tokenizers/ggml-vocab-qwen2.gguf");
  LOAM_NEEDS(path);
  expect_invalid(test::read_file(path), "tensor_count@", "vocabulary");
}

TEST(BadModels, TypesWithoutArithmetic) {
  const test::TinyModel model;
  test::GgufBuilder writer = model.keys();
  test::TinyModel rest;
  rest.left_out = {"blk.0.attn_q.weight"};
  rest.add_tensors(writer);
  writer.tensor("blk.0.attn_q.weight", {64, 64}, DType::i32, std::string(64 * 64 * 4, '\0'));
  expect_error(writer.bytes(), Error::Code::unsupported, "blk.0.attn_q.weight@", "I32");
}

TEST(Weights, LoadingCanBeCancelled) {
  const std::string bytes = test::TinyModel{}.bytes();
  const auto file = GgufFile::parse(std::as_bytes(std::span(bytes)));
  const auto model = Model::create(Weights(*file, select_kernels()));
  ThreadPool pool(1);
  try {
    model->weights().load(pool, [](uint64_t, uint64_t) { return false; });
    ADD_FAILURE() << "loading went on";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Error::Code::cancelled);
  }
}

TEST(Weights, ProgressGrowsToTheTotal) {
  const std::string bytes = test::TinyModel{}.bytes();
  const auto file = GgufFile::parse(std::as_bytes(std::span(bytes)));
  const auto model = Model::create(Weights(*file, select_kernels()));
  ThreadPool pool(2);
  uint64_t last = 0, total = 0;
  model->weights().load(pool, [&](uint64_t done, uint64_t all) {
    EXPECT_GE(done, last);
    last = done;
    total = all;
    return true;
  });
  EXPECT_EQ(last, total);
  EXPECT_GT(total, 2 * 3 * 64 * 96 * sizeof(float));  // both layers' feed-forward matrices at least
}

}  // namespace
}  // namespace loam
