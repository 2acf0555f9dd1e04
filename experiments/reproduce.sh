#!/bin/bash
# Trains the published results over seeds and prints their tables.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

usage() {
  cat <<'HELP'
Usage: experiments/reproduce.sh [options] NAME...

NAME is a preset, experiments/NAME.ini, or NAME+gradients for the same with run.sync = gradients.
Without a name: hopper-mgail hopper-mgail+gradients hopper-mgail-paper cartpole-mgail.
Finished runs are kept, so that a run that was stopped goes on where it was.

  --seeds "1 2 3"    which seeds
  --ranks N          ranks a run (default 2)
  --expert FILE      demonstrations, instead of the preset's
  --output DIR       run folders go to DIR/NAME-rN-sS (default build/runs)
HELP
}

seeds="1 2 3" ranks=2 expert='' output=$root/build/runs
options 'seeds= ranks= expert= output=' "$@"
whole --ranks "$ranks"
names=("${arguments[@]}")
[ ${#names[@]} -gt 0 ] ||
  names=(hopper-mgail hopper-mgail+gradients hopper-mgail-paper cartpole-mgail)
for name in "${names[@]}"; do
  [ -e "$root/experiments/${name%+gradients}.ini" ] || die 64 "no preset experiments/${name%+gradients}.ini"
done

[ -z "$expert" ] || expert=$(realpath -m "$expert")
output=$(realpath -m "$output")
prepare
launch_on "$ranks"
for name in "${names[@]}"; do
  folders=()
  for seed in $seeds; do
    folder=$output/$name-r$ranks-s$seed
    folders+=("$folder")
    run=(--config "experiments/${name%+gradients}.ini" --seed "$seed" ${expert:+--expert "$expert"})
    [ "$name" = "${name%+gradients}" ] || run+=(--set run.sync=gradients)
    echo "== $folder"
    train "$folder" "${run[@]}"
  done
  reach=3200,3400
  [ "${name#cartpole}" = "$name" ] || reach=195,200
  echo
  python3 experiments/results.py --reach "$reach" "${folders[@]}"
  echo
done
