#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>
#include <unordered_set>

#include "base/error.h"
#include "base/utf8.h"
#include "memory/recall/evaluation_set.h"
#include "memory/text/time_expression.h"

namespace loam {
namespace {

using Json = nlohmann::json;

constexpr int kMostSessions = 10'000;

std::string read_file_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error(Error::Code::not_found, fmt::format("cannot open '{}'", path), path);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return std::move(bytes).str();
}

std::string text_or_empty(const Json& object, const std::string& key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? sanitize_utf8(found->get<std::string>()) : std::string();
}

// "1:56 pm on 8 May, 2023": the day is enough.
UnixTime session_time(const Json& conversation, int session) {
  const std::string date = text_or_empty(conversation, fmt::format("session_{}_date_time", session));
  const size_t on = date.find(" on ");
  const auto range = find_time_expression(on == std::string::npos ? date : date.substr(on + 4), unix_now());
  return range ? range->from + kDay / 2 : unix_now();
}

void add_session(EvaluationSet& set, const Json& conversation, int number) {
  const auto turns = conversation.find(fmt::format("session_{}", number));
  if (turns == conversation.end() || !turns->is_array()) return;
  UnixTime time = session_time(conversation, number);
  for (const Json& said : *turns) {
    NewTurn turn;
    turn.session = fmt::format("session_{}", number);
    turn.speaker = text_or_empty(said, "speaker");
    turn.text = text_or_empty(said, "text");
    if (const std::string caption = text_or_empty(said, "blip_caption"); !caption.empty()) {
      turn.text += fmt::format(" [image: {}]", caption);
    }
    turn.key = text_or_empty(said, "dia_id");
    turn.time = time++;
    set.turns.push_back(std::move(turn));
  }
}

void add_question(EvaluationSet& set, const Json& asked, const std::unordered_set<std::string>& keys) {
  EvaluationQuestion question{text_or_empty(asked, "question"), {}};
  const auto evidence = asked.find("evidence");
  if (evidence == asked.end() || !evidence->is_array()) return;
  static const std::regex kTurnName("D[0-9]{1,6}:[0-9]{1,6}");
  for (const Json& each : *evidence) {
    const std::string names = each.is_string() ? each.get<std::string>().substr(0, 1000) : std::string();
    for (std::sregex_iterator name(names.begin(), names.end(), kTurnName), end; name != end; ++name) {
      const bool known = std::ranges::find(question.evidence, name->str()) != question.evidence.end();
      if (keys.contains(name->str()) && !known) question.evidence.push_back(name->str());
    }
  }
  if (!question.evidence.empty() && !question.text.empty()) set.questions.push_back(std::move(question));
}

EvaluationSet read_sample(const Json& sample, const std::string& path) {
  if (!sample.is_object() || !sample.contains("conversation") || !sample["conversation"].is_object() ||
      !sample.contains("qa") || !sample["qa"].is_array()) {
    throw Error(Error::Code::invalid, "not LoCoMo's form: an object with 'conversation' and 'qa' is missing", path);
  }
  EvaluationSet set;
  set.name = text_or_empty(sample, "sample_id");
  const Json& conversation = sample["conversation"];
  const int n = static_cast<int>(std::min<size_t>(conversation.size(), kMostSessions));
  for (int session = 1; session <= n; ++session) add_session(set, conversation, session);
  std::unordered_set<std::string> keys;
  for (const NewTurn& turn : set.turns) keys.insert(turn.key);
  for (const Json& asked : sample["qa"]) {
    if (asked.is_object()) add_question(set, asked, keys);
  }
  return set;
}

}  // namespace

std::vector<EvaluationSet> read_locomo(const std::string& path) {
  const Json document = Json::parse(read_file_bytes(path), nullptr, false);
  if (!document.is_array()) throw Error(Error::Code::invalid, "not LoCoMo's form: a JSON array is expected", path);
  std::vector<EvaluationSet> sets;
  for (const Json& sample : document) sets.push_back(read_sample(sample, path));
  return sets;
}

}  // namespace loam
