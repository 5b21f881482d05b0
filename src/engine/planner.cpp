#include "engine/planner.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>

#include "base/error.h"
#include "base/system_memory.h"
#include "base/thread_pool.h"
#include "engine/engine_options.h"
#include "engine/masked_block.h"
#include "model/diffusion.h"
#include "ops/products.h"

namespace loam {
namespace {

constexpr int64_t kDefaultContext = 8192;
constexpr int64_t kContextStep = 256;  // of contexts that are suggested
constexpr uint64_t kFaultAround = uint64_t{64}
                                  << 10;  // the system maps so much of a file around a page that is touched

// Measured over vocabularies of 49,152 to 262,144 tokens, with merges and with scores: code, libraries and stacks; and
// for each token its text in the file's header, its list entries, and its share of the tokenizer's tables.
constexpr uint64_t kCodeBytes = uint64_t{10} << 20, kTokenBytes = 112;

// The lower bounds, as shares of the machine's speed: the smaller the layers, the more time goes into what is not a
// product of weights. Models of 135 million to 1.5 billion parameters reached 0.76 to 1.04 and 0.60 to 0.90.
constexpr double kPromptShare = 0.5, kGenerationShare = 0.6;

uint64_t saturating_add(uint64_t a, uint64_t b) {
  uint64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

uint64_t saturating_multiply(uint64_t a, uint64_t b) {
  uint64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

// Bytes of float32 activations (n_tokens, features).
uint64_t floats(int64_t n_tokens, int64_t features) {
  return static_cast<uint64_t>(n_tokens) * static_cast<uint64_t>(features) * sizeof(float);
}

// Of one half of a layer, and of what stands around them. `n` tokens run in a step, `n_logits` of them with logits.
struct StepBytes {
  const ModelConfig& c;
  const KernelTable& kernels;
  int64_t n, n_logits;
  int n_threads;
  bool orders;  // some matrices have their inputs in an order of their own

  uint64_t quantised(int64_t n_tokens, int64_t cols) const {
    return loam::activation_bytes(kernels, ActivationKind::int8, n_tokens, cols);
  }

  // The normed input, Q, K and V, what was attended, and the projection that is added to the residual.
  uint64_t attention() const {
    int64_t features = 2 * c.dim + c.q_dim() + c.kv_dim() + c.v_dim() + c.attention_dim();
    if (sees_whole_text(c)) features += 4 * c.q_dim();  // keys and values of all heads, and as pages
    return floats(n, features) + std::max(quantised(n, c.attention_dim()), floats(n, c.dim));
  }

  // The normed input, the output, and gate and up of the tokens that go through together.
  uint64_t dense_ffn() const {
    const int64_t together = std::min(n, kFfnTokens);
    return floats(n, 2 * c.dim) + floats(together, 2 * c.ffn_dim) + quantised(together, c.dim + c.ffn_dim);
  }

  // The same with the router's logits and the outputs of a wave of choices; gate and up of those that each thread takes
  // through an expert together.
  uint64_t moe() const {
    const int64_t n_choices = n * c.n_experts_used, together = choices_together(kernels, n_choices, n_threads);
    const int64_t ffn = c.expert_ffn_dim > 0 ? c.expert_ffn_dim : c.ffn_dim;
    const uint64_t of_thread = floats(together, c.dim + 2 * ffn) + quantised(together, c.dim + ffn);
    return floats(n, 2 * c.dim + c.n_experts) + floats(std::min(n_choices, kWaveChoices), c.dim) +
           of_thread * static_cast<uint64_t>(n_threads);
  }

  // What the layers with a state compute, besides their normed input.
  uint64_t state() const {
    int64_t most = 0;
    for (const StateSize& size : c.states) most = std::max(most, size.activations);
    return floats(n, c.dim + most);
  }

  // What such matrices gather, a tile for each thread, and a second input of the feed-forward's first half.
  uint64_t ordered() const {
    if (!orders) return 0;
    const int64_t widest = std::max({c.dim, c.ffn_dim, c.attention_dim()});
    return floats(int64_t{n_threads} * kernels.token_tile, c.dim + widest) + quantised(std::min(n, kFfnTokens), c.dim);
  }

  uint64_t logits() const { return floats(n_logits, 2 * c.dim + c.n_vocab) + quantised(n_logits, c.dim); }

  uint64_t most() const {
    return floats(n, c.dim) + ordered() +
           std::max({attention(), state(), c.n_experts > 0 ? moe() : dense_ffn(), logits()});
  }
};

}  // namespace

uint64_t MemoryPlan::total() const {
  uint64_t sum = 0;
  for (const uint64_t part : {weights, embeddings, kv, state, activations, adapters, program})
    sum = saturating_add(sum, part);
  return sum;
}

KvRoom kv_room(const EngineOptions& options, int64_t context) {
  return {.context = context, .parallel = options.parallel, .chunk = options.chunk};
}

Planner::Planner(const GgufFile& file, const KernelTable& kernels, const EngineOptions& options)
    : kernels_(kernels),
      model_(Model::create(Weights(file, kernels, Binding::measure))),
      options_(with_chunk(options, config())),
      context_(options.context > 0 ? options.context : std::min(config().context_length, kDefaultContext)) {
  KvCache::check(config(), options.kv);
}

MemoryPlan Planner::memory(int64_t context, const KvOptions& kv) const {
  const uint64_t weights = model_->weights().packed_bytes();
  return {.weights = options_.from_disk ? 0 : weights,
          .embeddings = embedding_bytes(context),
          .kv = KvCache::bytes(config(), kv, kv_room(options_, context)),
          .state = StateCache::bytes(config(), kv_room(options_, context)),
          .activations = activation_bytes(context),
          .program = program_bytes(),
          .on_disk = options_.from_disk ? weights : 0};
}

// A table that is only looked up stays in the file: each token's row maps the pages around it.
uint64_t Planner::embedding_bytes(int64_t context) const {
  const uint64_t table = model_->weights().table_bytes();
  if (options_.map == MapMode::read) return table;
  const auto n_tokens = saturating_multiply(static_cast<uint64_t>(context), static_cast<uint64_t>(options_.parallel));
  return std::min(table, saturating_multiply(n_tokens, kFaultAround));
}

uint64_t Planner::activation_bytes(int64_t context) const {
  const bool whole = sees_whole_text(config());
  const int64_t prompt = whole ? context : std::min<int64_t>(options_.chunk, context);
  const int n_threads = options_.n_threads > 0 ? options_.n_threads : ThreadPool::physical_cores();
  const int64_t n_new = whole ? MaskedBlock::kMostTokens * options_.parallel : options_.draft;
  const int64_t n_logits = options_.parallel + n_new;
  const bool orders = model_->weights().has_input_orders();
  return StepBytes{config(), kernels_, prompt + options_.parallel - 1, n_logits, n_threads, orders}.most();
}

uint64_t Planner::program_bytes() const { return kCodeBytes + static_cast<uint64_t>(config().n_vocab) * kTokenBytes; }

TokenWork Planner::token_work() const {
  TokenWork work;
  for (const PackJob& matrix : model_->weights().matrices()) {
    if (matrix.plain) continue;  // a table: a row is read
    const bool of_experts = matrix.info->name.find("_exps.") != matrix.info->name.npos;
    const auto used = static_cast<uint64_t>(of_experts ? config().n_experts_used : matrix.n_matrices);
    const bool head = matrix.info->name == "output.weight" || matrix.info->name == "token_embd.weight";
    work.bytes += used * matrix.stride;
    if (!head) work.operations += 2 * used * static_cast<uint64_t>(matrix.rows * matrix.cols);  // only the last token's
  }
  return work;
}

SpeedPlan Planner::speed(const MachineSpeed& machine) const {
  const TokenWork work = token_work();
  const auto bytes = static_cast<double>(work.bytes), operations = static_cast<double>(work.operations);
  const double cache = static_cast<double>(memory().kv) / options_.parallel +
                       2 * static_cast<double>(StateCache::slot_bytes(config()));  // read and written
  if (sees_whole_text(config())) {  // a token has at most a text computed for it
    const double prompt = machine.int8_gops * 1e9 / operations;
    return {.prompt = {kPromptShare * prompt, prompt},
            .generation = {kPromptShare * prompt / static_cast<double>(context_), prompt}};
  }
  const double read = machine.read_gb_per_s * 1e9, multiply = machine.int8_gops * 1e9;
  return {.prompt = {kPromptShare * multiply / operations, multiply / operations},
          .generation = {kGenerationShare * read / (bytes + cache), read / bytes}};
}

int64_t Planner::largest_context(uint64_t available) const {
  const int64_t trained = config().context_length;
  if (memory(trained).total() <= available) return trained;
  int64_t fits = 0, fails = trained / kContextStep + 1;  // in steps
  while (fails - fits > 1) {
    const int64_t middle = (fits + fails) / 2;
    (memory(middle * kContextStep).total() <= available ? fits : fails) = middle;
  }
  return fits * kContextStep;
}

std::string Planner::advice(uint64_t available) const {
  std::vector<std::string> ways;
  if (const int64_t fits = largest_context(available); fits > 0) ways.push_back(fmt::format("--ctx {}", fits));
  for (const DType type : {DType::q8_0, DType::q4_0}) {
    const KvOptions kv{.k = type, .v = type};
    if (!KvCache::fits(config(), kv) || memory(context_, kv).total() > available) continue;
    std::string name(loam::name(type));
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
    ways.push_back("--kv " + name);
    break;
  }
  const MemoryPlan plan = memory();
  if (plan.total() - plan.weights <= available) ways.push_back("--mmap, which reads the weights from the disk");
  if (!ways.empty()) return fmt::format("try {}", fmt::join(ways, " or "));
  return "no context is short enough: try a smaller model or one with fewer bits a weight";
}

std::string Planner::disk_warning(std::optional<uint64_t> available) const {
  const MemoryPlan plan = memory();
  if (!available || plan.total() > *available || plan.on_disk <= *available - plan.total()) return {};
  const double held = static_cast<double>(*available - plan.total()) / static_cast<double>(plan.on_disk);
  const double missing = (1 - held) * static_cast<double>(token_work().bytes);
  return fmt::format(
      "the weights take {} and {} are free: about {} of each token's come from the disk, at 1 GB/s {:.1f} tokens a "
      "second",
      format_bytes(plan.on_disk), format_bytes(*available - plan.total()), format_bytes(static_cast<uint64_t>(missing)),
      1e9 / missing);
}

void Planner::check(std::optional<uint64_t> available) const {
  const uint64_t total = memory().total();
  if (!available || total <= *available) return;
  throw Error(Error::Code::no_memory,
              fmt::format("needs {}, {} free: {}", format_bytes(total), format_bytes(*available), advice(*available)));
}

}  // namespace loam
