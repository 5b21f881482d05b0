#!/usr/bin/env python3
"""Writes tests/data/hf/embedder_*.json: tiny decoders that sentence-transformers makes embedders, by configuration,
names and shapes of their tensors (make_hf_golden.py says what the weights are), and the vectors that it gives for texts,
pooled by the last token and by the mean, with and without the prompt for queries. Needs torch and
sentence-transformers. Names of embedders as arguments: only those.
"""
import json
import os
import sys
import tempfile

import torch
import transformers
from safetensors import safe_open
from safetensors.torch import save_file
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Dense, Normalize, Pooling, Transformer

from make_hf_golden import BASE, is_norm, values

TEXTS = ["a happy dog", "x", "한국어와 русский", "the quick brown fox jumps over the lazy dog. " * 40]  # the last is cut
PROMPTS = {"query": "Instruct: find what answers\nQuery:", "document": ""}
LENGTH = 300


def framed(*pieces):
    """A post-processor: "$A" is the text."""
    parts = [{"Sequence": {"id": "A", "type_id": 0}} if p == "$A" else {"SpecialToken": {"id": p, "type_id": 0}}
             for p in pieces]
    return {"type": "TemplateProcessing", "single": parts, "pair": parts + [{"Sequence": {"id": "B", "type_id": 0}}],
            "special_tokens": {}}


SIZES = dict(BASE, max_position_embeddings=1024)
T5 = dict(vocab_size=299, d_model=64, d_ff=96, d_kv=32, num_heads=4, num_layers=3)
LLAMA = framed("<s>", "$A", "</s>")
LLAMA_TOKENS = dict(bos_token="<s>", eos_token="</s>", pad_token="</s>")
# Of EmbeddingGemma two Dense modules behind the pooling: features in and out, activation.
DENSE = {"gemma": [(64, 96, "Identity"), (96, 64, "Identity")], "mistral_tanh": [(64, 48, "Tanh")]}
RENAMED = {"llama_both_ways": "llama_bidirec"}  # model types of models with code of their own

# Like Qwen3-Embedding, whose texts end with another token than its answers; and like E5-Mistral.
EMBEDDERS = {
    "qwen3": ("qwen2", framed("$A", "<extra>"), dict(eos_token="<|im_end|>", pad_token="<extra>"),
              lambda t: t.Qwen3Config(**dict(BASE, vocab_size=422, max_position_embeddings=1024), head_dim=32)),
    "mistral": ("llama2", framed("<s>", "$A", "</s>"), dict(bos_token="<s>", eos_token="</s>", pad_token="</s>"),
                lambda t: t.MistralConfig(**dict(BASE, vocab_size=420, max_position_embeddings=1024),
                                          sliding_window=None)),
    "mistral_tanh": ("llama2", LLAMA, LLAMA_TOKENS, lambda t: t.MistralConfig(**dict(SIZES, vocab_size=420), sliding_window=None)),
    "gemma": ("gemma", LLAMA, LLAMA_TOKENS,
              lambda t: t.Gemma3TextConfig(**dict(SIZES, vocab_size=420, num_hidden_layers=4), head_dim=32, query_pre_attn_scalar=24,
                                           sliding_window=40, use_bidirectional_attention=True,
                                           layer_types=["sliding_attention"] * 3 + ["full_attention"])),
    "eurobert": ("llama2", LLAMA, LLAMA_TOKENS, lambda t: t.EuroBertConfig(**dict(SIZES, vocab_size=420), mask_token_id=3)),
    "qwen2_both_ways": ("qwen2", framed("$A", "<extra>"), dict(eos_token="<|im_end|>", pad_token="<extra>"),
                        lambda t: t.Qwen2Config(**dict(SIZES, vocab_size=422), is_causal=False)),
    "t5": ("xlm_roberta", framed("$A", "</s>"), dict(eos_token="</s>", pad_token="<pad>"), lambda t: t.T5Config(**T5)),
    "t5_gated": ("xlm_roberta", framed("$A", "</s>"), dict(eos_token="</s>", pad_token="<pad>"),
                 lambda t: t.T5Config(**T5, feed_forward_proj="gated-gelu")),
    "llama_both_ways": ("llama2", LLAMA, LLAMA_TOKENS, lambda t: t.LlamaConfig(**dict(SIZES, vocab_size=420), is_causal=False)),
}


def with_ids(processor, tokenizer):
    known = dict(tokenizer["model"]["vocab"], **{a["content"]: a["id"] for a in tokenizer["added_tokens"]})
    names = {p["SpecialToken"]["id"] for p in processor["single"] if "SpecialToken" in p}
    return dict(processor, special_tokens={n: {"id": n, "ids": [known[n]], "tokens": [n]} for n in sorted(names)})


def write_folder(folder, name, tokenizer, special, config):
    model = transformers.T5EncoderModel(config) if config.model_type == "t5" else transformers.AutoModel.from_config(config)
    model.save_pretrained(folder, safe_serialization=True)
    path = os.path.join(folder, "model.safetensors")
    with safe_open(path, "pt") as stored:
        tensors = {key: list(stored.get_slice(key).get_shape()) for key in stored.keys()}
    save_file({k: values(k, s, is_norm(k, name)) for k, s in tensors.items()}, path, metadata={"format": "pt"})
    for name, data in (("tokenizer.json", tokenizer), ("tokenizer_config.json", special)):
        with open(os.path.join(folder, name), "w") as out:
            json.dump(data, out)
    return tensors


def dense_modules(name):
    modules = []
    for i, (n_in, n_out, activation) in enumerate(DENSE.get(name, [])):
        module = Dense(n_in, n_out, bias=i > 0 or activation == "Tanh", activation_function=getattr(torch.nn, activation)())
        for key, value in module.named_parameters():
            value.data = values(f"{i + 2}_Dense.{key}", list(value.shape), False)
        modules.append(module)
    return modules


def rounded(rows):
    return [[round(float(x), 6) for x in row] for row in rows]


def main():
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    for name, (vocabulary, processor, special, make) in EMBEDDERS.items():
        if sys.argv[1:] and name not in sys.argv: continue
        tokenizer = json.load(open(os.path.join(root, "tests/data/tokenizers", vocabulary + ".json")))["tokenizer"]
        tokenizer["post_processor"] = with_ids(processor, tokenizer)
        special = dict(special, tokenizer_class="PreTrainedTokenizerFast", model_max_length=LENGTH,
                       padding_side="left")
        with tempfile.TemporaryDirectory() as folder:
            tensors = write_folder(folder, name, tokenizer, special, make(transformers))
            data = {"config": json.load(open(os.path.join(folder, "config.json"))), "tensors": tensors,
                    "vocabulary": vocabulary, "post_processor": tokenizer["post_processor"],
                    "tokenizer_config": special, "prompts": PROMPTS, "texts": TEXTS}
            if name in RENAMED: data["config"]["model_type"] = RENAMED[name]
            if name in DENSE:
                data["dense"] = [dict(in_features=m.in_features, out_features=m.out_features, bias=m.bias,
                                      activation_function=f"torch.nn.modules.linear.{type(m.activation_function).__name__}")
                                 for m in dense_modules(name)]
            for pooling in ("lasttoken", "mean"):
                words = Transformer(folder, model_kwargs={"attn_implementation": "eager"})
                model = SentenceTransformer(modules=[words, Pooling(BASE["hidden_size"], pooling), *dense_modules(name), Normalize()],
                                            prompts=PROMPTS, device="cpu")
                data["ids"] = [words.tokenizer(t, truncation=True)["input_ids"] for t in TEXTS]
                data[pooling] = rounded(model.encode(TEXTS, batch_size=1))
                data[pooling + "_query"] = rounded(model.encode(TEXTS, batch_size=1, prompt_name="query"))
        with open(os.path.join(root, "tests/data/hf", f"embedder_{name}.json"), "w") as out:
            json.dump(data, out, separators=(",", ":"))
            out.write("\n")
        print(name, len(tensors), "tensors; tokens:", [len(ids) for ids in data["ids"]])


if __name__ == "__main__":
    sys.exit(main())
