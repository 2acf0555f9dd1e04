#!/bin/bash
# run.observe: networks that see some entries of the observation, from training to the recording.
# Usage: test_observe.sh FOLDER_OF_PRESETS
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
need_h5diff
experiments=$1

some=(--set run.observe=0,2-3)
expect 78 "run.observe = '0-4': expected motion, all, or increasing ranges of the 4 entries of CartPole-v1" \
  train "${tiny[@]}" --set run.observe=0-4 --steps 600 --output bad
expect 0 "done: " train "${tiny[@]}" "${some[@]}" --steps 6000 --output run
expect 0 "policy        3-16-2" info run/checkpoint.h5
grep -q "^observe = 0,2-3$" run/config.ini || fail "config.ini has no run.observe"

# Resumed, recorded, exported: the same entries, and whole observations in the files.
mgail train "${tiny[@]}" "${some[@]}" --steps 3000 --output half >said 2>&1 || fail "half a run"
cp -r half again
for folder in half again; do
  mgail train --resume --output $folder --steps 6000 >said 2>&1 || fail "resuming $folder"
done
same_run half again
expect 78 "run.observe" train --resume --output half --set run.observe=all
expect 0 "3 episodes" record --checkpoint run --episodes 3 --output data.h5
expect 0 '"observation_size":	4' info --json data.h5
expect 0 "ppo" export --checkpoint run --output small.h5
mgail record --checkpoint small.h5 --episodes 3 --output small_data.h5 >said 2>&1 || fail "record of the export"
cmp data.h5 small_data.h5 || fail "the export acts otherwise than the checkpoint"
"$MGAIL" evaluate --checkpoint run --episodes 4 --json >whole.json
mgail evaluate --checkpoint small.h5 --episodes 4 --json >part.json || fail "evaluate small.h5"
cmp whole.json part.json || fail "evaluate: the export acts otherwise than the checkpoint"

# Whole demonstrations are cut for imitation; the rest of them is not looked at.
for algorithm in mgail gail bc; do
  expect 0 "done: " train --algorithm $algorithm --env CartPole-v1 --expert data.h5 "${some[@]}" \
    --steps 640 --set run.environments=4 --set data.subsample=2 --set ppo.horizon=32 --set bc.epochs=3 \
    --set ppo.minibatches=4 --set policy.hidden=16 --set evaluate.final_episodes=2 \
    --trajectories 2 --output copy_$algorithm
  expect 0 "policy        3-16-2" info copy_$algorithm/checkpoint.h5
done
expect 0 "rollout" bench rollout --set run.env=CartPole-v1 "${some[@]}" --seconds 0.2

# Policies of releases that knew neither run.observe nor policy.average_steps still act: on all entries.
expect 0 "return  " evaluate --checkpoint "$experiments/experts/cartpole.h5" --episodes 2
grep -q "^return *200" said || fail "the expert of an earlier release does not balance"
expect 0 "policy        376-" info "$experiments/experts/humanoid.h5"
expect 78 "now there is policy.average_steps" train "${tiny[@]}" --set policy.average=0.9 --output old
echo "passed"
