// The table of one instruction set's kernels.

constexpr KernelTable make_table(std::string_view name) {
  return {.name = name,
          .row_group = Isa::kLanes,
          .token_tile = 8,
          .pack = nullptr,
          .unpack_row = nullptr,
          .pack_activations = nullptr,
          .matmul = nullptr,
          .rms_norm = rms_norm,
          .add = add,
          .multiply_add = multiply_add,
          .scale = scale,
          .swiglu = swiglu,
          .geglu = geglu,
          .softmax = softmax,
          .to_f16 = f32_to_f16,
          .to_f32 = f16_to_f32,
          .rope = rope,
          .attention = attention};
}
