#!/usr/bin/env python3
"""Puts a running loam serve under load, and says what came of it.

usage: serve_load.py ADDRESS CHECK… [--model NAME] [--keys KEY,KEY,…] [--seconds N] [--out FILE.json]

CHECK is one or more of
  streams    200 streams at once: all must end with [DONE]
  batch      tokens a second of 16 streams, beside one alone
  first      a short request's wait for its first token while a prompt of 3,000 tokens is read, and what that costs the prompt
  fairness   Jain's index of the tokens that users get of whom the first floods (needs three --keys or more)
  schemas    500 answers to random JSON schemas at temperature 1: all must be valid (needs the package jsonschema)
  leaving    500 clients that leave amid their stream
  overload   ten times the requests that the server takes, for 60 seconds: each answered or refused, and the server alive
  memory     10,000 requests: growth of the server's memory (needs `loam ps` to list the server)

Only the standard library is needed otherwise. Exit status 1 where a check failed.
"""
import argparse
import http.client
import json
import random
import subprocess
import sys
import threading
import time
import urllib.parse

STORY = "Write a long story about a lighthouse keeper, his dog and the sea."


class Client:
    """One connection's requests, as one user."""

    def __init__(self, address, model, key=""):
        self.host = urllib.parse.urlsplit(address).netloc
        self.model = model
        self.headers = {"Content-Type": "application/json"}
        if key:
            self.headers["Authorization"] = "Bearer " + key

    def open(self, body, path="/v1/chat/completions"):
        connection = http.client.HTTPConnection(self.host, timeout=600)
        connection.request("POST", path, json.dumps({"model": self.model, **body}), self.headers)
        return connection, connection.getresponse()

    def ask(self, body):
        """→ status, answer"""
        connection, response = self.open(body)
        text = response.read()
        connection.close()
        return response.status, json.loads(text) if text else {}

    def stream(self, body, stop=None):
        """→ seconds to the first token, seconds in all, tokens, whether it ended with [DONE]"""
        begin, first, tokens, done = time.time(), None, 0, False
        connection, response = self.open({**body, "stream": True})
        for line in response:
            if line.startswith(b"data: [DONE]"):
                done = True
            elif b'"content":"' in line and b'"content":""' not in line:
                first = first or time.time() - begin
                tokens += 1
            if stop and stop(tokens):
                break
        connection.close()
        return first, time.time() - begin, tokens, done


def chat(text, **more):
    return {"messages": [{"role": "user", "content": text}], **more}


def in_parallel(work, arguments):
    """work(argument) for each, at once → results in order"""
    results = [None] * len(arguments)

    def run(i):
        try:
            results[i] = work(arguments[i])
        except OSError as fault:
            results[i] = fault
    threads = [threading.Thread(target=run, args=(i,)) for i in range(len(arguments))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def streams(o):
    begin = time.time()
    done = in_parallel(lambda i: o.client().stream(chat(f"Count from {i}.", max_tokens=32, seed=i)), list(range(200)))
    ended = sum(isinstance(d, tuple) and d[3] for d in done)
    return {"ended": ended, "of": 200, "seconds": round(time.time() - begin, 1)}, ended == 200


def batch(o):
    def rate(n):
        begin = time.time()
        got = in_parallel(lambda i: o.client().stream(chat(STORY, max_tokens=64, seed=i, ignore_eos=True)), list(range(n)))
        return sum(g[2] for g in got) / (time.time() - begin - min(g[0] for g in got))
    rate(1)
    one, many = rate(1), rate(16)
    return {"one": round(one, 1), "sixteen": round(many, 1), "ratio": round(many / one, 2)}, many >= 2.5 * one


def long_prompt(o, salt):
    words = random.Random(salt).choices("the sea is calm and old ships come home with salt fish light wind".split(), k=2950)
    return chat(" ".join(words), max_tokens=1)


def first(o):
    alone = o.client().stream(long_prompt(o, 1))[0]
    waits = []

    def short(i):
        time.sleep(0.5 + i)
        waits.append(o.client().stream(chat("Say hi.", max_tokens=1, seed=i))[0])
    jobs = [lambda: o.client().stream(long_prompt(o, 2))[0]] + [lambda i=i: short(i) for i in range(3)]
    beside = in_parallel(lambda job: job(), jobs)[0]
    figures = {"prompt_alone": round(alone, 2), "prompt_beside_3_others": round(beside, 2),
               "first_tokens": [round(w, 2) for w in waits]}
    return figures, max(waits) <= 1 and beside <= 1.15 * alone


def fairness(o):
    if len(o.keys) < 3:
        sys.exit("fairness needs --keys of three users")
    got, end = [0] * len(o.keys), time.time() + o.seconds
    lock = threading.Lock()

    def user(i):
        client = o.client(o.keys[i])
        while time.time() < end:
            body = chat(STORY, max_tokens=32, seed=random.getrandbits(30), ignore_eos=True)
            tokens = client.stream(body, lambda _: time.time() >= end)[2]
            with lock:
                got[i] += tokens
    in_parallel(user, [0] * 8 + list(range(1, len(o.keys))))
    jain = sum(got) ** 2 / (len(got) * sum(g * g for g in got))
    return {"tokens": got, "jain": round(jain, 3)}, jain >= 0.9


def random_schema(rng, depth=0):
    kinds = ["string", "integer", "number", "boolean", "enum", "const"] + ["object", "array"] * (depth < 3)
    kind = rng.choice(kinds if depth else ["object", "object", "array"])
    if kind == "object":
        names = rng.sample(["name", "age", "city", "tags", "price", "ok", "이름", "цена"], rng.randint(1, 4))
        return {"type": "object", "properties": {n: random_schema(rng, depth + 1) for n in names},
                "required": rng.sample(names, rng.randint(1, len(names))), "additionalProperties": False}
    if kind == "array":
        return {"type": "array", "items": random_schema(rng, depth + 1), "minItems": rng.randint(0, 2), "maxItems": 4}
    if kind == "enum":
        return {"enum": rng.sample(["red", "green", 1, 2.5, None, True, "파랑"], 3)}
    if kind == "const":
        return {"const": rng.choice(["fixed", 7, None])}
    if kind == "string":
        return rng.choice([{"type": "string", "maxLength": 20}, {"type": "string", "pattern": "^[a-z]{2,8}$"},
                           {"type": "string", "format": "date"}, {"type": "string", "minLength": 1, "maxLength": 9}])
    if kind == "integer":
        return rng.choice([{"type": "integer", "minimum": -5, "maximum": 1000}, {"type": "integer", "minimum": 0, "maximum": 9}])
    return {"type": kind} if kind == "boolean" else {"type": "number", "minimum": -10, "maximum": 10}


def schemas(o):
    import jsonschema
    faults = []

    def one(i):
        schema = random_schema(random.Random(i))
        body = chat("Give an example.", temperature=1, seed=i, max_tokens=1500,
                    response_format={"type": "json_schema", "json_schema": {"name": "x", "schema": schema, "strict": True}})
        status, answer = o.client().ask(body)
        try:
            jsonschema.validate(json.loads(answer["choices"][0]["message"]["content"]), schema)
        except Exception as fault:  # whatever is wrong is a finding
            faults.append({"schema": schema, "status": status, "fault": str(fault)[:200], "answer": str(answer)[:400]})
    for start in range(0, 500, 10):
        in_parallel(one, list(range(start, start + 10)))
    return {"valid": 500 - len(faults), "of": 500, "faults": faults[:3]}, not faults


def leaving(o):
    for start in range(0, 500, 50):
        in_parallel(lambda i: o.client().stream(chat(STORY, max_tokens=400, seed=i), lambda n: n >= i % 5), list(range(start, start + 50)))
    status, _ = o.client().ask(chat("Say hi.", max_tokens=4))
    return {"left": 500, "status_after": status}, status == 200


def overload(o):
    end, counts, lock = time.time() + o.seconds, {}, threading.Lock()

    def one(i):
        while time.time() < end:
            try:
                status, _ = o.client().ask(chat(f"Count from {i}.", max_tokens=16, seed=i))
            except (OSError, http.client.HTTPException) as fault:
                status = type(fault).__name__
            with lock:
                counts[str(status)] = counts.get(str(status), 0) + 1
            if status != 200:
                time.sleep(0.2)
    in_parallel(one, list(range(o.clients)))
    status, _ = o.client().ask(chat("Say hi.", max_tokens=4))
    good = status == 200 and set(counts) <= {"200", "429", "503"} and counts.get("200", 0) > 0
    return {"clients": o.clients, "answers": counts, "status_after": status}, good


def server_memory(o):
    servers = json.loads(subprocess.run([o.loam, "ps", "--json"], capture_output=True, text=True, check=True).stdout)
    port = urllib.parse.urlsplit(o.address).port
    pid = next(s["pid"] for s in servers if s["port"] == port)
    for line in open(f"/proc/{pid}/status", encoding="utf-8"):
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024


def memory(o):
    points = []
    for round_ in range(11):
        for start in range(0, 1000, 8):
            in_parallel(lambda i: o.client().ask(chat(f"Hello {round_} {i}", max_tokens=1)), list(range(start, start + 8)))
        points.append(round(server_memory(o), 1))
    slope = (points[-1] - points[1]) / 9  # MiB per 1,000 requests, after the first 2,000
    return {"mib": points, "slope_per_1000": round(slope, 2)}, slope <= 1


CHECKS = {f.__name__: f for f in (streams, batch, first, fairness, schemas, leaving, overload, memory)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("address")
    parser.add_argument("checks", nargs="+", choices=CHECKS)
    parser.add_argument("--model", default="")
    parser.add_argument("--keys", default="")
    parser.add_argument("--seconds", type=int, default=60, help="of fairness and overload")
    parser.add_argument("--clients", type=int, default=480, help="of overload")
    parser.add_argument("--loam", default="build/release/loam")
    parser.add_argument("--out")
    o = parser.parse_args()
    o.keys = [key for key in o.keys.split(",") if key]
    o.client = lambda key=o.keys[0] if o.keys else "": Client(o.address, o.model, key)
    results, failed = {}, False
    for name in o.checks:
        figures, good = CHECKS[name](o)
        results[name] = figures
        failed |= not good
        print(f"{name}: {'good' if good else 'FAILED'}  {json.dumps(figures, ensure_ascii=False)}", flush=True)
    if o.out:
        with open(o.out, "w", encoding="utf-8") as file:
            json.dump(results, file, indent=1, ensure_ascii=False)
    sys.exit(failed)


if __name__ == "__main__":
    main()
