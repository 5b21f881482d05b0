#!/usr/bin/env python3
"""Prints recorded results as the Markdown tables of the README.

usage: scripts/speed_table.py [RESULT.json …]      (default: all of bench/results, the newest first)
"""
import glob
import json
import os
import sys

RESULTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "bench", "results", "*.json")


def cell(figure, digits, unit=""):
    """loam's figure, the peer's in brackets, and how many times the peer's it is."""
    return f"**{figure['loam']:.{digits}f}**{unit} ({figure['llama.cpp']:.{digits}f}), {figure['ratio']:.2f}×"


def table(run):
    about = run["machine"]
    yield (
        f"{about['cpu']}, {run['threads']} threads, {', '.join(about['features'])}; {run['date']}; a prompt of "
        f"{run['prompt_tokens']} tokens, then {run['generated_tokens']} generated; medians of {run['runs']} runs. In "
        f"brackets llama.cpp (llama-cpp-python {run['llama_cpp_python']}) in turn on the same machine."
    )
    yield ""
    yield "| model | prompt, tokens/s | generation, tokens/s | load, ms | peak memory, MiB |"
    yield "|---|---|---|---|---|"
    for result in run["results"]:
        cells = [result["model"], cell(result["prompt_tps"], 0), cell(result["generate_tps"], 1)]
        cells += [cell(result["load_ms"], 0), cell(result["peak_rss_mib"], 0)]
        yield "| " + " | ".join(cells) + " |"


def main():
    files = sys.argv[1:] or sorted(glob.glob(RESULTS), reverse=True)
    if not files:
        sys.exit("nothing is recorded in bench/results yet: run bench/compare.py")
    for i, path in enumerate(files):
        with open(path, encoding="utf-8") as file:
            run = json.load(file)
        print("\n" * (i > 0) + "\n".join(table(run)))


main()
