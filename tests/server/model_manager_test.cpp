// Which models are loaded, who makes room for whom, and what a change of the settings does to them.
#include <future>
#include <set>
#include <thread>

#include "server/models/model_manager.h"
#include "tests/engine/tiny_engine.h"
#include "tests/server/asked_server.h"
#include "tests/server/running_server.h"

namespace loam::test {
namespace {

using State = ModelStatus::State;

class Models : public testing::Test {
 protected:
  ModelSettings random_model(const std::string& name, uint32_t seed) const {
    const std::string path = folder_ / (name + ".gguf");
    RandomModel{.seed = seed}.write(path);
    ModelSettings settings;
    settings.name = name;
    settings.path = path;
    settings.engine.context = 512;
    settings.engine.n_threads = 1;
    settings.engine.prefix_cache = false;
    return settings;
  }

  // Room for so many of the models a, b, c and d at once.
  ServerSettings room_for(uint64_t n) const {
    ServerSettings settings;
    for (const char* name : {"a", "b", "c", "d"})
      settings.models.push_back(random_model(name, static_cast<uint32_t>(settings.models.size())));
    settings.memory = n * plan_model(settings.models[0]).memory.total();
    return settings;
  }

  // → the model, or what is wrong with it.
  struct Outcome {
    std::shared_ptr<ServedModel> model;
    std::string error;
  };
  static Outcome use(ModelManager& models, const std::string& name) {
    std::promise<Outcome> promise;
    models.use(
        name, true,
        [&](std::shared_ptr<ServedModel> model) {
          promise.set_value({std::move(model), ""});
        },
        [&](const Error& error) {
          EXPECT_EQ(error.code(), Error::Code::no_memory);
          promise.set_value({nullptr, error.message()});
        });
    return promise.get_future().get();
  }

  static std::set<std::string> loaded(const ModelManager& models) {
    std::set<std::string> names;
    for (const ModelStatus& status : models.status())
      if (status.state == State::ready) names.insert(status.name);
    return names;
  }
  static ModelStatus status_of(const ModelManager& models, const std::string& name) {
    for (const ModelStatus& status : models.status())
      if (status.name == name) return status;
    return {};
  }

  TempFolder folder_;
};

TEST_F(Models, TheLeastUsedMakesRoomForAFourth) {
  ModelManager models(room_for(3));
  for (const char* name : {"a", "b", "c", "a"}) EXPECT_NE(use(models, name).model, nullptr) << name;
  EXPECT_EQ(loaded(models), (std::set<std::string>{"a", "b", "c"}));
  EXPECT_NE(use(models, "d").model, nullptr);
  EXPECT_EQ(loaded(models), (std::set<std::string>{"a", "c", "d"}));
  EXPECT_EQ(status_of(models, "b").evictions, 1u);
}

TEST_F(Models, APinnedOneNeverMakesRoom) {
  ServerSettings settings = room_for(2);
  settings.models[0].pinned = true;
  ModelManager models(settings);
  for (const char* name : {"a", "b", "c", "d"}) EXPECT_NE(use(models, name).model, nullptr) << name;
  EXPECT_EQ(loaded(models), (std::set<std::string>{"a", "d"}));
}

TEST_F(Models, WhatCannotFitIsRefusedWithItsPlanAndTheOthersGoOn) {
  ServerSettings settings = room_for(1);
  settings.models[0].pinned = true;
  ModelManager models(settings);
  EXPECT_NE(use(models, "a").model, nullptr);
  const std::string refusal = use(models, "b").error;
  for (const char* part : {"b needs ", "weights ", "KV cache ", "context 512 tokens", "there is room for "})
    EXPECT_NE(refusal.find(part), std::string::npos) << refusal;
  EXPECT_EQ(status_of(models, "b").state, State::failed);
  EXPECT_NE(use(models, "a").model, nullptr);
}

TEST_F(Models, NothingIsUnloadedForWhatCannotFitAnyway) {
  ServerSettings settings = room_for(3);
  settings.models[0].pinned = true;
  settings.models[3].engine.context = 4096;
  settings.models[3].engine.parallel = 64;
  ModelManager models(settings);
  for (const char* name : {"a", "b", "c"}) EXPECT_NE(use(models, name).model, nullptr) << name;
  EXPECT_NE(use(models, "d").error.find("there is room for "), std::string::npos);
  EXPECT_EQ(loaded(models), (std::set<std::string>{"a", "b", "c"}));
}

TEST_F(Models, OneInUseMakesRoomAtItsEnd) {
  ModelManager models(room_for(1));
  std::shared_ptr<ServedModel> held = use(models, "a").model;
  std::promise<void> loaded_b;
  models.use(
      "b", true, [&](const auto&) { loaded_b.set_value(); }, [&](const Error&) { loaded_b.set_value(); });
  EXPECT_EQ(loaded(models), std::set<std::string>{"a"});
  held.reset();
  loaded_b.get_future().wait();
  EXPECT_EQ(loaded(models), std::set<std::string>{"b"});
}

TEST_F(Models, NewSettingsHoldForWhoeverAsksNext) {
  ServerSettings settings = room_for(4);
  ModelManager models(settings);
  const std::shared_ptr<ServedModel> held = use(models, "a").model;
  const std::shared_ptr<ServedModel> same = use(models, "b").model;
  settings.models[0].text = "{\"context\": 256}";
  settings.models[0].engine.context = 256;
  models.reload(settings);
  EXPECT_EQ(loaded(models), std::set<std::string>{"b"});
  EXPECT_EQ(use(models, "b").model, same);
  EXPECT_EQ(use(models, "a").model->engine().context(), 256);
  EXPECT_EQ(held->engine().context(), 512) << "goes on as it was";
}

TEST_F(Models, OneThatIsNoLongerListedIsFreed) {
  ServerSettings settings = room_for(4);
  ModelManager models(settings);
  const std::weak_ptr<ServedModel> held = use(models, "b").model;
  settings.models.erase(settings.models.begin() + 1);
  models.reload(settings);
  EXPECT_TRUE(eventually([&] { return held.expired(); }));
  EXPECT_EQ(models.names(), (std::vector<std::string>{"a", "c", "d"}));
}

class ServedModels : public AskedServer {};

TEST_F(ServedModels, ThreeAnswerAtOnce) {
  const TempFolder folder;
  ServerSettings settings;
  for (const char* name : {"logician", "writer", "librarian"}) {
    const std::string path = folder / (std::string(name) + ".gguf");
    RandomModel{.seed = static_cast<uint32_t>(settings.models.size())}.write(path);
    settings.models.push_back(model(name, path));
  }
  start(settings);
  std::vector<std::string> texts(settings.models.size());
  std::vector<std::thread> clients;
  for (size_t i = 0; i < texts.size(); ++i)
    clients.emplace_back([&, i] {
      const Json request = {
          {"model", settings.models[i].name}, {"prompt", "abc"}, {"max_tokens", 64}, {"temperature", 0}};
      texts[i] = post("/v1/completions", request)["choices"][0]["text"];
    });
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(std::set<std::string>(texts.begin(), texts.end()).size(), texts.size());
  const Json health = Json::parse(ask("GET", "/health").body);
  for (const Json& each : health["models"]) EXPECT_EQ(each["status"], "ready") << each;
}

}  // namespace
}  // namespace loam::test
