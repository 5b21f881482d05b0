#include "model/hf/described_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <deque>
#include <filesystem>
#include <map>

#include "base/error.h"
#include "base/input_file.h"
#include "file/safetensors.h"
#include "model/hf/config.h"

namespace loam {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kMaxConfigBytes = 16 << 20;
constexpr int64_t kMaxParameters = 1'000'000'000'000'000;  // so that sums of bytes stay within 64 bits

// Q4_K_M's rule: the first and last eighth of the layers, and every third between, get more bits for what matters most.
bool has_more_bits(int layer, int n_layers) {
  return layer < n_layers / 8 || layer >= 7 * n_layers / 8 || (layer - n_layers / 8) % 3 == 2;
}

DType q4_k_m(const TensorSpec& spec, int layer, int n_layers, bool tied) {
  const bool is_head = spec.gguf == "output.weight" || (tied && spec.gguf == "token_embd.weight");
  const bool matters = spec.gguf == "attn_v.weight" || spec.gguf.starts_with("ffn_down");
  return is_head || (matters && has_more_bits(layer, n_layers)) ? DType::q6_k : DType::q4_k;
}

// The next type with blocks that fit rows of `cols`.
DType fitting(DType type, int64_t cols) {
  if (cols % info(type).block_size == 0) return type;
  const DType smaller = type == DType::q4_k ? DType::q5_0 : type == DType::q6_k ? DType::q8_0 : DType::f16;
  return smaller == DType::f16 ? smaller : fitting(smaller, cols);
}

constexpr struct {
  std::string_view name;
  WeightType weights;
  DType matrices;
} kWeightTypes[] = {{"f32", WeightType::f32, DType::f32},
                    {"f16", WeightType::f16, DType::f16},
                    {"bf16", WeightType::bf16, DType::bf16},
                    {"q8_0", WeightType::q8_0, DType::q8_0},
                    {"q4_k_m", WeightType::q4_k_m, DType::q4_k}};

class DescribedModel final : public GgufFile {
 public:
  DescribedModel(std::string path, HfConfig hf, std::optional<WeightType> type)
      : path_(std::move(path)),
        metadata_(std::move(hf.metadata)),
        parts_(std::move(hf.parts)),
        dtype_(hf.dtype),
        type_(type) {
    const ModelConfig config = ModelConfig::read(metadata_);
    metadata_.apply_override("general.name=str:" + model_name());
    for (const TensorSpec& spec : tensor_specs()) {
      if (!has(spec.part)) continue;
      for (int layer = 0; layer < (spec.of_layer ? config.n_layers : 1); ++layer) add(config, spec, layer);
    }
    std::ranges::sort(tensors_, {}, &TensorInfo::name);
  }

  void map() override {}
  Metadata& metadata() override { return metadata_; }
  const Metadata& metadata() const override { return metadata_; }
  void forget(std::string_view key) override { metadata_.forget(key); }
  std::span<const TensorInfo> tensors() const override { return tensors_; }
  const TensorInfo* find(std::string_view name) const override {
    const auto found = std::ranges::lower_bound(tensors_, name, {}, &TensorInfo::name);
    return found != tensors_.end() && found->name == name ? &*found : nullptr;
  }
  uint32_t version() const override { return 3; }
  uint64_t file_bytes() const override { return offset_; }
  const std::string& path() const override { return path_; }
  std::string fingerprint() const override { return {}; }
  std::span<const std::byte> bytes(const TensorInfo&, uint64_t, uint64_t, std::vector<std::byte>&) const override {
    throw Error(Error::Code::unsupported, "a config.json holds no weights", path_);
  }
  void release(const TensorInfo&, uint64_t, uint64_t) const override {}

 private:
  bool has(Part part) const { return std::ranges::find(parts_, part) != parts_.end(); }
  std::string model_name() const {
    const fs::path path = fs::absolute(path_);
    return path.filename() == "config.json" ? path.parent_path().filename().string() : path.stem().string();
  }

  DType dtype_of(const TensorSpec& spec, int layer, const ModelConfig& config) const {
    if (spec.rank() == 1 || spec.gguf == "ffn_gate_inp.weight") return DType::f32;
    DType type = dtype_;
    for (const auto& known : kWeightTypes)
      if (type_ == known.weights) type = known.matrices;
    if (type_ == WeightType::q4_k_m) type = q4_k_m(spec, layer, config.n_layers, !has(Part::own_head));
    return fitting(type, shape_of(config, spec).cols());
  }

  void add(const ModelConfig& config, const TensorSpec& spec, int layer) {
    TensorInfo info;
    info.name = names_.emplace_back(spec.gguf_name(layer));
    info.dtype = dtype_of(spec, layer, config);
    info.shape = shape_of(config, spec);
    n_parameters_ += info.shape.elements();
    if (n_parameters_ > kMaxParameters)
      throw Error(Error::Code::model_invalid, "the sizes make more than 10^15 parameters", path_);
    info.offset = offset_;
    info.bytes = bytes_of(info.dtype, info.shape.elements());
    offset_ += info.bytes;
    tensors_.push_back(info);
  }

  const std::string path_;
  Metadata metadata_;
  const std::vector<Part> parts_;
  const DType dtype_;
  const std::optional<WeightType> type_;
  std::deque<std::string> names_;    // that the tensors' names view
  std::vector<TensorInfo> tensors_;  // by name
  uint64_t offset_ = 0;
  int64_t n_parameters_ = 0;
};

// ---- what stands beside the config ----

// "self_attn.q_proj.weight" from "model.layers.0.self_attn.q_proj.weight", and the layer; -1 where it has none.
std::pair<std::string_view, int> without_layer(std::string_view name) {
  constexpr std::string_view kLayers = "layers.", kModel = "model.";
  if (const size_t at = name.find(kLayers); at != name.npos) {
    const std::string_view rest = name.substr(at + kLayers.size());
    int layer = -1;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), layer);
    if (error == std::errc{} && end != rest.data() + rest.size())
      return {rest.substr(static_cast<size_t>(end - rest.data()) + 1), layer};
  }
  const size_t at = name.rfind(kModel);
  return {at == name.npos ? name : name.substr(at + kModel.size()), -1};
}

// What the tensors of safetensors files say about the first layer and the number of layers and experts.
class Checkpoint {
 public:
  explicit Checkpoint(const SafetensorsHeader& tensors) {
    constexpr std::string_view kExperts = "mlp.experts.";
    for (const auto& [full_name, tensor] : tensors) {
      auto [name, layer] = without_layer(full_name);
      n_layers_ = std::max(n_layers_, layer + 1);
      if (layer > 0) continue;
      if (!name.starts_with(kExperts)) {
        shapes_.emplace(name, tensor.shape);
        continue;
      }
      const std::string_view rest = name.substr(kExperts.size());
      int64_t expert = -1;
      const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), expert);
      if (error != std::errc{} || tensor.shape.rank() != 2) continue;
      Shape& stack = shapes_[std::string(kExperts) + "*" + std::string(end, rest.data() + rest.size())];
      stack = {std::max(expert + 1, stack.rank() ? stack[0] : 0), tensor.shape[0], tensor.shape[1]};
    }
  }

  int n_layers() const { return n_layers_; }
  std::optional<Shape> find(std::string_view name) const {
    const auto found = shapes_.find(name);
    return found == shapes_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  int n_layers_ = 0;
  std::map<std::string, Shape, std::less<>> shapes_;
};

std::string against_safetensors(const ModelConfig& config, const fs::path& folder) {
  const SafetensorsHeader tensors = read_safetensors_folder(folder);
  if (tensors.empty()) return {};
  const Checkpoint checkpoint(tensors);
  const auto faults = contradictions(config, kHuggingFields, [&](const auto& s) { return checkpoint.find(s.hugging); });
  std::string text = join_messages(faults);
  if (checkpoint.n_layers() != config.n_layers)
    text += fmt::format("{}num_hidden_layers is {}, but the tensors have {} layers", text.empty() ? "" : "; ",
                        config.n_layers, checkpoint.n_layers());
  return text;
}

// The folder's only GGUF file; of several nobody knows which is meant.
std::string against_gguf(const ModelConfig& config, const fs::path& folder) {
  std::vector<std::string> paths;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".gguf") paths.push_back(entry.path());
  if (paths.size() != 1) return {};
  const auto file = GgufFile::open(paths[0], MapMode::read);
  return join_messages(contradictions(config, kHuggingFields, shapes_in(*file)));
}

std::string read_config(const std::string& path) {
  const InputFile file(path);
  if (file.size() > kMaxConfigBytes)
    throw Error(Error::Code::model_invalid, fmt::format("has {} bytes, too many for a configuration", file.size()),
                path);
  std::string text(file.size(), '\0');
  file.read(0, std::as_writable_bytes(std::span(text)));
  return text;
}

}  // namespace

std::optional<WeightType> find_weight_type(std::string_view name) {
  for (const auto& known : kWeightTypes)
    if (known.name == name) return known.weights;
  return std::nullopt;
}

bool is_hf_model(const std::string& path) {
  std::error_code fault;
  return fs::path(path).extension() == ".json" || fs::exists(fs::path(path) / "config.json", fault);
}

std::unique_ptr<GgufFile> describe_hf_model(const std::string& path, std::optional<WeightType> type) {
  const std::string file = fs::is_directory(path) ? (fs::path(path) / "config.json").string() : path;
  HfConfig hf = read_hf_config(read_config(file), file);
  const ModelConfig config = ModelConfig::read(hf.metadata);
  const fs::path folder = fs::absolute(file).parent_path();
  std::string faults = against_safetensors(config, folder);
  if (faults.empty()) faults = against_gguf(config, folder);
  if (!faults.empty()) throw Error(Error::Code::model_invalid, faults, file);
  return std::make_unique<DescribedModel>(file, std::move(hf), type);
}

}  // namespace loam
