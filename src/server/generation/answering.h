// From a request that has been read to its answer: finds the model, waits for it, starts, and cancels where the client
// leaves. Every endpoint that generates goes this way.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "server/api/parameter.h"
#include "server/generation/answer_sink.h"
#include "server/http/call.h"
#include "server/models/served_model.h"

namespace loam {

class Admission;
class MemoryService;
class ModelManager;
class ServerMetrics;

// What all routes share. Outlives every exchange.
struct ServerContext {
  ModelManager& models;
  Admission& admission;
  MemoryService& memory;
  ServerMetrics& metrics;
  int64_t started = 0;  // seconds since 1970
};

// Reads a body by the endpoint's table, over the defaults of the profile that `model` may name. Error(invalid) naming
// the parameter; Error(not_found) for models that are none.
void read_request(const ServerContext& server, const Json& body, const Parameters& table, GenerationRequest& request);

// Called when the model is there, on any thread. → who hears of the answer.
using MakeSink = std::function<std::shared_ptr<AnswerSink>(const std::shared_ptr<ServedModel>&)>;

// Answers the call. Errors that come before the sink has begun become the call's error; later ones the sink's.
void answer(const ServerContext& server, Call& call, GenerationRequest request, MakeSink make_sink);

// Calls `use` with the model that `name` stands for once it is there; what it throws becomes the call's error.
void with_model(const ServerContext& server, Call& call, const std::string& name, std::optional<bool> wait,
                std::function<void(Call&, const std::shared_ptr<ServedModel>&)> use);

}  // namespace loam
