#!/bin/bash
# Trains the published results over seeds and prints their tables.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

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

seeds="1 2 3" ranks=2 expert= output=$root/build/runs names=()
while [ $# -gt 0 ]; do
  case $1 in
    --seeds) seeds=$2; shift 2 ;;
    --ranks) ranks=$2; shift 2 ;;
    --expert) expert=$(realpath "$2"); shift 2 ;;
    --output) output=$2; shift 2 ;;
    --help) usage; exit 0 ;;
    -*) echo "error: reproduce.sh: unknown option '$1'; see --help" >&2; exit 64 ;;
    *) names+=("$1"); shift ;;
  esac
done
[ ${#names[@]} -gt 0 ] ||
  names=(hopper-mgail hopper-mgail+gradients hopper-mgail-paper cartpole-mgail)

mgail=$root/build/release/mgail
[ -x "$mgail" ] || "$root/experiments/setup.sh"
mkdir -p "$output"
output=$(realpath "$output")
cd "$root" # presets name their data from here
launch=(mpirun -n "$ranks")
[ "$ranks" -le "$(nproc)" ] || launch+=(--oversubscribe)
[ "$(id -u)" -ne 0 ] || export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1

for name in "${names[@]}"; do
  folders=()
  for seed in $seeds; do
    folder=$output/$name-r$ranks-s$seed
    folders+=("$folder")
    [ -e "$folder/result.json" ] && continue
    settings=(--config "experiments/${name%%+*}.ini" --seed "$seed" --output "$folder")
    [ -z "$expert" ] || settings+=(--expert "$expert")
    [ "$name" = "${name%+gradients}" ] || settings+=(--set run.sync=gradients)
    [ ! -e "$folder/checkpoint.h5" ] || settings=(--resume --output "$folder")
    echo "== $folder"
    "${launch[@]}" "$mgail" train "${settings[@]}"
  done
  reach=3200,3400
  [ "${name#cartpole}" = "$name" ] || reach=195,200
  echo
  python3 "$root/experiments/results.py" --reach "$reach" "${folders[@]}"
  echo
done
