#!/bin/bash
# From nothing to a policy that imitates Hopper's expert: sets up, trains, compares.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

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

output='' ranks='' settings=()
while [ $# -gt 0 ]; do
  case $1 in
    --help) usage; exit 0 ;;
    --output | --ranks | --seed | --steps)
      if [ $# -lt 2 ]; then
        echo "error: quickstart.sh: $1 needs a value; see --help" >&2
        exit 64
      fi
      case $1 in
        --output) output=$2 ;;
        --ranks) ranks=$2 ;;
        --seed | --steps) settings+=("$1" "$2") ;;
      esac
      shift 2 ;;
    *)
      echo "error: quickstart.sh: unknown argument '$1'; see --help" >&2
      exit 64 ;;
  esac
done
if [ -z "$ranks" ]; then ranks=$(($(nproc) < 2 ? 1 : 2)); fi

start=$SECONDS
"$root/experiments/setup.sh"
setup_seconds=$((SECONDS - start))

mgail=$root/build/release/mgail
expert=$root/experiments/data/hopper-v4-expert.h5
if [ -z "$output" ]; then
  mkdir -p "$root/build/runs"
  output=$(mktemp -d "$root/build/runs/hopper-$(date +%Y%m%d-%H%M%S)-XXXX")
  chmod 755 "$output"
fi

# A rank is one thread. No binding, no memory of other processes, no /sys: as in some containers.
export OPENBLAS_NUM_THREADS=1 LC_ALL=C.UTF-8
export OMPI_MCA_btl_vader_single_copy_mechanism=none HWLOC_HIDE_ERRORS=2
if [ "$(id -u)" = 0 ]; then export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1; fi
run=(mpirun --oversubscribe --bind-to none -n "$ranks" "$mgail")

start=$SECONDS
"${run[@]}" train --config "$root/experiments/hopper-mgail.ini" --expert "$expert" \
  --output "$output" "${settings[@]}"
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
