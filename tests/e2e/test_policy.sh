#!/bin/bash
# What can be done with a trained policy: evaluate, record, look at; on any number of ranks.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

mgail train "${tiny[@]}" --steps 6000 --output run >said 2>&1 || fail "training"
checkpoint=run/checkpoint.h5

# The same episodes on any number of ranks, with every way to act; result.json has the same numbers.
for options in "" "--policy raw --stochastic --seed 5"; do
  mgail evaluate --checkpoint $checkpoint --episodes 5 $options --json >many.json || fail "$options"
  "$MGAIL" evaluate --checkpoint $checkpoint --episodes 5 $options --json >one.json
  cmp many.json one.json || fail "evaluate $options depends on the number of ranks"
done
"$MGAIL" evaluate --checkpoint $checkpoint --episodes 2 --policy raw --json >two.json
mean=$(tr -d ' \t\n' <two.json | grep -o '"return":{"mean":[^,]*' | grep -o '[^:]*$')
tr -d ' \t\n' <run/result.json | grep -qF "\"raw\":{\"mean_action\":{\"mean\":$mean," ||
  fail "result.json has not the mean $mean"
expect 0 "score" evaluate --checkpoint $checkpoint --episodes 3
expect 64 "expected raw or average" evaluate --checkpoint $checkpoint --policy best

# Recording gives the episodes that evaluate has.
expect 0 "3 episodes" record --checkpoint $checkpoint --episodes 3 --output data.h5
[ -s data.metadata.json ] || fail "no metadata"
"$MGAIL" evaluate --checkpoint $checkpoint --episodes 3 --json >three.json
expect 0 '"kind":	"dataset"' info --json data.h5
total() { tr -d ' \t\n' <"$1" | grep -o '"return":{"mean":[^}]*}' | sort -u; }
[ "$(total said)" = "$(total three.json)" ] || fail "recorded returns are not those evaluated"
expect 73 "exists" record --checkpoint $checkpoint --episodes 3 --output data.h5
expect 73 "nowhere" record --checkpoint $checkpoint --episodes 1 --output nowhere/data.h5

expect 0 "trajectories  3" info data.h5
expect 0 "policy        4-16-2" info $checkpoint
expect 0 "seed = 1" info $checkpoint
expect 0 "episode_return" info run/curves.h5
expect 0 '"kind":	"checkpoint"' info --json $checkpoint
expect 0 '"kind":	"curves"' info --json run/curves.h5
expect 65 "data.h5" evaluate --checkpoint data.h5
expect 65 "checkpoint.h5" train --output x --env CartPole-v1 --expert $checkpoint
echo "passed"
