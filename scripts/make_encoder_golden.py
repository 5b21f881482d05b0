#!/usr/bin/env python3
"""Writes tests/data/quant/search_*: how well llama.cpp's encoders do, which loam's must not fall behind.

usage: make_encoder_golden.py [OUT_DIR]           (needs: pip install gguf numpy llama-cpp-python)

search_input.f32        16 rows of 512 values: normal ones, ones with outliers, ones off centre, small ones
search_importance.f32   512 importances of a column's squared errors
search_error.txt        a line a type: the root mean square error of ggml_quantize_chunk relative to the values', without
                        importances, and the root of the weighted mean square with them

Q1_0.blocks, .f32 and Q2_0.*: random blocks and what the library decodes them to, for types that the gguf package knows
by name only.

Types that the library refuses to encode without importances get equal ones.
"""
import ctypes
import os
import sys

import gguf
import llama_cpp
import numpy as np
from gguf import GGMLQuantizationType as Type

TYPES = [
    Type.Q2_K, Type.Q3_K, Type.Q4_K, Type.Q5_K, Type.Q6_K, Type.IQ4_NL, Type.IQ4_XS, Type.MXFP4, Type.NVFP4, Type.IQ3_S,
    Type.IQ3_XXS, Type.IQ2_S, Type.IQ2_XS, Type.IQ2_XXS, Type.IQ1_M, Type.IQ1_S, Type.TQ1_0, Type.TQ2_0,
]


def library():
    folder = os.path.join(os.path.dirname(llama_cpp.__file__), "lib")
    found = ctypes.CDLL(os.path.join(folder, "libggml-base.so"))
    found.ggml_quantize_chunk.restype = ctypes.c_size_t
    found.ggml_quantize_chunk.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64,
                                          ctypes.c_int64, ctypes.c_void_p]
    return found


def encode(ggml, type_, x, importance):
    block_size, block_bytes = gguf.GGML_QUANT_SIZES[type_]
    blocks = np.zeros((x.shape[0], x.shape[1] // block_size * block_bytes), np.uint8)
    if importance is None and ggml.ggml_quantize_requires_imatrix(int(type_)):
        importance = np.ones(x.shape[1], np.float32)
    ggml.ggml_quantize_chunk(int(type_), x.ctypes.data, blocks.ctypes.data, 0, x.shape[0], x.shape[1],
                             importance.ctypes.data if importance is not None else None)
    return blocks


def write_decoded(ggml, name, block_size, out, rng):
    blocks = rng.integers(0, 256, (16, 18), dtype=np.uint8)
    blocks[:, :2] = (rng.standard_normal(16) * 10.0 ** rng.integers(-4, 3, 16)).astype(np.float16).view(np.uint8).reshape(-1, 2)
    decoded = np.zeros(16 * block_size, np.float32)
    decode = getattr(ggml, "dequantize_row_" + name.lower())
    decode.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64]
    decode(blocks.ctypes.data, decoded.ctypes.data, decoded.size)
    blocks.tofile(os.path.join(out, name + ".blocks"))
    decoded.tofile(os.path.join(out, name + ".f32"))


def relative_error(x, decoded, importance):
    x, weight = x.astype(np.float64), np.ones(x.shape[1]) if importance is None else importance.astype(np.float64)
    return np.sqrt(((x - decoded) ** 2 * weight).sum() / (x**2 * weight).sum())


def search_input(rng):
    x = rng.standard_normal((16, 512))
    x[4:8] = rng.standard_t(4, (4, 512))
    x[8:12] += rng.standard_normal((4, 1))
    x[12:] *= 0.01
    return x.astype(np.float32)


def main():
    out = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), "..", "tests", "data", "quant")
    rng = np.random.default_rng(1)
    x, importance = search_input(rng), np.exp(rng.standard_normal(512)).astype(np.float32)
    x.tofile(os.path.join(out, "search_input.f32"))
    importance.tofile(os.path.join(out, "search_importance.f32"))
    ggml = library()
    for name, block_size in (("Q1_0", 128), ("Q2_0", 64)):
        write_decoded(ggml, name, block_size, out, rng)
    with open(os.path.join(out, "search_error.txt"), "w") as lines:
        for type_ in TYPES:
            errors = [relative_error(x, gguf.quants.dequantize(encode(ggml, type_, x, w), type_), w)
                      for w in (None, importance)]
            lines.write(f"{type_.name} {errors[0]:.17g} {errors[1]:.17g}\n")


if __name__ == "__main__":
    main()
