#!/bin/bash
# Builds everything in every way that counts, runs all tests and says how many passed.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit 1
. tests/offspring.sh

usage() {
  cat <<'HELP'
Usage: tests/run.sh [--quick | --medium | --help] [STAGE...]

  --quick   setup, unit: while one works; under a minute after a build
  --medium  setup, release: before a commit; all but planted faults and the other builds
  nothing   setup, release, faults, mujoco-2.2.2, asan: before a change is taken in; a quarter of an
            hour or less on two idle cores

Stages, in this order; given by name, only these:
  setup         experiments/setup.sh --tests
  unit          build/release, gcc, MuJoCo 3.3.7: unit tests, the architecture, the format
  release       build/release: all tests but the planted faults
  faults        build/release: every planted fault of tests/faults must be caught
  mujoco-2.2.2  build/mujoco-2.2.2, clang if installed, the distribution's MuJoCo: unit tests
  asan          build/asan, address and undefined-behaviour sanitizers: all but end to end
  tidy          clang-tidy over src, envs and mpi; only by name, and after a build

The last line is the sum over all stages: N passed, N failed, N skipped. A build that fails counts
as one failed test; a test that ran nothing counts as skipped and is named, and so is what a test that
passed left out. Exit code: 0 if nothing failed, else 1; 64 usage; 130 after Ctrl-C, when the sum is of
what had ended. What the builds and tests printed is in build/test-logs. A stage by itself needs
experiments/setup.sh --tests to have run. MUJOCO_ROOT is used as by setup.sh.

No test has a limit of time that a busy machine could meet: each has half an hour.
HELP
}

every=(setup unit release faults mujoco-2.2.2 asan tidy)
stages=()
for argument in "$@"; do
  case $argument in
    -h | --help | help) usage; exit 0 ;;
    -V | --version) sed -n 's/^project(\([^ ]*\) VERSION \([^ ]*\).*/\1 \2/p' CMakeLists.txt; exit 0 ;;
    --quick) stages+=(setup unit) ;;
    --medium) stages+=(setup release) ;;
    *)
      if [[ " ${every[*]} " != *" $argument "* ]]; then
        echo "error: run.sh: unknown argument '$argument'; see --help" >&2
        exit 64
      fi
      stages+=("$argument") ;;
  esac
done
[ ${#stages[@]} -gt 0 ] || stages=(setup release faults mujoco-2.2.2 asan)

logs=$root/build/test-logs
mkdir -p "$logs"
jobs=$(nproc)
tests=$((jobs + 1)) # at once: those of Slurm, of kills and of watchdogs mostly wait
mujoco=(${MUJOCO_ROOT:+-DMUJOCO_ROOT="$MUJOCO_ROOT"}) # else what setup.sh unpacked
passed=0 failed=0 skipped=0
running='' # "NAME LOG" of the ctest that runs

# One thread a rank; more ranks than cores, no binding to cores, as root and in containers.
export OPENBLAS_NUM_THREADS=1 LC_ALL=C.UTF-8
export OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_hwloc_base_binding_policy=none
export OMPI_MCA_btl_vader_single_copy_mechanism=none HWLOC_HIDE_ERRORS=2
if [ "$(id -u)" = 0 ]; then export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1; fi

# run COMMAND...: in the background, so that Ctrl-C is heard at once
run() {
  "$@" &
  wait $!
}

# report NAME SECONDS TEXT
report() { printf '%-13s %5d s  %s\n' "$1" "$2" "$3"; }

# fail NAME LOG: counts a build that failed and shows the end of what it printed
fail() {
  failed=$((failed + 1))
  echo "$1: FAILED; the end of $2:"
  tail -n 40 "$2"
}

# build PRESET [CMAKE_ARGUMENT...]
build() {
  local preset=$1 start=$SECONDS log=$logs/$1-build.log
  if ! { run cmake --preset "$@" -DMGAIL_TESTS=ON &&
         run cmake --build "build/$preset" -j "$jobs" -- --quiet; } >"$log" 2>&1; then
    fail "$preset" "$log"
    return 1
  fi
  report "$preset" $((SECONDS - start)) "built"
}

# outcomes LOG: "OUTCOME TEST" of every test that has ended, as ctest printed it
outcomes() {
  sed -nE 's/^ *[0-9]+\/[0-9]+ Test +#[0-9]+: +([^ ]+) [. ]*([*]{3})?(Passed|Failed|Timeout|Exception|Not Run|Skipped).*/\3 \1/p' "$1"
}

# tally NAME SECONDS LOG STATUS: counts what ended and says it
tally() {
  local good bad idle
  good=$(outcomes "$3" | grep -c '^Passed ')
  idle=$(outcomes "$3" | grep -c '^Skipped ')
  bad=$(outcomes "$3" | grep -cvE '^(Passed|Skipped) ')
  if [ "$4" -ne 0 ] && [ "$bad" -eq 0 ]; then bad=1; fi # ctest itself
  passed=$((passed + good)) failed=$((failed + bad)) skipped=$((skipped + idle))
  report "$1" "$2" "$good passed, $bad failed, $idle skipped"
  outcomes "$3" | sed -nE 's/^Passed .*//; s/^([^ ].*)/  \1/p'
  if [ "$bad" -gt 0 ]; then
    echo "  from $3:"
    awk '/^ *Start +[0-9]+: / || /Test +#[0-9]+: / {
           show = /[*][*][*](Failed|Timeout|Exception|Not Run)/
         }
         show && !/ caught by /' "$3" | head -n 200
  fi
}

# remarks LOG: what tests left out, and what the planted faults came to, by the log of their output
remarks() {
  awk '/^[0-9]+\/[0-9]+ Testing: / { name = $3 }
       /^\[SKIP\] / || /^skipped: / { sub(/^(\[SKIP\]|skipped:) /, ""); print "  left out of " name ": " $0 }
       /planted faults caught, / { print "  " $0 }' "$1" 2>/dev/null
}

# run_tests NAME PRESET [OPTION of ctest...]: which tests and with what sanitizer options is the preset's
run_tests() {
  local name=$1 preset=$2 start=$SECONDS log=$logs/$1-ctest.log status=0
  shift 2
  running="$name $log $start"
  run ctest --preset "$preset" -j "$tests" "$@" >"$log" 2>&1 || status=$?
  running=''
  tally "$name" $((SECONDS - start)) "$log" $status
  remarks "build/$preset/Testing/Temporary/LastTest.log"
}

# tidy: one test
tidy() {
  local start=$SECONDS log=$logs/tidy.log
  if ! command -v clang-tidy >/dev/null; then
    skipped=$((skipped + 1))
    report tidy 0 "skipped: clang-tidy is not installed"
  elif find src envs mpi -name '*.c' -print0 |
       xargs -0 -P "$jobs" -n 4 clang-tidy -p build/release --quiet >"$log" 2>/dev/null; then
    passed=$((passed + 1))
    report tidy $((SECONDS - start)) "1 passed, 0 failed, 0 skipped"
  else
    fail tidy "$log"
  fi
}

summary() {
  report total "$SECONDS" "logs in build/test-logs"
  echo "$passed passed, $failed failed, $skipped skipped"
}

interrupted() {
  local name log start
  exec >&3 # where the trap found a log in its place
  trap '' INT TERM
  end_offspring $$ TERM
  echo
  read -r name log start <<<"$running"
  [ -z "$name" ] || tally "$name" $((SECONDS - start)) "$log" 0
  echo "interrupted"
  summary
  exit 130
}
exec 3>&1
trap interrupted INT TERM

{ # read as a whole: the script may be edited while it runs
for stage in "${stages[@]}"; do
  case $stage in
    setup)
      start=$SECONDS log=$logs/setup.log
      if run experiments/setup.sh --tests >"$log" 2>&1; then
        report setup $((SECONDS - start)) "done"
      else
        fail setup "$log"
        break
      fi ;;
    unit)
      build release "${mujoco[@]}" && run_tests unit release -R '^(unit|style)_' ;;
    release)
      build release "${mujoco[@]}" && run_tests release release -LE faults ;;
    faults)
      build release "${mujoco[@]}" && run_tests faults release -L faults ;;
    mujoco-2.2.2)
      compiler=$(command -v clang || command -v gcc)
      build mujoco-2.2.2 -DCMAKE_C_COMPILER="$compiler" && run_tests mujoco-2.2.2 mujoco-2.2.2 ;;
    asan)
      build asan "${mujoco[@]}" && run_tests asan asan ;;
    tidy)
      tidy ;;
  esac
done

summary
[ "$failed" -eq 0 ]
exit
}
