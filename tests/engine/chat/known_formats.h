// Formats of calls, as templates that hold their markers make them known.
#pragma once

#include <string>

#include "engine/chat/chat_output.h"

namespace loam::test {

// One of each. The fuzzer's seeds name them by their place.
inline constexpr const char* kFormatMarkers[] = {"",
                                                 "<tool_call> </think>",
                                                 "<tool_call> <function=",
                                                 "<seed:tool_call>",
                                                 "<arg_key>",
                                                 "<|start_header_id|> \"parameters\"",
                                                 "[TOOL_CALLS] [THINK] [/THINK]",
                                                 "<｜tool▁calls▁begin｜> </think>",
                                                 "<|tool_calls_section_begin|>",
                                                 "<|tool_call|> </think>",
                                                 "<|START_ACTION|>",
                                                 "<|tool_call_start|>",
                                                 "<|channel|> <|message|>"};

inline ChatFormat format_of(const std::string& markers) {
  return ChatFormat::of(ChatTemplate("{# " + markers + " #}"));
}

}  // namespace loam::test
