// Reads a model's text byte by byte and writes its deltas: one implementation for each way of marking parts.
#pragma once

#include <memory>

#include "engine/chat/chat_output.h"
#include "engine/chat/output_writer.h"

namespace loam {

class OutputReader {
 public:
  virtual ~OutputReader() = default;
  virtual void push(char c) = 0;
  virtual void finish() = 0;
};

// Markers around reasoning, calls and answer. All must outlive it.
std::unique_ptr<OutputReader> make_marked_output(const ChatFormat& format, const ChatOutputOptions& options,
                                                 OutputWriter& writer);
// Messages with headers that name a channel and a recipient.
std::unique_ptr<OutputReader> make_harmony_output(const ChatOutputOptions& options, OutputWriter& writer);

}  // namespace loam
