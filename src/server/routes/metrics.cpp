// GET /metrics, in Prometheus' text format (https://prometheus.io/docs/instrumenting/exposition_formats/).
#include <fmt/format.h>

#include "server/generation/admission.h"
#include "server/models/model_manager.h"
#include "server/routes/routes.h"
#include "server/server_metrics.h"

namespace loam {
namespace {

std::string escaped(const std::string& label) {
  std::string text;
  for (const char c : label) {
    if (c == '\\' || c == '"') text += '\\';
    if (c == '\n')
      text += "\\n";
    else
      text += c;
  }
  return text;
}

class Page {
 public:
  // One sample for each label; the header once.
  template <class Samples, class Value>
  void add(const char* name, const char* kind, const char* help, const char* label, const Samples& samples,
           Value value) {
    text_ += fmt::format("# HELP loam_{} {}\n# TYPE loam_{} {}\n", name, help, name, kind);
    for (const auto& sample : samples)
      text_ += fmt::format("loam_{}{{{}=\"{}\"}} {}\n", name, label, escaped(label_of(sample)), value(sample));
  }
  void add(const char* name, const char* kind, const char* help, double value) {
    text_ += fmt::format("# HELP loam_{} {}\n# TYPE loam_{} {}\nloam_{} {}\n", name, help, name, kind, name, value);
  }
  const std::string& text() const { return text_; }

 private:
  static const std::string& label_of(const ModelStatus& status) { return status.name; }
  template <class T>
  static const std::string& label_of(const std::pair<const std::string, T>& of_user) {
    return of_user.first;
  }

  std::string text_;
};

void add_models(Page& page, const std::vector<ModelStatus>& models) {
  using S = ModelStatus;
  const auto add = [&](const char* name, const char* kind, const char* help, auto value) {
    page.add(name, kind, help, "model", models, value);
  };
  add("model_ready", "gauge", "1 where the model is loaded",
      [](const S& s) { return s.state == S::State::ready ? 1 : 0; });
  add("model_bytes", "gauge", "memory that the model takes at most", [](const S& s) { return s.bytes; });
  add("model_evictions_total", "counter", "times that it was unloaded for another",
      [](const S& s) { return s.evictions; });
  add("sequences_running", "gauge", "answers being generated", [](const S& s) { return s.counts.running; });
  add("sequences_waiting", "gauge", "prompts waiting or being read", [](const S& s) { return s.counts.waiting; });
  add("prompt_tokens_total", "counter", "prompt tokens, cached ones too",
      [](const S& s) { return s.counts.prompt_tokens; });
  add("prompt_cached_tokens_total", "counter", "prompt tokens found in the cache",
      [](const S& s) { return s.counts.cached_tokens; });
  add("cache_pages_from_disk_total", "counter", "pages of 32 tokens, and snapshots, that --cache-dir had kept",
      [](const S& s) { return s.counts.pages_from_disk; });
  add("generated_tokens_total", "counter", "tokens generated", [](const S& s) { return s.counts.generated_tokens; });
  add("prompt_seconds_total", "counter", "steps that read prompts only",
      [](const S& s) { return s.counts.prompt_seconds; });
  add("generation_seconds_total", "counter", "steps that gave tokens",
      [](const S& s) { return s.counts.generation_seconds; });
}

void add_users(Page& page, const std::map<std::string, ServerMetrics::Counts>& users) {
  const auto add = [&](const char* name, const char* help, auto value) {
    page.add(name, "counter", help, "user", users, [&](const auto& of_user) { return value(of_user.second); });
  };
  add("answers_total", "requests answered", [](const auto& c) { return c.answers; });
  add("failures_total", "requests that failed or were cancelled", [](const auto& c) { return c.failures; });
  add("user_prompt_tokens_total", "prompt tokens", [](const auto& c) { return c.prompt_tokens; });
  add("user_cached_tokens_total", "prompt tokens found in the cache", [](const auto& c) { return c.cached_tokens; });
  add("user_completion_tokens_total", "tokens generated", [](const auto& c) { return c.completion_tokens; });
  add("first_token_seconds_total", "from requests to their first tokens",
      [](const auto& c) { return c.prompt_seconds; });
  add("answer_seconds_total", "from first tokens to the ends", [](const auto& c) { return c.seconds; });
}

void metrics(const ServerContext& server, Call& call) {
  Page page;
  page.add("uptime_seconds", "gauge", "since the server's start", server.metrics.uptime_seconds());
  page.add("requests_under_way", "gauge", "requests being answered or waiting", server.admission.n_under_way());
  add_models(page, server.models.status());
  add_users(page, server.metrics.by_user());
  call.reply_text(200, "text/plain; version=0.0.4; charset=utf-8", page.text());
}

}  // namespace

std::vector<Route> metrics_routes(const ServerContext& server) {
  return {{"GET", "/metrics", Role::admin, [server](Call& call) { metrics(server, call); }}};
}

}  // namespace loam
