#include "model/parts/score_head.h"

#include <fmt/format.h>

#include <string_view>

#include "base/error.h"

namespace loam {
namespace {

constexpr std::string_view kOutput = "cls.output", kDense = "cls";

}  // namespace

bool ScoreHead::is_in(const GgufFile& file) { return file.find("cls.output.weight") || file.find("cls.weight"); }

ScoreHead::ScoreHead(const Weights& w, int64_t dim, const ScoreHeadSpec& spec, float epsilon) : spec_(spec) {
  const bool has_output = w.has(kOutput);
  const TensorInfo* last = w.file().find(has_output ? "cls.output.weight" : "cls.weight");
  const int64_t n_labels = last && last->shape.rank() == 2 ? last->shape[0] : 1;
  if (n_labels != 1 && (has_output || n_labels != dim))
    throw Error(Error::Code::unsupported,
                fmt::format("{} has {} labels; loam scores pairs with models of one", last->name, n_labels),
                fmt::format("shape@{}", last->offset));
  output_ = w.linear(!has_output && last && n_labels == 1 ? kDense : kOutput, {1, dim});
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
  return f.linear(x, output_);
}

}  // namespace loam
