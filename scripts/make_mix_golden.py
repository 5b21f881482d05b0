#!/usr/bin/env python3
"""Writes tests/data/quant/mixes.json: which type llama.cpp's own quantiser gives each tensor of some model shapes.

    python3 -m venv v && v/bin/pip install llama-cpp-python==0.3.36 gguf==0.19.0
    v/bin/python scripts/make_mix_golden.py
"""
import ctypes, json, os, pathlib, sys, tempfile

import gguf
import llama_cpp
import numpy as np

MIXES = {"Q8_0": 7, "Q6_K": 18, "Q5_K_M": 17, "Q5_K_S": 16, "Q5_1": 9, "Q5_0": 8, "Q4_K_M": 15, "Q4_K_S": 14, "Q4_1": 3, "Q4_0": 2,
         "IQ4_NL": 25, "IQ4_XS": 30, "Q3_K_L": 13, "Q3_K_M": 12, "Q3_K_S": 11, "IQ3_M": 27, "IQ3_S": 26, "IQ3_XS": 22, "IQ3_XXS": 23,
         "Q2_K": 10, "TQ1_0": 36, "TQ2_0": 37, "MXFP4_MOE": 38, "F16": 1, "BF16": 32}
DENSE = ["attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"]
SHAPES = {
    "tied": dict(arch="llama", layers=30, heads=9, kv=3, experts=0, output=False, tensors=DENSE, cols=256),
    "shared values": dict(arch="llama", layers=24, heads=32, kv=8, experts=0, output=True, tensors=DENSE, cols=256),
    "70B": dict(arch="llama", layers=80, heads=64, kv=8, experts=0, output=True, tensors=DENSE, cols=256),
    "mixtral": dict(arch="llama", layers=16, heads=32, kv=8, experts=8, output=True, cols=256,
                    tensors=["attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate_inp", "ffn_gate_exps", "ffn_up_exps", "ffn_down_exps"]),
    "falcon": dict(arch="falcon", layers=32, heads=71, kv=1, experts=0, output=True, cols=256,
                   tensors=["attn_qkv", "attn_output", "ffn_up", "ffn_down"]),
    "odd rows": dict(arch="llama", layers=8, heads=9, kv=9, experts=0, output=True, tensors=DENSE, cols=96),
}


def write_model(path, shape):
    w = gguf.GGUFWriter(path, shape["arch"])
    for add, value in [(w.add_block_count, shape["layers"]), (w.add_context_length, 64), (w.add_embedding_length, shape["cols"]),
                       (w.add_feed_forward_length, 256), (w.add_head_count, shape["heads"]), (w.add_head_count_kv, shape["kv"]),
                       (w.add_layer_norm_rms_eps, 1e-5), (w.add_layer_norm_eps, 1e-5), (w.add_vocab_size, 2)]:
        add(value)
    if shape["experts"]:
        w.add_expert_count(shape["experts"])
        w.add_expert_used_count(2)
    rng = np.random.default_rng(1)
    names = ["token_embd", "output_norm"] + (["output"] if shape["output"] else [])
    names += [f"blk.{i}.{t}" for i in range(shape["layers"]) for t in ["attn_norm"] + shape["tensors"]]
    for name in names:
        dims = (shape["cols"],) if name.endswith("norm") else (2, shape["cols"])
        if name.endswith("_exps"):
            dims = (shape["experts"],) + dims
        values = rng.standard_normal(dims)
        w.add_tensor(name + ".weight", values.astype(np.float32 if len(dims) == 1 or "inp" in name else np.float16))
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()


def quantised_types(source, out, ftype):
    params = llama_cpp.llama_model_quantize_default_params()
    params.ftype, params.nthread = ftype, 1
    if llama_cpp.llama_model_quantize(source.encode(), out.encode(), ctypes.byref(params)) != 0:
        return None
    return {t.name: t.tensor_type.name for t in gguf.GGUFReader(out).tensors}


def main():
    golden = {}
    with tempfile.TemporaryDirectory() as folder:
        source, out = folder + "/in.gguf", folder + "/out.gguf"
        for name, shape in SHAPES.items():
            write_model(source, shape)
            mixes = {mix: types for mix, ftype in MIXES.items() if (types := quantised_types(source, out, ftype))}
            golden[name] = {**shape, "mixes": {}}
            for mix, types in mixes.items():  # of each kind of tensor the types of all layers, as runs: "Q6_K*3 Q4_K*2"
                kinds = {}
                for tensor in sorted(types, key=lambda t: (int(t.split(".")[1]) if t.startswith("blk.") else -1, t)):
                    kind = tensor.split(".", 2)[2] if tensor.startswith("blk.") else tensor
                    kinds.setdefault(kind, []).append(types[tensor])
                rows = {}
                for kind, list_ in kinds.items():
                    runs = []
                    for t in list_:
                        if runs and runs[-1][0] == t:
                            runs[-1][1] += 1
                        else:
                            runs.append([t, 1])
                    rows[kind] = " ".join(f"{t}*{n}" for t, n in runs)
                golden[name]["mixes"][mix] = rows
            print(name, len(mixes), "mixes", file=sys.stderr)
    path = pathlib.Path(__file__).parent.parent / "tests/data/quant/mixes.json"
    path.write_text(json.dumps(golden, indent=1) + "\n")


main()
