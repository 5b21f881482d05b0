// Makes the values of one rendering and counts what it costs, so that no template runs or grows without end.
#pragma once

#include "tokenizer/chat_template.h"
#include "tokenizer/jinja/value.h"

namespace loam::jinja {

class Heap {
 public:
  explicit Heap(const TemplateLimits& limits) : limits_(limits) {}

  // Each throws a Fault that names the limit: "steps", "size" or "depth".
  void step(int64_t n = 1) {
    steps_ += n;
    if (steps_ > limits_.steps) out_of_steps();
  }
  void scan(size_t bytes) { step(static_cast<int64_t>(bytes / kScannedPerStep)); }  // bytes looked at, not kept
  void allocate(size_t bytes);          // all that was ever made is bounded, and with it all that is alive
  void check_size(size_t bytes) const;  // of one text
  void check_depth(int depth) const;

  Value text(std::string bytes, bool markup = false);
  Value list(std::vector<Value> items, List::Kind kind = List::Kind::list);
  Value tuple(std::vector<Value> items) { return list(std::move(items), List::Kind::tuple); }
  Value dict(Dict dict);

  const TemplateLimits& limits() const { return limits_; }

 private:
  static constexpr size_t kScannedPerStep = 64;
  // Everything made in one rendering together may take this many times the output limit: 64 MiB by default.
  static constexpr size_t kAllocationFactor = 8;

  [[noreturn]] void out_of_steps() const;

  TemplateLimits limits_;
  int64_t steps_ = 0;
  size_t allocated_ = 0;
};

// A text under construction that never grows past the limit.
class Builder {
 public:
  explicit Builder(Heap& heap) : heap_(heap) {}
  Builder& operator+=(std::string_view part) {
    heap_.check_size(out_.size() + part.size());
    out_ += part;
    return *this;
  }
  Builder& operator+=(char c) { return *this += std::string_view(&c, 1); }
  void repeat(std::string_view part, int64_t times);
  size_t size() const { return out_.size(); }
  std::string take() { return std::move(out_); }
  Value finish(bool markup = false) { return heap_.text(std::move(out_), markup); }

 private:
  Heap& heap_;
  std::string out_;
};

}  // namespace loam::jinja
