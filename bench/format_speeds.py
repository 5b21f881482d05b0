#!/usr/bin/env python3
"""How fast each block format is multiplied with, by each instruction set that this machine has.

usage: bench/format_speeds.py [--bench build/release/kernels_bench] [--set NAME]… [--out FILE]
needs: cmake --preset release -DLOAM_BENCH=ON && ninja -C build/release kernels_bench

Runs kernels_bench over one matrix of 1536 × 8960, with one thread. Of every set (those named, or all) a row for each type:
bits of a weight in a file and as packed in memory; for one token, as when text is generated, GB/s of packed weights; for
512 tokens, as when a prompt is read, GOPS (a multiplication and an addition count one each). They go to
bench/results/DATE-CPU-formats.json, where sets that were measured before stay, and from which scripts/speed_table.py makes
the table of docs/formats.md. A set takes up to a minute.
"""
import argparse
import datetime
import json
import os
import re
import subprocess
import sys

from compare import commit, default_output, machine

ROWS, COLS = 1536, 8960


def sets_of(bench):
    shown = subprocess.run([bench, "--benchmark_list_tests"], capture_output=True, text=True, check=True)
    return list(dict.fromkeys(line.split("/")[0] for line in shown.stdout.split()))


def measure(bench, name):
    shown = subprocess.run(
        [bench, f"--benchmark_filter=^{name}/.*/{ROWS}x{COLS}/(1|512)/", "--benchmark_min_time=0.05",
         "--benchmark_format=json"], capture_output=True, text=True, check=True)
    formats = {}
    for run in json.loads(shown.stdout)["benchmarks"]:
        _, dtype, _, tokens, _ = run["name"].split("/")
        row = formats.setdefault(dtype, {})
        if tokens == "1":
            row["file_bits"] = run["file_bits"]
            row["packed_bits"] = round(run["packed_bits"], 3)
            row["one_token_gb_s"] = round(run["GB/s"], 2)
        else:
            row["prompt_gops"] = round(run["GOPS"], 1)
    if not formats:
        sys.exit(f"{bench} measured nothing with '{name}': it has {', '.join(sets_of(bench))}")
    return formats


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", default="build/release/kernels_bench")
    parser.add_argument("--set", action="append", metavar="NAME")
    parser.add_argument("--out", help="the result file (default bench/results/DATE-CPU-formats.json)")
    options = parser.parse_args()
    about = machine()
    out = options.out or re.sub(r"\.json$", "-formats.json", default_output(about))
    sets = {}
    if os.path.exists(out):
        with open(out, encoding="utf-8") as file:
            sets = json.load(file)["formats"]
    for name in options.set or sets_of(options.bench):
        sets[name] = measure(options.bench, name)
    with open(out, "w", encoding="utf-8") as file:
        json.dump({"date": str(datetime.date.today()), "commit": commit(), "machine": about, "threads": 1, "rows": ROWS,
                   "cols": COLS, "formats": sets}, file, indent=1)
        file.write("\n")
    print(out)


main()
