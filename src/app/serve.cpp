// loam serve: models behind a port, for programs that speak OpenAI's, Anthropic's or Ollama's API.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <ctime>
#include <filesystem>
#include <functional>
#include <memory>
#include <thread>

#include "app/command.h"
#include "app/load_options.h"
#include "app/model_settings.h"
#include "app/option_checks.h"
#include "app/recall_model.h"
#include "app/running_server.h"
#include "app/terminal.h"
#include "base/error.h"
#include "base/log.h"
#include "engine/page_file.h"
#include "file/catalogue.h"
#include "model/kv_type.h"
#include "server/server.h"

namespace loam {
namespace {

constexpr const char* kServeExamples =
    R"(Without MODEL: what loam.toml lists, else what is installed. The port opens at once; models load behind it.
Ctrl+C or SIGTERM ends it once the answers under way are done; SIGHUP reads loam.toml again.
Examples:
  loam serve                                    http://127.0.0.1:8080/v1 for any OpenAI client
  loam serve qwen2.5-coder-1.5b --port 11434    where Ollama's clients look
  loam serve writer=qwen2.5-coder-1.5b fast=smollm2-135m --parallel 8 --kv q8_0
  loam serve --config loam.toml
  loam keys add alice && loam serve --host 0.0.0.0 --certificate cert.pem --certificate-key key.pem)";

struct ServeCommand {
  std::vector<std::string> models;
  std::string config;
  ServerSettings given;  // by options, which go before the file's
  LoadOptions load;
  int parallel = kDefaultParallel;
  std::string memory, keep_alive, cache_size;
  int port = 0, grace_seconds = 30;

  ServerSettings settings() const;
  void apply_options(ServerSettings& settings) const;
  void add_server_options(Command& command);
  void reload(Server& server) const;
  void run() const;

 private:
  // What was given on the command line: applied to the settings that a file, or the defaults, brought.
  std::vector<std::pair<Option*, std::function<void(ServerSettings&)>>> overrides_;
};

void ServeCommand::apply_options(ServerSettings& settings) const {
  for (const auto& [option, apply] : overrides_)
    if (option->count() > 0) apply(settings);
}

void ServeCommand::add_server_options(Command& command) {
  const auto add = [&](Option* option, std::function<void(ServerSettings&)> apply) {
    overrides_.emplace_back(option->group("Server"), std::move(apply));
    return option;
  };
  using S = ServerSettings;
  add(command.add_option("--host", given.host, "address to listen on; another than loopback's needs a key")
          ->type_name("ADDRESS"),
      [this](S& s) { s.host = given.host; });
  add(command.add_option("--port", port, "port to listen on; 0: any free one")
          ->check(integer_between(0, 65535))
          ->type_name("N"),
      [this](S& s) { s.port = static_cast<uint16_t>(port); });
  add(command.add_option("--memory", memory, "most memory that all models may take, as in 8GiB")->type_name("SIZE"),
      [this](S& s) { s.memory = parse_size(memory, "--memory"); });
  add(command.add_option("--keep-alive", keep_alive, "unload models that are unused for so long, as in 5m")
          ->type_name("TIME"),
      [this](S& s) { s.keep_alive = parse_duration(keep_alive, "--keep-alive"); });
  add(command
          .add_option("--cache-dir", given.cache_folder,
                      "keep what has been read of conversations in this folder, for the next start")
          ->type_name("FOLDER"),
      [this](S& s) { s.cache_folder = given.cache_folder; });
  add(command.add_option("--cache-size", cache_size, "most that folder may take, as in 20GiB (default: 8GiB)")
          ->type_name("SIZE"),
      [this](S& s) { s.cache_bytes = parse_size(cache_size, "--cache-size"); });
  add(command.add_flag("--remember,!--no-remember", given.remember,
                       "remember each user's conversations, and recall what belongs to a question (default: yes)"),
      [this](S& s) { s.remember = given.remember; });
  add(command.add_flag("--wait,!--no-wait", given.wait,
                       "requests for a model that is loading wait, or get 503 (default: they wait)"),
      [this](S& s) { s.wait = given.wait; });
  add(command
          .add_option("--host-name", given.host_names,
                      "a further name of this server, as browsers and proxies write it")
          ->type_name("NAME"),
      [this](S& s) { s.host_names = given.host_names; });
  add(command.add_option("--origin", given.origins, "a web page that may ask, as in https://chat.example.org")
          ->type_name("ORIGIN"),
      [this](S& s) { s.origins = given.origins; });
  add(command.add_option("--certificate", given.certificate, "speak TLS with this PEM file")->type_name("FILE"),
      [this](S& s) { s.certificate = given.certificate; });
  add(command.add_option("--certificate-key", given.key, "the certificate's private key")->type_name("FILE"),
      [this](S& s) { s.key = given.key; });
  add(command.add_option("--max-users", given.max_users, "users that may have keys")
          ->check(integer_between(1, 1024))
          ->type_name("N"),
      [this](S& s) { s.max_users = given.max_users; });
  add(command.add_option("--queue", given.queue, "requests that may be under way at a time")
          ->check(integer_between(1, 65536))
          ->type_name("N"),
      [this](S& s) { s.queue = given.queue; });
  add(command.add_flag("--log-json", given.log_json, "log in lines of JSON"),
      [this](S& s) { s.log_json = given.log_json; });
  add(command.add_option("--log-file", given.log_file, "log to this file (default: standard error)")->type_name("FILE"),
      [this](S& s) { s.log_file = given.log_file; });
}

std::vector<ModelSettings> installed() {
  std::vector<ModelSettings> models;
  for (const InstalledModel& found : installed_models())
    models.push_back(ModelSettings{.name = found.name, .path = found.path, .engine = {}, .keep_alive = {}});
  // Requests that name no model get the first; folders hold embedding models.
  std::ranges::stable_sort(models, {}, [](const ModelSettings& model) {
    return std::pair(std::filesystem::is_directory(model.path), std::ranges::find(kChatModels, model.name));
  });
  return models;
}

// Options go before the file; both before defaults.
ServerSettings ServeCommand::settings() const {
  const std::string file = config.empty() ? config_file() : config;
  ServerSettings s = file.empty() ? ServerSettings() : read_settings(file);
  const bool listed = !s.models.empty();
  if (!models.empty()) s.models.clear();
  for (const std::string& text : models) s.models.push_back(model_settings(text));
  if (s.models.empty()) s.models = installed();
  for (ModelSettings& model : s.models) {
    if (!listed || !models.empty()) {
      model.engine = engine_options(load);
      model.engine.parallel = parallel;
    }
    if (model.path.rfind("scripted:", 0) != 0)
      static_cast<void>(resolve_model(model.path));  // says now what is missing
  }
  apply_options(s);
  s.memory_folder = memory_folder();
  s.shared_folder = shared_memory_folder();
  s.embedding_model = s.embedding_model.empty() || s.embedding_model == "auto" ? installed_embedding_model()
                                                                               : recall_model(s.embedding_model);
  if (!s.cache_folder.empty()) static_cast<void>(PageFiles(s.cache_folder));  // says now what is wrong with it
  return s;
}

// ---- running ----

sigset_t server_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set, signal);
  return set;
}

void say(const std::string& text) { fmt::print(stderr, "{} {}\n", paint(STDERR_FILENO, style::kBold, "loam:"), text); }

std::string address(const ServerSettings& settings, uint16_t port) {
  const std::string host = settings.host.find(':') != std::string::npos ? "[" + settings.host + "]" : settings.host;
  return fmt::format("{}://{}:{}", settings.certificate.empty() ? "http" : "https", host, port);
}

void ServeCommand::reload(Server& server) const {
  try {
    server.reload(settings());
    say("settings read again");
  } catch (const Error& error) {
    say(fmt::format("settings stay as they were: {}", error.what()));
  }
}

// The answers under way may end; a second signal does not wait for them.
void drain(Server& server, int grace_seconds) {
  say("stopping once the answers under way are done (again to stop now)");
  std::atomic<bool> done = false;
  std::thread stopping([&] {
    server.stop(std::chrono::seconds(grace_seconds));
    done = true;
  });
  const sigset_t signals = server_signals();
  const timespec moment{0, 50'000'000};
  bool again = false;
  while (!done && !again) again = sigtimedwait(&signals, nullptr, &moment) > 0;
  if (again) std::_Exit(130);
  stopping.join();
}

// The allocator's arena of each thread keeps the most that a request has taken in it; there are many threads.
void share_arenas() {
#ifdef __GLIBC__
  mallopt(M_ARENA_MAX, 2);
#endif
}

void ServeCommand::run() const {
  share_arenas();
  const sigset_t signals = server_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // all threads leave them to this one
  const ServerSettings chosen = settings();
  set_up_log({.level = LogLevel::info, .json = chosen.log_json, .file = chosen.log_file});
  Server server(chosen, loam_home() + "/keys.toml");
  server.start();
  const RunningServer running(address(chosen, server.port()), server.port());
  if (!server.warning().empty()) say(server.warning());
  say(fmt::format("serving on {} (OpenAI clients: {}/v1)", running.address(), running.address()));
  if (chosen.models.empty()) say("there are no models yet: loam pull NAME, and SIGHUP or a new start");
  for (int signal = 0; sigwait(&signals, &signal) == 0;) {
    if (signal != SIGHUP) break;
    reload(server);
  }
  drain(server, grace_seconds);
}

}  // namespace

void add_serve(Command& app) {
  auto options = std::make_shared<ServeCommand>();
  Command* command =
      app.add_subcommand("serve", "serve models to other programs: OpenAI's, Anthropic's and Ollama's API");
  command->footer(kServeExamples);
  command->add_option("MODEL", options->models, "names, GGUF files, or NAME=FILE")->type_name("");
  command->add_option("--config", options->config, "settings (default: loam.toml here, else $LOAM_HOME/loam.toml)")
      ->type_name("FILE");
  options->add_server_options(*command);
  command->add_option("--parallel", options->parallel, "answers of one model that fit at full context")
      ->check(integer_between(1, 1024))
      ->capture_default_str()
      ->group("Loading");
  add_context_option(*command, options->load);
  add_load_options(*command, options->load);
  add_draft_options(*command, options->load);
  command->callback([options] { options->run(); });
}

}  // namespace loam
