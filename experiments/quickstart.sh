#!/bin/bash
# From nothing to a policy that imitates Hopper's expert: sets up, trains, compares.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

usage() {
  cat <<'HELP'
Usage: experiments/quickstart.sh [--output DIR] [--ranks N] [--seed N] [--steps N] [--help]

Runs experiments/setup.sh, trains MGAIL on Hopper-v4 from four trajectories of the expert in
experiments/data with the settings of experiments/hopper-mgail.ini, and prints what these, random
actions and the learned policy return. A minute or two on two cores, two or three on one. The set-up
takes some minutes where packages are missing, two where only the program is, else no time.

  --output DIR  run folder (default: a new one in build/runs)
  --ranks N     processes (default: 2, or 1 where fewer than two cores are idle, since ranks wait
                for each other); they share the 32 environments
  --seed N      another seed than the settings'
  --steps N     another number of environment steps than the settings'; the learning rates fall
                over this number
HELP
}

busy=$(awk '{ print int($1 + 0.5) }' /proc/loadavg 2>/dev/null || echo 0) # cores, in the last minute
output='' ranks=$(($(nproc) - busy < 2 ? 1 : 2)) seed='' steps=''
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

# What came out, as `mgail info` tells it: column N of the line that begins with WORDS.
report=$("$mgail" info "$output")
of() { awk -v words="$1" -v n="$2" 'index($0, words) == 1 { print $n; exit }' <<<"$report"; }
row() { printf '%-26s %10s %10s %10s\n' "$@" | sed 's/ *$//'; }

echo
row "return on Hopper-v4" mean sd min
row "the $(of data 2) trajectories used" "$(sed -n 's/^data .*mean return //p' <<<"$report")"
row "random actions" "$(sed -n 's/^score .*random \([-0-9.]*\),.*/\1/p' <<<"$report" | head -n 1)"
row "learned, mean action" "$(of 'mean action' 3)" "$(of 'mean action' 5)" "$(of 'mean action' 7)"
row "learned, sampled actions" "$(of sampled 2)" "$(of sampled 4)" "$(of sampled 6)"
echo
if [ "$ranks" -eq 1 ]; then on="one rank"; else on="$ranks ranks"; fi
score=$(sed -n 's/^score  *\([-0-9.]*\)  of the data (.*/\1/p' <<<"$report")
echo "score $score of the trajectories used; $(of final 4) episodes each of the learned policy"
echo "$(of progress 2) environment steps on $on; set-up $setup_seconds s, training $train_seconds s"
echo "all of it in $output; a film of it:"
echo "  $mgail render --checkpoint $output --fps 25 --output hopper.mp4"
