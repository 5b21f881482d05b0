#!/usr/bin/env python3
"""Writes the seeds of the fuzz targets: small, valid files of every kind that loam reads.

usage: make_fuzz_corpus.py [FOLDER]      (default tests/fuzz/corpus; needs nothing but Python)
"""
import json
import os
import struct
import sys

U8, I8, U16, I16, U32, I32, F32, BOOL, STRING, ARRAY, U64, I64, F64 = range(13)
NUMBERS = {U8: "B", I8: "b", U16: "H", I16: "h", U32: "I", I32: "i", F32: "f", BOOL: "?", U64: "Q", I64: "q", F64: "d"}
TEXT = "Hello wörld, 12345 <s> \U0001f642  don't\n".encode()


def text(value):
    raw = value if isinstance(value, bytes) else value.encode()
    return struct.pack("<Q", len(raw)) + raw


def value(kind, item):
    if kind == STRING:
        return text(item)
    if kind == ARRAY:
        element, items = item
        return struct.pack("<IQ", element, len(items)) + b"".join(value(element, i) for i in items)
    return struct.pack("<" + NUMBERS[kind], item)


def gguf(keys, tensors=(), version=3):
    """keys: (name, type, value); tensors: (name, dims, type, data)."""
    out = b"GGUF" + struct.pack("<IQQ", version, len(tensors), len(keys))
    for name, kind, item in keys:
        out += text(name) + struct.pack("<I", kind) + value(kind, item)
    data = b""
    for name, dims, kind, raw in tensors:
        out += text(name) + struct.pack(f"<I{len(dims)}QIQ", len(dims), *dims, kind, len(data))
        data += raw + bytes(-len(raw) % 32)
    return out + bytes(-len(out) % 32) + data


def byte_alphabet():
    """GPT-2's printable stand-ins for the 256 bytes."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = iter(range(256, 512))
    return [chr(b) if b in plain else chr(next(others)) for b in range(256)]


def vocabulary(model, pre, tokens, types, scores=None, merges=None, more=()):
    keys = [
        ("general.architecture", STRING, "llama"),
        ("tokenizer.ggml.model", STRING, model),
        ("tokenizer.ggml.pre", STRING, pre),
        ("tokenizer.ggml.tokens", ARRAY, (STRING, tokens)),
        ("tokenizer.ggml.token_type", ARRAY, (I32, types)),
        ("tokenizer.ggml.bos_token_id", U32, 1),
        ("tokenizer.ggml.eos_token_id", U32, 2),
        ("tokenizer.ggml.unknown_token_id", U32, 0),
    ]
    if scores:
        keys.append(("tokenizer.ggml.scores", ARRAY, (F32, scores)))
    if merges:
        keys.append(("tokenizer.ggml.merges", ARRAY, (STRING, merges)))
    return gguf(keys + list(more))


SPECIAL = ["<unk>", "<s>", "</s>"]
SPECIAL_TYPES = [2, 3, 3]


def bpe(pre):
    alphabet = byte_alphabet()
    merged = ["He", "ll", "Hell", "Hello", "Ġw", "12"]
    tokens = SPECIAL + alphabet + merged
    merges = ["H e", "l l", "He ll", "Hell o", "Ġ w", "1 2"]
    return vocabulary("gpt2", pre, tokens, SPECIAL_TYPES + [1] * (len(tokens) - 3), merges=merges)


def sentencepiece():
    pieces = ["▁", "▁Hello", "▁w", "ll", "e", "l", "o", "r", "d", ",", "H", "w"]
    tokens = SPECIAL + [f"<0x{b:02X}>" for b in range(256)] + pieces
    types = SPECIAL_TYPES + [6] * 256 + [1] * len(pieces)
    scores = [0.0] * 259 + [-float(i) for i in range(len(pieces))]
    return vocabulary("llama", "default", tokens, types, scores=scores)


def wordpiece():
    tokens = SPECIAL + ["▁hello", "▁w", "ö", "rld", "▁,", "▁1", "2", "3", "▁don"]
    return vocabulary("bert", "default", tokens, SPECIAL_TYPES + [1] * 9, scores=[0.0] * 12)


def character_bpe():
    tokens = SPECIAL + [f"<0x{b:02X}>" for b in range(256)] + ["▁", "H", "e", "l", "o", "\n", "He", "ll", "▁H", "\n\n"]
    types = SPECIAL_TYPES + [6] * 256 + [1] * 10
    return vocabulary("gpt2", "gemma4", tokens, types, merges=["H e", "l l", "▁ H"])


def unigram():
    pieces = ["▁", "▁Hello", "▁w", "ll", "e", "l", "o", "r", "d", ",", "H", "w"]
    tokens = SPECIAL + pieces
    units = [0] * 512  # a double array that replaces "H" by "h"
    units[0], units[256 ^ ord("H")] = 256 << 10, ord("H") | 0x100 | 1 << 10
    charsmap = struct.pack("<I", 2048) + struct.pack("<512I", *units) + b"h\0"
    scores = [0.0] * 3 + [-float(i) for i in range(len(pieces))]
    keys = [("tokenizer.ggml.precompiled_charsmap", ARRAY, (U8, list(charsmap)))]
    return vocabulary("t5", "default", tokens, SPECIAL_TYPES + [1] * len(pieces), scores=scores, more=keys)


def gguf_seeds():
    every_type = [(f"k{kind}", kind, 1) for kind in NUMBERS] + [
        ("text", STRING, "é"),
        ("list", ARRAY, (I32, [1, -2, 3])),
        ("texts", ARRAY, (STRING, ["a", ""])),
    ]
    yield "empty", gguf([])
    yield "every-type", gguf(every_type)
    yield "version-2", gguf(every_type, version=2)
    yield "alignment", gguf([("general.alignment", U32, 32)], [("a", [4], 0, bytes(16)), ("b", [32, 2], 8, bytes(68))])
    yield "tensors", gguf(
        [("general.architecture", STRING, "llama"), ("llama.block_count", U32, 1)],
        [("token_embd.weight", [8, 4], 0, bytes(128)), ("blk.0.attn_q.weight", [256, 1], 12, bytes(144))],
    )


def tokenizer_seeds():
    kinds = {pre: bpe(pre) for pre in ("llama-bpe", "qwen2", "gpt-2", "smollm", "deepseek-llm", "default")}
    kinds |= {"sentencepiece": sentencepiece(), "wordpiece": wordpiece()}
    kinds |= {"character-bpe": character_bpe(), "unigram": unigram()}
    for name, file in kinds.items():
        yield name, bytes([len(TEXT)]) + file + TEXT


def template_seeds():
    yield "chatml", (
        "{% for m in messages %}{{ '<|im_start|>' + m.role + '\\n' + (m['content'] or '') + '<|im_end|>\\n' }}"
        "{%- endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
    )
    yield "macros", (
        "{%- macro say(m, n=2) -%}{{ m.content | default('-', true) | trim | upper }}{{ n }}{%- endmacro -%}"
        "{% set ns = namespace(last='') %}{% for m in messages if m.role != 'system' %}{{ loop.index0 }}"
        "{% set ns.last = m.role %}{{ say(m, n=loop.length) }}{% else %}none{% endfor %}{{ ns.last }}"
    )
    yield "tools", (
        "{%- if tools is defined and tools is not none %}{% for t in tools %}{{ t | tojson(indent=2) }}{% endfor %}"
        "{% endif %}{% for m in messages[1:] %}{% for c in m.tool_calls or [] %}{{ c.function.arguments | tojson }}"
        "{% endfor %}{% endfor %}{{ strftime_now('%d %b %Y') }}"
    )
    yield "expressions", (
        "{{ 1 + 2 * 3 // 2 % 4 ** 2 - -1 }}{{ 'a' ~ 1 ~ none }}{{ 'abc'[::-1] }}{{ [1, 2, 3] | map('string') | join(',') }}"
        "{{ 'x' if messages | length > 1 and not false else 'y' }}{{ {'a': 1}.items() | list }}{{ 'a,b'.split(',') }}"
        "{{ messages | selectattr('role', 'equalto', 'user') | map(attribute='content') | first }}"
    )
    yield "raise", "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system role') }}{% endif %}"
    yield "arguments", "{{ a.b[0] }}{% for k, v in a.items() %}{{ k }}={{ v }}{% endfor %}\0" + '{"a": {"b": [1.5, null]}}'


def grammar_seeds():
    """A letter for the notation, its text, and after a NUL bytes that choose among the tokens allowed."""
    choices = "\0" + "".join(map(chr, range(1, 60, 2)))
    schemas = {
        "object": '{"type": "object", "properties": {"a": {"type": "string", "maxLength": 90}, "b": {"type": "integer"}}, '
        '"required": ["b"], "additionalProperties": {"type": ["null", "boolean"]}}',
        "node": '{"$ref": "#/$defs/n", "$defs": {"n": {"type": "object", "properties": {"v": {"enum": [1, "x", null]}, '
        '"next": {"anyOf": [{"$ref": "#/$defs/n"}, {"type": "null"}]}}, "required": ["v", "next"]}}}',
        "array": '{"type": "array", "prefixItems": [{"const": "\\u00e9"}], "items": {"type": "number", "minimum": -1.5, '
        '"exclusiveMaximum": 20, "multipleOf": 0.25}, "minItems": 2, "maxItems": 90}',
        "strings": '{"allOf": [{"type": "string", "pattern": "^[a-z\\"]+$"}, {"maxLength": 9}, {"oneOf": [{"format": "date"}, '
        '{"pattern": "a|b$"}]}]}',
        "names": '{"type": "object", "patternProperties": {"^x-": {}}, "propertyNames": {"minLength": 2}, "minProperties": 1}',
    }
    grammars = {
        "arithmetic": 'root ::= e\ne ::= t ([-+] t)*\nt ::= [0-9]{1,70} | "(" e ")" # a term\n',
        "ambiguous": 'root ::= "a" root "a" | "a" root | [a-c]? (.{2,5} | [^x\\u00e9])*',
        "empty": 'root ::= a{3} "\\x41" <[3]>\na ::= ("x"*)*',
    }
    patterns = {"words": r"^(?:\w+ )*[^\s\d]{2,4}$|\p{Lu}.", "counts": r"((a{0,9}){1,80}|aa)+?b\u00e9?", "escapes": r"[\]\-a-f\x41]\n{2}\."}
    for kind, texts in {"s": schemas, "g": grammars, "r": patterns, "c": {"call": "<b>"}}.items():
        for name, text in texts.items():
            yield name, (kind + text + choices).encode()


# What models write in each of the formats of tests/fuzz/chat_output_fuzz.cpp, right and wrong.
CHAT_OUTPUTS = [
    (0, "bare", 'Sure:\n```json\n{"name": "note", "arguments": {"text": "a"}}\n```\n{"name": "now", "arguments": {}}'),
    (1, "hermes", '<think>\nHm.\n</think>\n\n<tool_call>\n{"name": "note", "arguments": {"text": "}\\" </tool_call>"}}\n</tool_call>'),
    (1, "hermes-broken", '<tool_call>{"name": "note", "arguments": {"text": x}}</tool_call><tool_call>[{"name": "now"}]'),
    (2, "qwen3-coder", "<tool_call>\n<function=note>\n<parameter=text>\na\n</parameter>\n<parameter=tags>\n['x', True]\n</parameter>\n</function>\n</tool_call>"),
    (3, "seed", "<seed:tool_call>\n<function=note>\n<parameter=count>2</parameter>\n</function>\n</seed:tool_call>"),
    (4, "glm", "<think>a</think>\n<tool_call>note\n<arg_key>text</arg_key>\n<arg_value>a</arg_value>\n</tool_call>"),
    (5, "llama3", '<|python_tag|>{"name": "now", "parameters": {}}; {"name": "now", "parameters": {}}'),
    (6, "mistral", '[THINK]a[/THINK][TOOL_CALLS][{"name": "now", "arguments": {}}][TOOL_CALLS]note[CALL_ID]a[ARGS]{"text": "a"}'),
    (7, "deepseek", '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>now\n```json\n{}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>'),
    (8, "kimi", '<|tool_calls_section_begin|><|tool_call_begin|>functions.now:0<|tool_call_argument_begin|>{}<|tool_call_end|>'),
    (9, "granite", '<response>a</response><|tool_call|>[{"name": "now", "arguments": {}}]'),
    (10, "cohere", '<|START_THINKING|>a<|END_THINKING|><|START_ACTION|>[{"tool_name": "now", "parameters": {}}]<|END_ACTION|>'),
    (11, "lfm2", "<|tool_call_start|>[note(text='a\\n', tags=[1, (None, {'a': 2.5})]), now()]<|tool_call_end|>"),
    (12, "harmony", '<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>commentary to=functions.note <|constrain|>json<|message|>{"text": "a"}<|call|>'),
]


def chat_output_seeds():
    for format_number, name, text in CHAT_OUTPUTS:
        yield name, bytes([format_number, 0]) + text.encode()
    yield "one-call", bytes([1, 2]) + b'<tool_call>[{"name": "now"}, {"name": "now"}]</tool_call>{"name": "now", "arguments": {}}'
    yield "streamed", bytes([1, 8]) + b'<tool_call>{"name": "note", "arguments": {"text": "a", "tags": [{}]}}</tool_call>{{"name": "now"'
    yield "in-reasoning", bytes([1, 5]) + b"a\n</think>\n\nb"


# tokenizer.json files of every kind of model and with every part, and a safetensors file.
TOKENIZERS = {
    "bpe": {"model": {"type": "BPE", "vocab": {"H": 0, "e": 1, "He": 2, "Ġ": 3, "<s>": 4}, "merges": [["H", "e"]]},
            "added_tokens": [{"id": 4, "content": "<s>", "special": True, "lstrip": True, "rstrip": True}],
            "normalizer": {"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "Strip"}]},
            "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
                {"type": "Split", "pattern": {"Regex": "\\s+(?!\\S)|\\p{L}+"}, "behavior": "MergedWithNext"},
                {"type": "Digits", "individual_digits": True}, {"type": "ByteLevel", "use_regex": False}]},
            "decoder": {"type": "ByteLevel"}},
    "sentencepiece": {"model": {"type": "BPE", "byte_fallback": True, "fuse_unk": True, "unk_token": "<unk>",
                                "vocab": {"<unk>": 0, "▁": 1, "H": 2, "▁H": 3, "<0x0A>": 4}, "merges": ["▁ H"]},
                      "normalizer": {"type": "Sequence", "normalizers": [
                          {"type": "Prepend", "prepend": "▁"},
                          {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]},
                      "decoder": {"type": "Sequence", "decoders": [{"type": "Strip", "content": " ", "start": 1}]}},
    "unigram": {"model": {"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0], ["▁", -1], ["a", -2], ["▁a", -2.5]]},
                "normalizer": {"type": "Precompiled", "precompiled_charsmap": "CAAAAAAAAAAAAAAAYQA="},
                "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": True}},
    "wordpiece": {"model": {"type": "WordPiece", "unk_token": "[UNK]", "vocab": {"[UNK]": 0, "a": 1, "##b": 2}},
                  "normalizer": {"type": "BertNormalizer"}, "pre_tokenizer": {"type": "BertPreTokenizer"},
                  "post_processor": {"type": "BertProcessing", "sep": ["a", 1], "cls": ["[UNK]", 0]},
                  "decoder": {"type": "WordPiece"}},
    "wordlevel": {"model": {"type": "WordLevel", "unk_token": "a", "vocab": {"a": 0}},
                  "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
                      {"type": "UnicodeScripts"}, {"type": "Whitespace"}, {"type": "Punctuation"}]},
                  "post_processor": {"type": "TemplateProcessing", "single": [
                      {"SpecialToken": {"id": "a"}}, {"Sequence": {"id": "A"}}]}},
}


def hf_files_seeds():
    for name, tokenizer in TOKENIZERS.items():
        yield name, b"\x01" + json.dumps(tokenizer, ensure_ascii=False).encode()
    header = json.dumps({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}).encode()
    yield "safetensors", b"\x00" + struct.pack("<Q", len(header)) + header + bytes(8)


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else "tests/fuzz/corpus"
    kinds = {"gguf": gguf_seeds, "tokenizer": tokenizer_seeds, "template": template_seeds, "grammar": grammar_seeds,
             "chat_output": chat_output_seeds, "hf_files": hf_files_seeds}
    for kind, seeds in kinds.items():
        os.makedirs(os.path.join(folder, kind), exist_ok=True)
        for name, content in seeds():
            with open(os.path.join(folder, kind, name), "wb") as file:
                file.write(content if isinstance(content, bytes) else content.encode())


if __name__ == "__main__":
    main()
