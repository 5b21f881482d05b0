// loam chat: a conversation with a model at the terminal.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "app/chat_loop.h"
#include "app/chat_server.h"
#include "app/command.h"
#include "app/interrupt.h"
#include "app/load_options.h"
#include "app/local_chat.h"
#include "app/model_settings.h"
#include "app/option_checks.h"
#include "app/output.h"
#include "app/recall_model.h"
#include "app/remembering_chat.h"
#include "app/sampling_flags.h"
#include "app/served_chat.h"
#include "app/terminal.h"
#include "base/error.h"
#include "file/catalogue.h"
#include "memory/memory_home.h"
#include "model/encoder.h"
#include "model/hf/folder.h"
#include "server/memory/memory_api.h"
#include "server/memory/memory_keeper.h"

namespace loam {
namespace {

constexpr int kDefaultPort = 8080;

constexpr const char* kChatExamples =
    R"(Without MODEL the best installed one of the catalogue is used. /help inside the chat lists its commands. Ctrl+C stops
the answer, not the program. Without a terminal every line of standard input is a message, and only the answers go to
standard output.
Examples:
  loam chat
  loam chat qwen2.5-coder-1.5b --system "Answer in Korean." --temp 0.3
  loam chat --serve                                  other programs may ask at http://127.0.0.1:8080 meanwhile
  loam chat --user mary                              what mary says is remembered, and recalled where it matters
  loam chat writer --server http://127.0.0.1:8080    a model or profile of a server that runs
  printf 'Hi\n/quit\n' | loam chat smollm2-135m)";

struct ChatCommand {
  LoadOptions load;
  SamplingFlags sampling;
  std::string system, server, user;
  int port = kDefaultPort;
  bool serve = false, no_color = false, no_memory = false;

  void run() const;

 private:
  bool remembers() const;
  std::shared_ptr<Memory> open_memory(MemoryHome& home) const;
  std::vector<std::string> memory_headers() const;
  bool talk(ChatBackend& backend, const SamplingOptions& sampling, const std::string& model,
            const std::string& greeting, const CallMemory& memory) const;
  bool chat_here(const LoadOptions& options) const;
  bool chat_served(const std::string& address, const std::string& model) const;
};

// The first of the catalogue's chat models that is installed, else any installed model that makes text.
std::string default_model() {
  const auto installed = installed_models();
  const auto is_installed = [&](std::string_view name) {
    return std::any_of(installed.begin(), installed.end(), [&](const auto& model) { return model.name == name; });
  };
  for (const std::string_view name : kChatModels)
    if (is_installed(name)) return std::string(name);
  for (const InstalledModel& model : installed)
    if (!Encoder::is_encoder(open_model(model.path, MapMode::read)->metadata())) return model.name;
  throw Error(Error::Code::not_found,
              "no model is installed; `loam pull smollm2-135m` gets a small one, `loam list` names the others");
}

// Asked before the weights are read: without a template the model was not made for conversations.
void require_template(const LoadOptions& load) {
  const auto file = open_model_file(load);
  if (file->metadata().has("tokenizer.chat_template")) return;
  if (Encoder::is_encoder(file->metadata()))
    throw Error(
        Error::Code::unsupported,
        fmt::format("{0} is an embedding model: it makes vectors, with `loam embed {0}`, and no text", load.model));
  throw Error(
      Error::Code::unsupported,
      fmt::format("{0} is a base model: it has no chat template (tokenizer.chat_template) and can only continue text; "
                  "try `loam generate {0} -p \"Once upon a time\"`",
                  load.model));
}

// What the user's persona says first.
void print_greeting(const CallMemory& memory) {
  try {
    const std::string words = memory("persona", Json::object()).value("greeting", "");
    if (!words.empty()) print(terminal_safe(words) + "\n");
  } catch (const Error&) {
    // A server that remembers nothing has no persona either.
  }
}

bool interactive() { return is_terminal(STDIN_FILENO) && is_terminal(STDOUT_FILENO); }

// What comes from a pipe is a program's, unless it says whose it is.
bool ChatCommand::remembers() const { return !no_memory && (interactive() || !user.empty()); }

// → null where nothing is remembered, or the memory is in use elsewhere
std::shared_ptr<Memory> ChatCommand::open_memory(MemoryHome& home) const {
  if (!remembers()) return nullptr;
  try {
    return home.of(user.empty() ? "local" : user);
  } catch (const Error& error) {
    if (error.code() != Error::Code::io) throw;
    fmt::print(stderr, "{} {}; this chat is not remembered\n", paint(STDERR_FILENO, style::kYellow, "loam:"),
               error.what());
    return nullptr;
  }
}

std::vector<std::string> ChatCommand::memory_headers() const {
  if (!remembers()) return {"X-Loam-Memory: off"};
  if (user.empty()) return {};
  if (!is_memory_user(user)) throw Error(Error::Code::invalid, fmt::format("'{}' is no user's name", user), "--user");
  return {"X-Loam-User: " + user};
}

// → false where a message or command failed
bool ChatCommand::talk(ChatBackend& backend, const SamplingOptions& options, const std::string& model,
                       const std::string& greeting, const CallMemory& memory) const {
  ChatSession session(backend, options);
  if (!system.empty()) session.set_system(system);
  if (interactive())
    fmt::print(stderr, "{} · {} · /help\n", paint(STDERR_FILENO, style::kBold, terminal_safe(model)), greeting);
  if (interactive() && memory) print_greeting(memory);
  MessageReader reader(interactive(), loam_home() + "/history");
  return ChatLoop(session, reader, model, interactive(), memory).run();
}

bool ChatCommand::chat_here(const LoadOptions& options) const {
  const SamplingOptions settings = sampling_options(sampling);
  const auto engine = load_engine(options);
  settings.validate(engine->model().config().n_vocab);
  LocalChat chat(*engine);
  const std::string greeting = fmt::format("context {} tokens · {} threads", engine->context(), engine->n_threads());
  MemoryHome home(memory_folder(), shared_memory_folder());
  const auto memory = open_memory(home);
  if (!memory) return talk(chat, settings, options.model, greeting, {});
  RememberingChat remembering(chat, memory);
  const MemoryKeeper keeper(
      &home, {.embedding_model = recall_model(), .is_busy = [&] { return remembering.is_answering(); }, .think = {}});
  return talk(
      remembering, settings, options.model, greeting + " · remembers",
      [&](std::string_view operation, const Json& arguments) { return call_memory(*memory, operation, arguments); });
}

bool ChatCommand::chat_served(const std::string& address, const std::string& model) const {
  const char* key = std::getenv("LOAM_API_KEY");
  ServedChat backend({.address = address, .model = model, .key = key ? key : "", .headers = memory_headers()});
  std::string greeting = backend.context() > 0 ? fmt::format("context {} tokens · ", backend.context()) : "";
  greeting += serve ? fmt::format("also at {}/v1 for other programs", address) : "at " + address;
  CallMemory memory;
  if (remembers())
    memory = [&](std::string_view operation, const Json& arguments) {
      return backend.call_memory(operation, arguments);
    };
  return talk(backend, sampling_options(sampling), backend.model(), greeting, memory);
}

void ChatCommand::run() const {
  if (no_color) disable_color();
  bool good = false;
  if (!server.empty()) {
    const InterruptGuard guard;
    good = chat_served(server, load.model);
  } else {
    LoadOptions options = load;
    if (options.model.empty()) options.model = default_model();
    require_template(options);
    const InterruptGuard guard;
    if (serve) {
      const ChatServer own(options, static_cast<uint16_t>(port));
      good = chat_served(own.address(), own.model());
    } else {
      good = chat_here(options);
    }
  }
  if (!good && !interactive()) throw CommandFailed{1};  // each failure has been reported where it happened
}

}  // namespace

void add_chat(Command& app) {
  Command* command = app.add_subcommand("chat", "talk with a model");
  auto state = std::make_shared<ChatCommand>();
  add_model_argument(*command, state->load, true);
  command->add_option("--system", state->system, "the system message")->type_name("TEXT");
  Option* serve = command->add_flag("--serve", state->serve, "also serve the model to other programs meanwhile");
  command->add_option("--port", state->port, "where to serve it; another where that is taken")
      ->check(integer_between(0, 65535))
      ->capture_default_str()
      ->needs("--serve")
      ->type_name("N");
  command->add_option("--server", state->server, "talk with a model of this server (LOAM_API_KEY: its key)")
      ->excludes(serve)
      ->type_name("ADDRESS");
  command
      ->add_option("--user", state->user,
                   "whose memory this is (at a terminal: local, unless given; without one: nobody's)")
      ->type_name("NAME");
  command->add_flag("--no-memory", state->no_memory, "neither remember nor recall anything");
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
  command->footer(kChatExamples);
  command->callback([state] { state->run(); });
}

}  // namespace loam
