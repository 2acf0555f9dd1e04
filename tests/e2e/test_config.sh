#!/bin/bash
# Settings: mistakes are refused with file, line, key and range; what a run writes reads back.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# refuse TEXT LINE...: an INI file of these lines
refuse() {
  local text=$1
  shift
  printf '%s\n' "$@" >a.ini
  expect 78 "$text" train --output x --config a.ini
}
refuse "a.ini:2: unknown key policy.learnin_rate; did you mean policy.learning_rate?" \
  '[policy]' 'learnin_rate = 1'
refuse "a.ini:2: unknown section [polcy]; did you mean [policy]?" '[polcy]' 'clip = 1'
refuse "a.ini:3: policy.clip was already set in line 2" '[policy]' 'clip = 1' 'clip = 1'
refuse "a.ini:4: policy.clip = '1x': expected a number, 0 to" '# comment' '' '[policy]' 'clip = 1x'
refuse "a.ini:1: key clip stands before the first [section]" 'clip = 1'
refuse "a.ini:2: expected [section], key = value" '[policy]' 'clip'
for value in nan 1e400 0x10 '' -1; do
  refuse "a.ini:2: policy.clip = '$value'" '[policy]' "clip = $value"
done
for value in 1.5 99999999999 1e; do
  refuse "a.ini:2: discriminator.updates = '$value': expected a whole number" \
    '[discriminator]' "updates = $value"
done
for value in 64,x 64,,64 1,2,3,4,5 64,; do
  refuse "policy.hidden = '$value'" '[policy]' "hidden = $value"
done
refuse "policy.activation = 'tan': expected identity|tanh" '[policy]' 'activation = tan'
refuse "mgail.terminal_value = 'maybe': expected on or off" '[mgail]' 'terminal_value = maybe'
refuse "run.algorithm = 'mgali': unknown; did you mean mgail?" '[run]' 'algorithm = mgali'
refuse "did you mean 'CartPole-v1'?" '[run]' 'algorithm = ppo' 'env = CartPol-v1'
refuse "a.ini:2: env.healthy_z_range = '3, 1': expected two numbers, low, high, or empty" \
  '[env]' 'healthy_z_range = 3, 1'
refuse "env.healthy_reward: CartPole-v0 has no such argument; it has: sutton_barto_reward" \
  '[run]' 'algorithm = ppo' 'env = CartPole-v0' '[env]' 'healthy_reward = 2'
expect 78 "did you mean policy.clip?" train --output x --set policy.clipp=1
[ ! -e x ] || fail "a run that never began left its folder"

# Precedence: defaults, file, options in their order. Numbers may be written as people do. Lines may be
# indented and comments long.
{
  echo "# $(printf '%0300d' 0)"
  printf '[run]\n\tsteps = 1e3 ; comment\n  seed = 7\r\n[policy]\nlearning_rate = 2.5e-4\n'
} >b.ini
expect 0 "done: " train "${tiny[@]}" --config b.ini --output run \
  --seed 8 --set run.seed=9 --steps 500 --set policy.final_learning_rate=0.0001
for line in 'seed = 9' 'steps = 500' 'learning_rate = 0.00025' 'hidden = 16' 'environments = 4' \
  'activation = tanh' 'final_learning_rate = 0.0001' 'terminal_value = on'; do
  grep -qxF "$line" run/config.ini || fail "run/config.ini has no line: $line"
done

# Whole numbers are whole up to 2^53, from the command line to each file and back; one more is refused.
most=9007199254740992
expect 78 "run.seed = '9007199254740993': expected a whole number" train "${tiny[@]}" --steps 256 \
  --seed 9007199254740993 --output most
expect 0 "seed $most," train "${tiny[@]}" --steps 256 --seed $most --output most
for said in "$(grep seed most/result.json)" "$("$MGAIL" info --json most | grep seed)" \
  "$("$MGAIL" info most/curves.h5 | grep seed)" "$(grep '^seed' most/config.ini)" \
  "$("$MGAIL" evaluate --json --checkpoint most --episodes 1 | grep seed)"; do
  case $said in *[!0-9]$most | *[!0-9]$most[!0-9]*) ;; *) fail "the seed $most became: $said" ;; esac
done
expect 64 "--seed 9007199254740993: expected a whole number" evaluate --checkpoint most --episodes 1 \
  --seed 9007199254740993

# Arguments of the task act in training, evaluation and recordings.
expect 0 "done: " train "${tiny[@]}" --set env.sutton_barto_reward=on \
  --set env.max_episode_steps=7 --steps 300 --output sutton
expect 0 "length         7.0" evaluate --checkpoint sutton/checkpoint.h5 --episodes 2
expect 0 "return        0.00" evaluate --checkpoint sutton/checkpoint.h5 --episodes 2
expect 0 "2 episodes" record --checkpoint sutton/checkpoint.h5 --episodes 2 --output sutton.h5
grep -qF '{\"sutton_barto_reward\": true, \"max_episode_steps\": 7}' sutton.metadata.json ||
  fail "sutton.metadata.json does not name the task's arguments"

# The dump is complete and reads back to itself.
expect 0 "done: " train --config run/config.ini --output again
cmp run/config.ini again/config.ini || fail "config.ini does not read back to the same"
keys=$("$MGAIL" info --settings | grep -c '^| `')
[ "$(grep -c ' = ' run/config.ini)" -eq "$keys" ] || fail "config.ini has not all $keys settings"

# A path in a settings file is beside that, wherever the program is started; what is only in the current
# directory is found as in 0.1.0. A run names its data by the absolute path.
mkdir -p preset/data elsewhere
"$MGAIL" train "${tiny[@]}" --steps 256 --output teacher 2>log
"$MGAIL" record --checkpoint teacher --episodes 3 --output preset/data/demos.h5 2>log
cat >preset/bc.ini <<'INI'
[run]
algorithm = bc
env = CartPole-v1
[data]
expert = data/demos.h5
trajectories = 3
[bc]
epochs = 2
[evaluate]
final_episodes = 1
INI
cd elsewhere
expect 0 "done: 2 epochs" train --config ../preset/bc.ini --output beside
grep -qx "expert = $folder/preset/data/demos.h5" beside/config.ini || fail "$(grep expert beside/config.ini)"
expect 0 "done: 2 epochs" train --config "$folder/preset/bc.ini" --output absolute
sed 's/data\/demos/demos/' ../preset/bc.ini >../preset/old.ini
cp ../preset/data/demos.h5 .
expect 0 "done: 2 epochs" train --config ../preset/old.ini --output current
grep -qx "expert = $folder/elsewhere/demos.h5" current/config.ini || fail "$(grep expert current/config.ini)"
expect 0 "done: 2 epochs" train --config current/config.ini --output again

# Where there are none, the command that makes them is named.
rm demos.h5 ../preset/data/demos.h5
expect 66 "give demonstrations by --expert FILE" train --config ../preset/bc.ini --output none
mkdir ../preset/experts
cp ../teacher/checkpoint.h5 ../preset/experts/cartpole.h5
expect 66 "by mgail record --checkpoint ../preset/experts/cartpole.h5 --stochastic --episodes 40" train \
  --config ../preset/bc.ini --output none
touch ../preset/demonstrations.sh
expect 66 "record them by ../preset/demonstrations.sh cartpole" train --config ../preset/bc.ini --output none
expect 66 "no-such.h5: " train --config ../preset/bc.ini --expert no-such.h5 --output none
expect 0 "done: 256 steps" train --config ../preset/bc.ini "${tiny[@]}" --steps 256 --output ppo # imitates nobody
[ ! -e none ] || fail "a run that never began left its folder"
echo "passed"
