#include <algorithm>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/app/program.h"

namespace loam::test {
namespace {

using Json = nlohmann::json;

std::string vocabulary(const std::string& name) { return fixture_path("tokenizers/ggml-vocab-" + name + ".gguf"); }

std::vector<float> floats(const std::string& bytes) {
  std::vector<float> out(bytes.size() / sizeof(float));
  std::memcpy(out.data(), bytes.data(), out.size() * sizeof(float));
  return out;
}

// mean((a − b)²) / mean(b²)
double normalised_error(const std::vector<float>& a, const std::vector<float>& b) {
  double difference = 0, power = 0;
  for (size_t i = 0; i < b.size(); ++i) {
    difference += (double{a[i]} - b[i]) * (double{a[i]} - b[i]);
    power += double{b[i]} * b[i];
  }
  return difference / power;
}

TEST(CommandLine, HelpVersionAndCompletion) {
  const Outcome help = run_loam({"--help"});
  EXPECT_EQ(help.status, 0);
  for (const char* name : {"chat", "generate", "embed", "rerank", "tokenize", "template", "logits", "perplexity",
                           "bench", "show", "plan", "pull", "list", "rm", "keys", "completion"}) {
    EXPECT_TRUE(contains(help.out, name)) << name;
    const Outcome own = run_loam({name, "--help"});
    EXPECT_EQ(own.status, 0) << name;
    EXPECT_TRUE(contains(own.out, "Example")) << name;
    for (const char* shell : {"bash", "zsh", "fish"})
      EXPECT_TRUE(contains(run_loam({"completion", shell}).out, name)) << shell << " " << name;
  }
  EXPECT_EQ(run_loam({"--version"}).out.rfind("loam ", 0), 0u);
}

TEST(CommandLine, BashReadsItsCompletion) {
  const TemporaryFile script(run_loam({"completion", "bash"}).out);
  EXPECT_EQ(std::system(("bash -n " + script.path()).c_str()), 0);
  const std::string complete = "bash -c 'source " + script.path() +
                               "; COMP_WORDS=(loam tok); COMP_CWORD=1; _loam; [ \"${COMPREPLY[*]}\" = tokenize ]'";
  EXPECT_EQ(std::system(complete.c_str()), 0);
}

TEST(CommandLine, WrongArgumentsExitWith2AndNameTheOption) {
  const auto expect_refused = [](std::vector<std::string> arguments, const std::string& name) {
    const Outcome outcome = run_loam(std::move(arguments));
    EXPECT_EQ(outcome.status, 2) << outcome.err;
    EXPECT_EQ(outcome.out, "");
    EXPECT_TRUE(contains(outcome.err, name)) << outcome.err;
  };
  expect_refused({"generat"}, "did you mean 'generate'");
  expect_refused({"generate", "m", "-p", "x", "--temp", "-1"}, "--temp");
  expect_refused({"generate", "m", "-p", "x", "--temp", "nan"}, "--temp");
  expect_refused({"generate", "m", "-p", "x", "--top-p", "1.5"}, "--top-p");
  expect_refused({"generate", "m", "-p", "x", "--min-p", "abc"}, "--min-p");
  expect_refused({"generate", "m", "-p", "x", "--top-k", "99999999999999999999"}, "--top-k");
  expect_refused({"generate", "m", "-p", "x", "--logit-bias", "5"}, "--logit-bias");
  expect_refused({"generate", "m", "-p", "x", "-t", "0"}, "--threads");
  expect_refused({"generate", "m", "-p", "x", "-n", "-2"}, "--n-predict");
  expect_refused({"generate", "m", "-p", "x", "-c", "0"}, "--ctx");
  expect_refused({"generate", "m", "-p", "x", "--experts", "0"}, "--experts");
  expect_refused({"generate", "m", "--nonsense"}, "--nonsense");
  expect_refused({"tokenize"}, "MODEL");
  expect_refused({"bench", "m", "-r", "0"}, "--repetitions");
  expect_refused({"bench", "m", "-o", "xml"}, "--output");
  expect_refused({"logits", "m", "--out", "x"}, "tokens");
  expect_refused({"logits", "m", "--out", "x", "--tokens", "1,x"}, "'x'");
}

TEST(CommandLine, AMissingModelSaysWhatToDo) {
  const Outcome outcome = run_loam({"tokenize", "no-such-model", "x"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_TRUE(contains(outcome.err, "no-such-model")) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "loam")) << outcome.err;
}

TEST(CommandLine, ABrokenModelExitsWith3) {
  const TemporaryFile file("GGUF");
  for (const char* command : {"show", "tokenize"})
    EXPECT_EQ(run_loam({command, file.path()}, "x").status, 3) << command;
}

TEST(CommandLine, AClosedPipeEndsQuietly) {
  LOAM_NEEDS(vocabulary("llama-bpe"));
  const TemporaryFile err;
  const std::string command =
      "{ sleep 0.2; " + program_path() + " show --json " + vocabulary("llama-bpe") + "; } 2>" + err.path() + " | true";
  EXPECT_EQ(std::system(command.c_str()), 0);
  EXPECT_EQ(read_file(err.path()), "");
}

TEST(Routers, AreTracedAsJsonLines) {
  const std::string model = architecture("qwen3moe-moe");
  LOAM_NEEDS(model);
  const TemporaryFile trace(""), logits("");
  const Outcome outcome = run_loam({"logits", model, "--tokens", "5,6,7", "--out", logits.path(), "--experts", "3",
                                    "--expert-bias", "1:4=1e6", "--trace-router", trace.path()});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  std::istringstream lines(read_file(trace.path()));
  int n = 0;
  for (std::string line; std::getline(lines, line); ++n) {
    const Json route = Json::parse(line);
    EXPECT_EQ(route["layer"], n / 3);
    EXPECT_EQ(route["position"], n % 3);
    EXPECT_EQ(route["token"], 5 + n % 3);
    EXPECT_EQ(route["sequence"], 0);
    EXPECT_EQ(route["experts"].size(), 3u);
    EXPECT_EQ(route["weights"].size(), 3u);
    if (n >= 3) {
      EXPECT_EQ(std::ranges::count(route["experts"], Json(4)), 1) << line;
    }
  }
  EXPECT_EQ(n, 2 * 3);
}

TEST(Routers, RefuseWhatTheyCannotDo) {
  const std::string moe = architecture("qwen3moe-moe"), dense = architecture("qwen3-dense");
  LOAM_NEEDS(moe);
  LOAM_NEEDS(dense);
  for (const char* bias : {"", "3", "0:1", "0:1=", "0:1=x", "0:1=inf", "9:1=1", "0:8=1", "0:1=1z"})
    for (const std::string& model : {moe, dense}) {
      const Outcome outcome = run_loam({"bench", model, "--expert-bias", bias});
      EXPECT_EQ(outcome.status, 2) << bias;
      EXPECT_TRUE(contains(outcome.err, "expert-bias")) << outcome.err;
    }
  const Outcome outcome = run_loam({"bench", moe, "--trace-router", "/no/such/folder/file"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_TRUE(contains(outcome.err, "--trace-router")) << outcome.err;
}

TEST(Tokenize, PrintsIdsOfArgumentFileAndStandardInput) {
  const std::string model = vocabulary("gpt-2");
  LOAM_NEEDS(model);
  EXPECT_EQ(run_loam({"tokenize", model, "Hello world"}).out, "15496 995\n");
  EXPECT_EQ(run_loam({"tokenize", model}, "Hello world").out, "15496 995\n");
  EXPECT_EQ(run_loam({"tokenize", model, ""}, "unread").out, "\n");
  EXPECT_EQ(run_loam({"tokenize", model, "--", "--json"}).out, "438 17752\n");
  EXPECT_EQ(run_loam({"tokenize", model, "Hello world", "--pieces"}).out, "15496\tHello\n995\t world\n");
  const Json json = Json::parse(run_loam({"tokenize", model, "Hello world", "--json"}).out);
  EXPECT_EQ(json["tokens"], Json({15496, 995}));
}

TEST(Tokenize, TakesAFilesBytesExactly) {
  const std::string model = vocabulary("gpt-2");
  LOAM_NEEDS(model);
  const TemporaryFile line("Hello world\n"), none("Hello world"), returns("Hello world\r\n");
  EXPECT_EQ(run_loam({"tokenize", model, "--file", line.path()}).out, "15496 995 198\n");
  EXPECT_EQ(run_loam({"tokenize", model, "--file", none.path()}).out, "15496 995\n");
  EXPECT_EQ(run_loam({"tokenize", model, "--file", returns.path()}).out, "15496 995 201 198\n");
  EXPECT_EQ(run_loam({"tokenize", model, "--file", "/no/such/file"}).status, 1);
}

TEST(Tokenize, ParsesControlTokensAndAddsBosOnlyWhereAsked) {
  const std::string model = vocabulary("llama-bpe");
  LOAM_NEEDS(model);
  EXPECT_EQ(run_loam({"tokenize", model, "<|end_of_text|>", "--special"}).out, "128001\n");
  EXPECT_FALSE(contains(run_loam({"tokenize", model, "<|end_of_text|>"}).out, "128001"));
  EXPECT_EQ(run_loam({"tokenize", model, "", "--bos"}).out, "128000\n");
}

TEST(Tokenize, AnUnknownPreTokeniserIsNamedAndCanBeReplaced) {
  const std::string model = vocabulary("gpt-2");
  LOAM_NEEDS(model);
  const Outcome refused = run_loam({"tokenize", model, "Hello", "--override-kv", "tokenizer.ggml.pre=str:nonsense"});
  EXPECT_EQ(refused.status, 1);
  EXPECT_TRUE(contains(refused.err, "nonsense")) << refused.err;
  const Outcome forced = run_loam(
      {"tokenize", model, "Hello", "--override-kv", "tokenizer.ggml.pre=str:nonsense", "--force-pre", "gpt-2"});
  EXPECT_EQ(forced.out, "15496\n") << forced.err;
}

TEST(Template, RendersExactlyAndReportsErrorsWith4) {
  const TemporaryFile source(
      "{{ bos_token }}{% for m in messages %}[{{ m.role }}] {{ m.content }}{% endfor %}"
      "{% if add_generation_prompt %}>{% endif %}",
      ".jinja");
  const TemporaryFile input(R"({"messages": [{"role": "user", "content": "안녕"}], "bos_token": "<s>"})");
  EXPECT_EQ(run_loam({"template", source.path(), "--input", input.path()}).out, "<s>[user] 안녕>");

  const TemporaryFile raising("{{ raise_exception('Only \"users\" may speak') }}", ".jinja");
  const Outcome raised = run_loam({"template", raising.path(), "--input", "-"}, "{}");
  EXPECT_EQ(raised.status, 4);
  EXPECT_EQ(raised.out, "");
  EXPECT_TRUE(contains(raised.err, "Only \"users\" may speak")) << raised.err;
  EXPECT_EQ(run_loam({"template", source.path(), "--input", "-"}, "[1]").status, 2);
  EXPECT_EQ(run_loam({"template", source.path(), "--input", "-"}, "{").status, 2);
}

TEST(Template, TakesAModelsOwnTemplate) {
  LOAM_NEEDS(model_path("smollm2-135m"));
  const Outcome outcome =
      run_loam({"template", "smollm2-135m", "--input", "-"},
               R"({"messages": [{"role": "system", "content": "S"}, {"role": "user", "content": "Hi"}]})");
  EXPECT_EQ(outcome.out, "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n");
}

TEST(Logits, AreTheReferencesInEveryChunk) {
  const std::string reference = shared_path("conformance/archs/llama-dense.logits.f32");
  LOAM_NEEDS(architecture("llama-dense"));
  LOAM_NEEDS(reference);
  std::string tokens;
  const Json index = Json::parse(read_file(shared_path("conformance/archs/index.json")));
  for (const int token : index["tokens"]) tokens += (tokens.empty() ? "" : ",") + std::to_string(token);
  const TemporaryFile ids(tokens + "\n");
  const auto expected = floats(read_file(reference));
  for (const char* chunk : {"512", "1", "7"}) {
    const TemporaryFile out;
    const Outcome outcome = run_loam(
        {"logits", architecture("llama-dense"), "--tokens-file", ids.path(), "--out", out.path(), "--chunk", chunk});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(outcome.out, "");
    const auto found = floats(read_file(out.path()));
    ASSERT_EQ(found.size(), expected.size());
    EXPECT_LE(normalised_error(found, expected), 1e-5) << chunk;
  }
}

TEST(Logits, RefuseIdsOutsideTheVocabulary) {
  LOAM_NEEDS(architecture("llama-dense"));
  const std::string out = std::filesystem::temp_directory_path() / "loam-test-never-written";
  for (const char* tokens : {"1,128", "-1", "4294967297"}) {
    const Outcome outcome =
        run_loam({"logits", architecture("llama-dense"), std::string("--tokens=") + tokens, "--out", out});
    EXPECT_EQ(outcome.status, 2) << tokens;
    EXPECT_FALSE(exists(out));
  }
  const Outcome outcome = run_loam({"logits", architecture("llama-dense"), "--tokens", "1,128", "--out", out});
  EXPECT_TRUE(contains(outcome.err, "128 is outside the vocabulary of 128")) << outcome.err;
}

TEST(Generate, PrintsOnlyTheReferencesGreedyText) {
  LOAM_NEEDS(model_path("smollm2-135m"));
  const std::vector<std::string> options{"-n", "4", "--temp", "0"};
  const auto run = [&](std::vector<std::string> arguments, const std::string& input = "") {
    arguments.insert(arguments.end(), options.begin(), options.end());
    return run_loam(std::move(arguments), input);
  };
  const Outcome argument = run({"generate", "smollm2-135m", "-p", "The capital of France is"});
  EXPECT_EQ(argument.status, 0);
  EXPECT_EQ(argument.out, " Paris.\n\n");
  EXPECT_EQ(argument.err, "");
  EXPECT_EQ(run({"generate", "smollm2-135m"}, "The capital of France is").out, " Paris.\n\n");
  EXPECT_EQ(run({"generate", "smollm2-135m", "-p", "The capital of France is", "--stop", "."}).out, " Paris");
  EXPECT_EQ(run({"generate", "smollm2-135m", "-p", ""}).status, 2);
}

TEST(Generate, SameSeedSameText) {
  LOAM_NEEDS(model_path("smollm2-135m"));
  const auto text = [](const char* seed) {
    return run_loam({"generate", "smollm2-135m", "-p", "Once", "-n", "12", "--temp", "1.5", "--seed", seed}).out;
  };
  EXPECT_EQ(text("7"), text("7"));
  EXPECT_NE(text("7"), text("8"));
}

TEST(Perplexity, ScoresEveryTokenAfterTheFirstOfEachWindow) {
  const std::string text = shared_path("conformance/real/gpl3-head.txt");
  LOAM_NEEDS(model_path("smollm2-135m"));
  LOAM_NEEDS(text);
  const Outcome outcome =
      run_loam({"perplexity", "smollm2-135m", "--file", "-", "--json", "-c", "64"}, read_file(text).substr(0, 600));
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  const Json json = Json::parse(outcome.out);
  EXPECT_EQ(json["ctx"], 64);
  const int n = json["n_tokens"];
  EXPECT_EQ(json["n_scored"], n - (n + 63) / 64);
  EXPECT_NEAR(std::log(json["perplexity"].get<double>()), json["mean_nll"].get<double>(), 1e-9);
  EXPECT_GT(json["nll_error"].get<double>(), 0);
}

TEST(Perplexity, IsTheReferencesOnTheFirst512Ids) {
  const std::string text = shared_path("conformance/real/gpl3-head.txt");
  LOAM_NEEDS(model_path("smollm2-135m"));
  LOAM_NEEDS(text);
  const Json reference = Json::parse(read_file(shared_path("conformance/real/reference.json")));
  const double expected = reference["SmolLM2-135M-Instruct.Q4_1.gguf"]["text_mean_nll_512"];
  const Outcome outcome =
      run_loam({"perplexity", "smollm2-135m", "--file", "-", "--json"}, read_file(text).substr(0, 2600));
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  const Json first = Json::parse(outcome.out)["windows"][0];
  EXPECT_EQ(first["n_scored"], 511);
  EXPECT_NEAR(first["mean_nll"].get<double>(), expected, 0.005 * expected);
}

TEST(Plan, PrintsATableAndAJsonObject) {
  const std::string model = architecture("qwen3moe-moe");
  LOAM_NEEDS(model);
  const Outcome table = run_loam({"plan", model, "--ctx", "64", "--parallel", "2"});
  ASSERT_EQ(table.status, 0) << table.err;
  for (const char* word : {"weights", "KV cache", "state", "activations", "adapters", "total", "free", "fits"})
    EXPECT_TRUE(contains(table.out, word)) << word << "\n" << table.out;
  EXPECT_FALSE(contains(table.out, "\x1b"));
  const Json json = Json::parse(run_loam({"plan", model, "--ctx", "64", "--parallel", "2", "--json"}).out);
  EXPECT_EQ(json["context"], 64);
  EXPECT_EQ(json["kv_bytes"], 2 * 64 * json["kv_bytes_per_token"].get<int64_t>());
  EXPECT_EQ(json["fits"], true);
  int64_t sum = 0;
  for (const char* part : {"weights", "embeddings", "kv", "state", "activations", "adapters", "program"})
    sum += json[std::string(part) + "_bytes"].get<int64_t>();
  EXPECT_EQ(json["total_bytes"], sum);
}

TEST(Plan, RefusesWithNumbersWhatDoesNotFit) {
  const std::string model = architecture("llama-dense");
  LOAM_NEEDS(model);
  for (const char* command : {"plan", "generate"}) {
    const Outcome refused = run_loam({command, model, "--ctx", "268435456"}, "x");
    EXPECT_EQ(refused.status, 1) << refused.err;
    EXPECT_TRUE(contains(refused.err, "no_memory: needs ") && contains(refused.err, " free: try --ctx "))
        << refused.err;
  }
}

TEST(Plan, RefusesNumbersOfExpertsThatTheModelDoesNotHave) {
  const std::string model = architecture("qwen3moe-moe");
  LOAM_NEEDS(model);
  for (const char* k : {"0", "129"}) EXPECT_EQ(run_loam({"plan", model, "--experts", k}).status, 2) << k;
}

TEST(Plan, IsWithin5PercentOfThePeakMemoryOfABench) {
  if (kSanitized) GTEST_SKIP() << "sanitizers take memory of their own";
  for (const char* name : {"smollm2-135m", "gemma3-270m", "qwen2.5-coder-1.5b"}) {
    const std::string model = model_path(name);
    LOAM_NEEDS(model);
    const Json bench = Json::parse(run_loam({"bench", model, "-t", "2", "-r", "1", "-n", "64", "-o", "json"}).out);
    const Json plan = Json::parse(run_loam({"plan", model, "-t", "2", "--ctx", "584", "--json"}).out);
    const double peak = bench["peak_rss_mib"].get<double>() * (1 << 20);
    EXPECT_NEAR(plan["total_bytes"].get<double>(), peak, 0.05 * peak) << name;
  }
}

TEST(Show, DescribesModelsVocabulariesAndUnknownArchitectures) {
  LOAM_NEEDS(architecture("llama-moe"));
  const Json moe = Json::parse(run_loam({"show", architecture("llama-moe"), "--json"}).out);
  EXPECT_EQ(moe["architecture"], "llama");
  EXPECT_GT(moe["parameters"].get<int64_t>(), moe["active_parameters"].get<int64_t>());
  EXPECT_EQ(moe["tensor_types"].is_object(), true);

  const Json vocabulary_only = Json::parse(run_loam({"show", vocabulary("llama-bpe"), "--json"}).out);
  EXPECT_EQ(vocabulary_only["n_tensors"], 0);
  EXPECT_EQ(vocabulary_only["special_tokens"]["bos"]["text"], "<|begin_of_text|>");
  EXPECT_EQ(vocabulary_only["metadata"]["tokenizer.ggml.tokens"]["n"], 128256);
  for (const char* name : {"mamba-dense", "jamba-dense"})
    EXPECT_EQ(run_loam({"show", architecture(name)}).status, 0) << name;
  EXPECT_TRUE(contains(run_loam({"show", vocabulary("llama-bpe")}).out, "a vocabulary"));
}

TEST(Show, EscapesControlCharacters) {
  LOAM_NEEDS(architecture("llama-dense"));
  const Outcome outcome =
      run_loam({"show", architecture("llama-dense"), "--override-kv", "general.name=str:a\x1b[31mb"});
  EXPECT_EQ(outcome.out.find('\x1b'), std::string::npos);
  EXPECT_TRUE(contains(outcome.out, "a\\x1B[31mb")) << outcome.out;
}

TEST(List, ShowsTheCatalogue) {
  const Json json = Json::parse(run_loam({"list", "--json"}).out);
  const auto named = [&](const char* name) {
    return std::find_if(json.begin(), json.end(), [&](const Json& item) { return item["name"] == name; });
  };
  for (const char* name : {"smollm2-135m", "qwen2.5-coder-1.5b", "gemma3-270m"}) {
    ASSERT_NE(named(name), json.end()) << name;
    EXPECT_EQ((*named(name))["installed"], exists(model_path(name))) << name;
    EXPECT_NE((*named(name))["licence"], "") << name;
    EXPECT_TRUE(contains(run_loam({"list", "--names"}).out, std::string(name) + "\n")) << name;
  }
}

}  // namespace
}  // namespace loam::test
