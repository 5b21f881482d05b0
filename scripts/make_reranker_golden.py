#!/usr/bin/env python3
"""Writes tests/data/hf/judge_*.json: tiny models of text that judge documents, by configuration, names and shapes of
their tensors (make_hf_golden.py says what the weights are), what their folders hold besides, and the logits that
transformers and sentence-transformers give. Needs torch and sentence-transformers. Names of models as arguments: only those.
"""
import json
import os
import sys
import tempfile

import torch
import transformers
from safetensors import safe_open
from safetensors.torch import save_file
from sentence_transformers import CrossEncoder

from make_embedder_golden import with_ids
from make_hf_golden import BASE, is_norm, values

QUERY = "what is the answer to the question?"
DOCUMENTS = ["the answer is forty-two", "", "Привет, мир! 안녕하세요", "a question and an answer, yes or no. " * 30]  # the last is cut
LENGTH = 300
WORDS = ["yes", "no"]  # that the vocabularies of tests/data/tokenizers lack
SIZES = dict(BASE, max_position_embeddings=1024)

# Qwen3-Reranker's, by its model card; and its form as a template, whose instruction is the system's message.
QWEN = ('<|im_start|>system\nJudge whether the Document meets the requirements based on the Query and the Instruct provided. '
        'Note that the answer can only be "yes" or "no".<|im_end|>\n<|im_start|>user\n',
        '<Instruct>: {}\n<Query>: {}\n<Document>: {}',
        '<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n')
INSTRUCTION = "Given a web search query, retrieve relevant passages that answer the query"
TEMPLATE = """{%- set ns = namespace(instruction='Judge the document') -%}
{%- for m in messages if m.role == 'system' %}{% set ns.instruction = m.content %}{% endfor -%}
<|im_start|>user
<Instruct>: {{ ns.instruction }}
<Query>: {{ messages | selectattr("role", "eq", "query") | map(attribute="content") | first }}
<Document>: {{ messages | selectattr("role", "eq", "document") | map(attribute="content") | first }}<|im_end|>
{% if add_generation_prompt %}<|im_start|>assistant
{% endif %}"""


def pair_frame(before, between, behind):
    special = lambda t: [{"SpecialToken": {"id": t, "type_id": 0}}] if t else []
    text = lambda t: [{"Sequence": {"id": t, "type_id": 0}}]
    return {"type": "TemplateProcessing", "single": special(before) + text("A") + special(behind),
            "pair": special(before) + text("A") + special(between) + text("B") + special(behind), "special_tokens": {}}


QWEN_TOKENS = dict(eos_token="<|im_end|>", pad_token="<extra>")
LLAMA_TOKENS = dict(bos_token="<s>", eos_token="</s>", pad_token="</s>")
LOGIT_MODULES = [{"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.{kind}"} for i, (path, kind) in
                 enumerate([("", "base.modules.transformer.Transformer"), ("1_LogitScore", "cross_encoder.modules.logit_score.LogitScore")])]


def label(t, name, vocab, **more):
    return getattr(t, name)(**dict(SIZES, vocab_size=vocab, num_labels=1, **more))


# vocabulary, post-processor or None, tokenizer_config, configuration, class, files besides
MODELS = {
    "named": ("qwen2", None, QWEN_TOKENS, lambda t: t.Qwen3Config(**dict(SIZES, vocab_size=424, tie_word_embeddings=True), head_dim=32),
              "Qwen3ForCausalLM", {}),
    "logits": ("qwen2", None, QWEN_TOKENS, lambda t: t.Qwen3Config(**dict(SIZES, vocab_size=424), head_dim=32), "Qwen3ForCausalLM",
               {"modules.json": LOGIT_MODULES, "1_LogitScore/config.json": {"true_token_id": 422, "false_token_id": 423, "module_input_name": "causal_logits"},
                "chat_template.jinja": TEMPLATE,
                "config_sentence_transformers.json": {"model_type": "CrossEncoder", "prompts": {"web": "Find what answers"}, "default_prompt_name": "web",
                                                      "activation_fn": "torch.nn.modules.linear.Identity"},
                "sentence_bert_config.json": {"transformer_task": "text-generation", "module_output_name": "causal_logits",
                                              "modality_config": {"text": {"method": "forward", "method_output_name": "logits"},
                                                                  "message": {"method": "forward", "method_output_name": "logits", "format": "flat"}},
                                              "processing_kwargs": {"chat_template": {"add_generation_prompt": True}}}}),
    "qwen2": ("qwen2", None, QWEN_TOKENS, lambda t: label(t, "Qwen2Config", 424), "Qwen2ForSequenceClassification", {}),
    "llama": ("llama2", pair_frame("<s>", "</s>", "</s>"), LLAMA_TOKENS, lambda t: label(t, "LlamaConfig", 422), "LlamaForSequenceClassification", {}),
    "mistral": ("llama2", pair_frame("<s>", "", "</s>"), LLAMA_TOKENS, lambda t: label(t, "MistralConfig", 422, sliding_window=None),
                "MistralForSequenceClassification", {}),
    "gemma3": ("gemma", pair_frame("<s>", "", "</s>"), LLAMA_TOKENS,
               lambda t: label(t, "Gemma3TextConfig", 422, head_dim=32, query_pre_attn_scalar=24, sliding_window=1024), "Gemma3TextForSequenceClassification", {}),
}


def write_folder(folder, name, tokenizer, special, config, kind, files):
    model = getattr(transformers, kind)(config)
    model.save_pretrained(folder, safe_serialization=True)
    path = os.path.join(folder, "model.safetensors")
    with safe_open(path, "pt") as stored:
        tensors = {key: list(stored.get_slice(key).get_shape()) for key in stored.keys()}
    save_file({k: values(k, s, is_norm(k, name)) for k, s in tensors.items()}, path, metadata={"format": "pt"})
    for file, data in {"tokenizer.json": tokenizer, "tokenizer_config.json": special, **files}.items():
        os.makedirs(os.path.dirname(os.path.join(folder, file)), exist_ok=True)
        with open(os.path.join(folder, file), "w") as out:
            out.write(data if isinstance(data, str) else json.dumps(data))
    return tensors


def cut(ids, behind):
    return ids if len(ids) <= LENGTH else ids[:LENGTH - len(behind)] + behind


def inputs_of(name, folder, tokenizer):
    """The ids of every pair, for models whose library does not make them itself."""
    if name == "named":
        encode = lambda text: tokenizer(text, add_special_tokens=False)["input_ids"]
        return [cut(encode(QWEN[0] + QWEN[1].format(INSTRUCTION, QUERY, d)) + encode(QWEN[2]), encode(QWEN[2])) for d in DOCUMENTS]
    plain = tokenizer.backend_tokenizer  # the other takes an empty document for none
    plain.enable_truncation(LENGTH, strategy="only_second")
    return [plain.encode(QUERY, d).ids for d in DOCUMENTS]


def scores_of(name, folder, kind):
    model = getattr(transformers, kind).from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    if name == "logits":
        ranker = CrossEncoder(folder, device="cpu", model_kwargs={"attn_implementation": "eager", "dtype": torch.float32})
        pairs = [(QUERY, d) for d in DOCUMENTS]
        ids = [ranker.preprocess([p], prompt=ranker.prompts["web"])["input_ids"][0].tolist() for p in pairs]
        return ids, [float(s) for s in ranker.predict(pairs, batch_size=1, activation_fn=torch.nn.Identity())]
    ids = inputs_of(name, folder, transformers.PreTrainedTokenizerFast.from_pretrained(folder))
    with torch.no_grad():
        logits = [model(torch.tensor([i])).logits[0] for i in ids]
    return ids, [float(l[-1, 422] - l[-1, 423]) if name == "named" else float(l[0]) for l in logits]


def main():
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    for name, (vocabulary, processor, special, make, kind, files) in MODELS.items():
        if sys.argv[1:] and name not in sys.argv: continue
        tokenizer = json.load(open(os.path.join(root, "tests/data/tokenizers", vocabulary + ".json")))["tokenizer"]
        known = {**tokenizer["model"]["vocab"], **{a["content"]: a["id"] for a in tokenizer["added_tokens"]}}
        words = [{"id": max(known.values()) + 1 + i, "content": w, "single_word": False, "lstrip": False, "rstrip": False,
                  "normalized": False, "special": False} for i, w in enumerate(WORDS)]
        tokenizer["added_tokens"] += words
        if processor: tokenizer["post_processor"] = with_ids(processor, tokenizer)
        special = dict(special, tokenizer_class="PreTrainedTokenizerFast", model_max_length=LENGTH)
        with tempfile.TemporaryDirectory() as folder:
            tensors = write_folder(folder, name, tokenizer, special, make(transformers), kind, files)
            ids, logits = scores_of(name, folder, kind)
            data = {"config": json.load(open(os.path.join(folder, "config.json"))), "tensors": tensors, "vocabulary": vocabulary,
                    "words": words, **({"post_processor": tokenizer["post_processor"]} if processor else {}),
                    "tokenizer_config": special, "files": files, "query": QUERY, "documents": DOCUMENTS, "ids": ids,
                    "logits": [round(x, 6) for x in logits]}
        with open(os.path.join(root, "tests/data/hf", f"judge_{name}.json"), "w") as out:
            json.dump(data, out, separators=(",", ":"))
            out.write("\n")
        print(name, words[0]["id"], len(tensors), "tensors; tokens:", [len(i) for i in ids], logits)


if __name__ == "__main__":
    sys.exit(main())
