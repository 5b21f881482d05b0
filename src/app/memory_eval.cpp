// loam memory eval: how well recall does, on conversations and collections whose answers are known.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "app/memory_recall.h"
#include "app/output.h"
#include "app/progress_bar.h"
#include "app/recall_model.h"
#include "memory/recall/evaluation.h"

namespace loam {
namespace {

constexpr const char* kEvalExamples =
    R"(FILE: LoCoMo's JSON, or NAME.tar.gz with NAME.topics.txt and NAME.qrels.txt beside it.
Examples:
  loam memory eval locomo.json
  loam memory eval FOLDER --json | jq '."turn_recall@10".hybrid')";

struct EvalFlags {
  std::string path, model = "auto";
  bool json = false;
};

nlohmann::ordered_json measured_json(const Measured& measured) {
  const auto number = [](const std::optional<double>& value) {
    return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json(nullptr);
  };
  return {{"lexical", number(measured.lexical)}, {"hybrid", number(measured.hybrid)}};
}

std::string measured_line(const char* what, const Measured& measured) {
  const auto number = [](const std::optional<double>& value) { return value ? fmt::format("{:.3f}", *value) : "-"; };
  return fmt::format("{:<18}  {:>7}  {:>6}\n", what, number(measured.lexical), number(measured.hybrid));
}

void evaluate(const EvalFlags& flags) {
  const auto sets = read_evaluation_sets(flags.path);
  const auto embedder = load_recall_embedder(flags.model);
  ProgressBar bar("asking", ProgressBar::Unit::percent);
  const EvaluationReport report =
      evaluate_recall(sets, embedder.get(), [&](size_t done, size_t all) { bar.update(done, all); });
  bar.erase();
  if (flags.json) {
    const nlohmann::ordered_json out = {{"turn_recall@10", measured_json(report.turn_recall_at_10)},
                                        {"session_recall@10", measured_json(report.session_recall_at_10)},
                                        {"map", measured_json(report.mean_average_precision)},
                                        {"questions", report.n_questions}};
    return print(out.dump(2) + "\n");
  }
  print(fmt::format("{:<18}  {:>7}  {:>6}\n", "", "lexical", "hybrid") +
        measured_line("turn recall@10", report.turn_recall_at_10) +
        measured_line("session recall@10", report.session_recall_at_10) +
        measured_line("map", report.mean_average_precision) + fmt::format("{} questions\n", report.n_questions));
}

}  // namespace

void add_memory_eval(Command& memory) {
  Command* command = memory.add_subcommand("eval", "how well recall finds known answers");
  auto flags = std::make_shared<EvalFlags>();
  command->add_option("FILE", flags->path, "a file or a folder of questions with known answers")
      ->required()
      ->type_name("");
  command
      ->add_option("--model", flags->model,
                   "the embedding model; none: words alone; auto: loam.toml's, or all-minilm-l6-v2")
      ->type_name("MODEL")
      ->capture_default_str();
  command->add_flag("--json", flags->json, "print a JSON object");
  command->footer(kEvalExamples);
  command->callback([flags] { evaluate(*flags); });
}

}  // namespace loam
