// A conversation as clients send it, checked, and made into what a model's template can render.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "engine/chat/chat_format.h"
#include "engine/chat/template_traits.h"

namespace loam {

// The messages in one form: roles system, user, assistant and tool; content a string; arguments an object; results with
// their tool's name. Error(invalid) with the place ("messages[3].role").
nlohmann::ordered_json checked_messages(const nlohmann::ordered_json& messages);

// The tools in one form: each has a name, a description, perhaps empty, and parameters. Error(invalid) as ToolSet says.
nlohmann::ordered_json checked_tools(const nlohmann::ordered_json& tools);

// Changes checked messages, and checked tools, for a template that lacks something: calls, results and tools it
// cannot render become text, in the format's own words. `arguments`: the template's. Texts stay as they are, so they
// may hold the marks that keep what people wrote apart from control tokens.
void adapt_to_template(nlohmann::ordered_json& arguments, const ChatFormat& format, const TemplateTraits& traits);

}  // namespace loam
