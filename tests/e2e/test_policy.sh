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


# The same bytes on any number of ranks; a minimum return draws on until there are enough.
"$MGAIL" record --checkpoint run --episodes 3 --output one.h5 2>/dev/null || fail "a run's folder"
cmp data.h5 one.h5 || fail "a recording depends on the number of ranks"
expect 0 "were below 30" record --checkpoint run --stochastic --policy raw --episodes 5 --minimum-return 30 \
  --output good.h5
"$MGAIL" record --checkpoint run --stochastic --policy raw --episodes 5 --minimum-return 30 \
  --output good1.h5 2>/dev/null || fail "--minimum-return alone"
cmp good.h5 good1.h5 || fail "what is kept depends on the number of ranks"
expect 0 "trajectories  5" info good.h5
grep -q "^kept .* 30; [1-9][0-9]* below it were not" said || fail "info does not tell what was rejected"
least=$(sed -n 's/^return .* min \([0-9]*\).*/\1/p' said | head -1)
[ "$least" -ge 30 ] || fail "an episode with return $least was kept"
grep -q '"minimum_return":	30' good.metadata.json || fail "the metadata do not tell the minimum return"
expect 65 "0 of 40 episodes have a return of at least 501" record --checkpoint run --episodes 2 \
  --minimum-return 501 --output none.h5
[ -z "$(ls | grep none)" ] || fail "a recording that was refused left files"
expect 64 "--minimum-return x" record --checkpoint run --minimum-return x --output none.h5

# An export acts as the whole checkpoint does, and is refused for training.
for policy in average raw; do
  expect 0 "$policy policy of ppo" export --checkpoint run --policy $policy --output $policy.h5 --episodes 2
  for options in "" "--stochastic --seed 5"; do
    "$MGAIL" record --checkpoint $checkpoint --policy $policy --episodes 2 $options --output whole.h5 2>/dev/null
    mgail record --checkpoint $policy.h5 --episodes 2 $options --output part.h5 2>/dev/null || fail "$policy.h5"
    cmp whole.h5 part.h5 || fail "$policy.h5 acts otherwise than the checkpoint: record $options"
    rm whole.* part.*
  done
  "$MGAIL" evaluate --checkpoint run --policy $policy --episodes 4 --json >whole.json
  mgail evaluate --checkpoint $policy.h5 --episodes 4 --json >part.json || fail "evaluate $policy.h5"
  cmp whole.json part.json || fail "$policy.h5 acts otherwise than the checkpoint: evaluate"
  expect 0 "return " info $policy.h5
  grep -q "mean action, 2 episodes" said || fail "info $policy.h5 does not tell the measured return"
  expect 0 "\"exported\":	\"$policy\"" info --json $policy.h5
done
cmp -s average.h5 raw.h5 && fail "both exports are the same"
expect 65 "an export of the run's raw parameters" evaluate --checkpoint raw.h5 --policy average
expect 0 "average policy of ppo" export --checkpoint average.h5 --output again.h5
[ "$(stat -c %s average.h5)" -lt "$(stat -c %s $checkpoint)" ] || fail "an export is no smaller"
expect 73 "exists" export --checkpoint run --output again.h5
expect 64 "--output is required" export --checkpoint run
mkdir exported
cp average.h5 exported/checkpoint.h5
expect 65 "an export, which holds what acting needs" train --resume --output exported
expect 66 "a file; --resume goes on in the folder of a run" train --resume --output average.h5

expect 0 "trajectories  3" info data.h5
grep -q "^recorded by   mgail " said || fail "info does not tell who recorded"
grep -q "^policy        mean action of the average parameters, ppo after " said ||
  fail "info does not tell the policy"
expect 0 "policy        4-16-2" info $checkpoint
expect 0 "seed = 1" info $checkpoint
expect 0 "episode_return" info run/curves.h5
expect 0 '"kind":	"checkpoint"' info --json $checkpoint
expect 0 '"kind":	"curves"' info --json run/curves.h5
expect 65 "data.h5" evaluate --checkpoint data.h5

# What a run imitates is told in its log, its curves and its result.
imitate=(--env CartPole-v1 --expert good.h5 --trajectories 2 --steps 400 --set run.environments=4
         --set data.subsample=2 --set evaluate.final_episodes=2 --set data.choice=best)
expect 0 "2 of 5 trajectories (id " train "${imitate[@]}" --set data.validation=0.5 --output copy
grep -q "expert: .* return .* (sd .*, min .*, max " copy/log.txt || fail "log.txt has no returns"
grep -q "to train on, [1-9][0-9]* for validation" copy/log.txt || fail "log.txt has no split"
grep -q '"demonstrations":' copy/result.json || fail "result.json has no demonstrations"
grep -q '"validation_pairs":	[1-9]' copy/result.json || fail "result.json has no split"
if command -v h5dump >/dev/null; then
  grep -q trajectories <(h5dump -a /demonstrations copy/curves.h5) || fail "curves.h5 has no demonstrations"
fi
expect 65 "with a return of at least 501 (of 5; the best has " train "${imitate[@]}" \
  --set data.minimum_return=501 --output refused
expect 65 "checkpoint.h5" train --output x --env CartPole-v1 --expert $checkpoint
echo "passed"
