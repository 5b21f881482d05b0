// The tiny decoder embedders of tests/data/hf (scripts/make_embedder_golden.py) as Hugging Face folders.
#pragma once

#include <fstream>
#include <string>

#include "tests/model/hf_support.h"

namespace loam::test {

// {"config", "tensors", "texts", "ids", "lasttoken", "mean", …}
inline nlohmann::json read_embedder(const std::string& name) { return read_tiny("embedder_" + name); }

// sentence-transformers' Dense modules, 2_Dense and so on, with their files.
inline void write_dense(const HfFolder& folder, const nlohmann::json& dense, DType type) {
  for (size_t i = 0; i < dense.size(); ++i) {
    const std::string name = std::to_string(i + 2) + "_Dense";
    std::filesystem::create_directories(folder.path() + "/" + name);
    folder.write(name + "/config.json", dense[i]);
    const int64_t in = dense[i]["in_features"], out = dense[i]["out_features"];
    SafetensorsWriter writer;
    writer.add("linear.weight", type, {out, in}, named_values(name + ".linear.weight", {out, in}, false));
    if (dense[i]["bias"]) writer.add("linear.bias", type, {out}, named_values(name + ".linear.bias", {out}, false));
    writer.save(folder.path() + "/" + name + "/model.safetensors");
  }
}

// As sentence-transformers writes it. `pooling`: its 1_Pooling/config.json.
inline void write_embedder(const HfFolder& folder, const nlohmann::json& model, const nlohmann::json& pooling,
                           DType type = DType::f32) {
  write_tiny(folder, model["config"]["model_type"], model, type);
  nlohmann::json tokenizer = nlohmann::json::parse(std::ifstream(
      source_path("tests/data/tokenizers/" + model["vocabulary"].get<std::string>() + ".json")))["tokenizer"];
  tokenizer["post_processor"] = model["post_processor"];
  folder.write("tokenizer.json", tokenizer);
  folder.write("tokenizer_config.json", model["tokenizer_config"]);
  const auto module = [](const char* type, const char* path) {
    return nlohmann::json{{"type", std::string("sentence_transformers.models.") + type}, {"path", path}};
  };
  nlohmann::json modules = {module("Transformer", ""), module("Pooling", "1_Pooling")};
  const nlohmann::json dense = model.value("dense", nlohmann::json::array());
  for (size_t i = 0; i < dense.size(); ++i)
    modules.push_back(module("Dense", (std::to_string(i + 2) + "_Dense").c_str()));
  modules.push_back(module("Normalize", "9_Normalize"));
  folder.write("modules.json", modules);
  write_dense(folder, dense, type);
  std::filesystem::create_directories(folder.path() + "/1_Pooling");
  folder.write("1_Pooling/config.json", pooling);
  folder.write("config_sentence_transformers.json", {{"prompts", model["prompts"]}, {"default_prompt_name", nullptr}});
}

}  // namespace loam::test
