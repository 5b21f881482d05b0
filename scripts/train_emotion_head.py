#!/usr/bin/env python3
"""Trains the two linear models that tell the emotion of English texts, and writes their tables.

usage: scripts/train_emotion_head.py DATA MODEL [VECTORS]

DATA holds goemotions-ekman-{train,dev,test}.tsv.gz (text, label numbers, id); MODEL is the folder of all-minilm-l6-v2.
VECTORS is a folder where the texts' vectors are kept from one run to the next (PART.npy, N×384). Writes
src/memory/emotion/english_words.inl and english_head.inl, and prints the micro-F1 on the test set.

Both models are one logistic regression per label. The first reads words: stems, pairs of neighbours, stems that follow
a negation, ? and !. The second reads the text's vector and the first one's logit. What decides between labels (a shift
of each) is chosen on the dev set; the test set is only looked at in the end.

needs: numpy scipy scikit-learn snowballstemmer torch transformers
"""
import gzip
import os
import re
import sys

import numpy as np
import scipy.sparse as sparse
from sklearn.feature_selection import chi2
from sklearn.linear_model import LogisticRegression
from snowballstemmer import stemmer

LABELS = ["anger", "disgust", "fear", "joy", "neutral", "sadness", "surprise"]
OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "src", "memory", "emotion")
NEGATIONS = {"not", "no", "never", "none", "nobody", "nothing", "neither", "nor", "without", "hardly", "cannot"}
NEGATION_REACH = 3  # words
N_FEATURES = 2600
WEIGHT_STEP = 0.1  # of the words' weights, which are stored as one character

stem = stemmer("english").stemWord


def read(folder, part):
    with gzip.open(os.path.join(folder, f"goemotions-ekman-{part}.tsv.gz"), "rt", newline="\n") as file:
        rows = [line.rstrip("\n").split("\t") for line in file]
    wanted = np.zeros((len(rows), len(LABELS)), bool)
    for i, row in enumerate(rows):
        wanted[i, [int(label) for label in row[1].split(",")]] = True
    return [row[0] for row in rows], wanted


def features_of(text):
    """The same as english_features of english_words.cpp."""
    features, previous, reach = set(), "", 0
    for word in re.findall(r"[a-z]+(?:'[a-z]+)*", text.lower().replace("’", "'")):
        term = stem(word)
        features.add("not_" + term if reach > 0 else term)
        if previous:
            features.add(previous + "_" + term)
        reach = NEGATION_REACH if word in NEGATIONS or word.endswith("n't") else reach - 1
        previous = term
    features.update(mark for mark in "?!" if mark in text)
    return features


def matrix_of(texts, index):
    rows, columns = [], []
    for i, text in enumerate(texts):
        found = sorted(index[f] for f in features_of(text) if f in index)
        rows += [i] * len(found)
        columns += found
    return sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(len(texts), len(index)))


def choose_features(texts, wanted):
    counts = {}
    for text in texts:
        for feature in features_of(text):
            counts[feature] = counts.get(feature, 0) + 1
    often = sorted(feature for feature, n in counts.items() if n >= 8)
    matrix = matrix_of(texts, {feature: i for i, feature in enumerate(often)})
    strength = np.nan_to_num(np.max([chi2(matrix, wanted[:, label])[0] for label in range(len(LABELS))], axis=0))
    best = sorted(np.argsort(-strength, kind="stable")[:N_FEATURES])
    return {often[i]: k for k, i in enumerate(best)}


def fit(matrix, wanted, strength):
    models = [LogisticRegression(C=strength, max_iter=400).fit(matrix, wanted[:, k]) for k in range(len(LABELS))]
    return np.stack([m.coef_[0] for m in models], axis=1), np.array([m.intercept_[0] for m in models])


def decide(logits):
    """Every label over 0; where none is, the one that comes closest."""
    chosen = logits >= 0
    chosen[np.arange(len(logits)), logits.argmax(1)] = True
    return chosen


def micro_f1(chosen, wanted):
    return 2 * (chosen & wanted).sum() / (chosen.sum() + wanted.sum())


def tune(logits, wanted):
    """What to add to each label's logit so that it holds from 0 on: one label after another."""
    shift = np.full(len(LABELS), 0.4)
    for _ in range(4):
        for label in range(len(LABELS)):
            tried = []
            for value in np.arange(-1, 2.51, 0.1):
                shift[label] = value
                tried.append((micro_f1(decide(logits + shift), wanted), value))
            shift[label] = max(tried)[1]
    return shift


def vectors_of(texts, model_folder, kept):
    if kept and os.path.exists(kept):
        return np.load(kept)
    import torch
    from transformers import AutoModel, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(model_folder)
    model = AutoModel.from_pretrained(model_folder).eval()
    vectors = np.zeros((len(texts), 384), np.float32)
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    for start in range(0, len(texts), 32):
        ids = order[start : start + 32]
        batch = tokenizer(
            [texts[i] for i in ids], padding=True, truncation=True, max_length=256, return_tensors="pt"
        )
        with torch.inference_mode():
            hidden = model(**batch).last_hidden_state
        mask = batch["attention_mask"][..., None].float()
        mean = (hidden * mask).sum(1) / mask.sum(1)
        vectors[ids] = torch.nn.functional.normalize(mean, dim=1).numpy()
    if kept:
        np.save(kept, vectors)
    return vectors


def in_lines(items, separator):
    line = ""
    for item in items:
        if len(line) + len(separator) + len(item) > 118:
            yield line
            line = ""
        line += (separator if line else "") + item
    yield line


def array(name, values):
    return f"constexpr std::array<float, kEmotionLabels> {name} = {{{', '.join(f'{v:.4f}f' for v in values)}}};\n"


HEADER = "// Written by scripts/train_emotion_head.py from GoEmotions (Apache-2.0, see NOTICES.md).\n"


def write_words(index, weights, bias):
    steps = np.clip(np.rint(weights / WEIGHT_STEP), -40, 40).astype(int)
    entries = [
        feature + ":" + "".join(chr(ord("P") + step) for step in steps[k]) for feature, k in sorted(index.items())
    ]
    with open(os.path.join(OUT, "english_words.inl"), "w") as file:
        file.write(HEADER)
        file.write("// feature:weights, one character for each label: (character − 'P') / 10.\n")
        file.write(array("kEnglishWordsBias", bias))
        file.write('constexpr std::string_view kEnglishWords = R"words(\n')
        file.write("\n".join(in_lines(entries, " ")) + '\n)words";\n')


def write_head(weights, mix, bias):
    """weights 384×7, mix and bias 7."""
    with open(os.path.join(OUT, "english_head.inl"), "w") as file:
        file.write(HEADER)
        file.write(array("kHeadWordsWeight", mix) + array("kHeadBias", bias))
        file.write("// One row for each label: the weights of the 384 features of an all-minilm-l6-v2 vector, ×1000.\n")
        file.write("constexpr int16_t kHeadWeights[kEmotionLabels][kHeadFeatures] = {\n")
        for label in range(len(LABELS)):
            numbers = [str(int(v)) + "," for v in np.rint(weights[:, label] * 1000)]
            file.write("{" + "\n".join(in_lines(numbers, "")) + "},\n")
        file.write("};\n")


def train_head(vectors, words_logits, wanted):
    """The vector and each label's own logit of the words."""
    rows, mix, bias = [], [], []
    for label in range(len(LABELS)):
        inputs = np.hstack([vectors["train"], words_logits["train"][:, label : label + 1]])
        model = LogisticRegression(C=3, max_iter=400).fit(inputs, wanted["train"][:, label])
        rows.append(model.coef_[0][:-1])
        mix.append(model.coef_[0][-1])
        bias.append(model.intercept_[0])
    return np.stack(rows, axis=1), np.array(mix), np.array(bias)


def held_out_logits(matrix, wanted, strength, folds=4):
    """The words' logits of the training texts by models that have not seen them: else the head would trust them too
    much."""
    part = np.random.default_rng(1).integers(0, folds, matrix.shape[0])
    logits = np.zeros(wanted.shape)
    for fold in range(folds):
        weights, bias = fit(matrix[part != fold], wanted[part != fold], strength)
        logits[part == fold] = matrix[part == fold] @ weights + bias
    return logits


def main():
    data, model_folder = sys.argv[1:3]
    kept = sys.argv[3] if len(sys.argv) > 3 else None
    texts, wanted, vectors = {}, {}, {}
    for part in ["train", "dev", "test"]:
        texts[part], wanted[part] = read(data, part)

    strength = 0.5
    index = choose_features(texts["train"], wanted["train"])
    matrix = {part: matrix_of(texts[part], index) for part in texts}
    weights, bias = fit(matrix["train"], wanted["train"], strength)
    weights = np.clip(np.rint(weights / WEIGHT_STEP), -40, 40) * WEIGHT_STEP  # as they are stored
    shift = tune(matrix["dev"] @ weights + bias, wanted["dev"])
    logits = {part: matrix[part] @ weights + bias + shift for part in matrix}
    write_words(index, weights, bias + shift)
    for part in ["dev", "test"]:
        print(f"words, {part}: micro-F1 {micro_f1(decide(logits[part]), wanted[part]):.4f}", flush=True)

    for part in texts:
        vectors[part] = vectors_of(texts[part], model_folder, kept and os.path.join(kept, part + ".npy"))
    inputs = dict(logits, train=held_out_logits(matrix["train"], wanted["train"], strength) + shift)
    weights, mix, bias = train_head(vectors, inputs, wanted)
    weights = np.rint(weights * 1000) / 1000
    logits = {part: vectors[part] @ weights + logits[part] * mix + bias for part in ["dev", "test"]}
    shift = tune(logits["dev"], wanted["dev"])
    write_head(weights, mix, bias + shift)
    for part in ["dev", "test"]:
        print(f"head, {part}: micro-F1 {micro_f1(decide(logits[part] + shift), wanted[part]):.4f}")


if __name__ == "__main__":
    main()
