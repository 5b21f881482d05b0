#include "app/model_settings.h"

namespace loam {

ModelSettings model_settings(const std::string& text) {
  const size_t equals = text.find('=');
  ModelSettings model;
  model.eager = true;
  model.path = equals == std::string::npos ? text : text.substr(equals + 1);
  model.name = equals == std::string::npos ? text : text.substr(0, equals);
  if (equals != std::string::npos) return model;
  model.name = model.name.substr(model.name.rfind('/') + 1);
  if (model.name.ends_with(".gguf")) model.name.resize(model.name.size() - 5);
  return model;
}

}  // namespace loam
