// All algorithms over Isa, in the order of their needs.

#include "kernels/tiles.inl"

#include "kernels/math.inl"

#include "kernels/vector.inl"

#include "kernels/nonlinear.inl"

#include "kernels/recurrence.inl"

#include "kernels/kv_page.inl"

#include "kernels/attention.inl"

#include "kernels/formats.inl"

#include "kernels/few_bit_formats.inl"

#include "kernels/format_list.inl"

#include "kernels/pack.inl"

#include "kernels/activations.inl"

#include "kernels/matmul.inl"

#include "kernels/table.inl"
