// Makes the values of one rendering and counts what it costs, so that no template runs or grows without end.
#pragma once

#include <algorithm>

#include "tokenizer/chat_template.h"
#include "tokenizer/jinja/value.h"

namespace loam::jinja {

// What is done with each byte of a text, and its price in 1/64 steps. A step is 0.1 µs of the slowest work of its kind.
enum class Work : uint64_t {
  copy = 1,       // or compare
  search = 4,     // for a pattern, or for where code points begin
  decode = 16,    // one code point after the other
  classify = 64,  // by Unicode's tables, or map to another case
};

class Heap {
 public:
  explicit Heap(const TemplateLimits& limits)
      : limits_(limits), left_(kStep * std::min(static_cast<uint64_t>(limits.steps), UINT64_MAX / kStep)) {}

  // Work is charged before it is done. Each throws a Fault that names the limit: "steps", "size" or "depth".
  void step(int64_t n = 1) { spend(static_cast<uint64_t>(n), kStep); }
  void charge(size_t bytes, Work work) { spend(bytes, static_cast<uint64_t>(work)); }
  // A new object of this size: since every byte costs, all that was ever made is bounded.
  void allocate(size_t bytes) {
    spend(1, kStep / 2);
    charge(bytes, Work::copy);
  }
  void check_size(size_t bytes) const;  // of one text
  void check_depth(int depth) const;

  Value text(std::string bytes, bool markup = false);
  Value list(std::vector<Value> items, List::Kind kind = List::Kind::list);
  Value tuple(std::vector<Value> items) { return list(std::move(items), List::Kind::tuple); }
  Value dict(Dict dict);
  Value undefined(std::string message);

  const TemplateLimits& limits() const { return limits_; }

 private:
  static constexpr uint64_t kStep = 64;

  void spend(uint64_t n, uint64_t price) {
    if (n > left_ / price) out_of_steps();
    left_ -= n * price;
  }
  [[noreturn]] void out_of_steps() const;

  TemplateLimits limits_;
  uint64_t left_;  // of the steps, in units of 1/kStep
};

// A text under construction that never grows past the limit.
class Builder {
 public:
  explicit Builder(Heap& heap) : heap_(heap) {}
  Builder& operator+=(std::string_view part) {
    heap_.check_size(out_.size() + part.size());
    heap_.charge(part.size(), Work::copy);
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
