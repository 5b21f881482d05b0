#!/usr/bin/env python3
"""Writes the lexicons of emotion that stem from published ones.

usage: scripts/make_emotion_lexicons.py DATA

DATA holds vader_lexicon.txt.gz (MIT) and cedr-ru-emo-lexicon.json.gz (Apache-2.0). Writes
src/memory/emotion/english_valence.inl: English stems by valence, and src/memory/emotion/russian_words.inl: Russian
words by emotion.

needs: snowballstemmer
"""
import gzip
import json
import os
import re
import sys

from snowballstemmer import stemmer

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "src", "memory", "emotion")
LABELS = ["anger", "disgust", "fear", "joy", "sadness", "surprise"]
# Words of CEDR that seldom have to do with the emotion in what people write to each other.
NOT_RUSSIAN = set(
    "планида красота странно подуться обижать пара пар край боль больной больно скука бить битый вода давить рана "
    "темный туча сирота нужда старый жалоба свет любо смех умора чудо пересмех потрафить".split()
)


def in_lines(items):
    line = ""
    for item in items:
        if len(line) + 1 + len(item) > 118:
            yield line
            line = ""
        line += (" " if line else "") + item
    yield line


def write_valence(data):
    """Stems whose words agree, with the mean of VADER's −4…4 as one character."""
    valences = {}
    with gzip.open(os.path.join(data, "vader_lexicon.txt.gz"), "rt") as file:
        for line in file:
            word, valence = line.split("\t")[:2]
            if re.fullmatch(r"[a-z]{2,}(?:'[a-z]+)*", word) and abs(float(valence)) >= 0.5:
                valences.setdefault(stemmer("english").stemWord(word), []).append(float(valence))
    agreed = {stem: sum(v) / len(v) for stem, v in valences.items() if min(v) * max(v) > 0}
    entries = [f"{stem}:{chr(ord('P') + round(valence * 10))}" for stem, valence in sorted(agreed.items())]
    with open(os.path.join(OUT, "english_valence.inl"), "w") as file:
        file.write("// Written by scripts/make_emotion_lexicons.py from VADER's lexicon (MIT, see NOTICES.md).\n")
        file.write("// stem:valence, one character: (character − 'P') / 10, from −4 to 4.\n")
        file.write('constexpr std::string_view kEnglishValence = R"words(\n')
        file.write("\n".join(in_lines(entries)) + '\n)words";\n')


def write_russian(data):
    """Words that CEDR has under one emotion only."""
    with gzip.open(os.path.join(data, "cedr-ru-emo-lexicon.json.gz"), "rt") as file:
        lexicon = json.load(file)
    emotions = {}
    for label in LABELS:
        for word in lexicon.get(label, []):
            if re.fullmatch(r"[а-яё]{3,}", word) and word not in NOT_RUSSIAN:
                emotions.setdefault(word.replace("ё", "е"), set()).add(label)
    with open(os.path.join(OUT, "russian_words.inl"), "w") as file:
        file.write("// Written by scripts/make_emotion_lexicons.py from CEDR's lexicon (Apache-2.0, see NOTICES.md).\n")
        file.write("constexpr LexiconGroup kRussianWords[] = {\n")
        for label in LABELS:
            words = sorted(word for word, found in emotions.items() if found == {label})
            if words:
                lines = "\n".join(in_lines(words))
                file.write(f'    {{EmotionLabel::{label}, 0, 0, R"words(\n{lines}\n)words"}},\n')
        file.write("};\n")


def main():
    write_valence(sys.argv[1])
    write_russian(sys.argv[1])


if __name__ == "__main__":
    main()
