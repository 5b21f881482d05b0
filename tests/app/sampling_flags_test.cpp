// The options of the samplers: each changes the text, or is refused by its name.
#include "tests/app/program.h"

namespace loam::test {
namespace {

Outcome tell_story(std::vector<std::string> options) {
  std::vector<std::string> arguments{"generate", "smollm2-135m", "-p", "Once upon a time", "-n", "24", "--seed", "5"};
  arguments.insert(arguments.end(), options.begin(), options.end());
  return run_loam(std::move(arguments));
}

TEST(SamplingFlags, EachSamplerChangesTheText) {
  LOAM_NEEDS(model_path("smollm2-135m"));
  const std::vector<std::string> plain{"--temp", "1", "--top-k", "0", "--top-p", "1", "--min-p", "0"};
  const std::string text = tell_story(plain).out;
  const std::vector<std::vector<std::string>> samplers{
      {"--top-nsigma", "0.5"},
      {"--typical", "0.2"},
      {"--xtc-probability", "1", "--xtc-threshold", "0.05"},
      {"--dynatemp-range", "0.9", "--dynatemp-exp", "2"},
      {"--mirostat", "1", "--mirostat-ent", "1", "--mirostat-lr", "0.5"},
      {"--mirostat", "2", "--mirostat-ent", "1"},
      {"--adaptive-target", "0.9", "--adaptive-decay", "0.5"}};
  for (std::vector<std::string> options : samplers) {
    const std::string name = options[0];
    options.insert(options.begin(), plain.begin(), plain.end());
    const Outcome outcome = tell_story(options);
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_NE(outcome.out, text) << name;
    EXPECT_EQ(outcome.out, tell_story(options).out) << name;
  }
}

TEST(SamplingFlags, DryEndsARepetitionThatNoBreakerDivides) {
  LOAM_NEEDS(model_path("smollm2-135m"));
  const auto text = [](std::vector<std::string> options) {
    std::vector<std::string> arguments{
        "generate", "smollm2-135m",
        "-n",       "8",
        "--temp",   "0",
        "-p",       "one two three four five\none two three four five\none two three four five\none two three"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    return run_loam(std::move(arguments)).out;
  };
  const std::string plain = text({});
  EXPECT_EQ(plain.find(" four five"), 0u) << plain;
  EXPECT_NE(text({"--dry-multiplier", "50"}), plain);
  EXPECT_NE(text({"--dry-multiplier", "50", "--dry-sequence-breaker", "none"}), plain);
  EXPECT_EQ(text({"--dry-multiplier", "50", "--dry-sequence-breaker", " "}), plain);
}

TEST(SamplingFlags, WithoutEndTheTextGoesOn) {
  LOAM_NEEDS(model_path("smollm2-135m"));
  const std::string prompt = "<|im_start|>user\nSay yes.<|im_end|>\n<|im_start|>assistant\n";
  const auto length = [&](std::vector<std::string> options) {
    std::vector<std::string> arguments{"generate", "smollm2-135m", "--special", "-p", prompt,
                                       "-n",       "60",           "--temp",    "0",  "--stats"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    return run_loam(std::move(arguments)).out.size();
  };
  const size_t plain = length({});
  EXPECT_GT(length({"--min-tokens", "50"}), plain);
  EXPECT_GT(length({"--ignore-eos"}), plain);
}

TEST(SamplingFlags, WhatHasNoMeaningIsRefusedByName) {
  for (const auto& [option, value] : std::vector<std::pair<std::string, std::string>>{{"--typical-p", "2"},
                                                                                      {"--xtc-probability", "nan"},
                                                                                      {"--dry-base", "0.5"},
                                                                                      {"--dry-allowed-length", "0"},
                                                                                      {"--mirostat", "3"},
                                                                                      {"--adaptive-decay", "1"},
                                                                                      {"--min-tokens", "-1"}}) {
    const Outcome outcome = run_loam({"generate", "m", "-p", "x", option, value});
    EXPECT_EQ(outcome.status, 2) << option;
    EXPECT_NE(outcome.err.find(option), std::string::npos) << outcome.err;
  }
}

}  // namespace
}  // namespace loam::test
