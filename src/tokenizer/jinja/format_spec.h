// The layout of one formatted field, for `%` and for str.format().
#pragma once

#include "tokenizer/jinja/heap.h"

namespace loam::jinja {

// One field's layout, common to both notations.
struct Spec {
  std::string fill = " ";
  char align = 0;  // '<', '>', '^', '=' (padding after the sign); 0: by type
  char sign = '-', grouping = 0, type = 0;
  bool alternate = false;
  int64_t width = 0, precision = -1;
};

// Reads digits at text[i] and moves past them. Fault for a number no layout needs.
int64_t read_number(std::string_view text, size_t& i);

// Charges for a number with this many decimals: to get all digits of a large or a long one exactly takes long.
void charge_digits(Heap& heap, double value, int64_t decimals);
std::string format_integer(int64_t value, const Spec& spec);
std::string format_float(Heap& heap, double value, const Spec& spec);
// How much of a formatted number stands before the padding that '=' asks for.
size_t sign_size(std::string_view text);
// Text cut to `precision` code points; all of it where that is negative.
std::string cut(Heap& heap, std::string text, int64_t precision);
void append_padded(Heap& heap, Builder& out, const Spec& spec, std::string_view text, size_t sign_size, char align);

}  // namespace loam::jinja
