// loam bench, on a tiny model.
#include <nlohmann/json.hpp>

#include "app/bench_roofline.h"
#include "tests/app/program.h"

namespace loam::test {
namespace {

using Json = nlohmann::json;

TEST(Bench, PrintsOneJsonObjectOnOneLine) {
  LOAM_NEEDS(architecture("llama-dense"));
  const Outcome outcome = run_loam(
      {"bench", architecture("llama-dense"), "-p", "16", "-n", "4", "-t", "1", "-r", "2", "-d", "8", "-o", "json"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(outcome.out.find('\n'), outcome.out.size() - 1);
  const Json json = Json::parse(outcome.out);
  EXPECT_EQ(json["pp"]["n"], 16);
  EXPECT_EQ(json["tg"]["n"], 4);
  for (const auto& speed : {json["pp"]["tps"], json["tg"]["tps"]}) EXPECT_GT(speed.get<double>(), 0);
  EXPECT_GT(json["load_ms"].get<double>(), 0);
  EXPECT_GT(json["peak_rss_mib"].get<double>(), 1);
  EXPECT_EQ(json["threads"], 1);
  const Outcome table = run_loam({"bench", architecture("llama-dense"), "-p", "16", "-n", "4", "-r", "1"});
  EXPECT_TRUE(contains(table.out, "pp16") && contains(table.out, "tg4")) << table.out;
}

TEST(Bench, TheRooflineTellsWhatTheMachineCanDoAndWhatIsReached) {
  LOAM_NEEDS(architecture("llama-dense"));
  const std::vector<std::string> command = {"bench",     architecture("llama-dense"), "-p", "16", "-n", "4", "-r", "1",
                                            "--roofline"};
  const Outcome table = run_loam(command);
  ASSERT_EQ(table.status, 0) << table.err;
  for (const char* word : {"int8 products", "GOPS", "reading memory", "GB/s", "share"})
    EXPECT_TRUE(contains(table.out, word)) << word << "\n" << table.out;

  std::vector<std::string> as_json = command;
  as_json.insert(as_json.end(), {"-o", "json"});
  const Json json = Json::parse(run_loam(as_json).out), roofline = json["roofline"];
  const double bytes = roofline["weight_bytes_per_token"], operations = roofline["operations_per_token"];
  EXPECT_GT(bytes, 0);
  EXPECT_GT(operations, 0);
  EXPECT_DOUBLE_EQ(roofline["generation"]["gb_per_s"].get<double>(), 1e-9 * bytes * json["tg"]["tps"].get<double>());
  EXPECT_DOUBLE_EQ(roofline["prompt"]["gops"].get<double>(), 1e-9 * operations * json["pp"]["tps"].get<double>());

  as_json.insert(as_json.end(), {"--sweep", "kv=f16"});
  EXPECT_EQ(run_loam(as_json).status, 2);
}

TEST(Roofline, SharesAreOfTheMachinesLimits) {
  const Roofline roofline{.machine = {.read_gb_per_s = 40, .int8_gops = 500},
                          .token = {.bytes = 1'000'000'000, .operations = 3'000'000'000},
                          .prompt_tps = 100,
                          .generation_tps = 30};
  const Json json = roofline.json();
  EXPECT_DOUBLE_EQ(json["generation"]["gb_per_s"], 30);
  EXPECT_DOUBLE_EQ(json["generation"]["share"], 0.75);
  EXPECT_DOUBLE_EQ(json["prompt"]["gops"], 300);
  EXPECT_DOUBLE_EQ(json["prompt"]["share"], 0.6);
  BenchWork work;
  work.n_prompt = 512, work.n_generate = 64;
  const auto rows = roofline.table(work);
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[1], (std::vector<std::string>{"int8 products", "500.0 GOPS", "pp512", "300.0 GOPS", "60 %"}));
  EXPECT_EQ(rows[2], (std::vector<std::string>{"reading memory", "40.0 GB/s", "tg64", "30.0 GB/s", "75 %"}));
}

}  // namespace
}  // namespace loam::test
