#!/usr/bin/env python3
"""Prints recorded results as the Markdown tables of the README and of docs/formats.md.

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


def format_table(run):
    about, sets = run["machine"], run["formats"]
    yield (
        f"{about['cpu']}, one thread; {run['date']}; a matrix of {run['rows']} × {run['cols']}. Of each instruction set: GB/s of "
        f"packed weights read for one token, as when text is generated, and GOPS for 512 tokens, as when a prompt is read."
    )
    yield ""
    yield "| type | bits | packed | " + " | ".join(f"{name}: GB/s, GOPS" for name in sets) + " |"
    yield "|---|---|---|" + "---|" * len(sets)
    for dtype, first in next(iter(sets.values())).items():
        cells = [dtype, f"{first['file_bits']:.4g}", f"{first['packed_bits']:.4g}"]
        for rows in sets.values():
            cells.append(f"{rows[dtype]['one_token_gb_s']:.1f}, {rows[dtype]['prompt_gops']:.0f}")
        yield "| " + " | ".join(cells) + " |"


def tables(run):
    if "formats" in run:
        return format_table(run)
    return table(run) if "results" in run else []


def main():
    files = sys.argv[1:] or sorted(glob.glob(RESULTS), reverse=True)
    if not files:
        sys.exit("nothing is recorded in bench/results yet: run bench/compare.py")
    printed = []
    for path in files:
        with open(path, encoding="utf-8") as file:
            printed.append("\n".join(tables(json.load(file))))
    print("\n\n".join(text for text in printed if text))


main()
