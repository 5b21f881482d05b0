#!/usr/bin/env python3
"""Writes tests/data/families: tiny models of many architectures, without their weights, and the logits they must give.

usage: make_families.py skeletons FOLDER    from FOLDER/NAME.gguf, as llama.cpp's test-llama-archs -o writes them (8 experts,
                                            2 of them used); what the file has besides, it keeps: llama.cpp's test has
                                            no rwkv7, say, so its line is written by hand
       make_families.py logits FOLDER [NAME…]  from the same models with the weights of tests/model/families.h: FOLDER is what
                                            test_model --gtest_also_run_disabled_tests --gtest_filter=*WriteFamilies has written

needs: pip install gguf numpy llama-cpp-python==0.3.36
"""
import glob, json, os, re, sys
import numpy as np

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "data", "families")
KINDS = {4: "u32", 5: "i32", 6: "f32", 7: "bool", 8: "text", 10: "u64"}
TOKENS = [30, 81, 26, 57, 107, 125, 112, 61, 0, 20, 28, 73, 25, 115, 2, 125, 80, 53, 101, 64,
          89, 91, 96, 19, 87, 22, 74, 73, 117, 36, 79, 6, 94, 93, 118, 108, 23, 102, 127, 29]
ROWS = [0, 1, 6, 7, 13, 20, 31, 32, 38, 39]  # before and behind the window of 32 tokens, and at the ends of chunks
# No texts come out of them, their vocabularies are too large to keep, or llama.cpp does not run what its test makes.
LEFT_OUT = {"bert", "chameleon", "clip", "dflash", "eagle3", "eurobert", "gemma-embedding", "glm5-next",
            "llama-embed", "modern-bert", "neo-bert", "qwen3tts", "t5", "t5encoder", "wavtokenizer-dec"}
WHOLE = {"dream-dense", "llada-dense", "llada-moe-moe", "rnd1-moe"}  # they see what follows: all tokens in one batch
# Tensors that its writer leaves out.
MISSING = {"bitnet-dense": {"token_embd.weight": [128, 256]}}
SEEDS = {"deepseek4-moe": 2, "gemma3n-dense": 5, "grovemoe-moe": 4, "phimoe-moe": 1, "plamo2-dense": 1}  # of weights, where those of seed 0 bring a router to a tie
# Of numbers, by parts of tensors' names: gemma3n does not scale q·k, so untrained scores are so large that rounding changes
# its logits.
SPREADS = {"gemma3n-dense": {"attn_q_norm": [0.1, 0.02]}}
IN_F32 = {"gemma3n-dense"}  # so many layers that what llama.cpp rounds to f16 adds up
MOST_NOISE = 2e-6  # what another order of llama.cpp's sums may change


def keys_of(reader, arch):
    keys = {}
    for field in reader.fields.values():
        if field.name.startswith(("GGUF.", "tokenizer.", "general.")) or not field.data: continue
        kinds, value = field.types, field.contents()
        name = field.name.replace(arch + ".", "@.", 1)
        if kinds[0] != 9: keys[name] = [KINDS[int(kinds[0])], value]
        elif name.startswith("xielu."): keys[name] = [KINDS[int(kinds[1])], value[:reader.fields[arch + ".block_count"].contents()]]
        elif len(set(value)) == 1: keys[name] = [KINDS[int(kinds[1])], value[0], len(value)]  # one value, many times
        else: keys[name] = [KINDS[int(kinds[1])], value]
    return {name: key for name, key in keys.items() if key[1] not in (float("inf"), -float("inf"))}


def tensors_of(reader, n_layers):
    """Shapes by name; one entry, blk.*, for what all layers have alike."""
    shapes = {t.name: [int(n) for n in reversed(t.shape)] for t in reader.tensors if not t.name.endswith((".scale", ".input_scale"))}
    tensors = {}
    for name, shape in shapes.items():
        rest = re.sub(r"^blk\.\d+\.", "", name)
        every = [shapes.get(f"blk.{i}.{rest}") for i in range(n_layers)]
        tensors[f"blk.*.{rest}" if name != rest and all(s == shape for s in every) else name] = shape
    return tensors


def write_skeletons(folder):
    import gguf
    written = {os.path.basename(path)[:-5] for path in glob.glob(os.path.join(folder, "*.gguf"))}
    kept = json.load(open(os.path.join(DATA, "skeletons.json")))["models"]
    models = {name: model for name, model in kept.items() if name not in written}
    by_hand = set(models)
    for path in sorted(glob.glob(os.path.join(folder, "*.gguf"))):
        reader = gguf.GGUFReader(path)
        arch = reader.fields["general.architecture"].contents()
        name = os.path.basename(path)[:-5]
        if arch in LEFT_OUT or name == "refact-moe": continue  # whose experts llama.cpp does not run
        models[name] = {"architecture": arch, "seed": SEEDS.get(name, 0), "keys": keys_of(reader, arch),
                        **({"spreads": SPREADS[name]} if name in SPREADS else {}), **({"f32": True} if name in IN_F32 else {}),
                        "tensors": tensors_of(reader, reader.fields[arch + ".block_count"].contents()) | MISSING.get(name, {})}
    shared = dict(models["llama-dense"]["keys"])
    for name, model in models.items():
        if name in by_hand: continue
        own = {name: key for name, key in model["keys"].items() if shared.get(name) != key}
        model["keys"] = own | {name: None for name in shared if name not in model["keys"]}
    with open(os.path.join(DATA, "skeletons.json"), "w") as f:
        line = lambda value: json.dumps(value, separators=(",", ":"))
        f.write('{"tokens":%s,\n"rows":%s,\n"keys":%s,\n"models":{\n' % (line(TOKENS), line(ROWS), line(shared)))
        f.write(",\n".join(f"{line(name)}:{line(model)}" for name, model in sorted(models.items(), key=lambda item: item[0] + ".")) + "\n}}\n")


def logits(path, chunk):
    import llama_cpp as L
    params = L.llama_model_default_params()
    model = L.llama_model_load_from_file(path.encode(), params)
    if not model: return None
    params = L.llama_context_default_params()
    params.n_ctx = params.n_batch = params.n_ubatch = 256
    params.type_k = params.type_v = 0  # f32
    params.swa_full = True
    context = L.llama_init_from_model(model, params)
    n_vocab = L.llama_vocab_n_tokens(L.llama_model_get_vocab(model))
    rows = []
    for first in range(0, len(TOKENS), chunk):
        batch = L.llama_batch_init(chunk, 0, 1)
        batch.n_tokens = chunk
        for i, token in enumerate(TOKENS[first:first + chunk]):
            batch.token[i], batch.pos[i], batch.n_seq_id[i], batch.seq_id[i][0], batch.logits[i] = token, first + i, 1, 0, 1
        if L.llama_decode(context, batch) != 0: return None
        rows += [np.ctypeslib.as_array(L.llama_get_logits_ith(context, i), (n_vocab,)).copy() for i in range(chunk)]
        L.llama_batch_free(batch)
    L.llama_free(context); L.llama_model_free(model)
    return np.array([rows[i] for i in ROWS], dtype="<f4")


def plm_logits(path):
    """llama.cpp 0.3.36 gives up on PLM's values: the paper's formulas (arXiv 2503.12167), in double precision."""
    import gguf
    tensors = {t.name: np.array(t.data, dtype="f8") for t in gguf.GGUFReader(path).tensors}
    n, heads, rank, plain, turned, value = len(TOKENS), 4, 48, 64, 32, 64
    norm = lambda x, weight: x / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-5) * weight

    def rotate(x):  # (n, heads, turned), neighbours together
        angles = np.arange(n)[:, None, None] * 10000.0 ** (-np.arange(0, turned, 2) / turned)
        y, even, odd = x.copy(), x[..., 0::2], x[..., 1::2]
        y[..., 0::2], y[..., 1::2] = even * np.cos(angles) - odd * np.sin(angles), even * np.sin(angles) + odd * np.cos(angles)
        return y

    x = tensors["token_embd.weight"][TOKENS]
    for layer in range(2):
        w = lambda name: tensors[f"blk.{layer}.{name}.weight"]
        h = norm(x, w("attn_norm"))
        q, latent = (h @ w("attn_q").T).reshape(n, heads, plain + turned), h @ w("attn_kv_a_mqa").T
        kv = (norm(latent[:, :rank], w("attn_kv_a_norm")) @ w("attn_kv_b").T).reshape(n, heads, plain + value)
        q = np.concatenate([q[..., :plain], rotate(q[..., plain:])], -1)
        k = np.concatenate([kv[..., :plain], np.repeat(rotate(latent[:, None, rank:]), heads, 1)], -1)
        scores = np.einsum("ihd,jhd->hij", q, k) / np.sqrt(plain + turned) + np.triu(np.full((n, n), -np.inf), 1)
        p = np.exp(scores - scores.max(-1, keepdims=True))
        x = x + np.einsum("hij,jhd->ihd", p / p.sum(-1, keepdims=True), kv[..., plain:]).reshape(n, -1) @ w("attn_output").T
        x = x + np.maximum(norm(x, w("ffn_norm")) @ w("ffn_up").T, 0) ** 2 @ w("ffn_down").T
    return (norm(x, tensors["output_norm.weight"]) @ tensors["token_embd.weight"].T)[ROWS].astype("<f4")


def write_logits(folder, *names):
    os.environ["GGML_NO_BACKTRACE"] = "1"
    for name in names or sorted(os.path.basename(path)[:-5] for path in glob.glob(os.path.join(folder, "*.gguf"))):
        path = os.path.join(folder, name + ".gguf")
        if name == "plm-dense":
            plm_logits(path).tofile(os.path.join(DATA, name + ".f32"))
            continue
        pid = os.fork()  # what llama.cpp aborts on ends no more than one model
        if pid == 0:
            reference = logits(path, len(TOKENS))
            other = reference if name in WHOLE else logits(path, 1)
            noise = np.mean((reference - other) ** 2) / np.mean(reference ** 2)
            print(f"{name}: noise {noise:.1e}, deviation {reference.std():.2f}", "" if noise < MOST_NOISE else "TOO NOISY: needs another seed")
            if noise < MOST_NOISE: reference.tofile(os.path.join(DATA, name + ".f32"))
            os._exit(0)
        if os.waitpid(pid, 0)[1] != 0: print(f"{name}: llama.cpp does not run it")


if __name__ == "__main__":
    {"skeletons": write_skeletons, "logits": write_logits}[sys.argv[1]](*sys.argv[2:])
