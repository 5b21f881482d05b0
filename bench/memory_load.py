#!/usr/bin/env python3
"""What memory costs beside answers, and how fast it is where much is kept.

usage: memory_load.py CHECK… [--loam PROGRAM] [--model NAME] [--turns N] [--out FILE.json]

CHECK is one or more of
  ingest     turns a second that `loam memory import` keeps, and with their vectors, the model's load included
  documents  1,000 pages: until they are kept and all have their vectors
  beside     what it costs answers that are given meanwhile
  recall     milliseconds of a recall among N turns (100,000), by words and by meaning too
  first      what recall among N turns adds to an answer's wait for its first token

Each check starts a server of its own in a scratch LOAM_HOME, with the models of yours. Turns and pages are made up from a fixed
seed: words by Zipf's law, turns of 20 to 40 tokens, pages of 400 words. The fastest answer of each kind counts, as other programs
only ever slow one down. Only the standard library is needed. Exit status 1 where a check failed.
"""
import argparse
import contextlib
import datetime
import http.client
import json
import os
import pathlib
import random
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

from compare import machine

EMBEDDER = "all-minilm-l6-v2"
STORY = "Write a long story about a lighthouse keeper, his dog and the sea."
MOST_SLOWER, MOST_SECONDS_OF_1000 = 1.10, 120  # of answers beside pages; until 1,000 pages are done
MOST_RECALL_MS, MOST_FIRST = 20, 0.05
LEAST_TURNS, LEAST_WITH_VECTORS = 2000, 200


class Words:
    """Made-up text by Zipf's law: English for the frequent words, syllables for the others; 1.7 tokens a word."""
    FREQUENT = ("the of and to a in that it is was he for on are with as his they at be this have from or one had by word but not what "
                "all were we when your can said there use an each which she do how their if will up other about out many then them "
                "these so some her would make like him into time has look two more write go see number no way could people my than "
                "first water been call who oil its now find long down day did get come made may part over new sound take only little "
                "work know place year live me back give most very after thing our just name good sentence man think say great where "
                "help through much before line right too mean old any same tell boy follow came want show also around form three "
                "small set put end does another well large must big even such because turn here why ask went men read need land "
                "different home us move try kind hand picture again change off play spell air away animal house point page letter "
                "mother answer found study still learn should world").split()

    def __init__(self, seed, n=20000):
        self.random = random.Random(seed)
        syllables = [a + b for a in "b d f g k l m n p r s t v z st tr br sh ch".split() for b in "a e i o u ai ou en or".split()]
        made = {"".join(self.random.choices(syllables, k=self.random.randint(2, 3))) for _ in range(n)}
        self.words = self.FREQUENT + sorted(made, key=lambda word: (self.random.random(), word))
        self.weights = [1 / (i + 3) ** 1.3 for i in range(len(self.words))]

    def take(self, n):
        return " ".join(self.random.choices(self.words, self.weights, k=n))

    def between(self, least, most):
        return self.take(self.random.randint(least, most))


class Server:
    def __init__(self, o, home, *flags):
        self.o, self.home, self.flags = o, home, flags

    def __enter__(self):
        self.log = open(pathlib.Path(self.home) / "server.log", "a", encoding="utf-8")
        self.process = subprocess.Popen([self.o.loam, "serve", "--port", "0", *self.flags, self.o.model], stdout=self.log, stderr=self.log,
                                        env={**os.environ, "LOAM_HOME": str(self.home)})
        self.port = wait_for(lambda: self.find_port(), 120)
        self.ask("/v1/chat/completions", chat("Say hi.", max_tokens=1, memory=False))  # the model is loaded
        return self

    def find_port(self):
        if self.process.poll() is not None:
            sys.exit(f"the server ended; see {self.log.name}")
        found = subprocess.run([self.o.loam, "ps", "--json"], capture_output=True, text=True, env={**os.environ, "LOAM_HOME": str(self.home)})
        return next((s["port"] for s in json.loads(found.stdout or "[]") if s["pid"] == self.process.pid), None)

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        self.log.close()

    def request(self, path, body):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        return connection, connection.getresponse()

    def ask(self, path, body):
        connection, response = self.request(path, body)
        text = response.read()
        connection.close()
        if response.status != 200:
            sys.exit(f"{path}: {response.status} {text[:300]}")
        return json.loads(text)

    def memory(self, name, **arguments):
        return self.ask("/v1/memory/" + name, arguments)

    def stream(self, body):
        """→ seconds to the first token, tokens a second from there on"""
        begin, times = time.time(), []
        connection, response = self.request("/v1/chat/completions", {**body, "stream": True})
        for line in response:
            if b'"content":"' in line and b'"content":""' not in line:
                times.append(time.time())
        connection.close()
        return times[0] - begin, (len(times) - 1) / (times[-1] - times[0]) if len(times) > 1 else 0


def chat(text, **more):
    return {"messages": [{"role": "user", "content": text}], "temperature": 0, **more}


def wait_for(look, seconds):
    end = time.time() + seconds
    while time.time() < end:
        if found := look():
            return found
        time.sleep(0.2)
    sys.exit("waited too long")


@contextlib.contextmanager
def scratch_home():
    own = pathlib.Path(os.environ.get("LOAM_HOME", pathlib.Path.home() / ".local/share/loam"))
    folder = pathlib.Path(tempfile.mkdtemp(prefix="loam-bench-"))
    (folder / "models").symlink_to(own / "models")
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def loam(o, home, *arguments):
    """→ seconds"""
    begin = time.time()
    subprocess.run([o.loam, *arguments], check=True, capture_output=True, env={**os.environ, "LOAM_HOME": str(home)})
    return time.time() - begin


def write_turns(path, n):
    """A year's conversations of 40 turns, as `loam memory export` writes them."""
    words, begin = Words(1), 1_750_000_000_000
    with open(path, "w", encoding="utf-8") as file:
        for i in range(n):
            when, role = begin + i * 365 * 86_400_000 // n, ("user", "assistant")[i % 2]
            file.write(json.dumps({"id": i + 1, "space": "default", "session": f"s{i // 40}", "role": role, "origin": role, "speaker": "",
                                   "text": words.between(8, 17), "time": when, "seen": when, "partial": False, "key": ""}) + "\n")


def ingest(o):
    n, figures = 4000, {}
    with scratch_home() as home:
        write_turns(home / "turns.jsonl", n)
        kept = loam(o, home, "memory", "import", str(home / "turns.jsonl"))
        made = loam(o, home, "memory", "search", "lighthouse", "--model", EMBEDDER)
        figures = {"turns": n, "turns_per_second": round(n / kept), "with_vectors_per_second": round(n / (kept + made))}
    return figures, figures["turns_per_second"] >= LEAST_TURNS and figures["with_vectors_per_second"] >= LEAST_WITH_VECTORS


@contextlib.contextmanager
def home_of_many(o):
    """With `--turns` turns; their vectors are random, which takes a recall as long as made ones, and are there at once."""
    with scratch_home() as home:
        write_turns(home / "turns.jsonl", o.turns)
        loam(o, home, "memory", "import", str(home / "turns.jsonl"))
        loam(o, home, "memory", "search", "x", "--model", "none")
        noise = random.Random(3)
        with contextlib.closing(sqlite3.connect(home / "users/local/mem.db")) as database, database:
            database.execute("CREATE TABLE IF NOT EXISTS recall_vector (model TEXT NOT NULL, id INTEGER NOT NULL, scale REAL NOT NULL,"
                             " vector BLOB NOT NULL, PRIMARY KEY (model, id)) WITHOUT ROWID")
            database.executemany("INSERT INTO recall_vector VALUES (?, ?, ?, ?)",
                                 ((EMBEDDER, i + 1, 0.0007, noise.randbytes(384)) for i in range(o.turns)))
            database.execute("INSERT OR REPLACE INTO derived VALUES ('recall_vector', 1)")
        yield home


def by_words_only(home, on):
    (home / "loam.toml").write_text('[memory]\nembedding_model = "none"\n' if on else "", encoding="utf-8")
    return "--config", str(home / "loam.toml")


def questions(n):
    words = Words(4)
    return [f"What did I say about {words.between(4, 8)}?" for _ in range(n)]


def recall(o):
    figures = {"turns": o.turns}
    with home_of_many(o) as home:
        for name in ("lexical", "hybrid"):
            with Server(o, home, *by_words_only(home, name == "lexical")) as server:
                if name == "hybrid":
                    time.sleep(6)  # the embedding model is loaded
                times, similar = [], 0
                for question in ["warm up", *questions(200)]:
                    begin = time.time()
                    found = server.memory("search", query=question)["results"]
                    times.append(1000 * (time.time() - begin))
                    similar += any(each["reasons"]["similarity"] != 0 for each in found)
                times = sorted(times[1:])
                figures[name] = {"p50_ms": round(times[100], 1), "p95_ms": round(times[190], 1), "with_vectors": similar}
    good = figures["lexical"]["with_vectors"] == 0 < figures["hybrid"]["with_vectors"]
    return figures, good and max(figures[name]["p95_ms"] for name in ("lexical", "hybrid")) <= MOST_RECALL_MS


def first(o):
    """A chat turn behind four others. Recall adds its own time, and tokens to read where it finds something: told apart."""
    words = Words(5)
    history = [{"role": role, "content": words.between(30, 60)} for _ in range(4) for role in ("user", "assistant")]
    waits = {"off": [], "on": [], "recall": []}
    with home_of_many(o) as home, Server(o, home, *by_words_only(home, False)) as server:
        time.sleep(6)
        server.memory("search", query="warm up")
        for i, question in enumerate(questions(o.answers * 2)):
            def body(memory):
                mark = {"role": "user", "content": f"{i} {memory is False}"}  # nothing of it is in the prefix cache
                return {"messages": [mark, *history, {"role": "user", "content": question}], "max_tokens": 1, "memory": memory}
            waits["off"].append(server.stream(body(False))[0])
            waits["on"].append(server.stream(body({"write": False}))[0])
            begin = time.time()
            server.memory("search", query=question)
            waits["recall"].append(time.time() - begin)
    figures = {name + "_ms": round(1000 * statistics.median(times), 1) for name, times in waits.items()}
    figures["share_of_recall"] = round(figures["recall_ms"] / figures["off_ms"], 3)
    return figures, figures["share_of_recall"] <= MOST_FIRST


def add_pages(o, server):
    """→ how many chunks they are"""
    words = Words(2)
    pages = [f"# Page {i}\n\n" + "\n\n".join(words.take(100) + "." for _ in range(4)) for i in range(o.pages)]
    return sum(server.memory("add-document", text=page, title=f"Page {i}")["chunks"] for i, page in enumerate(pages))


def without_vector(server):
    return server.memory("stats")["without_vector"]


def documents(o):
    with scratch_home() as home, Server(o, home) as server:
        begin = time.time()
        figures = {"pages": o.pages, "chunks": add_pages(o, server), "seconds_to_keep": round(time.time() - begin, 1)}
        wait_for(lambda: without_vector(server) == 0, 600)
        figures["seconds_until_all_have_vectors"] = round(time.time() - begin, 1)
    return figures, figures["seconds_until_all_have_vectors"] <= MOST_SECONDS_OF_1000 * o.pages / 1000


def answers(server, o):
    """(first token, tokens a second) of answers one after another that memory has no part in."""
    return [server.stream(chat(f"{i}. {STORY}", max_tokens=128, ignore_eos=True, memory=False)) for i in range(o.answers)]


def beside(o):
    with scratch_home() as home, Server(o, home) as server:
        answers(server, o)
        measured = {"alone": answers(server, o)}
        figures = {"pages": o.pages, "chunks": (chunks := add_pages(o, server))}
        wait_for(lambda: without_vector(server) < chunks, 60)  # the work has begun
        before = without_vector(server)
        measured["beside"] = answers(server, o)
        figures["vectors_made_meanwhile"] = before - (left := without_vector(server))
        figures["left"] = left
    for name, answered in measured.items():
        figures["tokens_per_second_" + name] = round(max(rate for _, rate in answered), 1)
        figures["first_token_ms_" + name] = round(1000 * min(first for first, _ in answered))
    figures["slower"] = round(figures["tokens_per_second_alone"] / figures["tokens_per_second_beside"], 3)
    return figures, figures["slower"] <= MOST_SLOWER and figures["vectors_made_meanwhile"] > 0 and left > 0


CHECKS = {f.__name__: f for f in (ingest, documents, beside, recall, first)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checks", nargs="+", choices=CHECKS)
    parser.add_argument("--loam", default="build/release/loam")
    parser.add_argument("--model", default="qwen2.5-coder-1.5b")
    parser.add_argument("--turns", type=int, default=100_000)
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--answers", type=int, default=4, help="alone, and beside pages")
    parser.add_argument("--out")
    o = parser.parse_args()
    results, failed = {"date": str(datetime.date.today()), "machine": machine(), "model": o.model, "embedding_model": EMBEDDER}, False
    for name in o.checks:
        figures, good = CHECKS[name](o)
        results[name] = figures
        failed |= not good
        print(f"{name}: {'good' if good else 'FAILED'}  {json.dumps(figures)}", flush=True)
    if o.out:
        pathlib.Path(o.out).write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    sys.exit(failed)


if __name__ == "__main__":
    main()
