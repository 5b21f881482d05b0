// loam perplexity: how well a model predicts a text.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "app/command.h"
#include "app/interrupt.h"
#include "app/kl_divergence.h"
#include "app/load_options.h"
#include "app/output.h"
#include "app/progress_bar.h"
#include "base/error.h"
#include "engine/sampler/candidates.h"
#include "file/logit_file.h"
#include "model/diffusion.h"

namespace loam {
namespace {

constexpr const char* kPerplexityExamples =
    R"(The text's ids (BOS and EOS as the model's metadata asks) are cut into windows of N tokens, the last one shorter; each
window is read afresh, and every token after its first is scored: NLL = -ln p(token | the window so far). Reported are
the mean NLL over all scored tokens, its standard error, and perplexity = exp(mean NLL); with --json also the mean NLL of
each window. --save-logits keeps what the model predicted, two bytes for each entry of the vocabulary and token; --kl reads the
same text with another model, or another form of it, and tells how far its predictions are from those.
Examples:
  loam perplexity gemma3-270m --file book.txt
  loam perplexity model-f16.gguf --file book.txt --save-logits base.logits
  loam perplexity model-q4_k_m.gguf --kl base.logits
  loam perplexity smollm2-135m --file book.txt --ctx 2048 --json)";

struct PerplexityCommand {
  LoadOptions load;
  std::string path, save, base;
  bool json = false;

  ScoredText text(const Engine& engine) const;
  void run() const;
};

// Mean and standard error of the negative log-likelihoods, in one pass (Welford 1962).
struct MeanNll {
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

struct TextScore {
  MeanNll total;
  std::vector<MeanNll> windows;
};

// Takes what the model predicts before the scored token number `row`, and which that was.
using OnLogits = std::function<void(int64_t row, std::span<const float> logits, Token next)>;

TextScore score_text(Engine& engine, const ScoredText& text, const OnLogits& on_logits) {
  if (sees_whole_text(engine.model().config()))
    throw Error(Error::Code::unsupported,
                "a diffusion model has no perplexity of this kind: each token would be predicted by a row that sees it",
                "general.architecture");
  TextScore score;
  ProgressBar bar("scoring", ProgressBar::Unit::tokens);
  const auto sequence = engine.open();
  const std::span<const Token> tokens = text.tokens;
  const auto n_tokens = std::ssize(tokens);
  for (int64_t begin = 0; begin + 1 < n_tokens; begin += text.window) {
    const auto part = tokens.subspan(begin, std::min(text.window, n_tokens - begin));
    MeanNll& own = score.windows.emplace_back();
    sequence->truncate(0);
    engine.evaluate(*sequence, part, 512, 0, [&](int64_t position, std::span<const float> logits) {
      throw_if_interrupted();
      bar.update(static_cast<uint64_t>(begin + position) + 1, tokens.size());
      const auto next = static_cast<size_t>(position) + 1;
      if (next >= part.size()) return;
      on_logits(score.total.n, logits, part[next]);
      const double nll = log_sum_exp(logits) - logits[static_cast<size_t>(part[next])];
      score.total.add(nll);
      own.add(nll);
    });
  }
  return score;
}

std::string as_text(const MeanNll& score, const ScoredText& text) {
  return fmt::format(
      "mean NLL    {:.5f} ± {:.5f}\nperplexity  {:.4f} ± {:.4f}\n{} of {} tokens scored, windows of {}\n", score.mean,
      score.standard_error(), score.perplexity(), score.perplexity_error(), score.n, text.tokens.size(), text.window);
}

std::string as_json(const TextScore& score, const ScoredText& text, const ExpertUsage& usage,
                    nlohmann::ordered_json divergence) {
  nlohmann::ordered_json out{{"mean_nll", score.total.mean},
                             {"nll_error", score.total.standard_error()},
                             {"perplexity", score.total.perplexity()},
                             {"perplexity_error", score.total.perplexity_error()},
                             {"n_tokens", text.tokens.size()},
                             {"n_scored", score.total.n},
                             {"ctx", text.window}};
  auto& windows = out["windows"] = nlohmann::ordered_json::array();
  for (const MeanNll& own : score.windows) windows.push_back({{"n_scored", own.n}, {"mean_nll", own.mean}});
  if (!usage.empty()) out["expert_usage"] = usage;
  if (!divergence.is_null()) out["kl"] = std::move(divergence);
  return out.dump() + "\n";
}

ScoredText PerplexityCommand::text(const Engine& engine) const {
  const std::string bytes = path == "-" ? read_standard_input() : read_whole_file(path);
  ScoredText text{.tokens = engine.tokenizer().encode(bytes, {.add_special = true}),
                  .window = load.context ? load.context : std::min<int64_t>(512, engine.context()),
                  .n_vocab = engine.model().config().n_vocab,
                  .model = load.model};
  if (text.tokens.size() < 2)
    throw Error(Error::Code::invalid, fmt::format("the text has {} tokens; at least 2 are needed", text.tokens.size()),
                path);
  return text;
}

void check_base(const ScoredText& base, const Engine& engine) {
  if (base.n_vocab != engine.model().config().n_vocab)
    throw Error(Error::Code::invalid,
                fmt::format("the base has a vocabulary of {}, this model one of {}", base.n_vocab,
                            engine.model().config().n_vocab),
                "--kl");
  if (base.window > engine.context())
    throw Error(Error::Code::invalid,
                fmt::format("the base was read in windows of {} tokens, the context holds {}: raise --ctx", base.window,
                            engine.context()),
                "--kl");
}

void PerplexityCommand::run() const {
  if (path.empty() == base.empty())
    throw Error(Error::Code::invalid, "give a text with --file, or the base of one with --kl", "--file");
  const InterruptGuard guard;
  std::optional<LogitFile> reference;
  LoadOptions options = load;
  if (!base.empty()) {
    reference.emplace(base);
    if (!options.context) options.context = std::max<int64_t>(2, reference->text().window);
  }
  const auto engine = load_engine(options);
  if (reference) check_base(reference->text(), *engine);
  const ScoredText scored = reference ? reference->text() : text(*engine);
  std::optional<LogitFileWriter> writer;
  if (!save.empty()) writer.emplace(save, scored);
  std::optional<KlDivergence> divergence;
  if (reference) divergence.emplace();
  const TextScore score = score_text(*engine, scored, [&](int64_t row, std::span<const float> logits, Token next) {
    if (writer) writer->add(row, logits);
    if (divergence) divergence->add(reference->row(row), logits, next);
  });
  if (writer) writer->keep();
  if (json)
    print(as_json(score, scored, engine->expert_usage(), divergence ? divergence->json() : nullptr));
  else
    print(as_text(score.total, scored) + (divergence ? "\n" + divergence->text() : ""));
}

}  // namespace

void add_perplexity(Command& app) {
  Command* command = app.add_subcommand("perplexity", "measure how well a model predicts a text");
  auto state = std::make_shared<PerplexityCommand>();
  add_model_argument(*command, state->load);
  command->add_option("--file", state->path, "the text; - is standard input")->type_name("FILE");
  command->add_option("--save-logits", state->save, "keep what the model predicts in this file")->type_name("FILE");
  command->add_option("--kl", state->base, "compare with a file that --save-logits made, on its text")
      ->type_name("FILE");
  command->add_option("-c,--ctx", state->load.context, "tokens of one window (default: 512, or the context if smaller)")
      ->check(integer_between(2, 1 << 30))
      ->type_name("N");
  command->add_flag("--json", state->json, "print a JSON object");
  add_load_options(*command, state->load);
  command->footer(kPerplexityExamples);
  command->callback([state] { state->run(); });
}

}  // namespace loam
