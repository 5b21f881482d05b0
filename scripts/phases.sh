# shellcheck shell=bash
# Runs the phases of ./test and counts what passed, failed and was skipped in each. Sourced by ./test.

summary=() # one line for each phase
failures=() # and one text for each in which tests failed
n_passed=0 n_failed=0 n_skipped=0

count() { # NAME PASSED FAILED SKIPPED
  summary+=("$(printf '%-16s %5d passed %5d failed %5d skipped' "$@")")
  n_passed=$((n_passed + $2)) n_failed=$((n_failed + $3)) n_skipped=$((n_skipped + $4))
}

# One number from the head of a JUnit file.
junit_count() { # FILE ATTRIBUTE
  sed -n "s/.*[[:space:]]$2=\"\([0-9]*\)\".*/\1/p" "$1" | head -n 1
}

# The tests that failed, and how each output begins.
failed_tests() { # JUNIT FILE
  awk '/<testcase / {
         failed = /status="fail"/; lines = 0
         if (failed && match($0, /name="[^"]*"/)) print "failed: " substr($0, RSTART + 6, RLENGTH - 7)
       }
       /<\/system-out>/ {failed = 0}
       /^\[ RUN  / {lines = 15}
       failed && lines-- > 0 {print "    " $0}' "$1" | sed 's/&lt;/</g; s/&gt;/>/g; s/&quot;/"/g; s/&amp;/\&/g'
}

# run_ctest PRESET [PREFIX…] -- [OPTION…]: the tests of a build; PREFIX is a command to run ctest under.
run_ctest() {
  local preset=$1 prefix=() status=0 junit tests failed skipped
  shift
  while [ $# -gt 0 ] && [ "$1" != -- ]; do prefix+=("$1"); shift; done
  [ $# -eq 0 ] || shift
  junit=$PWD/build/$preset/junit.xml
  rm -f "$junit"
  say "testing $preset"
  "${prefix[@]}" ctest --test-dir "build/$preset" --output-on-failure --no-tests=error -j "$(test_jobs)" \
    --output-junit "$junit" "$@" || status=$?
  if [ ! -f "$junit" ]; then
    count "$preset" 0 1 0
    return
  fi
  tests=$(junit_count "$junit" tests) failed=$(junit_count "$junit" failures)
  skipped=$(($(junit_count "$junit" skipped) + $(junit_count "$junit" disabled)))
  if [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then failed=1; fi # ctest itself failed
  [ "$failed" -eq 0 ] || failures+=("$preset $(failed_tests "$junit")")
  count "$preset" $((tests - failed - skipped)) "$failed" "$skipped"
}

# Two tests at a time suit any machine: those that run models use several threads themselves.
test_jobs() { if [ "$(nproc)" -ge 2 ]; then echo 2; else echo 1; fi; }

# run_check NAME COMMAND…: a phase that passes or fails as a whole; its output is shown where it fails. A command that
# ends with 77 has said why it cannot run here, and counts as skipped.
run_check() {
  try_check "$@"
  count_check "$1"
}

# try_check may run in the background, several at a time; count_check, after it has ended, may not.
try_check() { # NAME COMMAND…
  local log=build/check-${1// /-} status=0
  say "checking $1"
  rm -f "$log.status"
  shift
  "$@" >"$log.log" 2>&1 || status=$?
  echo "$status" >"$log.status"
}

count_check() { # NAME
  local name=$1 log=build/check-${1// /-} status
  status=$(cat "$log.status" || echo 1)
  [ "$status" -eq 0 ] || tail -n 60 "$log.log" >&2
  case $status in
    0) count "$name" 1 0 0 ;;
    77) count "$name" 0 0 1 ;;
    *) count "$name" 0 1 0 ;;
  esac
}

# What failed and the counts of all phases, last of all; the status is non-zero where anything failed.
print_counts() {
  [ ${#failures[@]} -eq 0 ] || printf '\n%s\n' "${failures[@]}" | head -n 60
  echo
  if [ ${#summary[@]} -gt 1 ]; then printf '%s\n' "${summary[@]}"; fi
  echo "$n_passed passed, $n_failed failed, $n_skipped skipped"
  [ "$n_failed" -eq 0 ]
}
