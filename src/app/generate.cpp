// loam generate: continues a text as it is, without a chat template.
#include <fmt/format.h>
#include <unistd.h>

#include <memory>

#include "app/command.h"
#include "app/constraint_flags.h"
#include "app/generation_stats.h"
#include "app/interrupt.h"
#include "app/load_options.h"
#include "app/output.h"
#include "app/progress_bar.h"
#include "app/router_trace.h"
#include "app/sampling_flags.h"
#include "app/terminal.h"
#include "base/error.h"

namespace loam {
namespace {

constexpr const char* kGenerateExamples =
    R"(Only the new text goes to standard output. No chat template is applied; BOS is added as the
model's metadata asks. Ctrl+C stops and exits with 130.
Examples:
  loam generate gemma3-270m -p "The capital of France is" -n 16 --temp 0
  loam generate smollm2-135m -n 100 < prompt.txt
  loam generate qwen2.5-coder-1.5b --ctx 32768 --kv q8_0 < long.txt
  loam generate qwen2.5-coder-1.5b --ctx 65536 --rope-scaling yarn < book.txt
  loam generate smollm2-135m -p "A person: " --json-schema '{"type": "object", "properties": {"name": {"type": "string"}}}'
  loam generate smollm2-135m -p "Is the sky blue? " --choices yes,no
  loam generate moe.gguf -p "Once" --experts 4 --trace-router routes.jsonl --expert-usage
  loam generate qwen2.5-coder-1.5b --draft 16 --stats < edit-this-code.txt
  loam generate qwen2.5-coder-1.5b --special -p $'<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n')";

struct GenerateCommand {
  LoadOptions load;
  SamplingFlags sampling;
  ConstraintFlags constraint;
  std::string prompt;
  Option* prompt_option = nullptr;
  int64_t n_tokens = 128;
  bool special = false, expert_usage = false, stats = false;

  void run() const;
};

void GenerateCommand::run() const {
  SamplingOptions options = sampling_options(sampling);
  options.max_tokens = n_tokens;
  const std::string text = prompt_option->count() ? prompt : read_standard_input();

  const InterruptGuard guard;
  const auto engine = load_engine(load);
  const auto tokens = engine->tokenizer().encode(text, {.special = special, .add_special = true});
  if (tokens.empty())
    throw Error(Error::Code::invalid, "the prompt is empty and this model has no BOS token", "--prompt");

  ProgressBar bar("reading the prompt", ProgressBar::Unit::tokens, std::chrono::seconds(1));
  const auto sequence = engine->open();
  const GenerateResult result = engine->generate(
      *sequence, tokens,
      StartOptions{.sampling = options, .constraint = make_constraint(constraint, engine->tokenizer())},
      [&](std::string_view piece) {
        bar.erase();
        print(piece);
        return !interrupted();
      },
      [&](int64_t done, int64_t total) {
        bar.update(done, total);
        return !interrupted();
      });
  if (is_terminal(STDOUT_FILENO)) print("\n");
  if (expert_usage) fmt::print(stderr, "{}", expert_usage_table(engine->expert_usage()));
  if (stats) fmt::print(stderr, "{}\n", describe(stats_of(result)));
  throw_if_interrupted();
}

}  // namespace

void add_generate(Command& app) {
  Command* command = app.add_subcommand("generate", "continue a text (no chat template)");
  auto state = std::make_shared<GenerateCommand>();
  add_model_argument(*command, state->load);
  state->prompt_option =
      command->add_option("-p,--prompt", state->prompt, "the text to continue (default: standard input)")
          ->type_name("TEXT");
  command->add_option("-n,--n-predict", state->n_tokens, "at most N new tokens; -1: until the model ends")
      ->check(integer_between(-1, INT32_MAX))
      ->capture_default_str()
      ->type_name("N");
  command->add_flag("--special", state->special, "parse control tokens in the prompt, such as <|im_start|>");
  command->add_flag("--expert-usage", state->expert_usage, "then tell on standard error which experts were used");
  command->add_flag("--stats", state->stats, "speed and accepted drafts afterwards, on standard error");
  add_constraint_options(*command, state->constraint);
  add_sampling_options(*command, state->sampling);
  add_context_option(*command, state->load);
  add_load_options(*command, state->load);
  add_draft_options(*command, state->load);
  command->footer(kGenerateExamples);
  command->callback([state] { state->run(); });
}

}  // namespace loam
