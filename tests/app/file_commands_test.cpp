// The commands that make and change model files: vocab, diff, set, merge-split, quantize, convert, perplexity --kl.
#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>

#include "tests/app/program.h"

namespace loam::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

class FileCommands : public testing::Test {
 protected:
  FileCommands() {
    EXPECT_NE(mkdtemp(folder_.data()), nullptr);
    if (exists(architecture("llama-dense"))) fs::copy_file(architecture("llama-dense"), model());
  }
  ~FileCommands() override { fs::remove_all(folder_); }

  std::string path(const std::string& name) const { return folder_ + "/" + name; }
  std::string model() const { return path("model.gguf"); }
  size_t n_files() const {
    return static_cast<size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }
  static json read_json(std::vector<std::string> arguments, int status = 0) {
    arguments.push_back("--json");
    const Outcome outcome = run_loam(std::move(arguments));
    EXPECT_EQ(outcome.status, status) << outcome.err;
    return json::parse(outcome.out, nullptr, false);
  }
  static void expect_error(std::vector<std::string> arguments, int status, const std::string& part) {
    const Outcome outcome = run_loam(std::move(arguments));
    EXPECT_EQ(outcome.status, status) << outcome.err;
    EXPECT_TRUE(contains(outcome.err, part)) << outcome.err;
    EXPECT_EQ(outcome.out, "");
  }

  std::string folder_ = fs::temp_directory_path() / "loam-file-commands-XXXXXX";
};

TEST_F(FileCommands, HelpHasExamplesAndCompletionKnowsThem) {
  const std::string bash = run_loam({"completion", "bash"}).out;
  for (const char* name : {"vocab", "diff", "set", "merge-split", "quantize", "convert", "imatrix"}) {
    const Outcome help = run_loam({name, "--help"});
    EXPECT_EQ(help.status, 0) << name;
    EXPECT_TRUE(contains(help.out, "Examples:")) << name;
    EXPECT_TRUE(contains(bash, std::string(name) + ")")) << name;
  }
}

TEST_F(FileCommands, VocabShowsTokens) {
  const std::string vocabulary = fixture_path("tokenizers/ggml-vocab-llama-bpe.gguf");
  LOAM_NEEDS(vocabulary);
  const json all = read_json({"vocab", vocabulary});
  EXPECT_EQ(all["n_vocab"], all["tokens"].size());
  EXPECT_EQ(all["kind"], "bpe");
  EXPECT_EQ(all["special"]["bos"], 128000);
  const json some = read_json({"vocab", vocabulary, "--find", "begin_of_text"});
  ASSERT_EQ(some["tokens"].size(), 1u);
  EXPECT_EQ(some["tokens"][0]["id"], 128000);
  EXPECT_EQ(some["tokens"][0]["type"], "control");
  EXPECT_EQ(run_loam({"vocab", vocabulary, "--id", "15", "--id", "198"}).out,
            "15\tnormal\t0\t0\n198\tnormal\t\\x0A\tĊ\n");
  expect_error({"vocab", vocabulary, "--id", "999999999"}, 2, "is no token");
  expect_error({"vocab", vocabulary, "--id", "1", "--find", "x"}, 2, "--");
}

TEST_F(FileCommands, SetDiffAndOverlay) {
  LOAM_NEEDS(model());
  fs::copy_file(model(), path("copy.gguf"));
  EXPECT_EQ(run_loam({"diff", model(), path("copy.gguf")}).status, 0);
  const json done = read_json({"set", path("copy.gguf"), "llama.attention.layer_norm_rms_epsilon=float:0.25"});
  EXPECT_EQ(done["how"], "in place");
  const json difference = read_json({"diff", model(), path("copy.gguf")}, 1);
  ASSERT_EQ(difference["metadata"].size(), 1u);
  EXPECT_EQ(difference["metadata"][0]["b"], "0.25 (f32)");
  EXPECT_EQ(difference["tensors"].size(), 0u);

  EXPECT_EQ(run_loam({"set", model(), "general.name=str:mine", "--overlay", path("o.gguf")}).status, 0);
  EXPECT_LT(fs::file_size(path("o.gguf")), 4096u);
  const auto logits = [&](const std::string& file) {
    const Outcome outcome = run_loam({"logits", file, "--tokens", "1,2,3", "--out", path("logits")});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    return read_file(path("logits"));
  };
  EXPECT_EQ(logits(path("o.gguf")), logits(model()));
  EXPECT_EQ(read_json({"show", path("o.gguf")})["name"], "mine");
  fs::rename(model(), path("moved.gguf"));
  expect_error({"show", path("o.gguf")}, 3, "missing");
  fs::rename(path("moved.gguf"), model());

  expect_error({"set", model(), "general.name=str:" + std::string(100000, 'x')}, 2, "--out");
  expect_error({"set", model(), "general.name=str:x", "--out", model()}, 2, "another file");
  expect_error({"set", model()}, 2, "nothing to change");
  expect_error({"set", path("absent.gguf"), "a=int:1"}, 1, "absent.gguf");
}

TEST_F(FileCommands, MergeSplitGoesThereAndBack) {
  LOAM_NEEDS(model());
  const json parts = read_json({"merge-split", model(), path("part"), "--split-size", "100K"});
  ASSERT_GT(parts["files"].size(), 1u);
  EXPECT_EQ(run_loam({"merge-split", parts["files"][1], path("whole.gguf")}).status, 0);
  EXPECT_EQ(run_loam({"diff", model(), path("whole.gguf")}).status, 0);
  expect_error({"merge-split", model(), model()}, 2, "another file");
  expect_error({"merge-split", model(), path("x"), "--split-size", "5Q"}, 2, "--split-size");
  expect_error({"merge-split", model(), "/dev/full"}, 2, "device");
}

TEST_F(FileCommands, QuantizeTellsSizesAndRefusesWhatIsWrong) {
  LOAM_NEEDS(model());
  EXPECT_EQ(run_loam({"quantize", model(), path("f32.gguf"), "F32"}).status, 0);
  const json done = read_json({"quantize", path("f32.gguf"), path("q8.gguf"), "q8_0", "--tensor-type", "attn_v=Q5_0"});
  EXPECT_GT(done["tensor_types"]["Q8_0"], 0);
  EXPECT_GT(done["tensor_types"]["Q5_0"], 0);
  EXPECT_LT(done["bytes_after"], done["bytes_before"]);
  EXPECT_EQ(run_loam({"logits", path("q8.gguf"), "--tokens", "1,2", "--out", path("x.f32")}).status, 0);
  EXPECT_TRUE(contains(run_loam({"quantize", "--types"}).out, "Q4_K_M"));
  expect_error({"quantize", path("q8.gguf"), path("q4.gguf"), "Q4_0"}, 2, "--allow-requantize");
  expect_error({"quantize", path("f32.gguf"), path("f32.gguf"), "Q8_0"}, 2, "another file");
  expect_error({"quantize", path("f32.gguf"), path("x.gguf"), "Q9"}, 2, "Q4_K_M");
  expect_error({"quantize", path("f32.gguf"), path("x.gguf"), "IQ2_XS"}, 2, "--imatrix");
  expect_error({"quantize", path("f32.gguf"), path("x.gguf"), "Q8_0", "--tensor-type", "(=Q8_0"}, 2, "expression");
  expect_error({"quantize", path("f32.gguf"), path("x.gguf"), "Q8_0", "--imatrix", model()}, 3, "importance");
  expect_error({"quantize", path("f32.gguf")}, 2, "OUT");
  const std::string bytes = read_file(path("f32.gguf"));
  const TemporaryFile cut(bytes.substr(0, bytes.size() - 1000));
  expect_error({"quantize", cut.path(), path("x.gguf"), "Q8_0"}, 3, "truncated");
  expect_error({"quantize", path("f32.gguf"), path("no-such-folder/x.gguf"), "Q8_0"}, 1, "cannot write");
  EXPECT_FALSE(exists(path("x.gguf")));
}

TEST_F(FileCommands, QuantAtLoadIsTheQuantisedModel) {
  LOAM_NEEDS(model());
  const auto logits = [&](const std::string& file, std::vector<std::string> options) {
    options.insert(options.begin(), {"logits", file, "--tokens", "1,2,3", "--out", path("logits")});
    const Outcome outcome = run_loam(std::move(options));
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    return read_file(path("logits"));
  };
  ASSERT_EQ(run_loam({"quantize", model(), path("f32.gguf"), "F32"}).status, 0);
  ASSERT_EQ(run_loam({"quantize", path("f32.gguf"), path("q8.gguf"), "Q8_0"}).status, 0);
  EXPECT_EQ(logits(path("f32.gguf"), {"--quant", "q8_0"}), logits(path("q8.gguf"), {}));
  EXPECT_NE(logits(path("f32.gguf"), {}), logits(path("q8.gguf"), {}));
  const json whole = read_json({"plan", path("f32.gguf")});
  const json quantised = read_json({"plan", path("f32.gguf"), "--quant", "q8_0"});
  EXPECT_EQ(quantised["weight_type"], "Q8_0");
  EXPECT_LT(quantised["weights_bytes"], whole["weights_bytes"]);
  expect_error({"logits", path("f32.gguf"), "--tokens", "1", "--out", path("x"), "--quant", "q9"}, 2, "Q4_K_M");
  expect_error({"logits", path("q8.gguf"), "--tokens", "1", "--out", path("x"), "--quant", "q4_0"}, 2, "already");
}

// A disk that is full and Ctrl+C: nothing is left.
TEST_F(FileCommands, NothingIsLeftOfWhatWasNotFinished) {
  LOAM_NEEDS(model());
  const size_t before = n_files();
  const std::string command =
      "ulimit -f 8; " + program_path() + " quantize " + model() + " " + path("x.gguf") + " F32 2>/dev/null";
  EXPECT_NE(std::system(("bash -c '" + command + "'").c_str()), 0);
  EXPECT_EQ(n_files(), before);
}

TEST_F(FileCommands, PerplexityIsComparedWithABase) {
  const std::string base = model_path("smollm2-135m");
  LOAM_NEEDS(base);
  const TemporaryFile text("The capital of France is Paris. The capital of Italy is Rome.");
  const Outcome saved = run_loam({"perplexity", base, "--file", text.path(), "--save-logits", path("base.logits")});
  ASSERT_EQ(saved.status, 0) << saved.err;
  const json same = read_json({"perplexity", base, "--kl", path("base.logits")})["kl"];
  EXPECT_LT(same["max"], 3e-4);  // half a step of a log-probability in the file, for logits 40 apart
  EXPECT_EQ(same["same_top"], 1);
  EXPECT_NEAR(same["perplexity_ratio"].get<double>(), 1, 1e-3);
  ASSERT_EQ(run_loam({"quantize", base, path("q2.gguf"), "Q4_0", "--allow-requantize"}).status, 0);
  const json worse = read_json({"perplexity", path("q2.gguf"), "--kl", path("base.logits")})["kl"];
  EXPECT_GT(worse["mean"], 0.001);
  EXPECT_LE(worse["percentiles"]["50"], worse["percentiles"]["99"]);
  EXPECT_LE(worse["percentiles"]["99"], worse["max"]);
  expect_error({"perplexity", architecture("llama-dense"), "--kl", path("base.logits")}, 2, "vocabulary");
  expect_error({"perplexity", base}, 2, "--file");
  expect_error({"perplexity", base, "--kl", base}, 3, "--save-logits");
}

}  // namespace
}  // namespace loam::test
