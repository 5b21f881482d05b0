// loam quantize: a model in fewer bits.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/file_commands.h"
#include "app/file_work.h"
#include "app/output.h"
#include "app/tensor_types.h"
#include "base/human_bytes.h"
#include "base/utf8.h"
#include "file/catalogue.h"
#include "file/quantize.h"
#include "model/hf/folder.h"

namespace loam {
namespace {

constexpr const char* kQuantizeExamples =
    R"(MODEL is a GGUF file in F32, F16 or BF16, or a folder of safetensors. TYPE names a mix, as llama.cpp's users know them: most
matrices get that type, and those whose errors count more get a better one. `loam quantize --types` lists them. An importance
matrix makes types of four bits and less better. REGEX is searched for in the tensors' names; the first that
matches decides.
Examples:
  loam quantize model-f16.gguf model-q4_k_m.gguf Q4_K_M
  loam quantize model-f16.gguf model-iq4_xs.gguf IQ4_XS --imatrix model.imatrix.gguf
  loam quantize model-f16.gguf out.gguf Q4_K_M --tensor-type 'attn_v=Q8_0' --tensor-type 'blk\.[0-3]\.ffn_down=Q6_K'
  loam quantize model-q8_0.gguf model-f16.gguf F16)";

struct QuantizeCommand {
  std::string model, out, type, importance;
  std::vector<std::string> tensor_types;
  int threads = 0;
  bool pure = false, requantize = false, json = false, types = false, dry_run = false;

  QuantizeOptions options(const ImportanceMatrix* matrix) const;
  void run() const;
};

QuantizeOptions QuantizeCommand::options(const ImportanceMatrix* matrix) const {
  return {.mix = &find_quant_mix_or_fail(type, "TYPE"),
          .importance = matrix,
          .importance_path = importance,
          .type_of = parse_tensor_types(tensor_types),
          .pure = pure,
          .requantize = requantize};
}

void QuantizeCommand::run() const {
  if (types) return print(list_of_mixes(json));
  if (model.empty() || out.empty() || type.empty())
    throw Error(Error::Code::invalid, "MODEL, OUT and TYPE are needed, or --types", "arguments");
  const auto file = open_model(resolve_model(model));
  check_output(*file, out);
  std::unique_ptr<const ImportanceMatrix> matrix;
  if (!importance.empty()) matrix = std::make_unique<ImportanceMatrix>(ImportanceMatrix::read(importance));
  const QuantizePlan plan(*file, options(matrix.get()));
  if (!dry_run) {
    FileWork work("quantising", threads);
    copy_gguf(*file, plan.copy(), out, work.pool, work.progress());
    work.finish();
  }
  print(json ? plan_json(plan, out) : plan_text(plan, out));
}

}  // namespace

void add_quantize(Command& app) {
  Command* command = app.add_subcommand("quantize", "store a model's weights in fewer bits");
  auto state = std::make_shared<QuantizeCommand>();
  command->add_option("MODEL", state->model, "a GGUF file, a folder or an installed model's name")->type_name("");
  command->add_option("OUT", state->out, "the new GGUF file")->type_name("");
  command->add_option("TYPE", state->type, "such as Q4_K_M")->type_name("");
  command->add_option("--imatrix", state->importance, "an importance matrix: GGUF, or llama.cpp's older .dat")
      ->type_name("FILE");
  command->add_option("--tensor-type", state->tensor_types, "another type for tensors; may be repeated")
      ->type_name("REGEX=TYPE")
      ->allow_extra_args(false);
  command->add_flag("--pure", state->pure, "all matrices get the one type");
  command->add_flag("--allow-requantize", state->requantize, "from a file that is quantised already");
  command->add_flag("--dry-run", state->dry_run, "tell the sizes and write nothing");
  command->add_flag("--types", state->types, "list the types");
  command->add_option("-t,--threads", state->threads, "threads (default: the physical cores)")
      ->check(integer_between(1, 1024))
      ->type_name("N");
  command->add_flag("--json", state->json, "print a JSON object");
  command->footer(kQuantizeExamples);
  command->callback([state] { state->run(); });
}

}  // namespace loam
