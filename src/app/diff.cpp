// loam diff: what is different between two models.
#include <fmt/format.h>
#include <unistd.h>

#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "app/file_commands.h"
#include "app/file_work.h"
#include "app/output.h"
#include "app/terminal.h"
#include "base/utf8.h"
#include "file/catalogue.h"
#include "file/gguf_diff.h"
#include "model/hf/folder.h"

namespace loam {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kDiffExamples =
    R"(Metadata that only one has (- only A, + only B) or that differs (~), then tensors: missing, of another shape or type, or with
other values. Values are compared as float32: the largest and the mean absolute difference, and NMSE = Σ(a − b)² / Σa².
A and B may be GGUF files, installed models or Hugging Face folders. The exit status is 1 where they differ, 0 where not.
Examples:
  loam diff model.gguf other.gguf
  loam diff smollm2-f16.gguf smollm2-q4_k_m.gguf --json | jq '.tensors[] | {name, nmse}'
  loam diff model.gguf copy.gguf --no-values)";

struct DiffCommand {
  std::string a, b;
  int threads = 0;
  bool no_values = false, json = false;

  void run() const;
};

std::string tensor_text(const TensorInfo* tensor) {
  return tensor ? fmt::format("{} {}", name(tensor->dtype), tensor->shape.text()) : "missing";
}

Json tensor_json(const TensorInfo* tensor) {
  if (!tensor) return nullptr;
  Json shape = Json::array();
  for (int i = 0; i < tensor->shape.rank(); ++i) shape.push_back(tensor->shape[i]);
  return {{"type", name(tensor->dtype)}, {"shape", std::move(shape)}};
}

Json finite_or_null(double value) { return std::isfinite(value) ? Json(value) : Json(); }

std::string diff_json(const ModelDifference& difference) {
  Json out{{"same", difference.same()},
           {"equal_keys", difference.equal_keys},
           {"equal_tensors", difference.equal_tensors},
           {"metadata", Json::array()},
           {"tensors", Json::array()}};
  const auto text_or_null = [](const std::string& text) { return text.empty() ? Json() : Json(sanitize_utf8(text)); };
  for (const KeyDifference& key : difference.keys)
    out["metadata"].push_back(
        {{"key", sanitize_utf8(key.key)}, {"a", text_or_null(key.a)}, {"b", text_or_null(key.b)}});
  for (const TensorDifference& tensor : difference.tensors) {
    Json row{{"name", sanitize_utf8(tensor.name)}, {"a", tensor_json(tensor.a)}, {"b", tensor_json(tensor.b)}};
    if (tensor.values) {
      row["max"] = tensor.values->max;
      row["mean"] = tensor.values->mean;
      row["nmse"] = finite_or_null(tensor.values->nmse);
      row["not_finite"] = tensor.values->not_finite;
    }
    if (tensor.other_order) row["other_order"] = true;
    out["tensors"].push_back(std::move(row));
  }
  return out.dump() + "\n";
}

std::string key_line(const KeyDifference& key) {
  const std::string name = escape_control(key.key);
  if (key.b.empty()) return paint(STDOUT_FILENO, style::kRed, fmt::format("- {} = {}", name, key.a)) + "\n";
  if (key.a.empty()) return paint(STDOUT_FILENO, style::kGreen, fmt::format("+ {} = {}", name, key.b)) + "\n";
  return fmt::format("~ {}: {} → {}\n", name, key.a, key.b);
}

std::string tensor_line(const TensorDifference& tensor) {
  const std::string name = escape_control(tensor.name);
  const std::string a = tensor_text(tensor.a), b = tensor_text(tensor.b);
  if (!tensor.b) return paint(STDOUT_FILENO, style::kRed, fmt::format("- {} {}", name, a)) + "\n";
  if (!tensor.a) return paint(STDOUT_FILENO, style::kGreen, fmt::format("+ {} {}", name, b)) + "\n";
  std::string line = fmt::format("~ {}: {}", name, a == b ? a : a + " → " + b);
  if (tensor.other_order) return line + ", inputs in another order: values not compared\n";
  if (!tensor.values) return line + (a == b ? ", other bytes\n" : "\n");
  line += fmt::format(", max {:.3g}, mean {:.3g}, NMSE {:.3g}", tensor.values->max, tensor.values->mean,
                      tensor.values->nmse);
  if (tensor.values->not_finite) line += fmt::format(", {} not finite", tensor.values->not_finite);
  return line + "\n";
}

std::string diff_text(const ModelDifference& difference) {
  std::string out;
  for (const KeyDifference& key : difference.keys) out += key_line(key);
  for (const TensorDifference& tensor : difference.tensors) out += tensor_line(tensor);
  return out + fmt::format("{} keys and {} tensors differ, {} and {} are equal\n", difference.keys.size(),
                           difference.tensors.size(), difference.equal_keys, difference.equal_tensors);
}

void DiffCommand::run() const {
  const auto file_a = open_model(resolve_model(a)), file_b = open_model(resolve_model(b));
  FileWork work("comparing", threads);
  const ModelDifference difference = compare_models(*file_a, *file_b, !no_values, work.pool, work.progress());
  work.finish();
  print(json ? diff_json(difference) : diff_text(difference));
  if (!difference.same()) throw CommandFailed{1};
}

}  // namespace

void add_diff(Command& app) {
  Command* command = app.add_subcommand("diff", "tell what is different between two models");
  auto state = std::make_shared<DiffCommand>();
  command->add_option("MODEL", state->a, "the one: a GGUF file, a folder or an installed model's name")
      ->required()
      ->type_name("");
  command->add_option("OTHER", state->b, "the other")->required()->type_name("");
  command->add_flag("--no-values", state->no_values, "compare types and shapes only, not the tensors' data");
  command->add_option("-t,--threads", state->threads, "threads (default: the physical cores)")
      ->check(integer_between(1, 1024))
      ->type_name("N");
  command->add_flag("--json", state->json, "print a JSON object");
  command->footer(kDiffExamples);
  command->callback([state] { state->run(); });
}

}  // namespace loam
