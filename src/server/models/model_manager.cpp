#include "server/models/model_manager.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/error.h"
#include "file/catalogue.h"

namespace loam {

using State = ModelStatus::State;

ModelManager::ModelManager(ServerSettings settings) : settings_(std::move(settings)) {
  add_entries();
  load_eager();
  thread_ = std::thread([this] { run(); });
}

ModelManager::~ModelManager() {
  stopping_ = true;
  {
    const std::lock_guard lock(mutex_);  // so that the thread is either waiting or will look
  }
  changed_.notify_all();
  thread_.join();
  const Error stopped(Error::Code::cancelled, "the server is stopping");
  for (auto& [name, entry] : entries_) {
    for (const Waiter& waiter : entry.waiters) waiter.failed(stopped);
    if (entry.model != nullptr) entry.model->stop();
  }
  for (const Leaving& leaving : leaving_) leaving.model->stop();
}

// New models of the settings, and changes of those that are there. Under the mutex, but for the constructor.
void ModelManager::add_entries() {
  for (const ModelSettings& model : settings_.models) {
    Entry& entry = entries_[model.name];
    entry.settings = model;
    entry.keep_alive = keep_alive_of(model);
  }
}

// Under the mutex, but for the constructor.
void ModelManager::load_eager() {
  for (const ModelSettings& model : settings_.models)
    if (model.eager) queue(model.name, entries_[model.name]);
}

// To be loaded, unless it is or will be. Under the mutex, but for the constructor.
void ModelManager::queue(const std::string& name, Entry& entry) {
  if (entry.model != nullptr || entry.state == State::loading) return;
  entry.state = State::loading;
  *entry.progress = 0;
  to_load_.push_back(name);
}

std::chrono::seconds ModelManager::keep_alive_of(const ModelSettings& settings) const {
  return settings.keep_alive.value_or(settings_.keep_alive);
}

ServerSettings ModelManager::settings() const {
  const std::lock_guard lock(mutex_);
  return settings_;
}

void ModelManager::forget(std::span<const std::string> users) {
  std::vector<std::shared_ptr<ServedModel>> models;
  {
    const Lock lock(mutex_);
    for (const auto& [name, entry] : entries_)
      if (entry.model) models.push_back(entry.model);
    for (const Leaving& leaving : leaving_) models.push_back(leaving.model);
  }
  for (const auto& model : models)
    for (const std::string& user : users) model->forget(user);
}

std::vector<std::string> ModelManager::names() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (const ModelSettings& model : settings_.models) names.push_back(model.name);
  for (const Profile& profile : settings_.profiles) names.push_back(profile.name);
  return names;
}

ModelManager::Resolved ModelManager::resolve(const std::string& name) const {
  const std::vector<std::string> known = names();
  const std::lock_guard lock(mutex_);
  if (const Profile* profile = settings_.find_profile(name)) return {profile->model, *profile};
  if (settings_.find_model(name) != nullptr) return {name, std::nullopt};
  constexpr std::string_view kTag = ":latest";  // Ollama's clients add it to names without a tag
  if (name.ends_with(kTag) && std::ranges::find(known, name.substr(0, name.size() - kTag.size())) != known.end())
    return {name.substr(0, name.size() - kTag.size()), std::nullopt};
  if (name.empty() && !settings_.models.empty()) return {settings_.models[0].name, std::nullopt};
  if (known.empty())
    throw Error(Error::Code::not_found, "this server has no models; get one with `loam pull NAME`", "model");
  throw Error(Error::Code::not_found,
              fmt::format("there is no model {}; this server has {}", shown(name), fmt::join(known, ", ")), "model");
}

ModelManager::Entry& ModelManager::entry(const std::string& name) {
  const auto found = entries_.find(name);
  if (found == entries_.end())
    throw Error(Error::Code::not_found, fmt::format("there is no model {}", shown(name)), "model");
  return found->second;
}

void ModelManager::use(const std::string& name, bool wait, Ready ready, Failed failed) {
  std::shared_ptr<ServedModel> model;
  {
    const std::lock_guard lock(mutex_);
    Entry& e = entry(name);
    e.last_used = Clock::now();
    model = e.model;
    queue(name, e);
    if (model == nullptr && wait) e.waiters.push_back({std::move(ready), std::move(failed)});
  }
  changed_.notify_all();
  if (model != nullptr) return ready(std::move(model));
  if (!wait)
    failed(Error(Error::Code::loading, fmt::format("{} is being loaded; try again in a moment", name), "model"));
}

void ModelManager::run() {
  using namespace std::chrono_literals;
  while (!stopping_) {
    std::string next;
    std::vector<std::shared_ptr<ServedModel>> expired;  // they end outside the lock
    {
      Lock lock(mutex_);
      changed_.wait_for(lock, 1s, [&] { return stopping_ || !to_load_.empty(); });
      expired = take_expired();
      std::ranges::move(take_ended(), std::back_inserter(expired));
      if (!to_load_.empty()) {
        next = to_load_.front();
        to_load_.pop_front();
      }
    }
    if (!next.empty() && !stopping_) load(next);
  }
}

void ModelManager::load(const std::string& name) {
  std::shared_ptr<ServedModel> model;
  std::optional<Error> error;
  try {
    Lock lock(mutex_);
    const ModelSettings settings = entry(name).settings;
    const auto progress = entry(name).progress;
    lock.unlock();
    const ModelPlan plan = plan_model(settings);
    make_room(name, plan);
    lock.lock();
    entry(name).bytes = plan.memory.total();
    lock.unlock();
    model = open(settings, progress);
  } catch (const Error& e) {
    error = e;
  }
  std::vector<Waiter> waiters;
  {
    const std::lock_guard lock(mutex_);
    Entry& e = entry(name);
    e.model = model;
    e.state = model ? State::ready : State::failed;
    e.error = error ? error->message() : "";
    e.last_used = Clock::now();
    waiters.swap(e.waiters);
  }
  for (const Waiter& waiter : waiters) error ? waiter.failed(*error) : waiter.ready(model);
  const std::lock_guard lock(mutex_);
  if (Entry& e = entry(name); is_outdated(name, e)) model = give_up(e);  // the settings changed meanwhile
}

bool ModelManager::is_free(const Entry& entry) {
  return entry.model != nullptr && entry.model.use_count() == 1 && entry.model->idle();
}

// The model unused for the longest, no longer an entry's; none where all others are pinned or held.
std::shared_ptr<ServedModel> ModelManager::take_least_used(const std::string& except) {
  Entry* oldest = nullptr;
  for (auto& [name, entry] : entries_)
    if (name != except && !entry.settings.pinned && is_free(entry) &&
        (oldest == nullptr || entry.last_used < oldest->last_used))
      oldest = &entry;
  if (oldest == nullptr) return nullptr;
  oldest->state = State::unloaded;
  ++oldest->evictions;
  return std::move(oldest->model);
}

// Those unused for too long.
std::vector<std::shared_ptr<ServedModel>> ModelManager::take_expired() {
  std::vector<std::shared_ptr<ServedModel>> expired;
  for (auto& [name, entry] : entries_) {
    if (!is_free(entry)) entry.last_used = Clock::now();
    if (!is_free(entry) || entry.keep_alive == kForever || Clock::now() - entry.last_used < entry.keep_alive) continue;
    entry.state = State::unloaded;
    expired.push_back(std::move(entry.model));
  }
  return expired;
}

// Those given up whose last work has ended.
std::vector<std::shared_ptr<ServedModel>> ModelManager::take_ended() {
  std::vector<std::shared_ptr<ServedModel>> models;
  const auto ended = std::partition(leaving_.begin(), leaving_.end(),
                                    [](const Leaving& leaving) { return leaving.model.use_count() > 1; });
  for (auto it = ended; it != leaving_.end(); ++it) models.push_back(std::move(it->model));
  leaving_.erase(ended, leaving_.end());
  return models;
}

// The entry's model, no longer the entry's. Whoever holds it goes on; nobody does: → it, to end outside the mutex.
std::shared_ptr<ServedModel> ModelManager::give_up(Entry& entry) {
  entry.state = State::unloaded;
  std::shared_ptr<ServedModel> model = std::move(entry.model);
  if (model.use_count() > 1) leaving_.push_back({std::exchange(model, nullptr), entry.bytes});
  return model;
}

bool ModelManager::is_outdated(const std::string& name, const Entry& entry) const {
  if (entry.model == nullptr) return false;
  const ModelSettings& old = entry.model->settings();
  const ModelSettings* now = settings_.find_model(name);
  return now == nullptr || now->path != old.path || now->text != old.text;
}

uint64_t ModelManager::loaded_bytes() const {
  uint64_t sum = 0;
  for (const auto& [name, entry] : entries_)
    if (entry.model != nullptr) sum += entry.bytes;
  for (const Leaving& leaving : leaving_) sum += leaving.bytes;
  return sum;
}

// Of other models, which are not pinned, at most.
uint64_t ModelManager::bytes_that_may_go(const std::string& except) const {
  uint64_t sum = 0;
  for (const auto& [name, entry] : entries_)
    if (name != except && entry.model != nullptr && !entry.settings.pinned) sum += entry.bytes;
  for (const Leaving& leaving : leaving_) sum += leaving.bytes;
  return sum;
}

// Unloads others until the model fits, waiting for those that are at work. Error(no_memory), before any other goes,
// where it cannot fit beside what stays.
void ModelManager::make_room(const std::string& name, const ModelPlan& plan) {
  using namespace std::chrono_literals;
  for (;;) {
    std::vector<std::shared_ptr<ServedModel>> evicted;  // they end behind the lock
    Lock lock(mutex_);
    evicted = take_ended();
    if (!evicted.empty()) continue;
    const uint64_t room = room_for_models(settings_.memory, loaded_bytes());
    if (plan.memory.total() <= room) return;
    const uint64_t most = room + bytes_that_may_go(name);
    if (plan.memory.total() > most) refuse_to_load(entry(name).settings, plan, most);
    evicted.push_back(take_least_used(name));
    if (evicted[0] != nullptr) continue;
    if (stopping_) throw Error(Error::Code::cancelled, "the server is stopping");
    changed_.wait_for(lock, 100ms);
  }
}

std::shared_ptr<ServedModel> ModelManager::open(const ModelSettings& settings,
                                                std::shared_ptr<std::atomic<double>> progress) {
  const ServerSettings server = this->settings();
  return open_model(settings, server, [this, progress](uint64_t done, uint64_t total) {
    *progress = total > 0 ? static_cast<double>(done) / static_cast<double>(total) : 0;
    return !stopping_;
  });
}

void ModelManager::reload(ServerSettings settings) {
  std::vector<std::shared_ptr<ServedModel>> replaced;  // they end behind the lock
  {
    const std::lock_guard lock(mutex_);
    settings_ = std::move(settings);
    for (auto& [name, entry] : entries_)
      if (is_outdated(name, entry)) replaced.push_back(give_up(entry));
    add_entries();
    load_eager();
  }
  changed_.notify_all();
}

void ModelManager::refresh() {
  const std::lock_guard lock(mutex_);
  if (!settings_.installed) return;
  settings_.models = settings_.installed();
  add_entries();
}

void ModelManager::unload(const std::string& name) {
  std::shared_ptr<ServedModel> model;  // ends behind the lock
  const std::lock_guard lock(mutex_);
  Entry& e = entry(name);
  if (e.model != nullptr) model = give_up(e);
}

void ModelManager::keep(const std::string& name, std::chrono::seconds keep_alive) {
  const std::lock_guard lock(mutex_);
  entry(name).keep_alive = keep_alive;
}

std::vector<ModelStatus> ModelManager::status() const {
  const std::lock_guard lock(mutex_);
  std::vector<ModelStatus> all;
  for (const ModelSettings& model : settings_.models) {
    const Entry& e = entries_.at(model.name);
    ModelStatus s{.name = model.name,
                  .state = e.state,
                  .progress = e.state == State::ready ? 1.0 : e.progress->load(),
                  .error = e.error,
                  .bytes = e.bytes,
                  .pinned = e.settings.pinned,
                  .evictions = e.evictions,
                  .model = e.model};
    if (e.model != nullptr) s.counts = e.model->counts();
    if (e.model != nullptr && e.keep_alive != kForever)
      s.expires = std::chrono::system_clock::now() + std::chrono::duration_cast<std::chrono::system_clock::duration>(
                                                         e.last_used + e.keep_alive - Clock::now());
    all.push_back(std::move(s));
  }
  return all;
}

}  // namespace loam
