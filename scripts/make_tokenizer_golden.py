#!/usr/bin/env python3
"""Trains a small tokenizer of every kind with the `tokenizers` package (0.23.3), and writes what it makes of some texts.

  make_tokenizer_golden.py                       tests/data/tokenizers/*.json: {"tokenizer": tokenizer.json, "ids": …}
  make_tokenizer_golden.py --variants            those goldens that are others with a few tokens more, for other texts
  make_tokenizer_golden.py LINES FOLDER          the same for a file with a text on each line, as folders that
                                                 `loam tokenize` reads, each with ids.txt
"""
import base64
import json
import os
import struct
import sys

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

TEXTS = [
    "안녕하세요, 세계! 오늘 날씨가 좋네요.", "서울에서 부산까지 KTX로 2시간 30분 걸린다.", "맛있는 김치찌개를 먹었어요 ㅋㅋㅋ",
    "Привет, мир! Как дела сегодня?", "Съешь же ещё этих мягких французских булок.",
    "Москва — столица России, 12 600 000 человек.", "ЁЛКА и ёжик", "def f(x):\treturn x**2  # квадрат",
    "for (int i = 0; i < 10; ++i) { a[i] += b[i]; }", "SELECT * FROM t WHERE id='42';", "x = {'a': [1,2,3], \"b\": None}",
    "😀😃 fun 👩‍👩‍👧‍👦 family", "🇰🇷🇷🇺 flags 🏳️‍🌈", "café naïve ① ﬁ ｆｕｌｌ　width", "e\u0301 \u1100\u1161\u11a8 ½ Ⅷ İstanbul ǅ",
    "a\u200bb\u00a0c\u3000d \u2028 e\ufeff", "ſ it'ſ I'LL don'T we'Re 漢字かな交じり文ー",
    "<s> [MASK] <|im_end|>hello <extra> [SEP]x <mask>", "   leading and trailing   ", "", "\t\t ",
    "العربية हिन्दी ไทย 中文字符 日本語 ελληνικά", " .", ". ", " a", "  a  b  ", "1234567 89.5 a1b2 ½3",
    "The quick brown fox jumps over the lazy dog, doesn't it? Funny, fun!", "HTTPServer::handle_request(const Request& r)",
    "I've been there; they'll say we're not, he'd said.", "emoji at the end 🎉", "一二三四五 unbelievable internationalization",
]
QWEN = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)"
        r"|\s+")
DEEPSEEK = [r"\p{N}{1,3}", "[一-龥぀-ゟ゠-ヿ]+",
            r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"""
            r"""| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"""]
SPECIAL = ["<unk>", "<s>", "</s>"]
BYTES = ["<0x%02X>" % i for i in range(256)]
N, P, D = normalizers, pre_tokenizers, decoders


def charsmap():
    """A precompiled map of three replacements: ﬁ → fi, ① → 1, e + acute → é; a double array with one level of bytes."""
    keys = {"ﬁ".encode(): b"fi", "①".encode(): b"1", "e\u0301".encode(): "é".encode()}
    text, places = b"", {}
    for key, value in keys.items():
        places[key] = len(text)
        text += value + b"\0"
    units, free = {0: 0}, [256]

    def place(node, items):
        base = free[0]
        free[0] += 256
        units[node] = units.get(node, 0) & 0x1FF | (base ^ node) << 10
        for first in sorted({k[0] for k, _ in items if k}):
            child = base ^ first
            units[child] = first
            rest = [(k[1:], v) for k, v in items if k and k[0] == first]
            place(child, rest)
        for k, v in items:
            if not k:
                units[node] |= 0x100
                units[base] = v | 0x80000000
    place(0, [(k, places[k]) for k in keys])
    trie = b"".join(struct.pack("<I", units.get(i, 0xFF if i else 0)) for i in range(free[0]))
    return base64.b64encode(struct.pack("<I", len(trie)) + trie + text).decode()


def tokenizer(model, **parts):
    made = Tokenizer(model)
    for name, part in parts.items():
        setattr(made, name, part)
    return made


def kinds(corpus, size):
    def bpe(made, **options):
        options.setdefault("special_tokens", SPECIAL)
        made.train_from_iterator(corpus, trainers.BpeTrainer(vocab_size=size, show_progress=False, **options))
        return made

    def words_by(*patterns):
        return P.Sequence([P.Split(Regex(p), "isolated") for p in patterns] +
                          [P.ByteLevel(add_prefix_space=False, use_regex=False)])

    alphabet = dict(initial_alphabet=P.ByteLevel.alphabet())
    yield "gpt2", bpe(tokenizer(models.BPE(), pre_tokenizer=P.ByteLevel(add_prefix_space=False),
                                decoder=D.ByteLevel()), special_tokens=["<|endoftext|>"], **alphabet)
    yield "unknown_bytes", bpe(tokenizer(models.BPE(), pre_tokenizer=P.ByteLevel(), decoder=D.ByteLevel()),
                               limit_alphabet=60)
    made = bpe(tokenizer(models.BPE(ignore_merges=True), normalizer=N.NFC(), pre_tokenizer=words_by(QWEN),
                         decoder=D.ByteLevel()), special_tokens=["<|im_start|>", "<|im_end|>"], **alphabet)
    made.add_tokens([AddedToken("<extra>", lstrip=True, rstrip=True, normalized=False),
                     AddedToken("fun", single_word=True)])
    yield "qwen2", made
    made = bpe(tokenizer(models.BPE(ignore_merges=True), decoder=D.ByteLevel(),
                         pre_tokenizer=words_by(QWEN.replace(r"|\p{N}|", r"|\p{N}{1,3}|"))), **alphabet)
    template = processors.TemplateProcessing(single="<s> $A", pair="<s> $A $B", special_tokens=[("<s>", 1)])
    made.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=False), template])
    yield "llama3", made
    yield "deepseek3", bpe(tokenizer(models.BPE(), pre_tokenizer=words_by(*DEEPSEEK), decoder=D.ByteLevel()), **alphabet)
    yield "digits", bpe(tokenizer(models.BPE(), decoder=D.ByteLevel(), pre_tokenizer=P.Sequence(
        [P.Digits(individual_digits=True), P.ByteLevel(add_prefix_space=False)])), **alphabet)
    yield "punctuation", bpe(tokenizer(models.BPE(unk_token="<unk>"), pre_tokenizer=P.Sequence(
        [P.Whitespace(), P.Digits(), P.Punctuation("contiguous")])))
    yield "suffix", bpe(tokenizer(models.BPE(unk_token="<unk>", end_of_word_suffix="</w>", fuse_unk=True),
                                  normalizer=N.Lowercase(), pre_tokenizer=P.BertPreTokenizer(), decoder=D.BPEDecoder()),
                        end_of_word_suffix="</w>", limit_alphabet=60)
    yield "prefix", bpe(tokenizer(models.BPE(unk_token="<unk>", continuing_subword_prefix="##"),
                                  normalizer=N.Sequence([N.NFD(), N.Lowercase(), N.StripAccents()]),
                                  pre_tokenizer=P.WhitespaceSplit()), continuing_subword_prefix="##")
    yield "merged", bpe(tokenizer(models.BPE(unk_token="<unk>"), normalizer=N.NFKD(), pre_tokenizer=P.Sequence(
        [P.Split(Regex(r"\w+"), "merged_with_next"), P.Split("a", "merged_with_previous"),
         P.Split(Regex("(?=[A-Z])"), "isolated")])))
    yield "spelled", bpe(tokenizer(models.BPE(), normalizer=N.Sequence([N.Replace(Regex(r"\d"), "0"), N.ByteLevel()]),
                                   pre_tokenizer=P.Split(Regex("Ġ+"), "merged_with_next"), decoder=D.ByteLevel()),
                         **alphabet)
    yield from sentencepiece(bpe, template)
    yield from unigrams(corpus, size)
    yield from whole_words(corpus, size)


def sentencepiece(bpe, template):
    made = bpe(tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True),
                         normalizer=N.Sequence([N.Prepend("▁"), N.Replace(" ", "▁")]),
                         pre_tokenizer=P.Metaspace(prepend_scheme="never")), limit_alphabet=60,
               special_tokens=SPECIAL + BYTES)
    data = json.loads(made.to_str())
    data["pre_tokenizer"] = None
    data["added_tokens"] = [a for a in data["added_tokens"] if not a["content"].startswith("<0x")]
    made = Tokenizer.from_str(json.dumps(data))
    made.decoder = D.Sequence([D.Replace("▁", " "), D.ByteFallback(), D.Fuse(), D.Strip(" ", 1, 0)])
    made.post_processor = template
    yield "llama2", made
    data = json.loads(made.to_str())
    data["normalizer"] = {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}
    data["pre_tokenizer"] = {"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious",
                             "invert": False}
    yield "gemma", Tokenizer.from_str(json.dumps(data))
    data["normalizer"] = None
    data["pre_tokenizer"] = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": False}
    yield "metaspace_first", Tokenizer.from_str(json.dumps(data))


def unigrams(corpus, size):
    def unigram(made):
        made.train_from_iterator(corpus, trainers.UnigramTrainer(
            vocab_size=size, show_progress=False, unk_token="<unk>",
            special_tokens=["<s>", "<pad>", "</s>", "<unk>"]))
        return made

    made = unigram(tokenizer(models.Unigram(), decoder=D.Metaspace(), normalizer=N.Sequence(
        [N.Nmt(), N.NFKC(), N.Replace(Regex(" {2,}"), " ")]), pre_tokenizer=P.Sequence(
            [P.WhitespaceSplit(), P.Metaspace()])))
    made.post_processor = processors.TemplateProcessing(single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>",
                                                        special_tokens=[("<s>", 0), ("</s>", 2)])
    made.add_special_tokens([AddedToken("<mask>", lstrip=True, special=True)])
    yield "xlm_roberta", made
    data = json.loads(made.to_str())
    data["normalizer"] = {"type": "Precompiled", "precompiled_charsmap": charsmap()}
    yield "precompiled", Tokenizer.from_str(json.dumps(data))
    data["model"]["byte_fallback"] = True
    data["model"]["vocab"] += [[b, -20.0] for b in BYTES]
    data["added_tokens"] = [a for a in data["added_tokens"] if a["content"] != "<mask>"]
    data["normalizer"] = None
    yield "unigram_bytes", Tokenizer.from_str(json.dumps(data))
    yield "scripts", unigram(tokenizer(models.Unigram(), pre_tokenizer=P.Sequence([P.UnicodeScripts(), P.Metaspace()])))


def whole_words(corpus, size):
    def pieces(made):
        made.train_from_iterator(corpus, trainers.WordPieceTrainer(
            vocab_size=size, show_progress=False, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]))
        return made

    made = pieces(tokenizer(models.WordPiece(unk_token="[UNK]"), normalizer=N.BertNormalizer(),
                            pre_tokenizer=P.BertPreTokenizer(), decoder=D.WordPiece()))
    made.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    yield "bert", made
    yield "bert_cased", pieces(tokenizer(
        models.WordPiece(unk_token="[UNK]"), normalizer=N.BertNormalizer(lowercase=False, handle_chinese_chars=False),
        pre_tokenizer=P.BertPreTokenizer(), decoder=D.WordPiece()))
    made = tokenizer(models.WordLevel(unk_token="<unk>"), normalizer=N.Strip(), pre_tokenizer=P.WhitespaceSplit())
    made.train_from_iterator(corpus, trainers.WordLevelTrainer(vocab_size=size, show_progress=False,
                                                               special_tokens=SPECIAL))
    yield "word_level", made


def variants(folder):
    """Control tokens that are words of the model, too; a text that is there twice; added tokens with every flag."""
    def of(name, change=lambda model: None):
        data = json.load(open(os.path.join(folder, name + ".json"), encoding="utf-8"))["tokenizer"]
        change(data["model"])
        data["added_tokens"] = [] if name == "word_level" else data["added_tokens"]
        return Tokenizer.from_str(json.dumps(data))

    names = ["a<s>b <|im_end|> c", "＜|im_end|＞ <s>", "<unk> x <|im_end|>", "say <|im_end|>", "</s><pad><mask> <s>"]
    yield "unigram_twice", of("xlm_roberta", lambda m: m["vocab"].extend(
        [["<s>", -5.1], ["<|im_end|>", -6.3], ["</s>", -7.7], ["▁say", -3.2], ["<unk>", -8.9]])), names
    made = of("word_level", lambda m: m["vocab"].update(
        {text: max(m["vocab"].values()) + i + 1 for i, text in enumerate(["<|im_end|>", "[MASK]"])}))
    made.add_special_tokens(["<s>", "[MASK]"])
    yield "word_control", made, names + ["a [MASK]b [MASK]", "<s><s> [MASK]"]
    made = of("qwen2")
    A = AddedToken
    made.add_tokens([
        A("<L>", lstrip=True, normalized=False), A("<R>", rstrip=True, normalized=False), A("x y"), A("  two"),
        A("<LR>", lstrip=True, rstrip=True), A("<W>", single_word=True, normalized=False), A("naïve", single_word=True),
        A("한", normalized=False, single_word=True), A("한글"), A("e\u0301"), A("hel", single_word=True, lstrip=True)])
    made.add_special_tokens([A("<S>", normalized=True, special=True), A("<SL>", lstrip=True, special=True)])
    yield "added_flags", made, [
        "a <L> b <R>  c<LR> d", " \t<L>\r\n<R>\r\n  two<R>  two", "a<W>b <W> ⓐ<W>🅰 .<W>, _<W>", "naïve nai\u0308ve Xnaïve",
        "한글 한 \u1112\u1161\u11ab 한국 \u1112\u1161\u11ab\u1100\u1173\u11af", "é e\u0301 x yx y", "hel hello  hel.fun }fun} fun",
        "<S> <S>a  <SL>b<|im_end|>", "👩‍👩‍👧‍👦<L>\u200f שלום <LR> \u202b", "1fun fun1 \u00a0fun\u3000<L>"]
    made = of("metaspace_first")
    made.normalizer = N.Sequence([N.Strip(), N.NFKC(), N.Replace("~", "")])
    yield "removed_start", made, [" a", "a", " \tab c", "~a b", "x ", "\ua7f2 \u32ff ①", "<s> a", "e\u0301\u08ca\u0316"]
    yield "script_versions", of("scripts"), [
        "ab\u061cab ١٢٣\u061c", "\u0589ա \u0953अ\u0954 a\u0301", "a🧿b 🥹 ab🫠🎉", "ーカかー漢 한a ー", "  \u3000a ¿а?", "\U0001e900\U0003134a\u16ed ab"]


def write_golden(folder, name, made, texts):
    data = {"texts": texts, "ids": [e.ids for e in made.encode_batch(texts)], "tokenizer": json.loads(made.to_str())}
    with open(os.path.join(folder, name + ".json"), "w", encoding="utf-8") as out:
        json.dump(data, out, ensure_ascii=False, separators=(",", ":"))
        out.write("\n")


def write_goldens(folder):
    os.makedirs(folder, exist_ok=True)
    for name, made in kinds(TEXTS * 3, 420):
        write_golden(folder, name, made, TEXTS)
    write_variants(folder)


def write_variants(folder):
    for name, made, texts in variants(folder):
        write_golden(folder, name, made, texts)


def write_folders(lines, folder):
    import numpy
    from safetensors.numpy import save_file

    texts = open(lines, encoding="utf-8", newline="\n").read().split("\n")[:-1]
    for name, made in kinds(texts[:3000] + TEXTS * 20, 1500):
        path = os.path.join(folder, name)
        os.makedirs(path, exist_ok=True)
        made.save(os.path.join(path, "tokenizer.json"))
        size = max(made.get_vocab().values()) + 1
        with open(os.path.join(path, "ids.txt"), "w") as out:
            out.writelines(" ".join(map(str, e.ids)) + "\n" for e in made.encode_batch(texts))
        save_file({"model.embed_tokens.weight": numpy.zeros((size, 4), numpy.float32)}, path + "/model.safetensors")
        with open(os.path.join(path, "config.json"), "w") as out:
            json.dump({"model_type": "llama", "hidden_size": 4, "num_attention_heads": 1, "num_hidden_layers": 1,
                       "vocab_size": size, "max_position_embeddings": 64, "intermediate_size": 8}, out)


if __name__ == "__main__":
    if len(sys.argv) == 3:
        write_folders(sys.argv[1], sys.argv[2])
    else:
        root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        write = write_variants if sys.argv[1:] == ["--variants"] else write_goldens
        write(os.path.join(root, "tests/data/tokenizers"))
