// loam perplexity: how well a model predicts a text.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/command.h"
#include "app/interrupt.h"
#include "app/load_options.h"
#include "app/output.h"
#include "app/progress_bar.h"
#include "base/error.h"

namespace loam {
namespace {

constexpr const char* kPerplexityExamples =
    R"(The text's ids (BOS and EOS as the model's metadata asks) are cut into windows of N tokens, the last one shorter; each
window is read afresh, and every token after its first is scored: NLL = -ln p(token | the window so far). Reported are
the mean NLL over all scored tokens, its standard error, and perplexity = exp(mean NLL); with --json also the mean NLL of
each window.
Examples:
  loam perplexity gemma3-270m --file book.txt
  loam perplexity smollm2-135m --file book.txt --ctx 2048 --json)";

struct PerplexityCommand {
  LoadOptions load;
  std::string path;
  bool json = false;

  void run() const;
};

// Mean and standard error of the negative log-likelihoods, in one pass (Welford 1962).
struct Score {
  int64_t n = 0;
  double mean = 0, squares = 0;

  void add(double nll) {
    ++n;
    const double delta = nll - mean;
    mean += delta / static_cast<double>(n);
    squares += delta * (nll - mean);
  }
  double standard_error() const {
    return n < 2 ? 0 : std::sqrt(squares / static_cast<double>(n - 1) / static_cast<double>(n));
  }
  double perplexity() const { return std::exp(mean); }
  double perplexity_error() const { return perplexity() * standard_error(); }  // first order
};

// −ln softmax(logits)[token]
double negative_log_likelihood(std::span<const float> logits, Token token) {
  const float largest = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (const float logit : logits) sum += std::exp(logit - largest);
  return largest + std::log(sum) - logits[static_cast<size_t>(token)];
}

struct TextScore {
  Score total;
  std::vector<Score> windows;
};

TextScore score_text(Engine& engine, std::span<const Token> tokens, int64_t window) {
  TextScore score;
  ProgressBar bar("scoring", ProgressBar::Unit::tokens);
  const auto sequence = engine.open();
  const auto n_tokens = static_cast<int64_t>(tokens.size());
  for (int64_t begin = 0; begin + 1 < n_tokens; begin += window) {
    const auto part = tokens.subspan(begin, std::min(window, n_tokens - begin));
    Score& own = score.windows.emplace_back();
    sequence->truncate(0);
    engine.evaluate(*sequence, part, 512, 0, [&](int64_t position, std::span<const float> logits) {
      throw_if_interrupted();
      bar.update(static_cast<uint64_t>(begin + position) + 1, tokens.size());
      const auto next = static_cast<size_t>(position) + 1;
      if (next >= part.size()) return;
      const double nll = negative_log_likelihood(logits, part[next]);
      score.total.add(nll);
      own.add(nll);
    });
  }
  return score;
}

std::string as_text(const Score& score, int64_t n_tokens, int64_t window) {
  return fmt::format(
      "mean NLL    {:.5f} ± {:.5f}\nperplexity  {:.4f} ± {:.4f}\n{} of {} tokens scored, windows of {}\n", score.mean,
      score.standard_error(), score.perplexity(), score.perplexity_error(), score.n, n_tokens, window);
}

std::string as_json(const TextScore& score, int64_t n_tokens, int64_t window, const ExpertUsage& usage) {
  nlohmann::ordered_json out{{"mean_nll", score.total.mean},
                             {"nll_error", score.total.standard_error()},
                             {"perplexity", score.total.perplexity()},
                             {"perplexity_error", score.total.perplexity_error()},
                             {"n_tokens", n_tokens},
                             {"n_scored", score.total.n},
                             {"ctx", window}};
  auto& windows = out["windows"] = nlohmann::ordered_json::array();
  for (const Score& own : score.windows) windows.push_back({{"n_scored", own.n}, {"mean_nll", own.mean}});
  if (!usage.empty()) out["expert_usage"] = usage;
  return out.dump() + "\n";
}

void PerplexityCommand::run() const {
  const std::string text = path == "-" ? read_standard_input() : read_whole_file(path);
  const InterruptGuard guard;
  const auto engine = load_engine(load);
  const int64_t window = load.context ? load.context : std::min<int64_t>(512, engine->context());
  const auto tokens = engine->tokenizer().encode(text, {.add_special = true});
  if (tokens.size() < 2)
    throw Error(Error::Code::invalid, fmt::format("the text has {} tokens; at least 2 are needed", tokens.size()),
                path);
  const auto n_tokens = static_cast<int64_t>(tokens.size());
  const TextScore score = score_text(*engine, tokens, window);
  print(json ? as_json(score, n_tokens, window, engine->expert_usage()) : as_text(score.total, n_tokens, window));
}

}  // namespace

void add_perplexity(Command& app) {
  Command* command = app.add_subcommand("perplexity", "measure how well a model predicts a text");
  auto state = std::make_shared<PerplexityCommand>();
  add_model_argument(*command, state->load);
  command->add_option("--file", state->path, "the text; - is standard input")->required()->type_name("FILE");
  command->add_option("-c,--ctx", state->load.context, "tokens of one window (default: 512, or the context if smaller)")
      ->check(integer_between(2, 1 << 30))
      ->type_name("N");
  command->add_flag("--json", state->json, "print a JSON object");
  add_load_options(*command, state->load);
  command->footer(kPerplexityExamples);
  command->callback([state] { state->run(); });
}

}  // namespace loam
