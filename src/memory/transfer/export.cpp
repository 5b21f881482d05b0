#include "memory/transfer/export.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/utf8.h"
#include "memory/transfer/turn_json.h"

namespace loam {
namespace {

constexpr size_t kPairsOfALine = 64;

// Whether an answer goes round in circles, as small models do.
bool repeats_itself(std::string_view text) {
  std::unordered_set<std::string_view> different;
  size_t n_words = 0;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find_first_of(" \t\r\n", begin), text.size());
    if (end > begin) {
      ++n_words;
      different.insert(text.substr(begin, end - begin));
    }
    begin = end + 1;
  }
  return n_words >= 50 && different.size() * 5 < n_words;
}

// Gathers one session's pairs, and writes them when there are enough.
class ConversationWriter {
 public:
  ConversationWriter(const TrainingFilter& filter, const LineSink& sink, TrainingReport& report)
      : filter_(filter), sink_(sink), report_(report) {}

  void add(const Turn& turn) {
    if (turn.origin == TurnOrigin::import && !filter_.with_imports) return;
    if (turn.role == TurnRole::user) {
      if (!question_.empty()) question_ += "\n\n";
      question_ += turn.text;
    } else if (turn.role == TurnRole::assistant && !question_.empty()) {
      add_pair(turn);
      question_.clear();
    }
  }
  void finish() {
    question_.clear();
    if (messages_.empty()) return;
    sink_(nlohmann::ordered_json{{"messages", std::move(messages_)}}.dump() + "\n");
    messages_ = nlohmann::ordered_json::array();
    ++report_.n_conversations;
  }

 private:
  void add_pair(const Turn& answer) {
    if (!is_wanted(answer)) {
      ++report_.n_left_out;
      return;
    }
    messages_.push_back({{"role", "user"}, {"content", question_}});
    messages_.push_back({{"role", "assistant"}, {"content", answer.text}});
    ++report_.n_pairs;
    if (messages_.size() < 2 * kPairsOfALine) return;
    finish();
  }
  bool is_wanted(const Turn& answer) {
    const size_t asked = count_code_points(question_), answered = count_code_points(answer.text);
    if (std::min(asked, answered) < filter_.min_characters || asked + answered > filter_.max_characters) return false;
    if (!filter_.only_good) return true;
    if (answer.partial || repeats_itself(answer.text)) return false;
    return seen_.insert(std::hash<std::string>()(question_ + '\0' + answer.text)).second;
  }

  const TrainingFilter& filter_;
  const LineSink& sink_;
  TrainingReport& report_;
  std::string question_;
  nlohmann::ordered_json messages_ = nlohmann::ordered_json::array();
  std::unordered_set<size_t> seen_;
};

}  // namespace

int64_t export_turns(TurnStore& store, const TurnFilter& filter, const LineSink& sink) {
  int64_t n = 0;
  store.for_each(filter.space, filter.session, [&](const Turn& turn) {
    if (!filter.admits(turn)) return true;
    sink(turn_to_json(turn) + "\n");
    ++n;
    return true;
  });
  return n;
}

TrainingReport export_conversations(TurnStore& store, const TrainingFilter& filter, const LineSink& sink) {
  TrainingReport report;
  ConversationWriter writer(filter, sink, report);
  for (const TurnStore::Session& session : store.sessions(filter.turns.space)) {
    if (!filter.turns.session.empty() && session.session != filter.turns.session) continue;
    store.for_each(session.space, session.session, [&](const Turn& turn) {
      if (filter.turns.admits(turn)) writer.add(turn);
      return true;
    });
    writer.finish();
  }
  return report;
}

std::string export_memory(TurnStore& store, const ExportRequest& request, const LineSink& sink) {
  if (!request.as_conversations) return fmt::format("{} turns", export_turns(store, request.filter.turns, sink));
  const TrainingReport report = export_conversations(store, request.filter, sink);
  return fmt::format("{} conversations with {} pairs; {} pairs left out", report.n_conversations, report.n_pairs,
                     report.n_left_out);
}

}  // namespace loam
