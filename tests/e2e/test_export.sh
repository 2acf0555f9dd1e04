#!/bin/bash
# Exports of all tasks act as the policy does, in NumPy, onnxruntime and C; a bad one is refused.
#
#   MGAIL=program [PYTHON=python3] test_export.sh EXPERIMENTS
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
experiments=$(realpath "${1:?usage: test_export.sh EXPERIMENTS}")
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
python=${PYTHON:-python3}
without=""
has() { $python -c "import $1" 2>/dev/null; }

# Every format says how far it is from the policy, and takes its name only then.
export_all() { # CHECKPOINT NAME
  local format
  for format in h5 npz safetensors onnx c; do
    expect 0 "checked in 100 states: largest difference " export --checkpoint "$1" --output "$2.$format"
    difference=$(sed -n 's/.*largest difference \([^ ]*\) .*/\1/p' said)
    awk -v d="$difference" 'BEGIN { exit !(d < 1e-5) }' || fail "$2.$format: differs by $difference"
  done
  [ -s "$2.h" ] || fail "no header beside $2.c"
}

act_alike() { # CHECKPOINT NAME: both have to be there
  local files=("$2.npz" "$2.safetensors" "$2.c")
  ! has onnxruntime || files+=("$2.onnx")
  mgail record --checkpoint "$1" --episodes 1 --output "$2-data.h5" >said 2>&1 || fail "record $1"
  $python "$here/exported_actions.py" "$experiments/use_policy.py" "$2-data.h5" "${files[@]}" >said 2>&1 ||
    fail "$2: the exports act otherwise"
  rm "$2-data.h5"
}

# A recipe with another activation, of some entries of the observation.
mgail train --algorithm ppo --env Hopper-v4 --steps 1000 --set run.observe="0-4, 7" --set policy.activation=swish \
  --set run.environments=4 --set ppo.horizon=64 --set policy.hidden=24,16,8 --set evaluate.final_episodes=2 \
  --output own >said 2>&1 || fail "training"
export_all own own
if grep -q leak own.onnx; then fail "own.onnx has what no node of it uses, of which onnxruntime warns"; fi
for task in cartpole mountaincar acrobot hopper walker2d halfcheetah ant humanoid; do
  export_all "$experiments/experts/$task.h5" $task
done

if has "numpy, h5py"; then
  act_alike own own
  for task in cartpole mountaincar acrobot hopper walker2d halfcheetah ant humanoid; do
    act_alike $task.h5 $task
  done
  has onnxruntime || without="$without onnxruntime"
else
  without="$without numpy and h5py"
fi

# Episodes in Gymnasium have the returns of evaluate, to the last bit.
episodes_alike() { # NAME
  local file=$1
  mgail evaluate --checkpoint $file.h5 --episodes 3 --double --json --starts >$file.json || fail "evaluate $file.h5"
  for format in npz onnx; do
    [ $format = npz ] || has onnxruntime || continue
    $python "$experiments/use_policy.py" $file.$format --evaluation $file.json >said 2>&1 ||
      fail "$file.$format: other returns than mgail evaluate has"
  done
}
if has "numpy, gymnasium"; then
  for task in cartpole mountaincar acrobot; do episodes_alike $task; done
  if has "mujoco, imageio; assert mujoco.__version__ == '$("$MGAIL" --version | sed -n 's/^MuJoCo //p')'"; then
    episodes_alike own
    episodes_alike hopper
  else
    without="$without MuJoCo's package of the same release"
  fi
else
  without="$without gymnasium"
fi

# The same episodes on any number of ranks, and close to those in float32.
mgail evaluate --checkpoint own --episodes 5 --double --json >double.json || fail "evaluate --double"
mgail evaluate --checkpoint own --episodes 5 --json >float.json || fail "evaluate"
mean() { tr -d ' \t\n' <"$1" | sed 's/.*"return":{"mean":\([^,]*\),.*/\1/'; }
awk -v a="$(mean double.json)" -v b="$(mean float.json)" 'BEGIN { exit !(a - b < 1 && b - a < 1) }' ||
  fail "--double is far from float32"
if [ -n "${MPIRUN:-}" ]; then
  $MPIRUN -n 2 "$MGAIL" evaluate --checkpoint own --episodes 5 --double --json >double2.json || fail "2 ranks"
  cmp double.json double2.json || fail "evaluate --double depends on the number of ranks"
fi
expect 64 "--starts needs --json" evaluate --checkpoint own --starts
expect 64 "of the mean action" evaluate --checkpoint own --double --stochastic

# The format goes by --format, then by the ending; what cannot be is a sentence, and leaves no file.
expect 0 "" export --checkpoint own --output named --format npz
cmp named own.npz || fail "--format npz gives another file than the ending"
expect 0 "the file, loaded again" export --checkpoint own --output plain
expect 64 "--format pickle: expected h5, npz, safetensors, onnx or c" export --checkpoint own --output x --format pickle
expect 64 "did you mean onnx?" export --checkpoint own --output x --format onx
expect 64 "expected a name that ends in .c" export --checkpoint own --output x.txt --format c
expect 64 "--output x.pkl: expected a name that ends in .h5, .npz" export --checkpoint own --output x.pkl
expect 64 "that #include takes" export --checkpoint own --output 'x"y.c'
expect 73 "own.npz: exists" export --checkpoint own --output own.npz
mv own.c saved.c
expect 73 "own.h: exists" export --checkpoint own --output own.c
for format in h5 npz safetensors onnx c; do
  expect 73 "error: nowhere/x.$format: cannot be created" export --checkpoint own --output nowhere/x.$format
  expect 66 "missing" export --checkpoint missing --output x.$format
done
mkdir none
expect 66 "none/checkpoint.h5" export --checkpoint none --output x.npz
head -c 3000 own.h5 >short.h5
expect 65 "short.h5" export --checkpoint short.h5 --output x.onnx
expect 65 "short.h5" evaluate --checkpoint short.h5
[ -z "$(ls | grep -e '^x' -e tmp)" ] || fail "a refused export left $(ls | grep -e '^x' -e tmp)"

# A name that C does not take as it is.
expect 0 "" export --checkpoint own --output 2nd-try.c
grep -q "void policy_2nd_try_act(const double observation\[POLICY_2ND_TRY_OBSERVATIONS\]" 2nd-try.h ||
  fail "the functions of 2nd-try.c"
if command -v cc >/dev/null; then
  cc -std=c99 -Wall -Wextra -Wpedantic -Werror -c 2nd-try.c || fail "2nd-try.c does not compile"
fi

# Damaged files: use_policy.py says so.
use() { # CODE TEXT ARGUMENTS...
  local code=$1 text=$2 got=0
  shift 2
  $python "$experiments/use_policy.py" "$@" >said 2>&1 || got=$?
  [ $got -eq "$code" ] || fail "use_policy.py $*: exit code $got instead of $code"
  grep -qF -e "$text" said || fail "use_policy.py $*: does not say: $text"
  [ "$(wc -l <said)" -eq 1 ] || fail "use_policy.py $*: more than a sentence"
}
if has numpy; then
  use 66 "no such file" missing.npz
  use 64 "expected a name that ends in" own.h5
  for format in npz safetensors; do
    head -c 2000 own.$format >short.$format
    use 65 "short.$format: damaged" short.$format
    size=$(stat -c %s own.$format)
    { head -c $((size / 2)) own.$format && printf 'XX' && tail -c +$((size / 2 + 3)) own.$format; } >bent.$format
    use 65 "bent.$format: damaged" bent.$format
  done
  if has onnxruntime; then
    head -c 2000 own.onnx >short.onnx
    use 65 "short.onnx: damaged" short.onnx
  fi
fi
[ -z "$without" ] || echo "not tried, for want of:$without (PYTHON=$python)"
echo "passed"
