#!/bin/bash
# Behavioural cloning from the project's own demonstrations balances a pole, without a step of the
# environment; and its run is one as any other. Usage: test_bc.sh FOLDER_OF_PRESETS
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
need_h5diff
experiments=$1
run=(--config "$experiments/cartpole-bc.ini" --expert "$experiments/data/cartpole-v0-expert.h5")

mgail train "${run[@]}" --output run >said 2>&1 || fail "training"
grep -q "epochs; the policy is of epoch" said || fail "does not say which epoch the policy is of"
result=$(tr -d ' \t\n' <run/result.json)
mean=$(grep -o '"mean_action":{"mean":[0-9.]*' <<<"$result" | grep -o '[0-9.]*$')
echo "mean return $mean"
awk -v mean="$mean" 'BEGIN { exit !(mean >= 150) }' || fail "return $mean; expected 150 or more"
grep -qF '"steps":0,' <<<"$result" || fail "result.json: steps are not 0"
steps=$(h5dump -A 0 -d /curves/environment_steps -y -w 1 run/curves.h5 | sed -n 's/^ *\([0-9]\+\),\?$/\1/p' |
  sort -u)
[ "$steps" = 0 ] || fail "curves: environment_steps are '$steps'; expected 0"

expect 0 "bc on CartPole-v0" info run/checkpoint.h5
expect 0 "validation_loss" info run/curves.h5
mgail evaluate --checkpoint run/checkpoint.h5 --episodes 50 --json >json 2>said || fail "evaluate"
tr -d ' \t\n' <json | grep -qF "\"mean\":$mean" || fail "evaluate says something else than $mean"
expect 0 "3 episodes" record --checkpoint run/checkpoint.h5 --episodes 3 --output data.h5

# A run that has ended is over; more patience lets it go on, other data do not.
expect 0 "resumed at iteration" train --resume --output run
expect 0 "validation loss" train --resume --output run --set bc.patience=250
expect 78 "bc.patience" train --resume --output run --set data.validation=0.2
expect 78 "data.expert is empty" train --algorithm bc --env CartPole-v0 --output none
[ ! -e none ] || fail "leaves the folder of a run that did not begin"

# Pairs so few that they teach nothing are remarked.
expect 0 "warning: that is little to learn from: data.subsample = 200 leaves 7 pairs of" train "${run[@]}" \
  --subsample 200 --set bc.epochs=1 --set bc.batch=4 --output few
expect 0 "every 10th pair" train "${run[@]}" --set bc.epochs=1 --output some
if grep -q 'little to learn' said; then fail "enough pairs are remarked"; fi

# Averaging every gradient, any number of ranks has the losses of one, up to rounding.
mgail train "${run[@]}" --set run.sync=gradients --set bc.epochs=20 --output many >said 2>&1 || fail many
"$MGAIL" train "${run[@]}" --set run.sync=gradients --set bc.epochs=20 --output one >said 2>&1 || fail one
# The second line of h5diff is of the values; their checksums differ, as they should.
for name in training_loss validation_loss best_epoch; do
  grep -qx '0 differences found' <(h5diff -v -d 1e-4 one/curves.h5 many/curves.h5 /curves/$name | sed -n 2p) ||
    fail "$name depends on the ranks"
done
echo "passed"
