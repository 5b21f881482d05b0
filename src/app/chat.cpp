// loam chat: a conversation with a model at the terminal.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "app/chat_loop.h"
#include "app/command.h"
#include "app/interrupt.h"
#include "app/load_options.h"
#include "app/sampling_flags.h"
#include "app/terminal.h"
#include "base/error.h"
#include "file/catalogue.h"

namespace loam {
namespace {

constexpr const char* kExamples =
    R"(Without MODEL the best installed one of the catalogue is used. /help inside the chat lists its commands. Ctrl+C stops
the answer, not the program. Without a terminal every line of standard input is a message, and only the answers go to
standard output.
Examples:
  loam chat
  loam chat qwen2.5-coder-1.5b --system "Answer in Korean." --temp 0.3
  printf 'Hi\n/quit\n' | loam chat smollm2-135m)";

struct ChatCommand {
  LoadOptions load;
  SamplingFlags sampling;
  std::string system;
  bool no_color = false;

  void run() const;
};

// The first of the catalogue's chat models that is installed, else any installed model.
std::string default_model() {
  const auto installed = installed_models();
  const auto is_installed = [&](std::string_view name) {
    return std::any_of(installed.begin(), installed.end(), [&](const auto& model) { return model.name == name; });
  };
  for (const char* name : {"qwen2.5-coder-1.5b", "smollm2-135m"})
    if (is_installed(name)) return name;
  if (!installed.empty()) return installed.front().name;
  throw Error(Error::Code::not_found,
              "no model is installed; `loam pull smollm2-135m` gets a small one, `loam list` names the others");
}

// Asked before the weights are read: without a template the model was not made for conversations.
void require_template(const LoadOptions& load) {
  if (open_model_file(load)->metadata().has("tokenizer.chat_template")) return;
  throw Error(
      Error::Code::unsupported,
      fmt::format("{0} is a base model: it has no chat template (tokenizer.chat_template) and can only continue text; "
                  "try `loam generate {0} -p \"Once upon a time\"`",
                  load.model));
}

void greet(const std::string& model, const Engine& engine) {
  fmt::print(stderr, "{} · context {} tokens · {} threads · /help\n",
             paint(STDERR_FILENO, style::kBold, terminal_safe(model)), engine.context(), engine.n_threads());
}

void ChatCommand::run() const {
  if (no_color) disable_color();
  LoadOptions options = load;
  if (options.model.empty()) options.model = default_model();
  require_template(options);
  const SamplingOptions sampling_settings = sampling_options(sampling);

  const InterruptGuard guard;
  const auto engine = load_engine(options);
  ChatSession session(*engine, sampling_settings);
  if (!system.empty()) session.set_system(system);

  const bool interactive = is_terminal(STDIN_FILENO) && is_terminal(STDOUT_FILENO);
  if (interactive) greet(options.model, *engine);
  MessageReader reader(interactive, loam_home() + "/history");
  if (!ChatLoop(session, reader, options.model, interactive).run() && !interactive)
    throw CommandFailed{1};  // each failure has been reported where it happened
}

}  // namespace

void add_chat(Command& app) {
  Command* command = app.add_subcommand("chat", "talk with a model");
  auto state = std::make_shared<ChatCommand>();
  add_model_argument(*command, state->load, true);
  command->add_option("--system", state->system, "the system message")->type_name("TEXT");
  command->add_flag("--no-color", state->no_color, "no colours and no Markdown styles");
  command
      ->add_option("-n,--n-predict", state->sampling.options.max_tokens, "at most N tokens of one answer; -1: no limit")
      ->check(integer_between(-1, INT32_MAX))
      ->capture_default_str()
      ->type_name("N");
  add_sampling_options(*command, state->sampling);
  add_context_option(*command, state->load);
  add_load_options(*command, state->load);
  add_draft_options(*command, state->load);
  command->footer(kExamples);
  command->callback([state] { state->run(); });
}

}  // namespace loam
