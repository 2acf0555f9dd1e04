#!/bin/bash
# Records demonstrations of all tasks, or of some, from the experts in experiments/experts.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

usage() {
  cat <<'HELP'
Usage: experiments/demonstrations.sh [options] [TASK...]

TASK: one that has an expert experiments/experts/TASK.h5, such as hopper (default: all).
Writes DIR/TASK.h5 and its metadata, as many trajectories as the paper's largest data set has (10 for
the classic tasks, 25 for those of MuJoCo, 240 for humanoid), and ten more for hopper, walker2d and ant,
which sometimes fall: their presets want trajectories of full length. Actions are sampled, no
trajectory is left out. Files that exist are kept.

  --mean-action   record the mean action, or the most probable choice, instead
  --ranks N       ranks that roll out (default: one a processor)
  --seed N        of resets and actions (default 1)
  --output DIR    default build/demonstrations
HELP
}

mean_action='' ranks=$(nproc) seed=1 output=$root/build/demonstrations
options 'mean-action ranks= seed= output=' "$@"
whole --ranks "$ranks"
for task in "${arguments[@]}"; do
  [ -e "$root/experiments/experts/$task.h5" ] || die 64 "no expert experiments/experts/$task.h5"
done

output=$(realpath -m "$output")
mkdir -p "$output"
prepare
launch_on "$ranks"
sampling=(--stochastic)
[ -z "$mean_action" ] || sampling=()
tasks=("${arguments[@]}")
[ ${#tasks[@]} -gt 0 ] || readarray -t tasks < <(tasks_with experiments/experts/%.h5)
for task in "${tasks[@]}"; do
  file=$output/$task.h5
  if [ -e "$file" ]; then
    echo "$file: kept"
    continue
  fi
  episodes=$(paper_sizes "$task" | tail -n 1)
  case $task in hopper | walker2d | ant) episodes=$((episodes + 10)) ;; esac
  "${launch[@]}" "$mgail" record --checkpoint "experiments/experts/$task.h5" \
    --episodes "${episodes:-25}" "${sampling[@]}" --seed "$seed" --output "$file"
done
