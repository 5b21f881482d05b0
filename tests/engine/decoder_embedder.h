// The tiny decoder embedders of tests/data/hf (scripts/make_embedder_golden.py) as Hugging Face folders.
#pragma once

#include <fstream>
#include <string>

#include "tests/model/hf_support.h"

namespace loam::test {

// {"config", "tensors", "texts", "ids", "lasttoken", "mean", …}
inline nlohmann::json read_embedder(const std::string& name) { return read_tiny("embedder_" + name); }

// As sentence-transformers writes it. `pooling`: its 1_Pooling/config.json.
inline void write_embedder(const HfFolder& folder, const nlohmann::json& model, const nlohmann::json& pooling) {
  write_tiny(folder, "embedder", model, DType::f32);
  nlohmann::json tokenizer = nlohmann::json::parse(std::ifstream(
      source_path("tests/data/tokenizers/" + model["vocabulary"].get<std::string>() + ".json")))["tokenizer"];
  tokenizer["post_processor"] = model["post_processor"];
  folder.write("tokenizer.json", tokenizer);
  folder.write("tokenizer_config.json", model["tokenizer_config"]);
  const auto module = [](const char* type, const char* path) {
    return nlohmann::json{{"type", std::string("sentence_transformers.models.") + type}, {"path", path}};
  };
  folder.write("modules.json",
               {module("Transformer", ""), module("Pooling", "1_Pooling"), module("Normalize", "2_Normalize")});
  std::filesystem::create_directories(folder.path() + "/1_Pooling");
  folder.write("1_Pooling/config.json", pooling);
  folder.write("config_sentence_transformers.json", {{"prompts", model["prompts"]}, {"default_prompt_name", nullptr}});
}

}  // namespace loam::test
