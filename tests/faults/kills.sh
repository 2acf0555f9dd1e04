#!/bin/bash
# Kills runs and resumes them; --help.
# shellcheck disable=SC2154  # tiny: common.sh
usage() {
  cat <<'HELP'
Usage: MGAIL=PROGRAM [MPIEXEC=mpirun] kills.sh [--kills N] [--seed N] LIBRARY

Starts small runs (ppo, mgail, gail and bc on CartPole, ppo and mgail on Hopper; on one rank, and with MPIEXEC on
two), each saving after every iteration, kills one of their processes with SIGKILL and resumes. Every second kill
comes inside the writing of a checkpoint: at the n-th open, write, fsync, link or rename of it, by LIBRARY (inject.c),
so that some come between the two renames; the others come at any time, some twice in the same run. The resumed run
must end well, equal an unkilled one bit for bit but for the times, and leave nothing else in its folder.

--kills N   how many (default 6)
--seed N    which (default 1): what is run, the call and its number; a time that is waited for is only as exact as
            the machine

Exit codes: 0 all were resumed; 1 one was not; 64 usage; 77 h5diff is not installed.
HELP
}

kills=6 seed=1
while [ $# -gt 0 ]; do
  case $1 in
  -h | --help | help) usage; exit 0 ;;
  --kills) kills=${2:?} && shift 2 ;;
  --seed) seed=${2:?} && shift 2 ;;
  -*) echo "error: kills.sh: unknown option '$1'; see --help" >&2; exit 64 ;;
  *) break ;;
  esac
done
[ $# -eq 1 ] || { usage >&2; exit 64; }
library=$(realpath "$1")
. "$(dirname "${BASH_SOURCE[0]}")/../e2e/common.sh"
need_h5diff
RANDOM=$seed

# ---- the runs ----

small=(--set run.checkpoint_seconds=0.000001 --set evaluate.every=500 --set mgail.horizon=32)
adversary=(--trajectories 2 --subsample 2 --set discriminator.batch=32 --set discriminator.hidden=16)
model=(--set forward_model.batch=32 --set forward_model.hidden=16 --set forward_model.replay=1000)
hopper=(--env Hopper-v4 --set ppo.horizon=48)

# demonstrations NAME ARGUMENTS...: of a policy that has hardly begun
demonstrations() {
  local name=$1
  shift
  "$MGAIL" train "${tiny[@]}" "$@" --output "expert-$name" >said 2>&1 || fail "no expert for $name"
  "$MGAIL" record --checkpoint "expert-$name" --episodes 3 --output "$name.h5" >said 2>&1 ||
    fail "no demonstrations for $name"
}
demonstrations cartpole --steps 3000
demonstrations hopper "${hopper[@]}" --steps 300

kinds=(ppo mgail gail bc ppo-hopper mgail-hopper)
# arguments_of KIND: sets arguments
arguments_of() {
  arguments=("${tiny[@]}" "${small[@]}" --steps 1200)
  case $1 in
  mgail) arguments+=(--algorithm mgail --expert "$folder/cartpole.h5" "${adversary[@]}" "${model[@]}") ;;
  gail) arguments+=(--algorithm gail --expert "$folder/cartpole.h5" "${adversary[@]}" --set gail.cg_iterations=3) ;;
  bc) arguments+=(--algorithm bc --expert "$folder/cartpole.h5" --trajectories 2 --subsample 1 --set bc.epochs=12
                  --set data.validation=0.3 --set bc.evaluate_every=4 --set bc.patience=0 --set bc.batch=16) ;;
  ppo-hopper) arguments+=("${hopper[@]}") ;;
  mgail-hopper) arguments+=("${hopper[@]}" --algorithm mgail --expert "$folder/hopper.h5" "${adversary[@]}"
                            "${model[@]}") ;;
  esac
}

# launch RANKS COMMAND...: so many processes of it, in the place of this shell
launch() {
  local ranks=$1
  shift
  [ "$ranks" -eq 1 ] && exec "$@"
  exec "$MPIEXEC" --oversubscribe --bind-to none -n "$ranks" "$@"
}

# whole KIND RANKS: the unkilled run, made once; sets whole and, in milliseconds, how long it took
declare -A took
whole() {
  local start
  whole=whole-$1-$2
  [ ! -d "$whole" ] || return 0
  start=$(date +%s%N)
  (launch "$2" "$MGAIL" train "${arguments[@]}" --output "$whole") >said 2>&1 || fail "$whole: cannot be run"
  took[$whole]=$((($(date +%s%N) - start) / 1000000))
}

# ---- a kill ----

# kill_at RANKS FILE CALL N ARGUMENTS...: at the n-th such call about a file of the run; false if there were not so many
kill_at() {
  local ranks=$1 file=$2 call=$3 n=$4
  shift 4
  how="at $call $n of $file"
  rm -f fired
  (launch "$ranks" env LD_PRELOAD="$library" INJECT_CALL="$call" INJECT_AT="$n" INJECT_UNDER="run/$file" \
     INJECT_KILL=1 INJECT_FIRED="$folder/fired" "$MGAIL" train "$@") >said 2>&1 || true
  [ -e fired ]
} 2>/dev/null

# kill_inside RANKS ARGUMENTS...: in the writing of a checkpoint; most of the calls that there are can be met
kill_inside() {
  local calls=(open write fsync link rename rename) most=(30 60 20 10 20 20) which=$((RANDOM % 6)) ranks=$1
  shift
  kill_at "$ranks" checkpoint.h5 "${calls[which]}" $((RANDOM % most[which] + 1)) "$@"
}

# kill_any_time RANKS MILLISECONDS ARGUMENTS...: of two ranks one of both; false if the run ended before
kill_any_time() {
  local ranks=$1 after=$((RANDOM * $2 / 32768)) victim=$((RANDOM % $1)) job pid code=0
  shift 2
  how="rank $victim after $after ms"
  (launch "$ranks" "$MGAIL" train "$@") >said 2>&1 &
  job=$!
  sleep "$((after / 1000)).$(printf %03d $((after % 1000)))"
  pid=$job
  [ "$ranks" -eq 1 ] || pid=$(pgrep -P $job | sed -n "$((victim + 1))p")
  kill -KILL "${pid:-$job}" 2>/dev/null || true
  wait $job || code=$?
  [ $code -ne 0 ]
} 2>/dev/null

# check RANKS: what remains goes on to the same end
check() {
  local code=0
  (launch "$1" "$MGAIL" train --resume --output run "${arguments[@]}") >said 2>&1 || code=$?
  [ $code -eq 0 ] || fail "$whole, killed $story: the resume ends with $code"
  if grep -q "warning" said; then fail "$whole, killed $story: a warning"; fi
  (same_run "$whole" run) || fail "$whole, killed $story: another run"
  diff <(ls -A "$whole") <(ls -A run) >said || fail "$whole, killed $story: other files"
}

# ---- all of them ----

widths=(1)
[ -z "${MPIEXEC:-}" ] || widths=(1 2)
done=0 inside=0 runs=0
while [ $done -lt "$kills" ]; do
  kind=${kinds[RANDOM % ${#kinds[@]}]} ranks=${widths[runs % ${#widths[@]}]} story='' resume=''
  arguments_of "$kind"
  whole "$kind" "$ranks"
  rm -rf run
  for _ in $(seq $((RANDOM % 2 + 1))); do
    # shellcheck disable=SC2086  # nothing, or the option
    case $((done % 8)) in
    0) kill_at "$ranks" curves.h5 write $((RANDOM % 4 + 1)) $resume --output run "${arguments[@]}" || continue ;;
    2 | 4 | 6) kill_any_time "$ranks" "${took[$whole]}" $resume --output run "${arguments[@]}" || continue ;;
    *)
      kill_inside "$ranks" $resume --output run "${arguments[@]}" || continue
      inside=$((inside + 1))
      ;;
    esac
    story="$story${story:+, then }$how" done=$((done + 1))
    [ -d run ] || continue 2 # before it had made its folder
    resume=--resume
  done
  [ -n "$story" ] || continue
  check "$ranks"
  runs=$((runs + 1))
  echo "$done: $whole $story"
done
echo "passed: $done kills in $runs runs, $inside of them inside the writing of a checkpoint"
