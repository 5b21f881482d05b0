// Every architecture that loam runs: one file in this folder and one row here.
#pragma once

#include <memory>
#include <string_view>

namespace loam {

class Encoder;
class Model;
class Weights;

std::unique_ptr<Model> make_llama(const Weights& weights);
std::unique_ptr<Model> make_qwen2(const Weights& weights);
std::unique_ptr<Model> make_qwen3(const Weights& weights);
std::unique_ptr<Model> make_qwen3moe(const Weights& weights);
std::unique_ptr<Model> make_gemma3(const Weights& weights);
std::unique_ptr<Model> make_scripted(const Weights& weights);

struct Architecture {
  std::string_view name;  // as in `general.architecture`
  std::unique_ptr<Model> (*make)(const Weights& weights);
};

inline constexpr Architecture kArchitectures[] = {
    {"llama", make_llama},       {"qwen2", make_qwen2},   {"qwen3", make_qwen3},
    {"qwen3moe", make_qwen3moe}, {"gemma3", make_gemma3}, {"scripted", make_scripted},
};

// Those that turn texts into vectors.
std::unique_ptr<Encoder> make_bert(const Weights& weights);

struct EncoderArchitecture {
  std::string_view name;
  std::unique_ptr<Encoder> (*make)(const Weights& weights);
};

inline constexpr EncoderArchitecture kEncoders[] = {{"bert", make_bert}};

}  // namespace loam
