#!/bin/bash
# Trains the experts of all tasks, or of some, and keeps what is needed to act and to judge them.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

usage() {
  cat <<'HELP'
Usage: experiments/experts.sh [options] [TASK...]

TASK: one that has the preset experiments/experts/TASK.ini, such as hopper (default: all).
A run that was stopped goes on from its last checkpoint; finished ones are kept.

  --ranks N      ranks a run (default 1)
  --jobs N       runs at a time (default: processors / ranks)
  --output DIR   run folders go to DIR/TASK (default build/experts)
  --install      replace experiments/experts/TASK.h5 (the policy) and TASK.json (returns, curve)
HELP
}

ranks=1 jobs='' output=$root/build/experts install=''
options 'ranks= jobs= output= install' "$@"
whole --ranks "$ranks"
whole --jobs ${jobs:+"$jobs"}
for task in "${arguments[@]}"; do
  [ -e "$root/experiments/experts/$task.ini" ] || die 64 "no preset experiments/experts/$task.ini"
done
jobs=${jobs:-$(($(nproc) > ranks ? $(nproc) / ranks : 1))}

output=$(realpath -m "$output")
mkdir -p "$output"
prepare
launch_on "$ranks"
tasks=("${arguments[@]}")
[ ${#tasks[@]} -gt 0 ] || readarray -t tasks < <(tasks_with experiments/experts/%.ini)

expert() {
  local task=$1 folder=$output/$1
  [ -e "$folder/result.json" ] || echo "$task: training, progress in $output/$task.log"
  train "$folder" --config "experiments/experts/$task.ini" >>"$output/$task.log" 2>&1 || {
    echo "error: $script: $task failed; the end of $output/$task.log:" >&2
    tail -n 3 "$output/$task.log" >&2
    return 1
  }
  if [ -n "$install" ]; then
    rm -f "$folder/expert.h5"
    "$mgail" export --checkpoint "$folder/checkpoint.h5" --output "$folder/expert.h5"
    mv "$folder/expert.h5" "experiments/experts/$task.h5"
    cp "$folder/result.json" "experiments/experts/$task.json"
  fi
  echo "$task: done"
}

failed=''
for task in "${tasks[@]}"; do
  while [ "$(jobs -pr | wc -l)" -ge "$jobs" ]; do wait -n || failed=yes; done
  expert "$task" &
done
while [ -n "$(jobs -pr)" ]; do wait -n || failed=yes; done
python3 experiments/results.py --expert "${tasks[@]/#/$output/}"
[ -z "$failed" ]
