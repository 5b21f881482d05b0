#include "model/parts/score_head.h"

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "base/error.h"

namespace loam {
namespace {

constexpr std::string_view kOutput = "cls.output", kDense = "cls";

// The row of the label "yes" where the file has it and "no" alone; else -1.
int row_of_yes(const Metadata& metadata) {
  const auto arch = std::string(metadata.require_string("general.architecture"));
  const auto* labels = metadata.strings(arch + ".classifier.output_labels");
  if (labels == nullptr || labels->size() != 2) return -1;
  const auto is = [&](size_t i, std::string_view label) { return (*labels)[i] == label; };
  return is(0, "yes") && is(1, "no") ? 0 : is(1, "yes") && is(0, "no") ? 1 : -1;
}

}  // namespace

bool ScoreHead::is_in(const GgufFile& file) { return file.find("cls.output.weight") || file.find("cls.weight"); }

ScoreHead::ScoreHead(const Weights& w, int64_t dim, const ScoreHeadSpec& spec, float epsilon) : spec_(spec) {
  const bool has_output = w.has(kOutput);
  const TensorInfo* last = w.file().find(has_output ? "cls.output.weight" : "cls.weight");
  const int64_t n_labels = last && last->shape.rank() == 2 ? last->shape[0] : 1;
  if (has_output && n_labels == 2) yes_ = row_of_yes(w.metadata());
  if (n_labels != 1 && yes_ < 0 && (has_output || n_labels != dim))
    throw Error(Error::Code::unsupported,
                fmt::format("{} has {} labels; loam scores pairs with models of one", last->name, n_labels),
                fmt::format("shape@{}", last->offset));
  output_ = w.linear(!has_output && last && n_labels == 1 ? kDense : kOutput, {yes_ < 0 ? 1 : 2, dim});
  if (!has_output || !w.has(kDense)) return;
  dense_ = w.linear(kDense, {dim, dim});
  if (w.has("cls.norm")) norm_ = Norm(w, "cls.norm", dim, NormKind::layer, epsilon);
}

Tensor ScoreHead::operator()(Ops& f, const Tensor& pooled) const {
  Tensor x = pooled;
  if (dense_.weight) {
    x = f.linear(x, dense_);
    if (spec_.gelu)
      x = f.activate(x, {}, {Activation::gelu_erf});
    else
      f.softcap(x, 1);  // tanh
    x = norm_(f, x);
  }
  Tensor logits = f.linear(x, output_);  // (n, 1), or (n, 2) of yes and no
  if (yes_ < 0) return logits;
  const int64_t n = logits.shape.rows();
  const Tensor both = logits;
  logits.shape = {n, 1};
  for (int64_t i = 0; i < n; ++i) {
    const float* row = both.row(i);
    logits.f32()[i] = row[yes_] - row[1 - yes_];
  }
  return logits;
}

}  // namespace loam
