// Every architecture that loam runs: one file in this folder and one row here.
#pragma once

#include <memory>
#include <string_view>

namespace loam {

class Model;
class Weights;

// ROW(name in the functions' names, `general.architecture`): make_llama builds the model that files call "llama".
// Sorted by name; the last row stands where it is.
// clang-format off
#define LOAM_ARCHITECTURES(ROW) \
  ROW(afmoe, "afmoe") \
  ROW(apertus, "apertus") \
  ROW(arcee, "arcee") \
  ROW(arctic, "arctic") \
  ROW(rwkv7, "arwkv7") \
  ROW(baichuan, "baichuan") \
  ROW(bailingmoe, "bailingmoe") \
  ROW(bailingmoe2, "bailingmoe2") \
  ROW(bailingmoe3, "bailingmoe3") \
  ROW(bitnet, "bitnet") \
  ROW(bloom, "bloom") \
  ROW(chameleon, "chameleon") \
  ROW(chatglm, "chatglm") \
  ROW(codeshell, "codeshell") \
  ROW(cogvlm, "cogvlm") \
  ROW(cohere2, "cohere2") \
  ROW(cohere2moe, "cohere2moe") \
  ROW(command_r, "command-r") \
  ROW(dbrx, "dbrx") \
  ROW(deci, "deci") \
  ROW(deepseek, "deepseek") \
  ROW(deepseek2, "deepseek2") \
  ROW(deepseek2_ocr, "deepseek2-ocr") \
  ROW(deepseek2, "deepseek32") \
  ROW(dots1, "dots1") \
  ROW(dots3note, "dots3note") \
  ROW(dream, "dream") \
  ROW(ernie4_5, "ernie4_5") \
  ROW(ernie4_5_moe, "ernie4_5-moe") \
  ROW(exaone, "exaone") \
  ROW(exaone_moe, "exaone-moe") \
  ROW(exaone4, "exaone4") \
  ROW(falcon, "falcon") \
  ROW(falcon_h1, "falcon-h1") \
  ROW(gemma, "gemma") \
  ROW(gemma2, "gemma2") \
  ROW(gemma3, "gemma3") \
  ROW(gemma3n, "gemma3n") \
  ROW(gemma4, "gemma4") \
  ROW(deepseek2, "glm-dsa") \
  ROW(glm4, "glm4") \
  ROW(glm4moe, "glm4moe") \
  ROW(gpt_oss, "gpt-oss") \
  ROW(gpt2, "gpt2") \
  ROW(gptneox, "gptneox") \
  ROW(granite, "granite") \
  ROW(granite_swa, "granite_swa") \
  ROW(granitehybrid, "granitehybrid") \
  ROW(granite, "granitemoe") \
  ROW(grok, "grok") \
  ROW(grovemoe, "grovemoe") \
  ROW(hrm_text, "hrm_text") \
  ROW(hunyuan_dense, "hunyuan-dense") \
  ROW(hunyuan_moe, "hunyuan-moe") \
  ROW(hunyuan_vl, "hunyuan_vl") \
  ROW(hy_v3, "hy_v3") \
  ROW(hy_v4, "hy_v4") \
  ROW(internlm2, "internlm2") \
  ROW(jais, "jais") \
  ROW(jais2, "jais2") \
  ROW(jamba, "jamba") \
  ROW(kimi_k3, "kimi-k3") \
  ROW(kimi_linear, "kimi-linear") \
  ROW(laguna, "laguna") \
  ROW(lfm2, "lfm2") \
  ROW(lfm2moe, "lfm2moe") \
  ROW(llada, "llada") \
  ROW(llada_moe, "llada-moe") \
  ROW(llama, "llama") \
  ROW(llama4, "llama4") \
  ROW(maincoder, "maincoder") \
  ROW(mamba, "mamba") \
  ROW(mamba2, "mamba2") \
  ROW(maple, "maple") \
  ROW(mellum, "mellum") \
  ROW(mimo2, "mimo2") \
  ROW(minicpm, "minicpm") \
  ROW(minicpm3, "minicpm3") \
  ROW(minimax01, "minimax-01") \
  ROW(minimax_m2, "minimax-m2") \
  ROW(minimax_m3, "minimax-m3") \
  ROW(mistral3, "mistral3") \
  ROW(deepseek2, "mistral4") \
  ROW(mpt, "mpt") \
  ROW(muse_glimmer, "muse-glimmer") \
  ROW(nanbeige, "nanbeige") \
  ROW(nemotron, "nemotron") \
  ROW(nemotron_h, "nemotron_h") \
  ROW(nemotron_h, "nemotron_h_moe") \
  ROW(olmo, "olmo") \
  ROW(olmo2, "olmo2") \
  ROW(olmoe, "olmoe") \
  ROW(openelm, "openelm") \
  ROW(orion, "orion") \
  ROW(paddleocr, "paddleocr") \
  ROW(pangu_embedded, "pangu-embedded") \
  ROW(phi2, "phi2") \
  ROW(phi3, "phi3") \
  ROW(phimoe, "phimoe") \
  ROW(plamo, "plamo") \
  ROW(plamo2, "plamo2") \
  ROW(plamo3, "plamo3") \
  ROW(plm, "plm") \
  ROW(pockettts, "pockettts") \
  ROW(qwen, "qwen") \
  ROW(qwen2, "qwen2") \
  ROW(qwen2moe, "qwen2moe") \
  ROW(qwen2vl, "qwen2vl") \
  ROW(qwen3, "qwen3") \
  ROW(qwen35, "qwen35") \
  ROW(qwen35moe, "qwen35moe") \
  ROW(qwen3moe, "qwen3moe") \
  ROW(qwen3next, "qwen3next") \
  ROW(qwen3vl, "qwen3tts") \
  ROW(qwen3vl, "qwen3vl") \
  ROW(qwen3vlmoe, "qwen3vlmoe") \
  ROW(qwen4exp, "qwen4exp") \
  ROW(refact, "refact") \
  ROW(rnd1, "rnd1") \
  ROW(rwkv6, "rwkv6") \
  ROW(rwkv6qwen2, "rwkv6qwen2") \
  ROW(rwkv7, "rwkv7") \
  ROW(seed_oss, "seed_oss") \
  ROW(smallthinker, "smallthinker") \
  ROW(smollm3, "smollm3") \
  ROW(spark2_5, "spark2_5") \
  ROW(stablelm, "stablelm") \
  ROW(starcoder, "starcoder") \
  ROW(starcoder2, "starcoder2") \
  ROW(step35, "step35") \
  ROW(talkie, "talkie") \
  ROW(xverse, "xverse") \
  ROW(scripted, "scripted")
// clang-format on

#define LOAM_DECLARE(function, name) std::unique_ptr<Model> make_##function(const Weights& weights);
LOAM_ARCHITECTURES(LOAM_DECLARE)
#undef LOAM_DECLARE

struct Architecture {
  std::string_view name;  // as in `general.architecture`
  std::unique_ptr<Model> (*make)(const Weights& weights);
};

#define LOAM_ROW(function, name) {name, make_##function},
inline constexpr Architecture kArchitectures[] = {LOAM_ARCHITECTURES(LOAM_ROW)};
#undef LOAM_ROW

}  // namespace loam
