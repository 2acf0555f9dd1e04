#!/bin/bash
# What the parts of MGAIL's recipe are worth: a preset with one of them taken out, one run each.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

usage() {
  cat <<'HELP'
Usage: experiments/ablations.sh [options] [TASK...]

TASK: one that has the preset experiments/TASK-mgail.ini, such as hopper (default: hopper walker2d). The
demonstrations are build/demonstrations/TASK.h5, which is recorded where it is missing.
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
seed=1 steps='' output=$root/build/ablations
options 'seed= variants= steps= output=' "$@"
tasks=("${arguments[@]}")
[ ${#tasks[@]} -gt 0 ] || tasks=(hopper walker2d)
for task in "${tasks[@]}"; do
  [ -e "$root/experiments/$task-mgail.ini" ] || die 64 "no preset experiments/$task-mgail.ini"
done
for variant in ${variants//,/ }; do
  [ -n "${settings[$variant]+known}" ] || die 64 "unknown variant '$variant'; see --help"
done

output=$(realpath -m "$output")
mkdir -p "$output"
prepare
launch_on 1
folders=()
for task in "${tasks[@]}"; do
  demonstrations=build/demonstrations/$task.h5
  [ -e "$demonstrations" ] || experiments/demonstrations.sh "$task"
  for variant in ${variants//,/ }; do
    folder=$output/$task-$variant-s$seed
    folders+=("$folder")
    run=(--config "experiments/$task-mgail.ini" --expert "$demonstrations" --seed "$seed"
         ${steps:+--steps "$steps"})
    for setting in ${settings[$variant]}; do run+=(--set "$setting"); done
    echo "== $task, $variant"
    train "$folder" "${run[@]}" >>"$folder.log" 2>&1
  done
done
python3 experiments/results.py --score "${folders[@]}"
