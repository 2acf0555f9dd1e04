#!/bin/bash
# Trains the experts of all tasks, or of some, and keeps what is needed to act and to judge them.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
all=(cartpole mountaincar acrobot hopper walker2d halfcheetah ant humanoid)

usage() {
  cat <<HELP
Usage: experiments/experts.sh [options] [TASK...]

TASK: ${all[*]} (default: all), by the presets experiments/experts/TASK.ini.
A run that was stopped goes on from its last checkpoint; finished ones are kept.

  --ranks N      ranks a run (default 1)
  --jobs N       runs at a time (default: processors / ranks)
  --output DIR   run folders go to DIR/TASK (default build/experts)
  --install      replace experiments/experts/TASK.h5 (the policy) and TASK.json (returns, curve)
HELP
}

ranks=1 jobs= output=$root/build/experts install= tasks=()
while [ $# -gt 0 ]; do
  case $1 in
    --ranks) ranks=$2; shift 2 ;;
    --jobs) jobs=$2; shift 2 ;;
    --output) output=$2; shift 2 ;;
    --install) install=yes; shift ;;
    --help) usage; exit 0 ;;
    -*) echo "error: experts.sh: unknown option '$1'; see --help" >&2; exit 64 ;;
    *)
      [ -e "$root/experiments/experts/$1.ini" ] ||
        { echo "error: experts.sh: no task '$1'; expected some of: ${all[*]}" >&2; exit 64; }
      tasks+=("$1"); shift ;;
  esac
done
[ ${#tasks[@]} -gt 0 ] || tasks=("${all[@]}")
jobs=${jobs:-$(($(nproc) / ranks > 0 ? $(nproc) / ranks : 1))}

mgail=$root/build/release/mgail
[ -x "$mgail" ] || "$root/experiments/setup.sh"
mkdir -p "$output"
output=$(realpath "$output")
launch=()
# Runs side by side must not all be bound to the first core.
[ "$ranks" -eq 1 ] || launch=(mpirun -n "$ranks" --bind-to none)
[ "$ranks" -le "$(nproc)" ] || launch+=(--oversubscribe)
[ "$(id -u)" -ne 0 ] || export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1

train() {
  local task=$1 folder=$output/$1 settings
  settings=(--config "$root/experiments/experts/$task.ini" --output "$folder")
  [ ! -e "$folder/checkpoint.h5" ] || settings=(--resume --output "$folder")
  if [ ! -e "$folder/result.json" ]; then
    echo "$task: training, progress in $output/$task.log"
    "${launch[@]}" "$mgail" train "${settings[@]}" >> "$output/$task.log" 2>&1 ||
      { echo "error: experts.sh: $task failed; the end of $output/$task.log:" >&2
        tail -n 3 "$output/$task.log" >&2; return 1; }
  fi
  if [ -n "$install" ]; then
    rm -f "$folder/expert.h5"
    "$mgail" export --checkpoint "$folder/checkpoint.h5" --output "$folder/expert.h5"
    mv "$folder/expert.h5" "$root/experiments/experts/$task.h5"
    cp "$folder/result.json" "$root/experiments/experts/$task.json"
  fi
  echo "$task: done"
}

failed=
for task in "${tasks[@]}"; do
  while [ "$(jobs -pr | wc -l)" -ge "$jobs" ]; do wait -n || failed=yes; done
  train "$task" &
done
while [ -n "$(jobs -pr)" ]; do wait -n || failed=yes; done
python3 "$root/experiments/results.py" --expert "${tasks[@]/#/$output/}"
[ -z "$failed" ]
