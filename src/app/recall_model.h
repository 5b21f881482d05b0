// Which embedding model recall goes by.
#pragma once

#include <memory>
#include <string>

#include "memory/text_embedder.h"

namespace loam {

// The settings that hold here: loam.toml in this folder, else $LOAM_HOME/loam.toml; "" where there is none.
std::string config_file();

// Its file or folder. `name`: a catalogue name or path; "none", which gives ""; "auto": what [memory] embedding_model
// of the settings says, else all-minilm-l6-v2 where it is installed, else "". Error as resolve_model and read_settings.
std::string recall_model(const std::string& name = "auto");

// null where there is none.
std::unique_ptr<TextEmbedder> load_recall_embedder(const std::string& name);

}  // namespace loam
