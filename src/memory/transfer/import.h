// Brings chats of other programs, and loam's own exports, into a user's memory.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "memory/store/turn_store.h"
#include "memory/transfer/chat_format.h"

namespace loam {

struct ImportOptions {
  std::string space = "default";     // loam's own exports name theirs
  std::string session;               // instead of the names that the file gives; empty: those
  std::optional<ChatFormat> format;  // told from the content unless given
  // Bytes of the file read, and in all; returns false to stop. What was stored until then stays, and is left out when
  // the file is imported again.
  std::function<bool(uint64_t done, uint64_t total)> progress;
};

struct ImportReport {
  ChatFormat format = ChatFormat::plain_text;
  int64_t n_conversations = 0;
  int64_t n_user = 0, n_assistant = 0, n_other = 0;  // turns found: tools', systems' and documents' are others
  int64_t n_orphans = 0;         // assistant turns that answer none: they begin a conversation or follow another
  int64_t n_other_branches = 0;  // messages that were edited away or answered anew: not imported
  int64_t n_known = 0;           // of the turns found: they were there already

  int64_t n_found() const { return n_user + n_assistant + n_other; }
};

// Where turns go: those with the id 0 are new, the others an export's. → how many were stored; the others were there
// already, as a whole or by their key.
using TurnSink = std::function<int64_t(std::span<const Turn>)>;

// Reads the file through a small window and stores its turns with TurnOrigin::import (loam's own with theirs).
// Importing again adds nothing. Errors: not_found, io, cancelled, unsupported where the format is not known, invalid
// naming the line or the offset; turns before that place have been stored.
ImportReport import_chats(const TurnSink& sink, const std::string& path, const ImportOptions& options = {});
ImportReport import_chats(TurnStore& store, const std::string& path, const ImportOptions& options = {});

}  // namespace loam
