// What the catalogue and the downloads share: names, and the folder that installed models live in.
#pragma once

#include <string>
#include <string_view>

namespace loam {

// Letters, digits, '.', '_' and '-', not beginning with '.' or '-', without "..": safe as a file's name.
bool is_model_name(std::string_view name);
std::string models_folder();  // $LOAM_HOME/models; may not exist yet

// Removes what unfinished downloads have left beside a model's file; false where there was nothing.
bool remove_download_leftovers(const std::string& file);

// "there is no model NAME in the catalogue", with the closest names.
std::string unknown_model(std::string_view name);

}  // namespace loam
