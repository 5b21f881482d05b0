#include "engine/planner.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "tests/model/tiny_model.h"
#include "tests/support/support.h"

namespace loam {
namespace {

constexpr uint64_t kMiB = 1 << 20;

// A model of some megabytes, so that its parts can be told apart.
test::TinyModel small_model() {
  test::TinyModel model;
  model.n_layers = 4;
  model.dim = 256;
  model.ffn_dim = 512;
  model.n_heads = model.n_kv_heads = 4;
  return model;
}

// A plan, and the file that it reads.
class Plan {
 public:
  explicit Plan(const test::TinyModel& model, EngineOptions options = {}) : bytes_(model.bytes()), options_(options) {
    file_ = GgufFile::parse(std::as_bytes(std::span(bytes_)));
    apply_options(*file_, options_);
    planner_.emplace(*file_, select_kernels(), options_);
  }
  const GgufFile& file() const { return *file_; }
  const Planner* operator->() const { return &*planner_; }

 private:
  std::string bytes_;
  EngineOptions options_;
  std::unique_ptr<GgufFile> file_;
  std::optional<Planner> planner_;
};

std::string refusal(const Plan& plan, std::optional<uint64_t> available) {
  try {
    plan->check(available);
    return {};
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Error::Code::no_memory);
    return error.message();
  }
}

TEST(Planner, CountsWhatLoadingAllocates) {
  for (const char* name : {"llama-dense", "qwen2-dense", "qwen3-dense", "qwen3moe-moe", "gemma3-dense"}) {
    const std::string path = test::fixture_path(std::string("archs/") + name + ".gguf");
    LOAM_NEEDS(path);
    for (const MapMode mode : {MapMode::mapped, MapMode::read}) {
      const EngineOptions options{.context = 100, .parallel = 3, .map = mode, .check_memory = false};
      const auto file = GgufFile::open(path, MapMode::read);
      const MemoryPlan plan = Planner(*file, select_kernels(), options).memory();
      const auto engine = Engine::load(path, options);
      const bool copied = mode == MapMode::read || plan.embeddings <= 64 << 10;  // small tensors are never mapped
      const uint64_t tables = copied ? plan.embeddings : 0;
      EXPECT_EQ(plan.weights + tables, engine->model().weights().packed_bytes()) << name;
      EXPECT_EQ(plan.kv, engine->kv_bytes()) << name;
    }
  }
}

TEST(Planner, TakesNoMemoryForWeightsThatItMeasures) {
  const std::string bytes = small_model().bytes();
  const auto file = GgufFile::parse(std::as_bytes(std::span(bytes)));
  const Weights measured(*file, select_kernels(), Binding::measure), allocated(*file, select_kernels());
  const Shape shape{512, 256};
  EXPECT_EQ(measured.scope("blk", 0).matrix("ffn_up", shape).data, nullptr);
  EXPECT_NE(allocated.scope("blk", 0).matrix("ffn_up", shape).data, nullptr);
  EXPECT_EQ(measured.vector("output_norm", {256}).data, nullptr);
  allocated.vector("output_norm", {256});
  EXPECT_EQ(measured.packed_bytes(), allocated.packed_bytes());
}

TEST(Planner, ContextAndParallelScaleTheCache) {
  const Plan one(small_model(), {.context = 64}), four(small_model(), {.context = 64, .parallel = 4});
  EXPECT_EQ(one->context(), 64);
  EXPECT_EQ(one->memory().kv, 64u * 4 * 512 * 2);  // layers · (keys + values) · f16
  EXPECT_EQ(four->memory().kv, 4 * one->memory().kv);
  EXPECT_EQ(Plan(small_model())->context(), 128);  // as trained
}

TEST(Planner, TheLargestContextFitsAndTheNextStepDoesNot) {
  test::TinyModel model = small_model();
  model.context_length = 100'000;
  const Plan plan(model, {.context = 512});
  const uint64_t available = plan->memory(30'000).total();
  const int64_t largest = plan->largest_context(available);
  EXPECT_EQ(largest % 256, 0);
  EXPECT_LE(plan->memory(largest).total(), available);
  EXPECT_GT(plan->memory(largest + 256).total(), available);
  EXPECT_EQ(plan->largest_context(plan->memory(100'000).total()), 100'000);
  EXPECT_EQ(plan->largest_context(plan->memory(256).total() - 1), 0);
}

TEST(Planner, AcceptsWhatFitsAndWhatCannotBeKnown) {
  const Plan plan(small_model());
  EXPECT_EQ(refusal(plan, plan->memory().total()), "");
  EXPECT_EQ(refusal(plan, std::nullopt), "");
}

TEST(Planner, RefusalSaysWhatIsNeededWhatIsFreeAndWhatWouldFit) {
  test::TinyModel model = small_model();
  model.context_length = 1 << 20;
  const Plan plan(model, {.context = 1 << 20});
  const uint64_t available = plan->memory(8192).total();
  const std::string said = refusal(plan, available);
  EXPECT_EQ(said.find("needs 4.0 GiB, "), 0u) << said;
  EXPECT_NE(said.find("MiB free: try --ctx 8192"), std::string::npos) << said;
  EXPECT_EQ(refusal(Plan(model, {.context = 8192}), available), "");
}

TEST(Planner, RefusalNamesTheSmallerCacheThatFits) {
  test::TinyModel model = small_model();
  model.context_length = 1 << 20;
  const Plan plan(model, {.context = 1 << 20});
  const uint64_t f16 = plan->memory().kv, rest = plan->memory().total() - f16;
  EXPECT_NE(refusal(plan, rest + f16 * 3 / 5).find(" or --kv q8_0"), std::string::npos)
      << refusal(plan, rest + f16 * 3 / 5);
  EXPECT_NE(refusal(plan, rest + f16 * 2 / 5).find(" or --kv q4_0"), std::string::npos);
  EXPECT_EQ(refusal(plan, rest + f16 / 5).find("--kv"), std::string::npos);
}

TEST(Planner, WhereNoContextFitsItSaysSo) {
  const std::string said = refusal(Plan(small_model()), kMiB);
  EXPECT_NE(said.find("1 MiB free: no context is short enough: try a smaller model"), std::string::npos) << said;
}

TEST(Planner, SumsThatOverflowDoNotFit) {
  const Plan plan(small_model(), {.parallel = 1024});
  EXPECT_EQ(plan->memory(int64_t{1} << 56).total(), UINT64_MAX);
  EXPECT_EQ((MemoryPlan{.weights = UINT64_MAX, .kv = 1}.total()), UINT64_MAX);
}

TEST(Planner, WeightsOnTheDiskNeedNoMemory) {
  const Plan packed(small_model()), mapped(small_model(), {.from_disk = true});
  const MemoryPlan plan = mapped->memory();
  EXPECT_EQ(plan.weights, 0u);
  EXPECT_EQ(plan.on_disk, packed->memory().weights);
  EXPECT_EQ(plan.total(), packed->memory().total() - plan.on_disk);
  EXPECT_EQ(mapped->disk_warning(plan.total() + plan.on_disk), "");
  EXPECT_NE(mapped->disk_warning(plan.total() + plan.on_disk / 2).find("of each token's come from the disk"),
            std::string::npos);
  EXPECT_EQ(refusal(mapped, plan.total()), "");
  EXPECT_NE(refusal(packed, plan.total()).find("--mmap"), std::string::npos);
}

}  // namespace
}  // namespace loam
