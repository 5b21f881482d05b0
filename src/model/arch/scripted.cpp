// A model that says what a script tells it to: for tests of everything around a model, with the real tokenizer, cache,
// scheduler, grammar and streams. engine/scripted_file.h writes its files.
//
// Tokens 0 to 255 are bytes; the three behind them are ChatML's. What the model "remembers" of a token, where others
// keep keys, is the token itself: so what it answers follows from the cache's pages, shared and reloaded ones too.
#include <algorithm>
#include <chrono>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "model/arch/list.h"
#include "model/model.h"

namespace loam {
namespace {

constexpr int kBegin = 257, kEnd = 258;                 // <|im_start|>, <|im_end|>
constexpr char kBeginMark = '\x01', kEndMark = '\x02';  // what stands for them in the text that is searched
constexpr float kCertain = 100;

struct Reply {
  std::string match, text;
};

class Script {
 public:
  explicit Script(std::string_view json) {
    const auto script = nlohmann::json::parse(json, nullptr, false);
    if (!script.is_object()) throw Error(Error::Code::model_invalid, "the script is no JSON object", "scripted.script");
    delay = std::chrono::milliseconds(script.value("delay_ms", 0));
    for (const auto& reply : script.value("replies", nlohmann::json::array()))
      replies_.push_back({reply.value("match", ""), reply.value("reply", "")});
  }

  // The token that follows the text so far.
  int next(const std::string& so_far) const {
    const size_t turn = so_far.rfind(std::string(1, kBeginMark) + "assistant\n");
    return turn == std::string::npos ? next_of_text(so_far) : next_of_chat(so_far, turn);
  }

  std::chrono::milliseconds delay{};

 private:
  // The reply's byte behind as many as there are; a message's is the first whose `match` it holds.
  int next_of_chat(const std::string& so_far, size_t turn) const {
    const size_t answer = so_far.find('\n', turn) + 1;
    const size_t user = so_far.rfind(std::string(1, kBeginMark) + "user\n", turn);
    const std::string message = user == std::string::npos ? "" : so_far.substr(user, turn - user);
    for (const Reply& reply : replies_)
      if (message.find(reply.match) != std::string::npos) return byte_of(reply.text, so_far.size() - answer);
    return kEnd;
  }

  // Without a chat, the reply goes on directly behind its `match`.
  int next_of_text(const std::string& so_far) const {
    for (const Reply& reply : replies_) {
      const size_t found = so_far.rfind(reply.match);
      if (reply.match.empty() || found == std::string::npos) continue;
      return byte_of(reply.text, so_far.size() - found - reply.match.size());
    }
    return kEnd;
  }

  static int byte_of(const std::string& text, size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : kEnd;
  }

  std::vector<Reply> replies_;
};

struct Scripted final : Model {
  Script script;

  explicit Scripted(const Weights& w) : Model(w), script(w.metadata().require_string("scripted.script")) {
    w.table("token_embd", {config_.n_vocab, config_.dim});
  }

  Tensor forward(Context& context, const Batch& batch, KvCache& cache) const override {
    const std::span<const KvLayer> memory = cache.layer(0);
    for (const BatchSpan& span : batch.spans)
      for (int row = span.first_row; row < span.first_row + span.n_rows; ++row)
        place(memory, span, batch.positions[static_cast<size_t>(row)]) =
            static_cast<uint16_t>(batch.tokens[static_cast<size_t>(row)]);
    pause(context);
    const auto n_rows = std::ssize(batch.logit_rows);
    if (n_rows == 0) return {};
    Tensor logits;
    logits.shape = {n_rows, config_.n_vocab};
    logits.data = context.arena.allocate(static_cast<size_t>(logits.shape.elements()) * sizeof(float));
    for (int64_t i = 0; i < n_rows; ++i) {
      std::fill_n(logits.row(i), config_.n_vocab, 0.0f);
      logits.row(i)[script.next(read(memory, batch, batch.logit_rows[static_cast<size_t>(i)]))] = kCertain;
    }
    return logits;
  }

  Tensor hidden(Context&, const Batch&, KvCache&) const override {
    throw Error(Error::Code::unsupported, "a script has replies, and no hidden states", "general.architecture");
  }

 private:
  static uint16_t& place(std::span<const KvLayer> pools, const BatchSpan& span, int position) {
    const KvLayer& memory = pools[static_cast<size_t>(span.kv)];
    std::byte* page = memory.k + span.pages[position / kPageTokens] * memory.page_stride;
    return reinterpret_cast<uint16_t*>(page)[position % kPageTokens];
  }

  // The sequence's text up to a row.
  static std::string read(std::span<const KvLayer> memory, const Batch& batch, int row) {
    const auto span = std::ranges::upper_bound(batch.spans, row, {}, &BatchSpan::first_row) - 1;
    std::string text;
    for (int at = 0; at <= batch.positions[static_cast<size_t>(row)]; ++at) {
      const int token = place(memory, *span, at);
      text += token == kBegin ? kBeginMark : token == kEnd ? kEndMark : static_cast<char>(token);
    }
    return text;
  }

  void pause(Context& context) const {
    const auto until = std::chrono::steady_clock::now() + script.delay;
    while (std::chrono::steady_clock::now() < until) {
      context.check_cancelled();
      std::this_thread::sleep_for(std::min(script.delay, std::chrono::milliseconds(5)));
    }
  }
};

}  // namespace

std::unique_ptr<Model> make_scripted(const Weights& weights) { return std::make_unique<Scripted>(weights); }

}  // namespace loam
