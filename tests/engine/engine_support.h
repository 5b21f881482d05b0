// Engines on tiny models of the conformance set (no tokenizer) and on SmolLM2, and what their tests share.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "engine/engine.h"
#include "tests/support/support.h"

namespace loam::test {

inline const std::string kDense = fixture_path("archs/llama-dense.gguf");
inline const std::string kSliding = fixture_path("archs/gemma3-dense.gguf");  // windows of 32 tokens
inline const std::string kMoe = fixture_path("archs/llama-moe.gguf");
inline const std::string kSmol = model_path("smollm2-135m");

inline std::unique_ptr<Engine> load(const std::string& path, EngineOptions options = {}) {
  return Engine::load(path, std::move(options));
}

inline void expect_error(Error::Code code, const std::string& where, const std::string& message,
                         const std::function<void()>& action) {
  try {
    action();
    ADD_FAILURE() << message << ": nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    EXPECT_EQ(error.where(), where) << error.what();
    EXPECT_NE(error.message().find(message), std::string::npos) << error.what();
  }
}

inline std::vector<Token> some_tokens(int n) {
  std::vector<Token> tokens;
  for (int i = 0; i < n; ++i) tokens.push_back((i * 37 + 11) % 128);
  return tokens;
}

inline std::vector<float> logits(Engine& engine, Sequence& sequence, const std::vector<Token>& tokens, int chunk) {
  std::vector<float> all;
  engine.evaluate(sequence, tokens, chunk, 0,
                  [&](int64_t, std::span<const float> row) { all.insert(all.end(), row.begin(), row.end()); });
  return all;
}

inline std::vector<float> logits(Engine& engine, const std::vector<Token>& tokens, int chunk = 512) {
  const auto sequence = engine.open();
  return logits(engine, *sequence, tokens, chunk);
}

inline bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

}  // namespace loam::test
