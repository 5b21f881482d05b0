// The memory that a command is about: opened here, or asked of the server that runs and may have it open.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "app/command.h"
#include "memory/memory.h"
#include "memory/transfer/export.h"

namespace loam {

// Whose memory a command is about.
struct MemoryOwner {
  std::string user = "local";
  bool shared = false;  // what all users see: $LOAM_HOME/shared
};
void add_owner_options(Command& command, MemoryOwner& owner);

class AskedMemory {
 public:
  // Where a server of this LOAM_HOME runs and remembers, that one is asked: LOAM_API_KEY says with which key. Errors:
  // io where another loam has the memory open that does not answer; invalid for a name that is no user's, and for a key
  // of another user.
  explicit AskedMemory(MemoryOwner owner);

  // An operation of server/memory/memory_api.h. Error.
  nlohmann::ordered_json call(std::string_view operation) const;
  nlohmann::ordered_json call(std::string_view operation, const nlohmann::ordered_json& arguments) const;
  // Turns or conversations, as lines. → in a few words how much it was.
  std::string export_to(const ExportRequest& request, const LineSink& sink) const;

  Memory* here() const { return here_.get(); }  // null where a server is asked

 private:
  std::optional<nlohmann::ordered_json> ask(const std::string& address, const std::string& path,
                                            const std::string& body, const LineSink& sink) const;
  bool is_served_at(const std::string& address);
  void open();

  const MemoryOwner owner_;
  std::string server_;   // its address; "": there is none
  std::string refused_;  // why a server that runs does not answer; "": none does so
  std::shared_ptr<Memory> here_;
};

}  // namespace loam
