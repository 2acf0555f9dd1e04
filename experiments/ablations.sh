#!/bin/bash
# What the parts of MGAIL's recipe are worth: a preset with one of them taken out, one run each.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

usage() {
  cat <<'HELP'
Usage: experiments/ablations.sh [options] [TASK...]

TASK: hopper, walker2d, halfcheetah, ant, humanoid (default: hopper walker2d), with the preset
experiments/TASK-mgail.ini and build/demonstrations/TASK.h5, which is recorded where it is missing.
Run folders go to OUTPUT/TASK-VARIANT-sSEED; finished ones are kept, begun ones go on. At the end a
table of scores (experiments/results.py --score), a line a run.

  whole          the preset
  no-clone       no term of behavioural cloning
  clone-only     that term alone, without the gradient through D and the model
  one-round      one round of updates an iteration
  8-environments a quarter of the environments, and of the rounds
  narrow-model   a forward model of two layers of 128 and two steps a round
  no-limit       the adversary's gradient joins the clone's as it is (mgail.clip = 0)

  --seed N       default 1
  --variants L   some of the above, by comma
  --steps N      instead of the preset's
  --output DIR   default build/ablations
HELP
}

declare -A settings=(
  [whole]=''
  [no-clone]='clone.weight=0'
  [clone-only]='mgail.clip=1e-12'
  [one-round]='mgail.updates=1'
  [8-environments]='run.environments=8 mgail.updates=2'
  [narrow-model]='forward_model.hidden=128,128 forward_model.updates=2'
  [no-limit]='mgail.clip=0'
)
variants=whole,no-clone,clone-only,one-round,8-environments,narrow-model,no-limit
seed=1 output=$root/build/ablations extra=() tasks=()
while [ $# -gt 0 ]; do
  case $1 in
    --help) usage; exit 0 ;;
    --seed | --variants | --steps | --output)
      [ $# -ge 2 ] || { echo "error: ablations.sh: $1 needs a value; see --help" >&2; exit 64; }
      case $1 in
        --seed) seed=$2 ;;
        --variants) variants=$2 ;;
        --steps) extra=(--steps "$2") ;;
        --output) output=$2 ;;
      esac
      shift 2 ;;
    -*) echo "error: ablations.sh: unknown option '$1'; see --help" >&2; exit 64 ;;
    *)
      [ -e "$root/experiments/$1-mgail.ini" ] ||
        { echo "error: ablations.sh: no preset experiments/$1-mgail.ini" >&2; exit 64; }
      tasks+=("$1"); shift ;;
  esac
done
[ ${#tasks[@]} -gt 0 ] || tasks=(hopper walker2d)
for variant in ${variants//,/ }; do
  [ -n "${settings[$variant]+known}" ] ||
    { echo "error: ablations.sh: unknown variant '$variant'; see --help" >&2; exit 64; }
done

mgail=$root/build/release/mgail
[ -x "$mgail" ] || "$root/experiments/setup.sh"
mkdir -p "$output"
output=$(realpath "$output")
cd "$root" # presets name their data from here
folders=()
for task in "${tasks[@]}"; do
  demonstrations=build/demonstrations/$task.h5
  [ -e "$demonstrations" ] || experiments/demonstrations.sh "$task"
  for variant in ${variants//,/ }; do
    folder=$output/$task-$variant-s$seed
    folders+=("$folder")
    [ ! -e "$folder/result.json" ] || continue
    arguments=(--config "experiments/$task-mgail.ini" --expert "$demonstrations" --seed "$seed"
               --output "$folder" "${extra[@]}")
    for setting in ${settings[$variant]}; do arguments+=(--set "$setting"); done
    [ ! -e "$folder/checkpoint.h5" ] || arguments=(--resume --output "$folder")
    echo "== $task, $variant"
    "$mgail" train "${arguments[@]}" >"$output/$task-$variant-s$seed.log" 2>&1
  done
done
python3 experiments/results.py --score "${folders[@]}"
