#include "app/chat_server.h"

#include <fmt/format.h>

#include <csignal>
#include <optional>

#include "app/model_settings.h"
#include "app/recall_model.h"
#include "app/running_server.h"
#include "base/error.h"
#include "base/log.h"
#include "file/catalogue.h"
#include "server/server.h"

namespace loam {
namespace {

// Threads that begin while one lives leave Ctrl+C to the others.
class InterruptBlocked {
 public:
  InterruptBlocked() {
    sigset_t interrupt;
    sigemptyset(&interrupt);
    sigaddset(&interrupt, SIGINT);
    pthread_sigmask(SIG_BLOCK, &interrupt, &before_);
  }
  ~InterruptBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  InterruptBlocked(const InterruptBlocked&) = delete;
  InterruptBlocked& operator=(const InterruptBlocked&) = delete;

 private:
  sigset_t before_;
};

std::unique_ptr<Server> start_server(ServerSettings settings) {
  auto server = std::make_unique<Server>(std::move(settings), loam_home() + "/keys.toml");
  server->start();
  return server;
}

}  // namespace

struct ChatServer::State {
  std::string model;
  std::unique_ptr<Server> server;
  std::optional<RunningServer> record;
};

ChatServer::ChatServer(const LoadOptions& load, uint16_t port) : state_(std::make_unique<State>()) {
  const InterruptBlocked blocked;
  set_up_log({.level = LogLevel::info, .json = false, .file = loam_home() + "/chat-server.log"});
  ServerSettings settings;
  settings.port = port;
  settings.memory_folder = memory_folder();
  settings.shared_folder = shared_memory_folder();
  settings.embedding_model = recall_model();
  settings.models = {model_settings(load.model)};
  settings.models[0].engine = engine_options(load);
  settings.models[0].engine.parallel = kDefaultParallel;
  state_->model = settings.models[0].name;
  try {
    state_->server = start_server(settings);
  } catch (const Error& error) {
    if (error.code() != Error::Code::io || port == 0) throw;
    settings.port = 0;
    state_->server = start_server(settings);
  }
  state_->record.emplace(fmt::format("http://127.0.0.1:{}", state_->server->port()), state_->server->port());
}

ChatServer::~ChatServer() { state_->server->stop(std::chrono::seconds(30)); }

const std::string& ChatServer::address() const { return state_->record->address(); }
const std::string& ChatServer::model() const { return state_->model; }

}  // namespace loam
