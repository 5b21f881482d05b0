#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "engine/chat/json_scanner.h"
#include "engine/chat/marker_matcher.h"
#include "engine/chat/output_reader.h"

namespace loam {
namespace {

using Kind = ChatDelta::Kind;

constexpr const char* kFence = "```";

bool holds(const std::vector<std::string>& list, const std::string& text) {
  return std::ranges::find(list, text) != list.end();
}

class MarkedOutput final : public OutputReader {
 public:
  MarkedOutput(const ChatFormat& format, const ChatOutputOptions& options, OutputWriter& writer)
      : format_(format),
        tools_(options.tools.get()),
        writer_(writer),
        argument_writer_(options.stream_arguments ? &writer : nullptr),
        content_markers_(markers_of(format, tools_)),
        reasoning_end_({format.reasoning.end}),
        mode_(options.in_reasoning ? Mode::reasoning : Mode::content) {
    if (options.in_reasoning) writer_.boundary();
  }

  void push(char c) override {
    switch (mode_) {
      case Mode::content: return push_content(c);
      case Mode::reasoning: return push_reasoning(c);
      case Mode::calls: return push_calls(c);
      case Mode::other_json: return push_other_json(c);
    }
  }

  void finish() override {
    release_marker();
    if (mode_ != Mode::calls) return;
    if (reader_->finish() == CallReader::Status::complete) return take_calls();
    release_calls();
  }

 private:
  enum class Mode {
    content,
    reasoning,
    calls,       // `reader_` reads them
    other_json,  // JSON in the content that is no call: its strings may quote markers and calls
  };

  static std::vector<std::string> markers_of(const ChatFormat& format, const ToolSet* tools) {
    std::vector<std::string> markers = {format.reasoning.begin, format.answer.begin, format.answer.end};
    if (!tools) return markers;
    markers.insert(markers.end(), format.calls.begins.begin(), format.calls.begins.end());
    markers.insert(markers.end(), format.calls.ends.begin(), format.calls.ends.end());
    markers.push_back(kFence);
    return markers;
  }

  void push_content(char c) {
    const auto status = content_markers_.push(c);
    if (status == MarkerMatcher::Status::held) return;
    const std::string held = content_markers_.take();
    if (status == MarkerMatcher::Status::found) return marker(held);
    content(held[0]);
    for (const char rest : held.substr(1)) push(rest);
  }

  void content(char c) {
    const bool surplus = c == '}' && behind_call_ && writer_.fresh();  // of {{"name": …}}
    if (surplus) return;
    const bool bare = (c == '{' || c == '[') && tools_ && !in_fence_ && writer_.at_line_start() && writer_.may_call();
    if (!bare) return writer_.text(Kind::content, c);
    begin_calls(make_bare_call_reader(*tools_, argument_writer_), "");
    push_calls(c);
  }

  void marker(const std::string& text) {
    if (text == format_.reasoning.begin && writer_.fresh()) {
      writer_.boundary();
      mode_ = Mode::reasoning;
    } else if (text == format_.answer.begin && writer_.fresh()) {
      writer_.boundary();
      in_answer_ = true;
    } else if (text == format_.answer.end && in_answer_) {
      writer_.boundary();
      in_answer_ = false;
    } else if (holds(format_.calls.ends, text) && behind_call_ && writer_.fresh()) {
      writer_.boundary();
    } else if (text == kFence && writer_.at_line_start()) {
      fence();
    } else if (holds(format_.calls.begins, text)) {
      marked_calls(text);
    } else {
      writer_.text(Kind::content, text);
    }
  }

  void marked_calls(const std::string& marker) {
    if (writer_.may_call())
      return begin_calls(make_call_reader(format_.calls, *tools_, marker, argument_writer_), marker);
    writer_.warning("only one tool call was allowed: another one is part of the text");
    writer_.text(Kind::content, marker);
  }

  void fence() {
    const bool opens = !std::exchange(in_fence_, false);
    if (opens && writer_.may_call()) return begin_calls(make_fenced_call_reader(*tools_), kFence);
    in_fence_ = opens;
    writer_.text(Kind::content, kFence);
  }

  void push_reasoning(char c) {
    const auto status = reasoning_end_.push(c);
    if (status == MarkerMatcher::Status::held) return;
    const std::string held = reasoning_end_.take();
    if (status == MarkerMatcher::Status::found) {
      writer_.boundary();
      mode_ = Mode::content;
      return;
    }
    writer_.text(Kind::reasoning, held[0]);
    for (const char rest : held.substr(1)) push(rest);
  }

  void begin_calls(std::unique_ptr<CallReader> reader, std::string marker) {
    reader_ = std::move(reader);
    read_ = std::move(marker);
    mode_ = Mode::calls;
  }

  void push_calls(char c) {
    const auto status = reader_->push(c);
    if (status != CallReader::Status::failed) read_ += c;
    if (reader_->streaming()) read_.clear();
    if (status == CallReader::Status::complete) take_calls();
    if (status == CallReader::Status::failed) give_up(c);
  }

  void take_calls() {
    writer_.boundary();
    writer_.calls(reader_->calls());
    behind_call_ = true;
    mode_ = Mode::content;
  }

  // What was read becomes text, and is not searched again: it may quote what it was told, and time stays linear.
  void release_calls() {
    mode_ = Mode::content;
    const bool only_brackets = read_.find('"') == std::string::npos;  // behind the last of the streamed calls
    if (reader_->n_streamed() > 0 && only_brackets) return;
    if (!reader_->reason().empty())
      writer_.warning(fmt::format("a tool call could not be read and is part of the text: {}", reader_->reason()));
    if (read_.starts_with(kFence)) in_fence_ = true;
    writer_.text(Kind::content, read_);
  }

  void give_up(char c) {
    release_calls();
    if (!reader_->other_json()) return push(c);
    other_json_ = *reader_->other_json();
    mode_ = Mode::other_json;
    writer_.text(Kind::content, c);
  }

  void push_other_json(char c) {
    const auto status = other_json_.push(c);
    if (status != JsonScanner::Status::more) mode_ = Mode::content;
    if (status == JsonScanner::Status::invalid) return push(c);
    writer_.text(Kind::content, c);
  }

  // No more text comes: the beginning of a marker is none.
  void release_marker() {
    MarkerMatcher& matcher = mode_ == Mode::reasoning ? reasoning_end_ : content_markers_;
    const std::string held = std::exchange(matcher, {}).take();
    for (const char c : held) push(c);
  }

  const ChatFormat& format_;
  const ToolSet* const tools_;
  OutputWriter& writer_;
  OutputWriter* const argument_writer_;
  MarkerMatcher content_markers_, reasoning_end_;
  Mode mode_;
  bool in_answer_ = false, behind_call_ = false, in_fence_ = false;
  std::unique_ptr<CallReader> reader_;
  std::string read_;  // the marker and what `reader_` has taken
  JsonScanner other_json_;
};

}  // namespace

std::unique_ptr<OutputReader> make_marked_output(const ChatFormat& format, const ChatOutputOptions& options,
                                                 OutputWriter& writer) {
  return std::make_unique<MarkedOutput>(format, options, writer);
}

}  // namespace loam
