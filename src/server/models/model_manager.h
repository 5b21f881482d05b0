// The models of a server: which there are, which are loaded, and who makes room for whom.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "server/models/model_loader.h"
#include "server/models/served_model.h"
#include "server/models/settings.h"

namespace loam {

struct ModelStatus {
  enum class State { unloaded, loading, ready, failed };
  std::string name;
  State state = State::unloaded;
  double progress = 0;  // of loading, 0 to 1
  std::string error;    // failed: why
  uint64_t bytes = 0;   // that it takes at most, by its plan; 0 while that is unknown
  bool pinned = false;
  uint64_t evictions = 0;                                             // times that it was unloaded for another
  std::optional<std::chrono::system_clock::time_point> expires = {};  // unloaded then, unless it is used
  RunnerCounts counts = {};
  std::shared_ptr<ServedModel> model = {};  // ready
};

// One thread loads, one model after the other, and unloads what is unused for longer than it is to be kept. A model
// that somebody holds is never unloaded.
class ModelManager {
 public:
  using Clock = std::chrono::steady_clock;
  using Ready = std::function<void(std::shared_ptr<ServedModel>)>;
  using Failed = std::function<void(const Error&)>;

  // Loads what is eager, in the background.
  explicit ModelManager(ServerSettings settings);
  ~ModelManager();  // Error(cancelled) for those who wait

  // Calls `ready` at once where the model is loaded, else when it is, on the loading thread. `failed` instead, with
  // Error(no_memory) and the plan where it cannot fit, Error(loading) where `wait` is false and it is not loaded yet
  // (it will be), or what loading threw. `name` is a model's. Error(not_found) where there is none, thrown.
  void use(const std::string& name, bool wait, Ready ready, Failed failed);

  // Takes new models and profiles. Loaded models that are gone or have other settings are given up: who holds one goes
  // on with it, whoever asks next gets the new one.
  void reload(ServerSettings settings);
  // Where the settings list no models: takes those that have been installed since.
  void refresh();
  // Error(not_found). What is held goes on and is freed at its end.
  void unload(const std::string& name);
  void keep(const std::string& name, std::chrono::seconds keep_alive);  // until the next load

  // What these users' prompts have left in the caches of loaded models is there no more when it returns.
  void forget(std::span<const std::string> users);

  // The names that requests may ask for: models, then profiles.
  std::vector<std::string> names() const;
  // The model behind a name or, for "", the first one; the profile where it is one's. Error(not_found) that lists
  // names.
  struct Resolved {
    std::string model;
    std::optional<Profile> profile;
  };
  Resolved resolve(const std::string& name) const;
  std::vector<ModelStatus> status() const;  // of all models
  ServerSettings settings() const;

 private:
  struct Waiter {
    Ready ready;
    Failed failed;
  };
  struct Entry {
    ModelSettings settings;
    ModelStatus::State state = ModelStatus::State::unloaded;
    std::shared_ptr<ServedModel> model;
    std::string error;
    uint64_t bytes = 0, evictions = 0;
    std::chrono::seconds keep_alive = kForever;
    Clock::time_point last_used{};
    std::vector<Waiter> waiters;
    std::shared_ptr<std::atomic<double>> progress = std::make_shared<std::atomic<double>>(0);
  };
  using Lock = std::unique_lock<std::mutex>;

  // A model that is no entry's any more, but at work: it must not end on its own thread.
  struct Leaving {
    std::shared_ptr<ServedModel> model;
    uint64_t bytes;
  };

  void run();
  void load(const std::string& name);
  void make_room(const std::string& name, const ModelPlan& plan);
  std::shared_ptr<ServedModel> take_least_used(const std::string& except);
  std::vector<std::shared_ptr<ServedModel>> take_expired();
  std::vector<std::shared_ptr<ServedModel>> take_ended();
  std::shared_ptr<ServedModel> give_up(Entry& entry);
  bool is_outdated(const std::string& name, const Entry& entry) const;
  std::shared_ptr<ServedModel> open(const ModelSettings& settings, std::shared_ptr<std::atomic<double>> progress);
  uint64_t loaded_bytes() const;
  uint64_t bytes_that_may_go(const std::string& except) const;
  Entry& entry(const std::string& name);
  void add_entries();
  void load_eager();
  void queue(const std::string& name, Entry& entry);
  static bool is_free(const Entry& entry);
  std::chrono::seconds keep_alive_of(const ModelSettings& settings) const;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  ServerSettings settings_;
  std::map<std::string, Entry> entries_;
  std::vector<Leaving> leaving_;
  std::deque<std::string> to_load_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace loam
