#include "app/load_options.h"

#include <fmt/format.h>
#include <unistd.h>

#include <functional>

#include "app/command_line.h"
#include "app/interrupt.h"
#include "app/option_checks.h"
#include "app/progress_bar.h"
#include "app/router_trace.h"
#include "app/terminal.h"
#include "base/error.h"
#include "file/catalogue.h"
#include "model/hf/folder.h"

namespace loam {

void add_model_argument(Command& command, LoadOptions& options, bool optional) {
  command.add_option("MODEL", options.model, "a model's name (see `loam list`) or a GGUF file")
      ->required(!optional)
      ->type_name("");
}

void add_file_options(Command& command, LoadOptions& options) {
  command
      .add_option("--override-kv", options.overrides, "replace metadata: KEY=TYPE:VALUE, TYPE int, float, bool or str")
      ->type_name("KEY=TYPE:VALUE")
      ->allow_extra_args(false)
      ->group("Loading");
  command.add_option("--force-pre", options.force_pre, "use this pre-tokeniser whatever the file says")
      ->type_name("NAME")
      ->group("Loading");
}

void add_kv_options(Command& command, KvOptions& options) {
  const auto add = [&](const char* name, const std::string& help, std::function<void(DType)> use) {
    command
        .add_option_function(
            name, [use](const std::string& text) { use(parse_kv_type(text)); }, help)
        ->check(one_of(kv_type_names()))
        ->type_name("TYPE")
        ->group("Loading");
  };
  // CLI11 applies options in this order, whatever their order on the command line.
  add("--kv",
      fmt::format("type of the cached keys and values: f32, f16, bf16, q8_0 or q4_0 (default: {})",
                  options.k == DType::f32 ? "f32" : "f16"),
      [&](DType type) { options = {.k = type, .v = type}; });
  add("--kv-k", "type of the cached keys only", [&](DType type) { options.k = type; });
  add("--kv-v", "type of the cached values only", [&](DType type) { options.v = type; });
}

Option* add_quant_option(Command& command, std::string& type) {
  return command
      .add_option("--quant", type,
                  "quantise a model in F32, F16 or BF16 as it is loaded, as in q4_k_m; see `loam quantize --types`")
      ->type_name("TYPE");
}

void add_load_options(Command& command, LoadOptions& options) {
  command.add_option("-t,--threads", options.threads, "threads (default: the physical cores)")
      ->check(integer_between(1, 1024))
      ->group("Loading");
  command.add_option("--experts", options.experts, "experts that each token uses in a mixture-of-experts model")
      ->check(integer_between(1, 65536))
      ->group("Loading");
  add_kv_options(command, options.kv);
  add_quant_option(command, options.quant)->group("Loading");
  command
      .add_option("--expert-bias", options.expert_bias,
                  "add X to an expert's logit in a layer's router, as in 3:17=-2.5; may be repeated")
      ->type_name("LAYER:EXPERT=X")
      ->allow_extra_args(false)
      ->group("Loading");
  command
      .add_option("--trace-router", options.trace_router,
                  "write each token's experts and weights in each layer as JSON lines")
      ->type_name("FILE")
      ->group("Loading");
  command
      .add_option("--rope-scaling", options.rope.scaling,
                  "stretch positions beyond the trained length: yarn, linear or none (default: as the model says)")
      ->check(one_of({"none", "linear", "yarn"}))
      ->type_name("KIND")
      ->group("Loading");
  command
      .add_option("--rope-factor,--rope-scale", options.rope.factor,
                  "the context becomes F times as long (default: as the model says, or as --ctx needs)")
      ->check(number_between(1, 1024))
      ->type_name("F")
      ->group("Loading");
  command
      .add_option("--rope-original,--yarn-orig-ctx", options.rope.original,
                  "the length before stretching (default: as the model says)")
      ->check(integer_between(1, 1 << 28))
      ->type_name("N")
      ->group("Loading");
  auto* unmapped = command.add_flag("--no-mmap", options.no_mmap, "read the file instead of mapping it into memory");
  unmapped->group("Loading");
  auto* without = command.add_flag("--no-packed-files", options.no_packed_files,
                                   "do not keep the packed weights on disk, from where the next load maps them");
  without->group("Loading");
  command
      .add_flag("--mmap", options.mmap,
                "run a model larger than the memory: weights are read from the disk as they are used")
      ->excludes(without)
      ->excludes(unmapped)
      ->group("Loading");
  add_file_options(command, options);
}

void add_context_option(Command& command, LoadOptions& options) {
  command.add_option("-c,--ctx", options.context, "tokens the context holds (default: as trained, at most 8192)")
      ->check(integer_between(1, 1 << 30))
      ->group("Loading");
}

void add_draft_options(Command& command, LoadOptions& options) {
  command
      .add_option(
          "--draft", options.draft,
          "guess up to N tokens and check them in one step, where that is faster; the text stays the same; 0: off")
      ->check(integer_between(0, 64))
      ->capture_default_str()
      ->type_name("N")
      ->group("Loading");
  command
      .add_option("--draft-model", options.draft_model,
                  "a smaller model with the same vocabulary that guesses (default: what followed earlier in the text)")
      ->type_name("MODEL")
      ->group("Loading");
}

EngineOptions engine_options(const LoadOptions& options) {
  EngineOptions engine;
  engine.n_threads = options.threads;
  engine.context = options.context;
  engine.kv = options.kv;
  engine.quant = options.quant;
  engine.rope = options.rope;
  engine.experts = options.experts;
  engine.draft = options.draft;
  if (!options.draft_model.empty()) engine.draft_model = resolve_model(options.draft_model);
  engine.map = options.no_mmap ? MapMode::read : MapMode::mapped;
  engine.from_disk = options.mmap;
  if (!options.no_packed_files) engine.packed_folder = packed_weights_folder();
  engine.force_pre = options.force_pre;
  engine.overrides = options.overrides;
  for (const std::string& text : options.expert_bias) engine.expert_bias.push_back(parse_expert_bias(text));
  if (!options.trace_router.empty()) engine.on_route = trace_routers_to(options.trace_router);
  return engine;
}

std::unique_ptr<Engine> load_engine(const LoadOptions& options, EngineOptions engine) {
  ProgressBar bar("loading " + options.model, ProgressBar::Unit::bytes);
  engine.progress = [&](uint64_t done, uint64_t total) {
    bar.update(done, total);
    return !interrupted();
  };
  engine.warn = [](const std::string& message) {
    fmt::print(stderr, "{} {}\n", paint(STDERR_FILENO, style::kYellow, "loam:"), message);
  };
  engine.cancelled = interrupted;
  return Engine::load(resolve_model(options.model), std::move(engine));
}

std::unique_ptr<Engine> load_engine(const LoadOptions& options) {
  return load_engine(options, engine_options(options));
}

std::unique_ptr<GgufFile> open_model_file(const LoadOptions& options) {
  auto file = open_model(resolve_model(options.model));
  for (const std::string& text : options.overrides) file->metadata().apply_override(text);
  return file;
}

}  // namespace loam
