// The table of one instruction set's kernels.

constexpr KernelTable make_table(std::string_view name) {
  return {.name = name,
          .row_group = Isa::kLanes,
          .token_tile = kTokenTile,
          .activation_block_bytes = kQuantBlockBytes,
          .row_group_bytes = row_group_bytes,
          .pack = pack,
          .unpack_row = unpack_row,
          .pack_activations = pack_activations,
          .matmul = matmul,
          .rms_norm = rms_norm,
          .layer_norm = layer_norm,
          .add = add,
          .multiply = multiply,
          .multiply_add = multiply_add,
          .scale = scale,
          .activate = activate,
          .softmax = softmax,
          .softcap = softcap,
          .to_f16 = f32_to_f16,
          .to_f32 = f16_to_f32,
          .rope = rope,
          .attention = attention,
          .merge_attention = merge_attention,
          .finish_attention = finish_attention};
}
