#!/bin/bash
# Records demonstrations of all tasks, or of some, from the experts in experiments/experts.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
all=(cartpole mountaincar acrobot hopper walker2d halfcheetah ant humanoid)

usage() {
  cat <<HELP
Usage: experiments/demonstrations.sh [options] [TASK...]

TASK: ${all[*]} (default: all).
Writes DIR/TASK.h5 and its metadata, as many trajectories as the paper's largest data set has (10 for
the classic tasks, 25 for those of MuJoCo, 240 for humanoid), and ten more for hopper and walker2d,
which sometimes fall: their presets want trajectories of full length. Actions are sampled, no
trajectory is left out. Files that exist are kept.

  --mean-action   record the mean action, or the most probable choice, instead
  --ranks N       ranks that roll out (default: one a processor)
  --seed N        of resets and actions (default 1)
  --output DIR    default build/demonstrations
HELP
}

sampling=(--stochastic) ranks=$(nproc) seed=1 output=$root/build/demonstrations tasks=()
while [ $# -gt 0 ]; do
  case $1 in
    --mean-action) sampling=(); shift ;;
    --ranks) ranks=$2; shift 2 ;;
    --seed) seed=$2; shift 2 ;;
    --output) output=$2; shift 2 ;;
    --help) usage; exit 0 ;;
    -*) echo "error: demonstrations.sh: unknown option '$1'; see --help" >&2; exit 64 ;;
    *)
      [ -e "$root/experiments/experts/$1.h5" ] ||
        { echo "error: demonstrations.sh: no expert '$1'; expected some of: ${all[*]}" >&2; exit 64; }
      tasks+=("$1"); shift ;;
  esac
done
[ ${#tasks[@]} -gt 0 ] || tasks=("${all[@]}")

mgail=$root/build/release/mgail
[ -x "$mgail" ] || "$root/experiments/setup.sh"
mkdir -p "$output"
launch=(mpirun -n "$ranks")
[ "$ranks" -le "$(nproc)" ] || launch+=(--oversubscribe)
[ "$(id -u)" -ne 0 ] || export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1

for task in "${tasks[@]}"; do
  file=$output/$task.h5
  case $task in
    cartpole | mountaincar | acrobot) episodes=10 ;;
    humanoid) episodes=240 ;;
    hopper | walker2d) episodes=35 ;; # some fall; the presets want 25 of full length
    *) episodes=25 ;;
  esac
  if [ -e "$file" ]; then
    echo "$file: kept"
    continue
  fi
  "${launch[@]}" "$mgail" record --checkpoint "$root/experiments/experts/$task.h5" \
    --episodes "$episodes" "${sampling[@]}" --seed "$seed" --output "$file"
done
