#!/usr/bin/env python3
"""Side by side with llama.cpp on an embedding model: the same texts, the same threads, turn by turn.

usage: bench/compare_embeddings.py MODEL TEXTS EMBED_BENCH [-t 2] [-r 3] [--turns 2] [--out FILE]
needs: pip install llama-cpp-python gguf numpy safetensors   (the first builds llama.cpp for this machine)

MODEL is a Hugging Face folder, which is converted to GGUF files for llama.cpp; TEXTS has a text a line; EMBED_BENCH is that
program (-DLOAM_BENCH=ON). loam's time has the tokenising in it, llama.cpp's has not. llama.cpp runs in each type of weights and
with each size of batches that is given below, and its fastest counts. The cosine is the least one between the two programs'
vectors. The fastest run of each counts, as other programs only ever slow one down; the machine and the versions are written to FILE.
"""
import argparse
import importlib.metadata
import json
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from compare import machine  # noqa: E402

TYPES = ("f32", "f16")
BATCHES = (512, 2048)  # tokens
LAYER = {"attention.self.query": "attn_q", "attention.self.key": "attn_k", "attention.self.value": "attn_v",
         "attention.output.dense": "attn_output", "attention.output.LayerNorm": "attn_output_norm",
         "intermediate.dense": "ffn_up", "output.dense": "ffn_down", "output.LayerNorm": "layer_output_norm"}
ENDS = {"embeddings.word_embeddings": "token_embd", "embeddings.position_embeddings": "position_embd",
        "embeddings.token_type_embeddings": "token_types", "embeddings.LayerNorm": "token_embd_norm"}


def gguf_name(name):
    stem, kind = name.rsplit(".", 1)
    if stem in ENDS:
        return f"{ENDS[stem]}.{kind}"
    parts = stem.split(".", 3)  # encoder.layer.N.…
    return f"blk.{parts[2]}.{LAYER[parts[3]]}.{kind}" if parts[:2] == ["encoder", "layer"] else None


def convert(folder, path, kind):
    """The folder as the GGUF file that llama.cpp reads: its names, and a vocabulary with ▁ instead of ##."""
    import gguf
    from safetensors.numpy import load_file

    config = json.loads((folder / "config.json").read_text())
    tokenizer = json.loads((folder / "tokenizer.json").read_text())
    out = gguf.GGUFWriter(path, "bert")
    out.add_name(folder.name)
    out.add_context_length(config["max_position_embeddings"])
    out.add_embedding_length(config["hidden_size"])
    out.add_feed_forward_length(config["intermediate_size"])
    out.add_block_count(config["num_hidden_layers"])
    out.add_head_count(config["num_attention_heads"])
    out.add_layer_norm_eps(config["layer_norm_eps"])
    out.add_causal_attention(False)
    out.add_pooling_type(gguf.PoolingType.MEAN)
    vocabulary = sorted(tokenizer["model"]["vocab"].items(), key=lambda item: item[1])
    special = {token["content"] for token in tokenizer["added_tokens"]}
    out.add_tokenizer_model("bert")
    out.add_tokenizer_pre("default")
    out.add_token_type_count(config["type_vocab_size"])
    out.add_token_list([t if t in special else t[2:] if t.startswith("##") else "\u2581" + t for t, _ in vocabulary])
    out.add_token_types([3 if t in special else 1 for t, _ in vocabulary])
    ids = dict(vocabulary)
    out.add_bos_token_id(ids["[CLS]"])
    out.add_sep_token_id(ids["[SEP]"])
    out.add_eos_token_id(ids["[SEP]"])
    out.add_unk_token_id(ids["[UNK]"])
    out.add_pad_token_id(ids["[PAD]"])
    out.add_mask_token_id(ids["[MASK]"])
    for name, tensor in load_file(folder / "model.safetensors").items():
        target = gguf_name(name) if tensor.dtype != np.int64 else None
        if target is None or "pooler" in name:
            continue
        halve = kind == "f16" and tensor.ndim == 2 and target not in ("position_embd.weight", "token_types.weight")
        out.add_tensor(target, tensor.astype(np.float16 if halve else np.float32))
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()


class LlamaCpp:
    """One model in llama.cpp's C interface, so that Python's own work stays out of the figures."""

    def __init__(self, path, n_batch, threads):
        import llama_cpp

        self.api = api = llama_cpp
        self.quiet = api.llama_log_callback(lambda *_: None)  # must outlive every call
        api.llama_log_set(self.quiet, None)
        api.llama_backend_init()
        model = api.llama_model_default_params()
        model.n_gpu_layers = 0
        self.model = api.llama_model_load_from_file(str(path).encode(), model)
        context = api.llama_context_default_params()
        context.n_ctx = context.n_batch = context.n_ubatch = n_batch
        context.n_seq_max = self.n_seq_max = 64
        context.n_threads = context.n_threads_batch = threads
        context.embeddings = True
        context.pooling_type = api.LLAMA_POOLING_TYPE_MEAN
        context.kv_unified = True
        self.context = api.llama_init_from_model(self.model, context)
        if not self.context:
            sys.exit("llama.cpp cannot load the converted model")
        self.n_batch, self.dim = n_batch, api.llama_model_n_embd(self.model)
        self.batch = api.llama_batch_init(n_batch, 0, 1)

    def tokenize(self, text, most):
        vocab = self.api.llama_model_get_vocab(self.model)
        data = text.encode()
        room = (self.api.llama_token * (len(data) + 16))()
        n = self.api.llama_tokenize(vocab, data, len(data), room, len(room), True, True)
        ids = list(room[:n])
        return ids if n <= most else ids[: most - 1] + [ids[-1]]

    def fill(self, texts):
        batch, n = self.batch, 0
        for sequence, ids in enumerate(texts):
            for position, token in enumerate(ids):
                batch.token[n], batch.pos[n], batch.n_seq_id[n], batch.logits[n] = token, position, 1, True
                batch.seq_id[n][0] = sequence
                n += 1
        batch.n_tokens = n

    def embed(self, ids, clock):
        """→ (vectors, seconds in llama_encode)"""
        groups, rows = [[]], 0
        for text in ids:
            if rows + len(text) > self.n_batch or len(groups[-1]) == self.n_seq_max:
                groups.append([])
                rows = 0
            groups[-1].append(text)
            rows += len(text)
        vectors, seconds = [], 0.0
        for group in groups:
            self.fill(group)
            begin = clock()
            if self.api.llama_encode(self.context, self.batch) != 0:
                sys.exit("llama.cpp failed")
            self.api.llama_synchronize(self.context)
            seconds += clock() - begin
            for sequence in range(len(group)):
                pointer = self.api.llama_get_embeddings_seq(self.context, sequence)
                vectors.append(np.ctypeslib.as_array(pointer, (self.dim,)).copy())
        return np.array(vectors), seconds


def child(arguments):
    path, n_batch, threads, n_runs, texts, vectors, cpu = arguments
    clock = time.process_time if cpu == "True" else time.perf_counter
    llama = LlamaCpp(path, int(n_batch), int(threads))
    ids = [llama.tokenize(line, 256) for line in pathlib.Path(texts).read_text().splitlines()]
    runs = [llama.embed(ids, clock) for _ in range(int(n_runs))]
    np.save(vectors, runs[0][0])
    print(json.dumps({"tokens": sum(map(len, ids)), "seconds": min(seconds for _, seconds in runs)}))


def run_llama_cpp(path, n_batch, options, vectors):
    command = [sys.executable, __file__, "--child", str(path), str(n_batch), str(options.threads), str(options.runs),
               options.texts, str(vectors), str(options.cpu)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def run_loam(options):
    command = [options.program, options.model, options.texts, str(options.threads), str(options.runs)]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    which = "cpu_seconds" if options.cpu else "seconds"
    return min(({**run, "seconds": run[which]} for run in map(json.loads, lines)), key=lambda run: run["seconds"])


def main():
    if len(sys.argv) > 1 and sys.argv[1] == "--child":
        return child(sys.argv[2:])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("texts")
    parser.add_argument("program")
    parser.add_argument("-t", "--threads", type=int, default=2)
    parser.add_argument("-r", "--runs", type=int, default=3, help="in each process")
    parser.add_argument("--turns", type=int, default=2, help="processes of each program, one after another")
    parser.add_argument("--cpu", action="store_true", help="seconds of the processors: with -t 1, where others are at work")
    parser.add_argument("--out")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder, files = pathlib.Path(options.model), {}
        for kind in TYPES:
            files[kind] = pathlib.Path(temporary) / f"{kind}.gguf"
            convert(folder, files[kind], kind)
        seconds = {}
        for turn in range(options.turns):
            mine = run_loam(options)
            seconds.setdefault("loam", []).append(mine["seconds"])
            for kind in TYPES:
                for n_batch in BATCHES:
                    theirs = run_llama_cpp(files[kind], n_batch, options, pathlib.Path(temporary) / "vectors.npy")
                    assert theirs["tokens"] == mine["tokens"], (theirs, mine)
                    seconds.setdefault(f"llama.cpp {kind}, batches of {n_batch}", []).append(theirs["seconds"])
                    print(turn, kind, n_batch, theirs, mine, file=sys.stderr)
        least = least_cosine(options, pathlib.Path(temporary) / "vectors.npy")
    tps = {name: round(mine["tokens"] / min(times)) for name, times in seconds.items()}
    best = max(value for name, value in tps.items() if name != "loam")
    result = {"machine": machine(), "llama_cpp_python": importlib.metadata.version("llama-cpp-python"),
              "threads": options.threads, "seconds_of": "the processors" if options.cpu else "the clock", "runs": options.runs * options.turns, "texts": mine["texts"], "tokens": mine["tokens"],
              "least_cosine_between_the_two": least, "tokens_per_second": tps, "ratio_to_the_fastest": round(tps["loam"] / best, 3)}
    text = json.dumps({"model": folder.name, **result}, indent=1)
    print(text)
    if options.out:
        pathlib.Path(options.out).write_text(text + "\n")


def least_cosine(options, vectors):
    theirs = np.load(vectors)
    loam = [options.program.replace("embed_bench", "loam"), "embed", options.model, "--file", options.texts]
    mine = np.array([[float(x) for x in line.split()] for line in
                     subprocess.run(loam, check=True, capture_output=True, text=True).stdout.splitlines()])
    theirs = theirs / np.linalg.norm(theirs, axis=1, keepdims=True)
    return round(float((mine * theirs).sum(axis=1).min()), 6)


if __name__ == "__main__":
    main()
