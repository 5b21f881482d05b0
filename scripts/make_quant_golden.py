#!/usr/bin/env python3
"""Writes tests/data/quant: blocks of every format and what the `gguf` package decodes them to.

usage: make_quant_golden.py [OUT_DIR]           (needs: pip install gguf numpy)

NAME.blocks   random blocks as they lie in a file
NAME.f32      the same blocks decoded, float32
NAME.encoded  encode_input.f32 encoded to the format (formats that the package can encode)
encode_input.f32   1024 values: normal, tiny, huge, constant and zero blocks

Random bytes give every code; the half-precision scales among them are drawn so that they are finite, of both signs,
and subnormal every eighth time.
"""
import os
import sys

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Type

N_BLOCKS = {32: 24, 64: 16, 256: 8, 1: 512}

# Byte offsets of the half-precision values in a block.
HALVES = {
    Type.F16: [0], Type.Q4_0: [0], Type.Q4_1: [0, 2], Type.Q5_0: [0], Type.Q5_1: [0, 2], Type.Q8_0: [0],
    Type.Q2_K: [80, 82], Type.Q3_K: [108], Type.Q4_K: [0, 2], Type.Q5_K: [0, 2], Type.Q6_K: [208],
    Type.IQ4_NL: [0], Type.IQ4_XS: [0], Type.MXFP4: [], Type.BF16: [],
    Type.IQ2_XXS: [0], Type.IQ2_XS: [0], Type.IQ2_S: [0], Type.IQ3_XXS: [0], Type.IQ3_S: [0], Type.IQ1_S: [0],
    Type.IQ1_M: [], Type.TQ1_0: [52], Type.TQ2_0: [64], Type.NVFP4: [],
}


def random_halves(n, rng):
    scales = rng.standard_normal(n) * 10.0 ** rng.integers(-4, 3, n)
    scales[::8] = rng.uniform(-6e-5, 6e-5, len(scales[::8]))  # subnormal in half precision
    return scales.astype(np.float16)


def random_blocks(type_, n_blocks, block_bytes, rng):
    blocks = rng.integers(0, 256, (n_blocks, block_bytes), dtype=np.uint8)
    for offset in HALVES[type_]:
        blocks[:, offset:offset + 2] = random_halves(n_blocks, rng).view(np.uint8).reshape(-1, 2)
    if type_ == Type.BF16:
        blocks = (rng.standard_normal(n_blocks) * 10.0 ** rng.integers(-39, 30, n_blocks)).astype(np.float32).view(np.uint8)
        blocks = blocks.reshape(-1, 4)[:, 2:].copy()
    if type_ == Type.IQ1_M:  # the half's digits are the highest ones of four numbers
        halves, scales = random_halves(n_blocks, rng).view(np.uint16), blocks[:, 48:].view(np.uint16)
        scales[:] = (scales & 0xFFF) | (halves[:, None] >> np.array([0, 4, 8, 12], np.uint16) & 15) << 12
    if type_ == Type.NVFP4:
        blocks[0, :4] = [0, 1, 127, 255]
    if type_ == Type.MXFP4:
        blocks[:4, 0] = [0, 1, 2, 250]  # the subnormal scales, the first normal one and one near the largest
    return blocks


def encode_input(rng):
    x = rng.standard_normal((4, 256)).astype(np.float32)
    x[1] *= np.float32(1e-6)
    x[2] *= np.repeat(10.0 ** np.arange(-3, 5), 32).astype(np.float32)
    x[3, :32] = 0
    x[3, 32:64] = 0.75
    x[3, 64:96] = -3
    return x


def main():
    out = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), "..", "tests", "data", "quant")
    os.makedirs(out, exist_ok=True)
    x = encode_input(np.random.default_rng(0))
    x.tofile(os.path.join(out, "encode_input.f32"))
    for type_ in HALVES:
        block_size, block_bytes = gguf.GGML_QUANT_SIZES[type_]
        rng = np.random.default_rng(int(type_))
        blocks = random_blocks(type_, N_BLOCKS[block_size], block_bytes, rng)
        decoded = gguf.quants.dequantize(blocks, type_).astype(np.float32)
        assert np.isfinite(decoded).all(), type_.name
        path = os.path.join(out, type_.name)
        blocks.tofile(path + ".blocks")
        decoded.tofile(path + ".f32")
        if type_ in (Type.TQ1_0, Type.TQ2_0):
            continue  # loam's encoders find a better scale
        try:
            gguf.quants.quantize(x, type_).tofile(path + ".encoded")
        except NotImplementedError:
            pass


if __name__ == "__main__":
    main()
