# shellcheck shell=bash
# What ./run and ./test share: messages, building, the virtual environment. Sourced from the repository's root.

say() { printf '%s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# On a terminal, replaces the last line; elsewhere prints nothing.
progress_line() { if [ -t 2 ]; then printf '\r\033[K%s' "$*" >&2; fi; }

# Kilobytes of memory that can be had without swapping.
available_memory_kb() { awk '/^MemAvailable:/ {print $2}' /proc/meminfo; }

# Compilers at work at a time: one for each core, but no more than one for each GiB of memory.
build_jobs() {
  local by_memory=$(($(available_memory_kb) / 1048576)) cores
  cores=$(nproc)
  echo $((by_memory < 1 ? 1 : by_memory < cores ? by_memory : cores))
}

# A Python environment in build/venv with the packages named; make_venv_at puts it elsewhere.
make_venv() { make_venv_at build/venv "$@"; }
make_venv_at() { # FOLDER PACKAGE…
  local folder=$1
  shift
  [ -x "$folder/bin/python" ] || python3 -m venv "$folder"
  "$folder/bin/python" -m pip install --quiet --disable-pip-version-check "$@"
}

# cmake and ctest of at least 3.25 in PATH: the system's, or else PyPI's (Ubuntu 22.04 has 3.22).
find_cmake() {
  local version
  version=$(cmake --version | awk 'NR == 1 {print $3}')
  if [ "$(printf '%s\n3.25\n' "$version" | sort -V | head -n 1)" != 3.25 ]; then
    say "cmake $version is older than 3.25: getting a newer one into build/venv"
    make_venv 'cmake>=3.25,<4'
    PATH=$PWD/build/venv/bin:$PATH
  fi
}

# build PRESET [TARGET…]: configures and builds, showing one line; the whole log is build/PRESET.log.
build() {
  local preset=$1 log=build/$1.log line
  shift
  mkdir -p build
  if [ -t 2 ]; then progress_line "configuring $preset"; else say "building $preset"; fi
  if ! cmake --preset "$preset" >"$log" 2>&1; then
    progress_line ""
    tail -n 40 "$log" >&2
    die "configuring failed; the whole log is in $log"
  fi
  if ! NINJA_STATUS='[%f/%t] ' ninja -C "build/$preset" -j "$(build_jobs)" "$@" 2>&1 | tee -a "$log" |
    while IFS= read -r line; do
      if [[ $line =~ ^\[([0-9]+/[0-9]+)\] ]]; then progress_line "building $preset ${BASH_REMATCH[1]}"; fi
    done; then
    progress_line ""
    grep -A 30 -m 1 -E '^FAILED|error:' "$log" >&2 || tail -n 40 "$log" >&2
    die "building failed; the whole log is in $log"
  fi
  progress_line ""
}
