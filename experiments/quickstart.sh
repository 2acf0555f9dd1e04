#!/bin/bash
# From nothing to a policy that imitates Hopper's expert: sets up, trains, compares.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

usage() {
  cat <<'HELP'
Usage: experiments/quickstart.sh [--output DIR] [--ranks N] [--seed N] [--steps N] [--help]

Runs experiments/setup.sh, trains MGAIL on Hopper-v4 from four trajectories of the expert in
experiments/data with the settings of experiments/hopper-mgail.ini, and prints what expert, random
actions and the learned policy return. A minute or two on two cores, and one for the set-up.

  --output DIR  run folder (default: a new one in build/runs)
  --ranks N     processes (default: 2, or 1 on a single core); they share the 32 environments, so N
                divides 32
  --seed N      another seed than the settings'
  --steps N     another number of environment steps than the settings'; the learning rates fall
                over this number
HELP
}

output='' ranks=$(($(nproc) < 2 ? 1 : 2)) seed='' steps=''
options 'output= ranks= seed= steps=' "$@"
no_arguments
whole --ranks "$ranks"

start=$SECONDS
"$root/experiments/setup.sh"
setup_seconds=$((SECONDS - start))

expert=$root/experiments/data/hopper-v4-expert.h5
if [ -z "$output" ]; then
  mkdir -p "$root/build/runs"
  output=$(mktemp -d "$root/build/runs/hopper-$(date +%Y%m%d-%H%M%S)-XXXX")
  chmod 755 "$output"
fi
launch_on "$ranks"
run=("${launch[@]}" "$mgail")

start=$SECONDS
"${run[@]}" train --config "$root/experiments/hopper-mgail.ini" --expert "$expert" \
  --output "$output" ${seed:+--seed "$seed"} ${steps:+--steps "$steps"}
train_seconds=$((SECONDS - start))

# row NAME: of the line "return MEAN sd SD min MIN max MAX" of standard input
row() {
  awk -v name="$1" '$1 == "return" { printf "%-26s %10.1f %10.1f %10.1f\n", name, $2, $4, $6 }'
}
learned=$("${run[@]}" evaluate --checkpoint "$output/checkpoint.h5" --episodes 50)
sampled=$("${run[@]}" evaluate --checkpoint "$output/checkpoint.h5" --episodes 50 --stochastic)
steps=$(sed -n 's/^[[:space:]]"steps":[[:space:]]*\([0-9]*\),*$/\1/p' "$output/result.json" |
  head -n 1)

echo
printf '%-26s %10s %10s %10s\n' "return on Hopper-v4" mean sd min
"$mgail" info "$expert" | row "expert's data"
echo "$learned" | sed -n 's/.*0: random \([-0-9.]*\),.*/\1/p' |
  awk '{ printf "%-26s %10.1f\n", "random actions", $1 }'
echo "$learned" | row "learned, mean action"
echo "$sampled" | row "learned, sampled actions"
echo
echo "50 episodes each of the learned policy; $steps environment steps on $ranks ranks"
echo "set-up $setup_seconds s, training $train_seconds s; all of it in $output"
