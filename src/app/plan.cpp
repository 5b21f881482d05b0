// loam plan: what a model would take on this machine, and what would fit.
#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/command.h"
#include "app/load_options.h"
#include "app/machine_speed_cache.h"
#include "app/output.h"
#include "app/terminal.h"
#include "base/error.h"
#include "base/system_memory.h"
#include "base/utf8.h"
#include "engine/planner.h"
#include "file/catalogue.h"
#include "file/model_facts.h"
#include "file/quantised_file.h"
#include "model/hf/described_model.h"
#include "model/hf/folder.h"

namespace loam {
namespace {

constexpr const char* kPlanExamples =
    R"(MODEL may also be Hugging Face's config.json, or the folder that holds it: safetensors or a GGUF file beside it are held
against it. Reads headers only. Exits with 1 where the model does not fit into the memory that is free (a container's limit counts).
Examples:
  loam plan qwen2.5-coder-1.5b
  loam plan model.gguf --ctx 32768 --parallel 4 --kv q8_0
  loam plan Qwen3-30B-A3B/config.json --weights q4_k_m --experts 4
  loam plan model.gguf --mmap
  loam plan model.gguf --json | jq .largest_context)";

struct PlanCommand {
  LoadOptions load;
  int parallel = 1;
  std::string weights;  // of a config.json
  bool json = false;

  std::unique_ptr<GgufFile> open() const;
  void run() const;
};

// All that is reported, as numbers.
struct PlanReport {
  const Planner& planner;
  ModelFacts facts;
  MemoryPlan memory;
  KvOptions kv;
  int parallel = 1;
  std::optional<uint64_t> available = {};
  MachineSpeed machine = {};
  int n_threads = 1;

  bool fits() const { return !available || memory.total() <= *available; }
  std::optional<int64_t> largest_context() const {
    if (!available) return std::nullopt;
    return planner.largest_context(*available);
  }
  SpeedPlan speed() const { return planner.speed(machine); }
  uint64_t kv_per_token() const { return KvCache::bytes_per_token(planner.config(), kv); }
};

template <class T>
nlohmann::ordered_json number_or_null(const std::optional<T>& value) {
  return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json();
}

nlohmann::ordered_json range_json(const SpeedRange& range) { return {{"min", range.min}, {"max", range.max}}; }

std::string as_json(const PlanReport& r) {
  const ModelConfig& c = r.planner.config();
  const MemoryPlan& m = r.memory;
  nlohmann::ordered_json out{{"model", sanitize_utf8(r.facts.name)},
                             {"architecture", sanitize_utf8(r.facts.arch)},
                             {"parameters", r.facts.parameters},
                             {"active_parameters", r.facts.active_parameters},
                             {"weight_type", r.facts.main_type},
                             {"experts", c.n_experts},
                             {"experts_used", c.n_experts_used},
                             {"context", r.planner.context()},
                             {"trained_context", c.context_length},
                             {"parallel", r.parallel},
                             {"kv_bytes_per_token", r.kv_per_token()},
                             {"weights_bytes", m.weights},
                             {"embeddings_bytes", m.embeddings},
                             {"kv_bytes", m.kv},
                             {"state_bytes", m.state},
                             {"activations_bytes", m.activations},
                             {"adapters_bytes", m.adapters},
                             {"program_bytes", m.program},
                             {"on_disk_bytes", m.on_disk},
                             {"total_bytes", m.total()},
                             {"free_bytes", number_or_null(r.available)},
                             {"active_bytes_per_token", r.planner.token_work().bytes},
                             {"prompt_tps", range_json(r.speed().prompt)},
                             {"generation_tps", range_json(r.speed().generation)},
                             {"read_gb_per_s", r.machine.read_gb_per_s},
                             {"int8_gops", r.machine.int8_gops},
                             {"threads", r.n_threads},
                             {"fits", r.fits()},
                             {"largest_context", number_or_null(r.largest_context())},
                             {"advice", r.fits() ? "" : r.planner.advice(*r.available)}};
  return out.dump(2) + "\n";
}

std::string heading(const PlanReport& r) {
  const ModelConfig& c = r.planner.config();
  std::string out = paint(STDOUT_FILENO, style::kBold, escape_control(r.facts.name));
  out += fmt::format(" · {} · {} · {} parameters", escape_control(r.facts.arch), r.facts.main_type,
                     human_count(static_cast<double>(r.facts.parameters)));
  if (c.n_experts > 0)
    out += fmt::format(", {} active a token ({} of {} experts)",
                       human_count(static_cast<double>(r.facts.active_parameters)), c.n_experts_used, c.n_experts);
  out += fmt::format("\ncontext {} tokens (trained for {})", r.planner.context(), c.context_length);
  return out + (r.parallel > 1 ? fmt::format(" × {} sequences\n\n", r.parallel) : "\n\n");
}

std::string memory_table(const PlanReport& r) {
  std::string out;
  const auto row = [&](const char* name, uint64_t bytes, const std::string& note = "") {
    out += fmt::format("{:<12} {:>9}{}{}\n", name, format_bytes(bytes), note.empty() ? "" : "   ",
                       paint(STDOUT_FILENO, style::kDim, note));
  };
  const MemoryPlan& m = r.memory;
  row("weights", m.weights, "packed for this CPU");
  if (m.on_disk) row("on disk", m.on_disk, "weights that are read as they are used");
  row("embeddings", m.embeddings, m.embeddings ? "rows that stay in the file" : "part of the weights");
  row("KV cache", m.kv, fmt::format("{} a token", format_bytes(r.kv_per_token())));
  row("state", m.state,
      m.state ? fmt::format("{} a sequence, and snapshots to go on from",
                            format_bytes(StateCache::slot_bytes(r.planner.config())))
              : "no recurrent layers");
  row("activations", m.activations, "and logits of the largest step");
  row("adapters", m.adapters, "none");
  row("program", m.program, "code, header, vocabulary");
  row("total", m.total());
  if (r.available) row("free", *r.available);
  return out + "\n";
}

std::string speed_lines(const PlanReport& r) {
  const SpeedPlan speed = r.speed();
  const auto line = [](const char* name, const SpeedRange& range, const std::string& note) {
    const int digits = range.min < 10 ? 1 : 0;
    const std::string text = fmt::format("{:.{}f} to {:.{}f} tokens/s", range.min, digits, range.max, digits);
    return fmt::format("{:<12} {:<22} {}\n", name, text, paint(STDOUT_FILENO, style::kDim, note));
  };
  const auto active = static_cast<double>(r.planner.token_work().bytes);
  return line("prompt", speed.prompt, fmt::format("{:.0f} GOPS with {} threads", r.machine.int8_gops, r.n_threads)) +
         line("generation", speed.generation,
              fmt::format("{:.2f} GB a token at {:.1f} GB/s", active / 1e9, r.machine.read_gb_per_s)) +
         "\n";
}

std::string verdict(const PlanReport& r) {
  if (!r.available) return "what is free is not known here\n";
  const std::string largest = *r.largest_context() > 0
                                  ? fmt::format("the largest context that fits: {} tokens", *r.largest_context())
                                  : "no context is short enough";
  const std::string word =
      r.fits() ? paint(STDOUT_FILENO, style::kGreen, "fits") : paint(STDOUT_FILENO, style::kRed, "does not fit");
  const std::string warning = r.planner.disk_warning(r.available);
  return fmt::format("{}; {}\n{}{}", word, largest, warning, warning.empty() ? "" : "\n");
}

// Whether a folder holds the model itself, and not its configuration alone.
bool has_weights(const std::string& folder) {
  namespace fs = std::filesystem;
  std::error_code fault;
  return fs::exists(fs::path(folder) / "model.safetensors", fault) ||
         fs::exists(fs::path(folder) / "model.safetensors.index.json", fault);
}

std::unique_ptr<GgufFile> PlanCommand::open() const {
  if (is_hf_model(load.model) && (!weights.empty() || !has_weights(load.model)))
    return load.quant.empty() ? describe_hf_model(load.model, find_weight_type(weights))
                              : quantised(describe_hf_model(load.model, find_weight_type(weights)), load.quant);
  if (!weights.empty()) throw Error(Error::Code::invalid, "a GGUF file has types of its own", "--weights");
  return open_model(resolve_model(load.model), MapMode::read, load.quant);
}

void PlanCommand::run() const {
  EngineOptions options = engine_options(load);
  options.parallel = parallel;
  const auto file = open();
  apply_options(*file, options);
  const Planner planner(*file, select_kernels(), options);
  const int n_threads = load.threads > 0 ? load.threads : ThreadPool::physical_cores();
  const PlanReport report{.planner = planner,
                          .facts = model_facts(*file),
                          .memory = planner.memory(),
                          .kv = load.kv,
                          .parallel = parallel,
                          .available = available_memory(),
                          .machine = machine_speed(select_kernels(), n_threads),
                          .n_threads = n_threads};
  print(json ? as_json(report) : heading(report) + memory_table(report) + speed_lines(report) + verdict(report));
  planner.check(report.available);
}

}  // namespace

void add_plan(Command& app) {
  Command* command = app.add_subcommand("plan", "tell what a model takes, and whether it fits this machine");
  auto state = std::make_shared<PlanCommand>();
  add_model_argument(*command, state->load);
  add_context_option(*command, state->load);
  command->add_option("--parallel", state->parallel, "sequences at full context")
      ->check(integer_between(1, 1024))
      ->capture_default_str();
  command
      ->add_option("--weights", state->weights,
                   "how the weights of a config.json are stored (default: its torch_dtype)")
      ->check(one_of({"f32", "f16", "bf16", "q8_0", "q4_k_m"}))
      ->type_name("TYPE");
  command->add_flag("--json", state->json, "print a JSON object");
  add_load_options(*command, state->load);
  command->footer(kPlanExamples);
  command->callback([state] { state->run(); });
}

}  // namespace loam
