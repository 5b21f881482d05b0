#include "model/hf/dense_modules.h"

#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/utf8.h"
#include "file/json_file.h"
#include "model/hf/fields.h"
#include "model/hf/sentence_transformers.h"

namespace loam {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDenseNames[] = {"dense_2", "dense_3"};

class DenseModule {
 public:
  DenseModule(const fs::path& folder, std::string name)
      : path_(folder / "config.json"), json_(read_json_file(path_)), name_(std::move(name)) {
    if (!json_.is_object()) throw Error(Error::Code::model_invalid, "is not a JSON object", path_);
  }

  void read_settings(const std::string& arch, Metadata& metadata) {
    HfFields f(json_, path_);
    const auto put = [&](const char* key, MetaValue value) {
      metadata.insert(fmt::format("{}.{}_{}", arch, name_, key), std::move(value));
    };
    in_ = f.count("in_features"), out_ = f.count("out_features");
    f.throw_faults();
    put("feat_in", {.type = MetaType::i64, .value = in_});
    put("feat_out", {.type = MetaType::i64, .value = out_});
    const std::string activation = f.text("activation_function");
    if (activation.empty() || activation.ends_with(".Tanh"))  // what the library takes where nothing is said
      put("activation", {.type = MetaType::string, .value = std::string_view("tanh")});
    else if (!activation.ends_with(".Identity"))
      throw Error(Error::Code::unsupported,
                  fmt::format("{}: activation_function is \"{}\"; loam has code for Tanh and Identity",
                              escape_control(path_.string()), escape_control(activation)),
                  "config.json");
  }

  void add_tensors(const SafetensorsFile& file, std::vector<NamedSource>& tensors) const {
    for (const auto& [name, info] : file.tensors()) {
      if (name != "linear.weight" && name != "linear.bias") continue;
      const Shape wanted = name == "linear.bias" ? Shape{out_} : Shape{out_, in_};
      if (info.shape != wanted)
        throw Error(Error::Code::model_invalid,
                    fmt::format("{}: {} has shape {}; in_features and out_features make {}",
                                escape_control(file.path()), name, info.shape.text(), wanted.text()),
                    "shape@8");
      const SourcePtr source = stored_source({&file, &info}, name);
      tensors.push_back({name_ + (name == "linear.bias" ? ".bias" : ".weight"),
                         name == "linear.bias" ? widened(source, wanted) : source});
    }
    if (tensors.empty() || !tensors.back().name.starts_with(name_))
      throw Error(Error::Code::model_invalid, fmt::format("{}: has no linear.weight", escape_control(file.path())),
                  "name@0");
  }

 private:
  const fs::path path_;
  const nlohmann::json json_;
  const std::string name_;
  int64_t in_ = 0, out_ = 0;
};

}  // namespace

void add_dense_modules(const std::string& folder, Metadata& metadata, std::deque<SafetensorsFile>& files,
                       std::vector<NamedSource>& tensors) {
  const std::vector<std::string> folders = dense_folders(folder);
  if (folders.size() > std::size(kDenseNames))
    throw Error(
        Error::Code::unsupported,
        fmt::format("modules.json has {} Dense modules; loam runs at most {}", folders.size(), std::size(kDenseNames)),
        "modules.json");
  const auto arch = std::string(metadata.require_string("general.architecture"));
  for (size_t i = 0; i < folders.size(); ++i) {
    DenseModule module(folders[i], kDenseNames[i]);
    module.read_settings(arch, metadata);
    module.add_tensors(files.emplace_back((fs::path(folders[i]) / "model.safetensors").string()), tensors);
  }
}

}  // namespace loam
