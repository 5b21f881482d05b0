#include "server/server.h"

#include "server/access/access.h"
#include "server/access/key_store.h"
#include "server/generation/admission.h"
#include "server/http/server.h"
#include "server/memory/kept_pages.h"
#include "server/memory/memory_keeper.h"
#include "server/memory/memory_service.h"
#include "server/memory/thinker.h"
#include "server/models/model_manager.h"
#include "server/routes/openai_common.h"
#include "server/routes/routes.h"
#include "server/server_metrics.h"

namespace loam {
namespace {

HttpServerOptions http_options(const ServerSettings& settings) {
  HttpServerOptions options{.host = settings.host,
                            .port = settings.port,
                            .certificate_file = settings.certificate,
                            .key_file = settings.key,
                            .limits = {}};
  options.limits.connections = settings.connections;
  options.limits.connections_of_address = settings.connections_per_address;
  return options;
}

}  // namespace

// In the order of their needs: what is above outlives what is below.
struct Server::State {
  KeyStore keys;
  Access access;
  const std::string warning;
  ServerMetrics metrics;
  Admission admission;
  MemoryService memory;
  ModelManager models;
  MemoryKeeper keeper;
  Router router;
  HttpServer http;

  State(const ServerSettings& settings, const std::string& keys_file)
      : keys(keys_file, settings.max_users),
        access({.hosts = settings.host_names, .origins = settings.origins, .remote_admin = settings.remote_admin},
               keys),
        warning(access.check_exposure(settings.host, !settings.certificate.empty())),
        admission(settings.queue, settings.queue_per_user),
        memory(settings.remember ? settings.memory_folder : "", settings.shared_folder),
        models(settings),
        keeper(memory.home(), keeper_options(settings)),
        router(all_routes({models, admission, memory, metrics, unix_time()}), access),
        http(
            http_options(settings),
            [this](std::shared_ptr<HttpExchange> exchange) { router.handle(std::move(exchange)); },
            [this](const HttpRequest& request) { return router.admit(request); }) {
    if (memory.is_on() && !settings.cache_folder.empty())
      note_cache_folder(settings.memory_folder, settings.cache_folder);
  }

  MemoryKeeperOptions keeper_options(const ServerSettings& settings) {
    const auto is_busy = [this] { return admission.n_under_way() > 0; };
    return {.embedding_model = settings.embedding_model, .is_busy = is_busy, .think = think_with(models, is_busy)};
  }
};

Server::Server(ServerSettings settings, const std::string& keys_file)
    : state_(std::make_unique<State>(std::move(settings), keys_file)) {}
Server::~Server() = default;

void Server::start() { state_->http.start(); }
uint16_t Server::port() const { return state_->http.port(); }
void Server::reload(ServerSettings settings) { state_->models.reload(std::move(settings)); }
void Server::stop(std::chrono::milliseconds grace) { state_->http.stop(grace); }
const std::string& Server::warning() const { return state_->warning; }

}  // namespace loam
