#!/bin/bash
# A run goes on with another number of ranks than it had, and its checkpoint does not tell how many there were;
# environments that do not divide, and fewer of them than ranks.
# Usage: test_ranks.sh EXPERIMENTS other|same: resumed on another number of ranks, or on as many
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
need_h5diff
data=$1/data
export OMPI_MCA_mpi_yield_when_idle=1

# on RANKS COMMAND...: sets LAUNCH for what follows
on() {
  LAUNCH="$MPIRUN -n $1"
  [ "$1" -gt 1 ] || LAUNCH=''
}

small=(--set evaluate.episodes=2 --set evaluate.final_episodes=2 --set policy.hidden=16 --set value.hidden=16
       --set discriminator.hidden=16 --set forward_model.hidden=16 --set discriminator.batch=32
       --set forward_model.batch=32 --set mgail.updates=2 --set mgail.horizon=8 --set forward_model.replay=400
       --set evaluate.every=0 --set run.checkpoint_replay=on)
cartpole=("${small[@]}" --algorithm mgail --env CartPole-v0 --expert "$data/cartpole-v0-expert.h5" --trajectories 1)
# shellcheck disable=SC2034 # by its name, below
hopper=("${small[@]}" --algorithm mgail --env Hopper-v4 --expert "$data/hopper-v4-expert.h5" --trajectories 2)
ppo=("${tiny[@]}" --set evaluate.every=0)
gail=("${tiny[@]}" --algorithm gail --env CartPole-v0 --expert "$data/cartpole-v0-expert.h5" --trajectories 1
      --set discriminator.batch=32 --set discriminator.hidden=16 --set gail.cg_iterations=3 --set evaluate.every=0)

# goes_on FOLDER FROM TO PAUSE: resumed on other ranks up to a pause, 0 for the end
goes_on() {
  local folder=$1 from=$2 to=$3 pause=$4 code=0
  on "$to"
  mgail train --resume --output "$folder" --set run.pause="$pause" >said 2>&1 || code=$?
  if [ "$pause" -eq 0 ]; then [ "$code" -eq 0 ]; else [ "$code" -eq 75 ]; fi || fail "$folder $from to $to: $code"
  says said "the checkpoint is of $from ranks\\?, this is $to: the same algorithm goes on" ||
    fail "$folder: does not say that it was of $from ranks"
  [ "$(grep -c 'the checkpoint is of' said)" -eq 1 ] || fail "$folder: says it more than once"
}

# 1 to 2 to 4 to 3 to 1 ranks. The curve has each iteration once, and counts the same steps as one run would.
other_ranks() {
  local task sync name
  for task in cartpole hopper; do
    declare -n settings=$task
    for sync in parameters gradients; do
      [ $task$sync != hoppergradients ] || continue
      name=$task-$sync
      on 1
      expect 75 "checkpoint written" train "${settings[@]}" --set run.environments=12 --set run.sync=$sync \
        --steps 2400 --set run.pause=480 --output "$name"
      goes_on "$name" 1 2 960
      goes_on "$name" 2 4 1440
      goes_on "$name" 4 3 1920
      goes_on "$name" 3 1 0
      h5dump -d /curves/iteration -y -o iterations "$name/curves.h5" >/dev/null
      h5dump -d /curves/environment_steps -y -o steps "$name/curves.h5" >/dev/null
      [ "$(tr -dc '0-9\n,' <iterations | tr ',' '\n' | grep .)" = "$(seq 25)" ] || fail "$name: iterations $(cat iterations)"
      [ "$(tr -dc '0-9\n,' <steps | tr ',' '\n' | grep .)" = "$(seq 96 96 2400)" ] || fail "$name: steps $(cat steps)"
      grep -q '"steps":.*2400' "$name/result.json" || fail "$name: no result of 2400 steps"
      expect 0 "iteration 25, 2400 steps" info "$name/checkpoint.h5"
      expect 0 "" evaluate --checkpoint "$name" --episodes 2
    done
  done
}

same_content() {
  local part
  for part in theta acting adam collector segments replay collected delta_scale iteration steps; do
    h5diff -q "$1/checkpoint.h5" "$2/checkpoint.h5" "/$part" || fail "$part differs $3"
  done
}

# A checkpoint that goes through other ranks without a step is the same checkpoint. Only who wrote it differs.
through_ranks() {
  local ranks last=1
  on 1
  expect 0 "done: " train "${cartpole[@]}" --set run.environments=5 --steps 400 --output through
  cp -r through first
  for ranks in 2 3 7 1; do
    goes_on through $last $ranks 0
    same_content first through "after $ranks ranks"
    last=$ranks
  done
}

# With as many ranks it is the uninterrupted run, bit for bit: 5 environments on 2 ranks, 2 on 3, by each way to average
# and each algorithm.
same_bits() {
  local name=$1 ranks=$2 code=0
  shift 2
  on "$ranks"
  expect 0 "done: " train "$@" --output "$name"
  mgail train "$@" --set run.pause=320 --output "$name-parts" >said 2>&1 || code=$?
  [ "$code" -eq 75 ] || fail "$name: a pause ends with $code"
  expect 0 "resumed at iteration" train --resume --output "$name-parts"
  if says said "the checkpoint is of"; then fail "$name: speaks of other ranks"; fi
  same_run "$name" "$name-parts"
}

as_many_ranks() {
  same_bits uneven 2 "${cartpole[@]}" --set run.environments=5 --steps 640
  says uneven/log.txt "environments of a rank: 2 or 3" || fail "does not say how environments are shared"
  same_bits uneven-gradients 2 "${cartpole[@]}" --set run.environments=5 --set run.sync=gradients --steps 640
  same_bits few 3 "${cartpole[@]}" --set run.environments=2 --steps 640
  says few/log.txt "more ranks than environments" || fail "does not say that ranks share environments"
  same_bits few-gradients 3 "${cartpole[@]}" --set run.environments=2 --set run.sync=gradients --steps 640
  same_bits ppo 3 "${ppo[@]}" --set run.environments=2 --steps 640
  same_bits ppo-uneven 2 "${ppo[@]}" --set run.environments=5 --steps 640
  same_bits gail 3 "${gail[@]}" --set run.environments=2 --steps 640

  # What only the rank with fewer environments cannot do ends all of them.
  on 2
  expect 78 "rank 1: ppo.minibatches is 150, expected at most the 128 steps of a rank's segment" train \
    "${gail[@]}" --set run.environments=5 --set ppo.minibatches=150 --steps 640 --output refused

  # Steps and episodes are counted once, on however many ranks an environment is.
  on 1
  expect 0 "done: " train "${ppo[@]}" --set run.environments=1 --steps 640 --output alone
  on 3
  expect 0 "done: " train "${ppo[@]}" --set run.environments=1 --steps 640 --output thrice
  # PPO's first iteration only looks: the same environment, on one rank or on three.
  first_of() { h5dump -d "/curves/$2" -y -s 0 -c 1 "$1/curves.h5" | sed -n '/DATA/,/}/p' | tr -dc '0-9.e+-'; }
  [ "$(first_of alone episode_return)" = "$(first_of thrice episode_return)" ] || fail "other episodes on three ranks"
  h5diff -q alone/checkpoint.h5 thrice/checkpoint.h5 /acting/normaliser_count || fail "observations are counted thrice"
}

# Of two ranks one is stopped for three quarters of the time: it has fewer environments. The run's checkpoint is
# one like any other.
by_speed() {
  local code=0
  cat >slowly <<'SLOWLY'
#!/bin/bash
"$@" &
pid=$!
while kill -STOP $pid 2>/dev/null; do
  sleep 0.03
  kill -CONT $pid
  sleep 0.01
done
wait $pid
SLOWLY
  chmod +x slowly
  run=("$MGAIL" train "${cartpole[@]}" --set run.environments=24 --set run.shares=measured --steps 1920 --set run.pause=960
       --output speed)
  # shellcheck disable=SC2086  # words
  $MPIRUN -n 1 "${run[@]}" : -n 1 ./slowly "${run[@]}" >said 2>&1 || code=$?
  [ "$code" -eq 75 ] || fail "by speed: a pause ends with $code"
  read -r least most < <(sed -n 's/.*environments of a rank, by its speed: \([0-9]*\) to \([0-9]*\)$/\1 \2/p' said) ||
    fail "does not say how environments are shared"
  [ $((least + most)) -eq 24 ] && [ "$least" -lt 11 ] || fail "by speed: $least and $most of 24 environments"
  on 2
  expect 0 "resumed at iteration" train --resume --output speed --set run.shares=even
  if says said "by its speed"; then fail "even shares by speed"; fi
}

case $2 in
other)
  other_ranks
  through_ranks
  by_speed
  ;;
same) as_many_ranks ;;
esac
echo "passed"
