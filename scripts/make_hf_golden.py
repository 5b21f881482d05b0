#!/usr/bin/env python3
"""Writes tests/data/hf/*.json: tiny models of Hugging Face's transformers, by configuration, names and shapes of their
tensors, and the logits (or vectors) that transformers gives. Needs torch and transformers. Names of models as arguments:
only those.

The weights are not stored: each is a function of its name, which this script and the test (hf_models_test.cpp) compute
alike. They have at most 8 significant bits, so that F32, F16 and BF16 hold the same numbers.
"""
import json
import os
import sys
import tempfile

import numpy as np
import torch
import transformers

SEED_PRIME, MASK = 0x100000001B3, (1 << 64) - 1


FOLDER = os.path.join(tempfile.gettempdir(), "hf_golden")  # the model that is being written


def integers(name, n):
    """n bytes from splitmix64, seeded by FNV-1a of the name."""
    seed = 0xCBF29CE484222325
    for byte in name.encode():
        seed = (seed ^ byte) * SEED_PRIME & MASK
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + np.arange(1, n + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ z >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ z >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
    return ((z ^ z >> np.uint64(31)) >> np.uint64(56)).astype(np.int64)


def values(name, shape, norm):
    k = integers(name, int(np.prod(shape)))
    x = 1 + ((k >> 2) - 32) / 128 if norm else (k - 128) / 512
    return torch.tensor(x.astype(np.float32).reshape(shape))


BASE = dict(vocab_size=128, hidden_size=64, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4,
            num_key_value_heads=2, max_position_embeddings=256, bos_token_id=1, eos_token_id=2, pad_token_id=0)
MLA = dict(BASE, num_key_value_heads=4, kv_lora_rank=32, qk_nope_head_dim=32, qk_rope_head_dim=16, v_head_dim=32,
           n_routed_experts=4, num_experts_per_tok=2, n_shared_experts=1, moe_intermediate_size=32,
           first_k_dense_replace=1)
LLAMA3 = dict(rope_type="llama3", rope_theta=500000.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
              original_max_position_embeddings=64)
GEMMA = dict(BASE, head_dim=32, query_pre_attn_scalar=24, sliding_window=8)

DECODERS = {
    "llama": lambda t: t.LlamaConfig(**BASE, head_dim=32, attention_bias=True, rope_parameters=LLAMA3),
    "mistral": lambda t: t.MistralConfig(**BASE, tie_word_embeddings=True, sliding_window=None),
    "mixtral": lambda t: t.MixtralConfig(**BASE, num_local_experts=4, num_experts_per_tok=2),
    "qwen2": lambda t: t.Qwen2Config(**BASE),
    "qwen2moe": lambda t: t.Qwen2MoeConfig(**BASE, moe_intermediate_size=32, shared_expert_intermediate_size=64,
                                           num_experts=4, num_experts_per_tok=2),
    "qwen3": lambda t: t.Qwen3Config(**BASE, head_dim=32),
    "qwen3moe": lambda t: t.Qwen3MoeConfig(**BASE, head_dim=32, moe_intermediate_size=32, num_experts=4,
                                           num_experts_per_tok=2, norm_topk_prob=True),
    "gemma2": lambda t: t.Gemma2Config(**GEMMA),
    "gemma3": lambda t: t.Gemma3TextConfig(**GEMMA, layer_types=["sliding_attention", "full_attention"]),
    "phi3": lambda t: t.Phi3Config(**BASE),
    "deepseek2": lambda t: t.DeepseekV2Config(**MLA, q_lora_rank=None),
    "deepseek3": lambda t: t.DeepseekV3Config(**MLA, q_lora_rank=48, n_group=2, topk_group=1),
}
MODERN = dict(hidden_size=64, intermediate_size=96, num_hidden_layers=5, num_attention_heads=4, local_attention=8,
              max_position_embeddings=256, pad_token_id=0, bos_token_id=1, eos_token_id=2, cls_token_id=1, sep_token_id=2)
ENCODERS = {  # with the tokenizer of tests/data/tokenizers/xlm_roberta.json
    "xlm_roberta": lambda t: t.XLMRobertaModel(t.XLMRobertaConfig(
        **dict(BASE, vocab_size=299, type_vocab_size=1, bos_token_id=0, pad_token_id=1), layer_norm_eps=1e-5),
        add_pooling_layer=False),
    "modernbert": lambda t: t.ModernBertModel(t.ModernBertConfig(**MODERN, vocab_size=299)),
    "jina_v3": lambda t: t.JinaEmbeddingsV3Model(t.JinaEmbeddingsV3Config(
        **dict(BASE, vocab_size=299, bos_token_id=0, pad_token_id=1)), add_pooling_layer=False),
    "nomic_bert": lambda t: t.NomicBertModel(t.NomicBertConfig(**dict(BASE, vocab_size=299), type_vocab_size=2)),
}
# nomic-embed-text 2, which comes with code of its own: fields as its config.json calls them.
NOMIC_MOE = dict(model_type="nomic_bert", activation_function="gelu", n_embd=64, n_head=4, n_inner=96, n_layer=4, n_positions=256,
                 num_experts=4, moe_top_k=2, moe_every_n_layers=2, moe_normalize_expert_weights=False, expert_choice_router=False,
                 num_shared_experts=0, rotary_emb_base=10000.0, rotary_emb_fraction=1.0, layer_norm_epsilon=1e-5, type_vocab_size=1,
                 vocab_size=299, max_trained_positions=2048, prenorm=False, qkv_proj_bias=True)
RANK = dict(BASE, num_labels=1, type_vocab_size=2)
CROSS_ENCODERS = {  # with the tokenizers of tests/data/tokenizers below
    "bert": lambda t, n: t.BertForSequenceClassification(t.BertConfig(**dict(RANK, vocab_size=n))),
    "xlm_roberta": lambda t, n: t.XLMRobertaForSequenceClassification(t.XLMRobertaConfig(
        **dict(RANK, vocab_size=n, type_vocab_size=1, bos_token_id=0, pad_token_id=1), layer_norm_eps=1e-5)),
    "modernbert": lambda t, n: t.ModernBertForSequenceClassification(t.ModernBertConfig(
        **MODERN, vocab_size=n, num_labels=1, classifier_pooling="mean")),
}
TOKENIZERS = {"modernbert": "bert"}  # others have that of their own name
QUERY = "what is the answer to the question?"
DOCUMENTS = ["the answer is forty-two", "", "Привет, мир! 안녕하세요", "a question [SEP] and an answer </s>, " * 6]
IDS = [1] + [(i * 37 + 11) % 128 for i in range(15)]
LAST = 3  # positions whose logits are kept


def is_norm(name, arch):
    return "norm" in name.lower() and name.endswith("weight") and not arch.startswith("gemma")


def save(folder, name, model, ids, reference, **more):
    from safetensors import safe_open

    tensors = {}
    with torch.no_grad():
        model.save_pretrained(FOLDER, safe_serialization=True)
    with safe_open(os.path.join(FOLDER, "model.safetensors"), "pt") as stored:
        for key in stored.keys():
            tensors[key] = list(stored.get_slice(key).get_shape())
    fixed = {k: values(k, s, is_norm(k, name)) for k, s in tensors.items()}
    from safetensors.torch import save_file

    save_file(fixed, os.path.join(FOLDER, "model.safetensors"), metadata={"format": "pt"})
    model = type(model).from_pretrained(FOLDER, dtype=torch.float32, attn_implementation="eager").eval()
    with torch.no_grad():
        rows = reference(model)
    data = {"config": json.load(open(os.path.join(FOLDER, "config.json"))), "ids": ids, "tensors": tensors,
            "rows": [[round(float(x), 6) for x in row] for row in rows], **more}
    with open(os.path.join(folder, name + ".json"), "w") as out:
        json.dump(data, out, separators=(",", ":"))
        out.write("\n")
    print(name, len(tensors), "tensors, deviation", float(np.std(rows)))


def nomic_moe_tensors():
    dim, hidden, n = NOMIC_MOE["n_embd"], NOMIC_MOE["n_inner"], NOMIC_MOE["num_experts"]
    tensors = {"embeddings.word_embeddings.weight": [NOMIC_MOE["vocab_size"], dim], "embeddings.token_type_embeddings.weight": [1, dim],
               "emb_ln.weight": [dim], "emb_ln.bias": [dim]}
    for i in range(NOMIC_MOE["n_layer"]):
        shapes = {"attn.Wqkv": [3 * dim, dim], "attn.out_proj": [dim, dim], "norm1": [dim], "norm2": [dim]}
        if i % 2 == 0: shapes |= {"mlp.fc1": [hidden, dim], "mlp.fc2": [dim, hidden]}
        for module, shape in shapes.items():
            tensors |= {f"encoder.layers.{i}.{module}.weight": shape, f"encoder.layers.{i}.{module}.bias": shape[:1]}
        if i % 2 == 1:
            tensors |= {f"encoder.layers.{i}.mlp.{k}": s for k, s in
                        {"router.layer.weight": [n, dim], "experts.mlp.w1": [n * hidden, dim], "experts.mlp.w2": [n * hidden, dim],
                         "experts.bias": [dim]}.items()}
    return tensors


def nomic_moe_states(w, ids):
    """Hidden states by the definition (arXiv 2502.07972): rotation by halves, experts weighed by all experts' softmax."""
    F, n, heads = torch.nn.functional, len(ids), NOMIC_MOE["n_head"]
    norm = lambda x, name: F.layer_norm(x, x.shape[-1:], w[name + ".weight"], w[name + ".bias"], NOMIC_MOE["layer_norm_epsilon"])
    linear = lambda x, name: F.linear(x, w[name + ".weight"], w[name + ".bias"])
    x = norm(w["embeddings.word_embeddings.weight"][ids] + w["embeddings.token_type_embeddings.weight"][0], "emb_ln")
    half = x.shape[1] // heads // 2
    angle = torch.arange(n).double()[:, None] * NOMIC_MOE["rotary_emb_base"] ** (-torch.arange(half).double() / half)
    cos, sin = angle.cos().float(), angle.sin().float()

    def rotate(t):  # (heads, n, 2 · half)
        a, b = t[..., :half], t[..., half:]
        return torch.cat((a * cos - b * sin, b * cos + a * sin), -1)

    for i in range(NOMIC_MOE["n_layer"]):
        layer = f"encoder.layers.{i}."
        q, k, v = linear(x, layer + "attn.Wqkv").view(n, 3, heads, 2 * half).permute(1, 2, 0, 3)
        attended = F.scaled_dot_product_attention(rotate(q), rotate(k), v).permute(1, 0, 2).reshape(n, -1)
        x = norm(x + linear(attended, layer + "attn.out_proj"), layer + "norm1")
        if i % 2 == 0:
            y = linear(F.gelu(linear(x, layer + "mlp.fc1")), layer + "mlp.fc2")
        else:
            up, down = (w[layer + f"mlp.experts.mlp.w{j}"].view(NOMIC_MOE["num_experts"], -1, x.shape[1]) for j in (1, 2))
            weights, chosen = F.linear(x, w[layer + "mlp.router.layer.weight"]).softmax(-1).topk(NOMIC_MOE["moe_top_k"])
            y = torch.stack([sum(p * (F.gelu(up[e] @ row) @ down[e]) for p, e in zip(ps, es)) for row, ps, es in zip(x, weights, chosen)])
            y = y + w[layer + "mlp.experts.bias"]
        x = norm(x + y, layer + "norm2")
    return x


def save_nomic_moe(folder):
    tensors, ids = nomic_moe_tensors(), [0] + IDS[1:]
    weights = {k: values(k, s, is_norm(k, "nomic_moe")) for k, s in tensors.items()}
    row = nomic_moe_states(weights, ids).mean(0)
    data = {"config": NOMIC_MOE, "ids": ids, "tensors": tensors, "rows": [[round(float(x), 6) for x in row]]}
    with open(os.path.join(folder, "nomic_moe.json"), "w") as out:
        json.dump(data, out, separators=(",", ":"))
        out.write("\n")
    print("nomic_moe", len(tensors), "tensors, deviation", float(row.std()))


def save_cross_encoder(folder, name, make):
    from tokenizers import Tokenizer

    path = os.path.join(os.path.dirname(folder), "tokenizers", TOKENIZERS.get(name, name) + ".json")
    tokenizer = Tokenizer.from_str(json.dumps(json.load(open(path))["tokenizer"]))
    pairs = [tokenizer.encode(QUERY, document) for document in DOCUMENTS]
    model = make(transformers, tokenizer.get_vocab_size())
    types = getattr(model.config, "type_vocab_size", 1) > 1

    def reference(m):
        def ids_of(pair):
            return dict(input_ids=torch.tensor([pair.ids]), **({"token_type_ids": torch.tensor([pair.type_ids])} if types else {}))
        return np.array([m(**ids_of(pair)).logits[0].numpy() for pair in pairs])

    save(folder, name + "_rank", model, [pair.ids for pair in pairs], reference, query=QUERY, documents=DOCUMENTS)


def main():
    folder = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "tests/data/hf")
    os.makedirs(folder, exist_ok=True)
    ids, text = torch.tensor([IDS]), torch.tensor([[0] + IDS[1:]])
    wanted = lambda names: [(name, make) for name, make in names.items() if not sys.argv[1:] or name in sys.argv]
    for name, make in wanted(DECODERS):
        model = transformers.AutoModelForCausalLM.from_config(make(transformers))
        save(folder, name, model, IDS, lambda m: m(ids).logits[0, -LAST:].numpy())
    for name, make in wanted(ENCODERS):
        save(folder, name, make(transformers), [0] + IDS[1:], lambda m: m(text).last_hidden_state[0].mean(0, keepdim=True).numpy())
    for name, make in wanted(CROSS_ENCODERS):
        save_cross_encoder(folder, name, make)
    for _ in wanted({"nomic_moe": None}):
        save_nomic_moe(folder)


if __name__ == "__main__":
    sys.exit(main())
