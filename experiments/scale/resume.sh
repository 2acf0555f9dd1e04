#!/bin/bash
# Does learning go on where a run is resumed on another number of ranks? The same runs, undisturbed and with such a change.
# shellcheck source=experiments/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../common.sh"

usage() {
  cat <<'HELP'
Usage: experiments/scale/resume.sh [options]

Each run pauses (run.pause) with a checkpoint and is resumed to its end. Runs are OUTPUT/BEFORE-AFTER-sSEED; what is
finished is not run again. At the end a line a run and a line a change: environment steps to a score of 0.9 on the
average policy, mean over seeds, first and kept (experiments/results.py --score says how).

  --task NAME     preset experiments/NAME-mgail.ini (default hopper)
  --changes L     ranks before and after, by comma (default 1-1,1-2,2-4,4-3,8-1)
  --at N          environment steps before the change (default 10000)
  --seeds L       by comma (default 101,102,103)
  --set K=V       a setting of the runs, may be given again (default evaluate.every=2500)
  --output DIR    default build/resume
HELP
}

task=hopper changes=1-1,1-2,2-4,4-3,8-1 at=10000 seeds=101,102,103 set=() output=$root/build/resume
options 'task= changes= at= seeds= set+ output=' "$@"
no_arguments
IFS=, read -ra changes <<<"$changes"
IFS=, read -ra seeds <<<"$seeds"
whole --at "$at"
whole --seeds "${seeds[@]}"
for change in "${changes[@]}"; do
  [[ $change =~ ^[1-9][0-9]{0,3}-[1-9][0-9]{0,3}$ ]] || die 64 "--changes $change: expected ranks before and after, as in 2-4"
done
preset=$root/experiments/$task-mgail.ini
[ -e "$preset" ] || die 66 "$task: there is no experiments/$task-mgail.ini"
mkdir -p "$output"
output=$(realpath "$output")
[ ${#set[@]} -gt 0 ] || set=(evaluate.every=2500)
prepare

folders=()
for change in "${changes[@]}"; do
  for seed in "${seeds[@]}"; do
    folder=$output/$change-s$seed
    folders+=("$folder")
    [ ! -e "$folder/result.json" ] || continue
    if [ ! -e "$folder.paused" ]; then
      launch_on "${change%-*}"
      code=0
      train "$folder" --config "$preset" --seed "$seed" "${set[@]/#/--set=}" --set "run.pause=$at" || code=$?
      [ "$code" -eq 75 ] || die "$((code ? code : 70))" "$folder: the run before the change ended with $code; expected a pause, 75"
      touch "$folder.paused"
    fi
    launch_on "${change#*-}"
    "${launch[@]}" "$mgail" train --resume --output "$folder" --set run.pause=0
  done
done
python3 experiments/results.py --score "${folders[@]}"
for change in "${changes[@]}"; do
  echo "$change: $(python3 - "${seeds[@]/#/$output/$change-s}" <<'PY'
import pathlib, statistics, sys
sys.path.insert(0, "experiments")
import results
rows = results.rows_of(map(pathlib.Path, sys.argv[1:]), results.score_row)
print(", ".join(f"{when} {results.steps_text(statistics.mean(r[when + '_steps'] for r in rows))}" for when in ("first", "kept")))
PY
)"
done
