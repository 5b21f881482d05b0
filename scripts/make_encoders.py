#!/usr/bin/env python3
"""Writes tests/data/encoders: tiny text encoders, without their weights, and the vectors or scores that they must give.

usage: make_encoders.py skeletons       keys and shapes of all models
       make_encoders.py vectors FOLDER  from the same models with the weights of tests/model/families.h: FOLDER is what
                                        LOAM_ENCODERS=FOLDER test_model --gtest_also_run_disabled_tests
                                        --gtest_filter=*WriteEncoders has written

needs: pip install numpy llama-cpp-python==0.3.36
"""
import json, os, sys

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "data", "encoders")
TOKENS = [(i * 37 + i * i * 11 + 5) % 128 for i in range(90)]
TEXTS = [[0, 90], [40, 47], [12, 13], [33, 66]]  # begin and end in the tokens
DIM, FFN, HEADS, VOCAB, CONTEXT, LAYERS = 64, 96, 4, 128, 128, 3
KEYS = {"@.vocab_size": ["u32", VOCAB], "@.context_length": ["u32", CONTEXT], "@.embedding_length": ["u32", DIM],
        "@.block_count": ["u32", LAYERS], "@.feed_forward_length": ["u32", FFN], "@.attention.head_count": ["u32", HEADS],
        "@.attention.layer_norm_epsilon": ["f32", 1e-5], "@.attention.causal": ["bool", False],
        "tokenizer.ggml.token_type_count": ["u32", 2], "@.pooling_type": ["u32", 1]}
RMS = {"@.attention.layer_norm_epsilon": None, "@.attention.layer_norm_rms_epsilon": ["f32", 1e-6]}
RANK = {"@.pooling_type": ["u32", 4]}
EMBEDDING = {"token_embd.weight": [VOCAB, DIM]}
EMBEDDING_NORM = {"token_embd_norm.weight": [DIM], "token_embd_norm.bias": [DIM]}
TYPES = {"token_types.weight": [2, DIM]}
HEAD = {"cls.weight": [DIM, DIM], "cls.bias": [DIM]}
OUTPUT = {"cls.output.weight": [1, DIM], "cls.output.bias": [1]}


def linear(name, rows, cols, bias):
    return {f"blk.*.{name}.weight": [rows, cols], **({f"blk.*.{name}.bias": [rows]} if bias else {})}


def norm(name, bias=True):
    return {f"blk.*.{name}.weight": [DIM], **({f"blk.*.{name}.bias": [DIM]} if bias else {})}


def attention(bias, fused=False, kv=DIM):
    if fused: return linear("attn_qkv", DIM + 2 * kv, DIM, bias) | linear("attn_output", DIM, DIM, bias)
    return linear("attn_q", DIM, DIM, bias) | linear("attn_k", kv, DIM, bias) | linear("attn_v", kv, DIM, bias) | linear("attn_output", DIM, DIM, bias)


def ffn(up, gate=0, bias=True):
    return (linear("ffn_up", up, DIM, bias) | (linear("ffn_gate", gate, DIM, False) if gate else {}) | linear("ffn_down", DIM, FFN, bias))


AFTER = norm("attn_output_norm") | norm("layer_output_norm")
BERT = EMBEDDING | EMBEDDING_NORM | AFTER | {"position_embd.weight": [CONTEXT, DIM]} | ffn(FFN)
NOMIC = EMBEDDING | EMBEDDING_NORM | AFTER | TYPES
MODERN = (EMBEDDING | {"token_embd_norm.weight": [DIM], "output_norm.weight": [DIM]} | attention(False, fused=True)
          | norm("ffn_norm", False) | ffn(2 * FFN, bias=False) | {f"blk.{i}.attn_norm.weight": [DIM] for i in range(1, 5)})
MODERN_KEYS = {"@.block_count": ["u32", 5], "@.attention.sliding_window": ["u32", 20], "@.attention.sliding_window_pattern": ["u32", 3],
               "@.rope.freq_base": ["f32", 160000.0], "@.rope.freq_base_swa": ["f32", 10000.0], "@.rope.scaling.type": ["text", "none"]}
JINA = EMBEDDING | EMBEDDING_NORM | AFTER | TYPES | attention(True)


def experts(layer):
    return {f"blk.{layer}.ffn_gate_inp.weight": [4, DIM], f"blk.{layer}.ffn_up_exps.weight": [4, FFN, DIM],
            f"blk.{layer}.ffn_down_exps.weight": [4, DIM, FFN]}


def of_layers(tensors, layers):
    return {name.replace("*", str(i)): shape for name, shape in tensors.items() for i in layers}


GEMMA_KEYS = RMS | {"@.block_count": ["u32", 7], "@.attention.sliding_window": ["u32", 20], "@.rope.freq_base": ["f32", 1000000.0],
                    "@.attention.head_count_kv": ["u32", 1], "@.attention.key_length": ["u32", 32], "@.attention.value_length": ["u32", 32],
                    "@.rope.dimension_count": ["u32", 32], "@.dense_2_feat_in": ["u32", DIM], "@.dense_2_feat_out": ["u32", 128],
                    "@.dense_3_feat_in": ["u32", 128], "@.dense_3_feat_out": ["u32", DIM]}
GEMMA = (EMBEDDING | {"output_norm.weight": [DIM], "dense_2.weight": [128, DIM], "dense_3.weight": [DIM, 128]}
         | linear("attn_q", 128, DIM, False) | linear("attn_k", 32, DIM, False) | linear("attn_v", 32, DIM, False)
         | linear("attn_output", DIM, 128, False) | {"blk.*.attn_q_norm.weight": [32], "blk.*.attn_k_norm.weight": [32]}
         | norm("attn_norm", False) | norm("post_attention_norm", False) | norm("ffn_norm", False) | norm("post_ffw_norm", False)
         | ffn(FFN, FFN, bias=False))


LLAMA = (EMBEDDING | {"output_norm.weight": [DIM]} | attention(False, kv=DIM // 2) | norm("attn_norm", False)
         | norm("ffn_norm", False) | ffn(FFN, FFN, bias=False))
QWEN_NORMS = {"blk.*.attn_q_norm.weight": [DIM // HEADS], "blk.*.attn_k_norm.weight": [DIM // HEADS]}
T5 = (linear("attn_q", 128, DIM, False) | linear("attn_k", 128, DIM, False) | linear("attn_v", 128, DIM, False)
      | linear("attn_o", DIM, 128, False) | norm("attn_norm", False) | norm("ffn_norm", False))
T5_KEYS = RMS | {"@.attention.key_length": ["u32", 32], "@.attention.value_length": ["u32", 32], "@.attention.relative_buckets_count": ["u32", 32]}


def t5(feed_forward, own_biases=()):
    """Layers below "enc.blk.", of which the first and `own_biases` have biases by distance."""
    layers = {"enc." + name: shape for name, shape in of_layers(T5 | feed_forward, range(LAYERS)).items()}
    return (EMBEDDING | {"enc.output_norm.weight": [DIM]} | layers
            | {f"enc.blk.{i}.attn_rel_b.weight": [32, HEADS] for i in (0, *own_biases)})


TOKENIZERS = {"bert-text": "bert", "xlmr-text": "xlm_roberta", "xlmr-text-rank": "xlm_roberta"}  # of tests/data/tokenizers
QUERY = "what is the answer to the question?"
DOCUMENTS = ["the answer is forty-two", "A question, and  an answer", "zzz qqq 123 hello world, hello world"]


def with_vocabulary(n, tensors):
    return tensors | {"token_embd.weight": [n, DIM]}


MODELS = {  # architecture, keys that differ, tensors
    "bert": ("bert", {"@.pooling_type": ["u32", 2]}, BERT | TYPES | attention(True)),
    "bert-fused": ("bert", {"tokenizer.ggml.token_type_count": ["u32", 1]}, BERT | attention(True, fused=True)),
    "bert-rank": ("bert", RANK | {"tokenizer.ggml.token_type_count": ["u32", 1]},
                  BERT | {"token_types.weight": [1, DIM]} | attention(True) | HEAD | OUTPUT),
    "bert-rank-shallow": ("bert", {"@.pooling_type": None}, BERT | TYPES | attention(True) | OUTPUT),
    "nomic-bert": ("nomic-bert", {"@.rope.freq_base": ["f32", 1000.0]},
                   NOMIC | attention(False, fused=True) | ffn(FFN, FFN, bias=False)),
    "nomic-bert-moe": ("nomic-bert-moe", {"@.block_count": ["u32", 4], "@.moe_every_n_layers": ["u32", 2], "@.expert_count": ["u32", 4],
                                          "@.expert_used_count": ["u32", 2]},
                       NOMIC | attention(True, fused=True) | of_layers(ffn(FFN), (0, 2)) | experts(1) | experts(3)),
    "modern-bert": ("modern-bert", MODERN_KEYS | {"@.pooling_type": ["u32", 2]}, MODERN),
    "modern-bert-silu": ("modern-bert", MODERN_KEYS | {"@.hidden_activation": ["text", "silu"], "@.rope.freq_base_swa": None}, MODERN),
    "modern-bert-rank": ("modern-bert", MODERN_KEYS | {"@.pooling_type": None, "@.classifier.pooling_type": ["u32", 1]},
                         MODERN | {"cls.weight": [DIM, DIM], "cls.norm.weight": [DIM]} | OUTPUT),
    "jina-bert-v2": ("jina-bert-v2", {}, JINA | {k: v for k, v in ffn(2 * FFN).items() if k != "blk.*.ffn_up.bias"}),
    "jina-bert-v2-code": ("jina-bert-v2", {}, JINA | norm("attn_q_norm") | norm("attn_k_norm") | norm("attn_norm_2")
                          | {k: v for k, v in ffn(FFN, FFN).items() if k != "blk.*.ffn_up.bias"}),
    "jina-bert-v3": ("jina-bert-v3", {"tokenizer.ggml.token_type_count": ["u32", 1]},
                     EMBEDDING | EMBEDDING_NORM | AFTER | {"token_types.weight": [1, DIM]} | attention(True, fused=True) | ffn(FFN)),
    "neo-bert": ("neo-bert", RMS | {"@.pooling_type": ["u32", 2]},
                 EMBEDDING | {"enc.output_norm.weight": [DIM]} | attention(False, fused=True) | norm("attn_norm", False)
                 | norm("ffn_norm", False) | ffn(2 * FFN, bias=False)),
    "eurobert": ("eurobert", RMS | {"@.pooling_type": ["u32", 3], "@.attention.head_count_kv": ["u32", 2]},
                 LLAMA),
    "llama-embed": ("llama-embed", RMS | {"@.attention.head_count_kv": ["u32", 2], "@.rope.freq_base": ["f32", 500000.0]},
                    LLAMA | {"output.weight": [VOCAB, DIM]}),
    "qwen2-both-ways": ("qwen2", RMS | {"@.attention.head_count_kv": ["u32", 2]},
                        LLAMA | {f"blk.*.attn_{m}.bias": [n] for m, n in (("q", DIM), ("k", DIM // 2), ("v", DIM // 2))}),
    "qwen3-rank": ("qwen3", RMS | RANK | {"@.attention.head_count_kv": ["u32", 2], "@.attention.causal": None,
                                          "@.classifier.output_labels": ["text", ["yes", "no"]]},
                   LLAMA | QWEN_NORMS | {"cls.output.weight": [2, DIM]}),
    "t5encoder": ("t5encoder", T5_KEYS, t5(ffn(FFN, bias=False), own_biases=[2])),
    "t5encoder-gated": ("t5encoder", T5_KEYS, t5(ffn(FFN, FFN, bias=False))),
    "bert-text": ("bert", {"@.vocab_size": ["u32", 420]}, with_vocabulary(420, BERT | TYPES | attention(True))),
    "xlmr-text": ("bert", {"@.vocab_size": ["u32", 299], "@.pooling_type": ["u32", 2], "tokenizer.ggml.token_type_count": ["u32", 1]},
                  with_vocabulary(299, BERT | {"token_types.weight": [1, DIM]} | attention(True))),
    "xlmr-text-rank": ("bert", {"@.vocab_size": ["u32", 299], "@.pooling_type": None, "tokenizer.ggml.token_type_count": ["u32", 1]},
                       with_vocabulary(299, BERT | {"token_types.weight": [1, DIM]} | attention(True) | HEAD | OUTPUT)),
    "gemma-embedding": ("gemma-embedding", GEMMA_KEYS, GEMMA),
}


def write_skeletons():
    os.makedirs(DATA, exist_ok=True)
    line = lambda value: json.dumps(value, separators=(",", ":"))
    models = {name: {"architecture": arch, "f32": True, "keys": keys, "tensors": tensors,
                     **({"tokenizer": TOKENIZERS[name]} if name in TOKENIZERS else {})} for name, (arch, keys, tensors) in MODELS.items()}
    with open(os.path.join(DATA, "skeletons.json"), "w") as f:
        f.write('{"tokens":%s,\n"texts":%s,\n"keys":%s,\n"models":{\n' % (line(TOKENS), line(TEXTS), line(KEYS)))
        f.write(",\n".join(f"{line(name)}:{line(model)}" for name, model in models.items()) + "\n}}\n")


def run(path, rank, texts_of):
    """What llama.cpp makes of each of the lists of ids that texts_of(vocabulary) gives."""
    import ctypes
    import llama_cpp as L
    import numpy as np
    model = L.llama_model_load_from_file(path.encode(), L.llama_model_default_params())
    params = L.llama_context_default_params()
    params.n_ctx = params.n_batch = params.n_ubatch = CONTEXT
    params.embeddings = True
    params.flash_attn_type = 0  # which rounds keys and values to f16
    if rank: params.pooling_type = 4
    context = L.llama_init_from_model(model, params)
    out = []
    for ids in texts_of(L.llama_model_get_vocab(model)):
        batch = L.llama_batch_init(len(ids), 0, 1)
        batch.n_tokens = len(ids)
        for i, token in enumerate(ids):
            batch.token[i], batch.pos[i], batch.n_seq_id[i], batch.seq_id[i][0], batch.logits[i] = token, i, 1, 0, 1
        decodes = L.llama_get_memory(context)  # a model of text
        if decodes: L.llama_memory_clear(decodes, True)
        if (L.llama_decode if decodes else L.llama_encode)(context, batch) != 0: sys.exit(f"{path}: llama.cpp does not run it")
        found = ctypes.cast(L.llama_get_embeddings_seq(context, 0), ctypes.POINTER(ctypes.c_float))
        n_labels = max(1, L.llama_model_n_cls_out(model))
        row = np.ctypeslib.as_array(found, (n_labels if rank else DIM,)).copy()
        out.append(np.log(row[:1] / row[1:]) if rank and n_labels == 2 else row)  # odds of what is a probability there
        L.llama_batch_free(batch)
    L.llama_free(context); L.llama_model_free(model)
    return np.array(out, dtype="<f4")


def tokenize(vocabulary, text, frame):
    import llama_cpp as L
    ids = (L.llama_token * 256)()
    return ids[:L.llama_tokenize(vocabulary, text.encode(), len(text.encode()), ids, len(ids), frame, True)]


def tokenize_pair(vocabulary, document):
    """As llama.cpp's server does."""
    import llama_cpp as L
    ends = [L.llama_vocab_eos(vocabulary)]
    separators = [L.llama_vocab_sep(vocabulary)] if L.llama_vocab_get_add_sep(vocabulary) else []
    return ([L.llama_vocab_bos(vocabulary)] + tokenize(vocabulary, QUERY, False) + ends + separators
            + tokenize(vocabulary, document, False) + ends)


def write_texts(folder, name):
    ids, rank = [], "rank" in name

    def texts_of(vocabulary):
        ids.extend(tokenize_pair(vocabulary, d) if rank else tokenize(vocabulary, d, True) for d in DOCUMENTS)
        return ids

    rows = run(os.path.join(folder, name + ".gguf"), rank, texts_of)
    data = {"query": QUERY, "documents": DOCUMENTS, "ids": ids, "rows": [[round(float(x), 6) for x in row] for row in rows]}
    with open(os.path.join(DATA, name + ".json"), "w") as f:
        json.dump(data, f, separators=(",", ":"))
        f.write("\n")


def write_vectors(folder):
    for name in MODELS:
        found = run(os.path.join(folder, name + ".gguf"), "rank" in name, lambda _: [TOKENS[begin:end] for begin, end in TEXTS])
        found.tofile(os.path.join(DATA, name + ".f32"))
        print(name, found.shape, "deviation", found.std())
        if name in TOKENIZERS: write_texts(folder, name)


if __name__ == "__main__":
    {"skeletons": write_skeletons, "vectors": write_vectors}[sys.argv[1]](*sys.argv[2:])
