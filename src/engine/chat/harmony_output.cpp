// gpt-oss: <|channel|>analysis<|message|>…<|end|><|start|>assistant to=functions.NAME<|channel|>commentary …
#include <fmt/format.h>

#include <utility>

#include "engine/chat/json_scanner.h"
#include "engine/chat/marker_matcher.h"
#include "engine/chat/output_reader.h"

namespace loam {
namespace {

using Kind = ChatDelta::Kind;

constexpr std::string_view kStart = "<|start|>", kChannel = "<|channel|>", kMessage = "<|message|>",
                           kConstrain = "<|constrain|>", kEnd = "<|end|>", kCall = "<|call|>", kReturn = "<|return|>";
constexpr size_t kMaxHarmonyHeaderBytes = 512;

// The word that stands behind `key`.
std::string_view word_after(std::string_view header, std::string_view key) {
  const size_t at = header.find(key);
  if (at == std::string_view::npos) return {};
  header.remove_prefix(at + key.size());
  return header.substr(0, header.find_first_of(" \n\t\r<"));
}

// A header says what its message is: the channel analysis is reasoning, a recipient is called, all else is content.
class HarmonyOutput final : public OutputReader {
 public:
  HarmonyOutput(const ChatOutputOptions& options, OutputWriter& writer)
      : tools_(options.tools.get()), writer_(writer), streams_(options.stream_arguments), markers_(all_markers()) {}

  void push(char c) override {
    const auto status = markers_.push(c);
    if (status == MarkerMatcher::Status::held) return;
    const std::string held = markers_.take();
    if (status == MarkerMatcher::Status::found) return marker(held);
    text(held[0]);
    for (const char rest : held.substr(1)) push(rest);
  }

  void finish() override {
    const std::string held = std::exchange(markers_, {}).take();
    for (const char c : held) push(c);
    if (part_ == Part::call && !json_.empty() && call_ < 0) give_up("the text ends within a call");
  }

 private:
  enum class Part { header, text, call, behind_call };

  static MarkerMatcher all_markers() {
    std::vector<std::string> markers;
    for (const auto marker : {kStart, kChannel, kMessage, kConstrain, kEnd, kCall, kReturn})
      markers.emplace_back(marker);
    return MarkerMatcher(std::move(markers));
  }

  void marker(std::string_view marker) {
    const bool quoted = part_ == Part::call && scanner_.in_string();
    const bool ends = marker == kEnd || marker == kCall || marker == kReturn;
    if (!quoted && part_ != Part::header && (ends || marker == kStart || marker == kChannel)) end_message();
    if (part_ != Part::header) {
      for (const char c : marker) text(c);
    } else if (marker == kMessage) {
      begin_message();
    } else if (!ends) {
      header_ += marker;
    } else if (!header_.empty()) {  // of an empty message
      release_header();
      end_message();
    }
  }

  void text(char c) {
    switch (part_) {
      case Part::header: return header(c);
      case Part::text: return writer_.text(kind_, c);
      case Part::call: return arguments(c);
      case Part::behind_call:
        if (is_space(c)) return;
        begin_text(Kind::content);
        return writer_.text(kind_, c);
    }
  }

  // The prompt has begun the first header: " to=…" or a marker goes on. Anything else is a model that has lost its way.
  void header(char c) {
    const bool astray = header_.empty() && !is_space(c);
    header_ += c;
    if (astray || header_.size() > kMaxHarmonyHeaderBytes) release_header();
  }

  void release_header() {
    begin_text(Kind::content);
    for (const char c : std::exchange(header_, {})) writer_.text(kind_, c);
  }

  void begin_message() {
    const std::string_view recipient = word_after(header_, "to="), channel = word_after(header_, kChannel);
    raw_ = header_ + std::string(kMessage);
    if (recipient.empty() || recipient == "assistant" || recipient == "user") {
      begin_text(channel == "analysis" ? Kind::reasoning : Kind::content);
    } else {
      begin_call(recipient);
    }
    header_.clear();
  }

  void begin_text(Kind kind) {
    part_ = Part::text;
    kind_ = kind;
    writer_.boundary();
  }

  void begin_call(std::string_view recipient) {
    constexpr std::string_view kNamespace = "functions.";
    if (recipient.starts_with(kNamespace)) recipient.remove_prefix(kNamespace.size());
    tool_ = tools_ ? tools_->find(recipient) : nullptr;
    part_ = Part::call;
    json_.clear();
    scanner_ = {};
    if (!tool_) return give_up(fmt::format("there is no tool \"{}\"", recipient));
    if (!writer_.may_call()) give_up("only one call was allowed");
  }

  void arguments(char c) {
    raw_ += c;
    if (json_.empty() && is_space(c)) return;
    if (json_.empty() && c != '{') return give_up("its arguments are no JSON object");
    json_ += c;
    if (streams_) stream(c);
    const auto status = scanner_.push(c);
    if (status == JsonScanner::Status::invalid) return give_up("its JSON is broken");
    if (status == JsonScanner::Status::complete) take_call();
  }

  void stream(char c) {
    if (call_ < 0) {
      writer_.boundary();
      call_ = writer_.begin_call(tool_->name);
    }
    writer_.arguments(call_, std::string_view(&c, 1));
  }

  void take_call() {
    part_ = Part::behind_call;
    if (std::exchange(call_, -1) >= 0) return writer_.end_call();
    if (!is_json(json_)) return give_up("its JSON is broken");
    writer_.boundary();
    writer_.calls({{tool_->name, json_}});
  }

  // The message with its header becomes text.
  void give_up(const std::string& reason) {
    if (std::exchange(call_, -1) >= 0) raw_.clear();  // it has become arguments already
    writer_.warning(fmt::format("a tool call could not be read and is part of the text: {}", reason));
    begin_text(Kind::content);
    for (const char c : std::exchange(raw_, {})) writer_.text(kind_, c);
  }

  void end_message() {
    if (part_ == Part::call && json_.empty()) json_ = "{}", take_call();
    if (part_ == Part::call) give_up("its JSON is not complete");
    part_ = Part::header;
    header_.clear();
  }

  const ToolSet* const tools_;
  OutputWriter& writer_;
  const bool streams_;  // arguments as they come
  MarkerMatcher markers_;
  Part part_ = Part::header;
  std::string header_;  // what stands before <|message|>
  std::string raw_;     // a call's header and arguments
  std::string json_;
  JsonScanner scanner_;
  const Tool* tool_ = nullptr;
  int call_ = -1;  // whose arguments are being streamed
  Kind kind_ = Kind::content;
};

}  // namespace

std::unique_ptr<OutputReader> make_harmony_output(const ChatOutputOptions& options, OutputWriter& writer) {
  return std::make_unique<HarmonyOutput>(options, writer);
}

}  // namespace loam
