// loam convert: a Hugging Face folder as one GGUF file.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "app/file_commands.h"
#include "app/file_work.h"
#include "app/output.h"
#include "app/tensor_types.h"
#include "file/catalogue.h"
#include "model/hf/folder.h"

namespace loam {
namespace {

constexpr const char* kConvertExamples =
    R"(FOLDER holds config.json, the safetensors and tokenizer.json of a model. The file has its tokenizer and chat template too, and
gives the same token ids. TYPE is any of `loam quantize --types`; unless given, tensors stay as they are, which for most models
is BF16, and Q4_0, Q5_0 or Q8_0 for GPTQ and AWQ. Converting and quantising at once writes nothing in between.
Examples:
  loam convert Qwen3-0.6B qwen3-0.6b.gguf
  loam convert Qwen3-0.6B qwen3-0.6b-q8_0.gguf --type q8_0
  loam convert Qwen3-0.6B qwen3-0.6b-q4_k_m.gguf --type Q4_K_M --imatrix qwen3.imatrix.gguf)";

struct ConvertCommand {
  std::string folder, out, type, importance;
  std::vector<std::string> tensor_types;
  int threads = 0;
  bool json = false;

  void run() const;
};

// What the most bytes of matrices are stored in already: a folder's types are mixes of their own.
const QuantMix* type_of_most(const GgufFile& file) {
  std::map<DType, uint64_t> bytes{{DType::bf16, 0}};
  for (const TensorInfo& tensor : file.tensors())
    if (MixRules::is_quantised(tensor)) bytes[tensor.dtype] += tensor.bytes;
  const auto most = std::ranges::max_element(bytes, {}, [](const auto& type) { return type.second; });
  const auto mix = std::ranges::find(quant_mixes(), most->first, &QuantMix::type);
  return mix == quant_mixes().end() ? find_quant_mix("BF16") : &*mix;
}

void ConvertCommand::run() const {
  const auto file = open_model(resolve_model(folder));
  check_output(*file, out);
  std::unique_ptr<const ImportanceMatrix> matrix;
  if (!importance.empty()) matrix = std::make_unique<ImportanceMatrix>(ImportanceMatrix::read(importance));
  const QuantizePlan plan(*file, {.mix = type.empty() ? type_of_most(*file) : &find_quant_mix_or_fail(type, "--type"),
                                  .importance = matrix.get(),
                                  .importance_path = importance,
                                  .type_of = parse_tensor_types(tensor_types),
                                  .keep = type.empty(),
                                  .widen = true});
  FileWork work("converting", threads);
  copy_gguf(*file, plan.copy(), out, work.pool, work.progress());
  work.finish();
  print(json ? plan_json(plan, out) : plan_text(plan, out));
}

}  // namespace

void add_convert(Command& app) {
  Command* command = app.add_subcommand("convert", "make a GGUF file of a Hugging Face folder");
  auto state = std::make_shared<ConvertCommand>();
  command->add_option("FOLDER", state->folder, "the model's folder")->required()->type_name("");
  command->add_option("OUT", state->out, "the new GGUF file")->required()->type_name("");
  command->add_option("--type", state->type, "how the weights are stored (default: as they are)")->type_name("TYPE");
  command->add_option("--imatrix", state->importance, "an importance matrix")->type_name("FILE");
  command->add_option("--tensor-type", state->tensor_types, "another type for tensors; may be repeated")
      ->type_name("REGEX=TYPE")
      ->allow_extra_args(false);
  command->add_option("-t,--threads", state->threads, "threads (default: the physical cores)")
      ->check(integer_between(1, 1024))
      ->type_name("N");
  command->add_flag("--json", state->json, "print a JSON object");
  command->footer(kConvertExamples);
  command->callback([state] { state->run(); });
}

}  // namespace loam
