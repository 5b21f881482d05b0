#include "server/models/settings.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error.h"

namespace loam {
namespace {

std::string refusal(const std::string& toml) {
  try {
    parse_settings(toml, "loam.toml");
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

TEST(Settings, ModelsProfilesAndLimits) {
  const ServerSettings s = parse_settings(R"(
[server]
port = 9000
memory = "8 GiB"
keep_alive = "5m"
cache_dir = "/var/cache/loam"
cache_size = "20 GiB"
[models.writer]
path = "qwen2.5-coder-1.5b"
kv = "q8_0"
quant = "q4_k_m"
pinned = true
load = "eager"
[profiles.logician]
model = "writer"
system = "Be exact."
temperature = 0.2
experts = 4
token_budget = 500
[weights]
alice = 2.0
)",
                                          "loam.toml");
  EXPECT_EQ(s.port, 9000);
  EXPECT_EQ(s.memory, uint64_t{8} << 30);
  EXPECT_EQ(s.keep_alive, std::chrono::minutes(5));
  EXPECT_EQ(s.cache_folder, "/var/cache/loam");
  EXPECT_EQ(s.cache_bytes, uint64_t{20} << 30);
  ASSERT_NE(s.find_model("writer"), nullptr);
  EXPECT_EQ(s.find_model("writer")->engine.kv.k, DType::q8_0);
  EXPECT_EQ(s.find_model("writer")->engine.quant, "q4_k_m");
  EXPECT_TRUE(s.find_model("writer")->pinned && s.find_model("writer")->eager);
  ASSERT_NE(s.find_profile("logician"), nullptr);
  EXPECT_EQ(s.find_profile("logician")->parameters.at("experts"), 4);
  EXPECT_EQ(s.find_profile("logician")->token_budget, 500);
  EXPECT_EQ(s.weights.at("alice"), 2.0);
}

TEST(Settings, MistakesAreNamedWithTheirLines) {
  EXPECT_NE(refusal("[server]\nprot = 1\n").find("server.prot is no setting; there are host, port"), std::string::npos);
  EXPECT_NE(refusal("[server]\nport = 70000\n").find("loam.toml:2"), std::string::npos);
  EXPECT_NE(refusal("[servers]\n").find("is no section"), std::string::npos);
  EXPECT_NE(refusal("[memory]\nembeding_model = \"x\"\n").find("is no setting"), std::string::npos);
  EXPECT_EQ(parse_settings("[memory]\nembedding_model = \"x\"\n", "here").embedding_model, "x");
  EXPECT_NE(refusal("[models.a]\nkv = \"q3\"\n").find("q3"), std::string::npos);
  EXPECT_NE(refusal("[profiles.p]\nsystem = \"x\"\n").find("profiles.p.model is missing"), std::string::npos);
  EXPECT_NE(refusal("[models.a]\n[profiles.p]\nmodel = \"b\"\n").find("none of [models]"), std::string::npos);
  EXPECT_NE(refusal("[models.a]\n[profiles.p]\nmodel = \"a\"\ntemperature = -1\n").find("temperature"),
            std::string::npos);
  EXPECT_NE(refusal("[server\n").find("loam.toml:1"), std::string::npos);
}

TEST(Settings, Durations) {
  EXPECT_EQ(parse_duration("90s", "t"), std::chrono::seconds(90));
  EXPECT_EQ(parse_duration("2h", "t"), std::chrono::hours(2));
  EXPECT_EQ(parse_duration(30, "t"), std::chrono::seconds(30));
  EXPECT_EQ(parse_duration(-1, "t"), kForever);
  EXPECT_THROW(parse_duration("soon", "t"), Error);
}

}  // namespace
}  // namespace loam
