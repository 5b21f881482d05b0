#!/usr/bin/env python3
"""Side by side with llama.cpp: the same model files, the same threads, turn by turn.

usage: bench/compare.py MODEL… [--loam build/release/loam] [-p 512] [-n 64] [-t 2] [-r 3] [--out FILE]
needs: pip install llama-cpp-python   (it builds llama.cpp for this machine)

MODEL is a name of the catalogue or a GGUF file. Each run is a fresh process, with the files in the page cache; the two
programs take turns, so that a machine that slows down slows both. Load is from the start until the model is ready;
prompt processing is one prompt of P tokens (llama.cpp: in batches of 512); generation is N single-token steps after it.
The medians, the machine and the versions are written to bench/results/DATE-CPU.json, from which scripts/speed_table.py
makes the README's table.
"""
import argparse
import datetime
import importlib.metadata
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import time

FIGURES = {
    "prompt_tps": lambda run: run["pp"]["tps"],
    "generate_tps": lambda run: run["tg"]["tps"],
    "load_ms": lambda run: run["load_ms"],
    "peak_rss_mib": lambda run: run["peak_rss_mib"],
}
# What a CPU brings that matters to int8 products, as Linux names it.
FEATURES = ("avx2", "fma", "f16c", "avx_vnni", "avx512f", "avx512_vnni", "avx512_bf16", "amx_int8", "asimddp", "i8mm")


class LlamaCpp:
    """One model in llama.cpp's C interface, so that Python's own work stays out of the figures."""

    def __init__(self, path, n_context, threads):
        import llama_cpp

        self.api = llama_cpp
        self.quiet = llama_cpp.llama_log_callback(lambda *_: None)  # must outlive every call
        llama_cpp.llama_log_set(self.quiet, None)
        llama_cpp.llama_backend_init()
        model = llama_cpp.llama_model_default_params()
        model.n_gpu_layers = 0
        self.model = llama_cpp.llama_model_load_from_file(path.encode(), model)
        context = llama_cpp.llama_context_default_params()
        context.n_ctx, context.n_batch, context.n_ubatch = n_context, 512, 512
        context.n_threads = context.n_threads_batch = threads
        self.context = llama_cpp.llama_init_from_model(self.model, context)
        if not self.context:
            sys.exit(f"llama.cpp cannot load {os.path.basename(path)}")

    def n_vocab(self):
        return self.api.llama_vocab_n_tokens(self.api.llama_model_get_vocab(self.model))

    def decode(self, tokens, position):
        batch = self.api.llama_batch_init(len(tokens), 0, 1)
        batch.n_tokens = len(tokens)
        for i, token in enumerate(tokens):
            batch.token[i], batch.pos[i] = token, position + i
            batch.n_seq_id[i], batch.seq_id[i][0] = 1, 0
            batch.logits[i] = int(i == len(tokens) - 1)
        if self.api.llama_decode(self.context, batch) != 0:
            sys.exit("llama.cpp could not decode a batch")
        self.api.llama_synchronize(self.context)
        self.api.llama_batch_free(batch)

    def forget(self):
        self.api.llama_memory_clear(self.api.llama_get_memory(self.context), True)


def bench_peer(path, n_prompt, n_generate, threads):
    import llama_cpp  # noqa: F401  its import is not part of the load time, just as Python's own start is not

    start = time.perf_counter()
    peer = LlamaCpp(path, n_prompt + n_generate + 8, threads)
    load_ms = (time.perf_counter() - start) * 1e3
    tokens = [(i * 7919 + 13) % min(peer.n_vocab(), 32000) for i in range(n_prompt + n_generate)]
    peer.decode(tokens[:4], 0)
    peer.forget()

    start = time.perf_counter()
    for i in range(0, n_prompt, 512):
        peer.decode(tokens[i : min(i + 512, n_prompt)], i)
    prompt_seconds = time.perf_counter() - start
    start = time.perf_counter()
    for i in range(n_prompt, n_prompt + n_generate):
        peer.decode(tokens[i : i + 1], i)
    generate_seconds = time.perf_counter() - start
    return {
        "load_ms": load_ms,
        "pp": {"n": n_prompt, "tps": n_prompt / prompt_seconds},
        "tg": {"n": n_generate, "tps": n_generate / generate_seconds},
        "peak_rss_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def json_of(command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode or not lines:
        sys.exit(f"{' '.join(command[:3])} failed ({done.returncode}): {done.stderr[-500:]}")
    return json.loads(lines[-1])


def model_file(model):
    """A path as it is; a catalogue name as the file that `loam pull` installs."""
    if os.path.exists(model):
        return model
    data = os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share")
    home = os.environ.get("LOAM_HOME") or os.path.join(data, "loam")
    path = os.path.join(home, "models", model + ".gguf")
    return path if os.path.exists(path) else sys.exit(f"{model} is not installed: build/release/loam pull {model}")


def compare(path, options):
    sizes = ["-p", str(options.p), "-n", str(options.n), "-t", str(options.t)]
    loam, peer = [], []
    for _ in range(options.r):
        loam.append(json_of([options.loam, "bench", path, *sizes, "-r", "1", "-o", "json"]))
        peer.append(json_of([sys.executable, __file__, path, *sizes, "--peer"]))
    result = {"model": os.path.basename(path).removesuffix(".gguf"), "file_mib": os.path.getsize(path) / 2**20}
    for name, figure in FIGURES.items():
        ours, theirs = (statistics.median(map(figure, runs)) for runs in (loam, peer))
        result[name] = {"loam": round(ours, 2), "llama.cpp": round(theirs, 2), "ratio": round(ours / theirs, 3)}
    print(json.dumps(result), file=sys.stderr)
    return result


def machine():
    about = {"cpu": "unknown CPU", "features": []}
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            key, _, value = (part.strip() for part in line.partition(":"))
            if key == "model name":
                about["cpu"] = value
            if key in ("flags", "Features"):
                about["features"] = [name for name in FEATURES if name in value.split()]
    with open("/proc/meminfo", encoding="utf-8") as file:
        about["memory_gib"] = round(int(file.readline().split()[1]) / 2**20, 1)
    about["cores"] = len(os.sched_getaffinity(0))
    return about


def commit():
    shown = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return shown.stdout.strip()


def default_output(about):
    slug = re.sub(r"[^a-z0-9]+", "-", about["cpu"].lower()).strip("-")
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "results")
    os.makedirs(folder, exist_ok=True)
    return os.path.join(folder, f"{datetime.date.today()}-{slug}.json")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", metavar="MODEL")
    parser.add_argument("--loam", default="build/release/loam", help="the program (default %(default)s)")
    parser.add_argument("-p", type=int, default=512, help="prompt tokens (default %(default)s)")
    parser.add_argument("-n", type=int, default=64, help="generated tokens (default %(default)s)")
    parser.add_argument("-t", type=int, default=2, help="threads (default %(default)s)")
    parser.add_argument("-r", type=int, default=3, help="runs of each program (default %(default)s)")
    parser.add_argument("--out", help="the result file (default bench/results/DATE-CPU.json)")
    parser.add_argument("--peer", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peer:
        print(json.dumps(bench_peer(options.models[0], options.p, options.n, options.t)))
        return
    about = machine()
    results = {
        "date": str(datetime.date.today()),
        "commit": commit(),
        "machine": about,
        "llama_cpp_python": importlib.metadata.version("llama-cpp-python"),
        "threads": options.t,
        "prompt_tokens": options.p,
        "generated_tokens": options.n,
        "runs": options.r,
        "results": [compare(model_file(model), options) for model in options.models],
    }
    out = options.out or default_output(about)
    with open(out, "w", encoding="utf-8") as file:
        file.write(json.dumps(results, indent=1) + "\n")
    print(os.path.relpath(out))


if __name__ == "__main__":
    main()
