#!/usr/bin/env bash
# Runs one library's checks against a server of tests/clients/script.json.
#
# usage: tests/clients/run.sh LOAM PYTHON openai|anthropic|ollama
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
loam=$1 python=$2 client=$3
# An embedding model where one is installed; without it the checks of embeddings are left out.
minilm=${LOAM_HOME:-${XDG_DATA_HOME:-$HOME/.local/share}/loam}/models/all-minilm-l6-v2
models=("script=scripted:$PWD/script.json")
[ ! -d "$minilm" ] || models+=("minilm=$(realpath "$minilm")")
home=$(mktemp -d)
LOAM_HOME=$home "$loam" serve "${models[@]}" --port 0 2>"$home/log" &
server=$!
trap 'kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; rm -rf "$home"' EXIT
address=""
for _ in $(seq 100); do
  address=$(sed -n 's/.*serving on \(http[^ ]*\).*/\1/p' "$home/log")
  [ -z "$address" ] || break
  sleep 0.1
done
[ -n "$address" ] || { cat "$home/log"; exit 1; }
"$python" "${client}_client.py" "$address"
