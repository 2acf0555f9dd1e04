#!/bin/bash
# Builds everything in every way that counts, runs all tests and says how many passed.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit 1

usage() {
  cat <<'HELP'
Usage: tests/run.sh [--help] [STAGE...]

Stages, in this order; without arguments all but the last:
  setup         experiments/setup.sh --tests
  release       build/release, gcc, MuJoCo 3.3.7: all tests
  mujoco-2.2.2  build/mujoco-2.2.2, clang if installed, the distribution's MuJoCo: unit tests
  asan          build/asan, address and undefined-behaviour sanitizers: all but end to end
  tidy          clang-tidy over src, envs and mpi; only by name, and after release

The last line is the sum over all stages: N passed, N failed, N skipped. A build that fails counts
as one failed test. Exit code: 0 if nothing failed, else 1. What the builds and tests printed is in
build/test-logs. A stage by itself needs experiments/setup.sh --tests to have run. MUJOCO_ROOT is
used as by setup.sh.
HELP
}

all=(setup release mujoco-2.2.2 asan)
extra=(tidy)
stages=()
for argument in "$@"; do
  case " ${all[*]} ${extra[*]} " in
    *" $argument "*) stages+=("$argument") ;;
    *)
      if [ "$argument" = --help ]; then usage; exit 0; fi
      echo "error: run.sh: unknown argument '$argument'; see --help" >&2
      exit 64 ;;
  esac
done
[ ${#stages[@]} -gt 0 ] || stages=("${all[@]}")

logs=$root/build/test-logs
mkdir -p "$logs"
jobs=$(nproc)
mujoco=(${MUJOCO_ROOT:+-DMUJOCO_ROOT="$MUJOCO_ROOT"}) # else what setup.sh unpacked
passed=0 failed=0 skipped=0

# One thread a rank; more ranks than cores, no binding to cores, as root and in containers.
export OPENBLAS_NUM_THREADS=1 LC_ALL=C.UTF-8
export OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_hwloc_base_binding_policy=none
export OMPI_MCA_btl_vader_single_copy_mechanism=none
if [ "$(id -u)" = 0 ]; then export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1; fi

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
  if ! { cmake --preset "$@" -DMGAIL_TESTS=ON &&
         cmake --build "build/$preset" -j "$jobs" -- --quiet; } >"$log" 2>&1; then
    fail "$preset" "$log"
    return 1
  fi
  report "$preset" $((SECONDS - start)) "built"
}

# run_tests PRESET: which tests and with what sanitizer options is the preset's
run_tests() {
  local name=$1 start=$SECONDS log=$logs/$1-ctest.log xml=$logs/$1.xml status=0
  local total absent bad idle
  rm -f "$xml"
  ctest --preset "$name" -j "$jobs" --timeout 300 --output-junit "$xml" >"$log" 2>&1 || status=$?
  # A test whose program is missing counts as skipped in the file and as failed here.
  absent=$(grep -cE '^[[:space:]]+[0-9]+ - .* \(Not Run\)$' "$log")
  total=$(count tests "$xml") bad=$(($(count failures "$xml") + absent))
  idle=$(($(count skipped "$xml") + $(count disabled "$xml") - absent))
  if [ $status -ne 0 ] && [ "$bad" -eq 0 ]; then total=$((total + 1)) bad=1; fi
  passed=$((passed + total - bad - idle))
  failed=$((failed + bad))
  skipped=$((skipped + idle))
  report "$name" $((SECONDS - start)) "$((total - bad - idle)) passed, $bad failed, $idle skipped"
  sed -n '/The following tests did not run/,$p; /The following tests FAILED/,$p' "$log" |
    grep -E '^[[:space:]]+[0-9]+ - ' | sort -u
  if [ "$bad" -gt 0 ]; then
    echo "  from $log:"
    awk '/^ *Start +[0-9]+: / || /Test +#[0-9]+: / {
           show = /[*][*][*](Failed|Timeout|Exception|Not Run)/
         }
         show' "$log" | head -n 200
  fi
}

# count ATTRIBUTE XML: of the test suite; 0 where there is none
count() {
  local value
  value=$(sed -n "1,/<testcase/s/.*[[:space:]]$1=\"\([0-9]*\)\".*/\1/p" "$2" 2>/dev/null |
    head -n 1)
  echo "${value:-0}"
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

for stage in "${stages[@]}"; do
  case $stage in
    setup)
      start=$SECONDS log=$logs/setup.log
      if experiments/setup.sh --tests >"$log" 2>&1; then
        report setup $((SECONDS - start)) "done"
      else
        fail setup "$log"
        break
      fi ;;
    release)
      build release "${mujoco[@]}" && run_tests release ;;
    mujoco-2.2.2)
      compiler=$(command -v clang || command -v gcc)
      build mujoco-2.2.2 -DCMAKE_C_COMPILER="$compiler" && run_tests mujoco-2.2.2 ;;
    asan)
      build asan "${mujoco[@]}" && run_tests asan ;;
    tidy)
      tidy ;;
  esac
done

report total "$SECONDS" "logs in build/test-logs"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
