#!/bin/sh
# watch.sh RANKS PROGRAM LAUNCHER...: where the last rank is stopped or hangs, a rank that waits for it
# says so and the job ends with 69, of itself; where it is only slow, the job goes on.
set -u
ranks=$1 program=$2
shift 2
last=$((ranks - 1))
said=$(mktemp) || exit 1
trap 'rm -f "$said"' EXIT
failed=0

# expect MODE CODE WORDS
expect() {
  mode=$1 expected=$2 words=$3
  shift 3
  code=0
  timeout -k 2 600 "$@" -n "$ranks" "$program" "$mode" >"$said" 2>&1 || code=$?
  if [ $code -ne "$expected" ] || { [ -n "$words" ] && ! grep -q "$words" "$said"; }; then
    echo "$mode: exit code $code, expected $expected and: $words"
    cat "$said"
    failed=1
  fi
}

expect stop 69 "waited 1 s at act 5 (run.watchdog): rank $last does not run, was at act 5" "$@"
expect stop_inside 69 "rank $last does not run, was at act 5" "$@"
expect hang 69 "waited 1 s at act 5 (run.watchdog): rank $last is still at act 5" "$@"
expect slow 0 "" "$@"
expect hang_apart 69 "rank $last on $(hostname) has not got on for 1 s, at act 5 (run.watchdog)" "$@"
expect hang_apart 69 "waited 4 s at act 5 (run.watchdog): the ranks of this node are there, one of another" "$@"
expect stop_apart 69 "rank $last on $(hostname) did not run for [1-9][0-9]* s, at act 5 (run.watchdog)" "$@"
exit $failed
