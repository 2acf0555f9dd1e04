#!/bin/bash
# slurm/train.sbatch under a Slurm of this test's own: a short run; a stop in the middle that is
# requeued and goes on; a killed rank. Usage: test_slurm.sh MGAIL. Exit 77: no Slurm here.
set -euo pipefail
mgail=$(realpath "$1")
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$root/tests/e2e/slurm_local.sh"
folder=$(mktemp -d)
trap 'slurm_stop; rm -rf "$folder"' EXIT
trap 'exit 143' TERM INT
chmod 755 "$folder"
slurm_start "$folder/slurm" 1
cd "$folder"
export MGAIL=$mgail

fail() {
  echo "FAILED: $*"
  scontrol show job 2>/dev/null | grep -E 'JobId|JobState|ExitCode' || true
  tail -n 20 ./*.log ./*/log.txt 2>/dev/null || true
  exit 1
}

# submit NAME STEPS [option of train...]: job number
submit() {
  local name=$1 steps=$2
  shift 2
  sbatch --parsable --ntasks=2 --time=10 --output="$name.log" "$root/slurm/train.sbatch" \
    "$folder/run $name" --set run.algorithm=ppo --set run.env=CartPole-v1 \
    --set "run.steps=$steps" --set run.checkpoint_seconds=1 "$@"
}
state() { scontrol show job "$1" | sed -n "s/.*$2=\([^ ]*\).*/\1/p" | head -n 1; }
# await COMMAND...: until it succeeds; ten minutes, which only a hang meets
await() {
  local tries=3000
  while ! "$@"; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || fail "waited for: $*"
    sleep 0.2
  done
}
is() { [ "$(state "$1" "$2")" = "$3" ]; }
ended() { case $(state "$1" JobState) in COMPLETED | FAILED | CANCELLED | TIMEOUT) ;; *) false ;; esac; }

short=$(submit short 20000)
await ended "$short"
is "$short" JobState COMPLETED || fail "the short run"
[ -s "run short/result.json" ] || fail "the short run left no result"

long=$(submit long 150000)
await test -s "run long/checkpoint.h5"
scancel --signal=USR1 --batch "$long"
await is "$long" Restarts 1
await ended "$long"
is "$long" JobState COMPLETED || fail "the run that was stopped and requeued"
[ -s "run long/result.json" ] || fail "the requeued run left no result"
grep -q requeueing long.log || fail "the long run was not stopped"

killed=$(submit killed 150000)
await test -s "run killed/checkpoint.h5"
ranks=$(pgrep -f -- "^$mgail train --output $folder/run killed") || fail "no rank to kill"
kill -KILL "$(echo "$ranks" | tail -n 1)"
await ended "$killed"
is "$killed" JobState COMPLETED || fail "the run whose rank was killed"
grep -q 'starting it again' killed.log || fail "the step was not started again"

late=$(submit late 150000 --set run.watchdog=5)
await test -s "run late/checkpoint.h5"
ranks=$(pgrep -f -- "^$mgail train --output $folder/run late") || fail "no rank to stop"
kill -STOP "$(echo "$ranks" | tail -n 1)"
await is "$late" Restarts 1
await ended "$late"
is "$late" JobState COMPLETED || fail "the run with a stopped rank"
grep -q 'does not run, was at' late.log || fail "the stopped rank is not named"

# In use: tried again from the queue, a bounded number of times; the last line says by whom.
mkdir "run held"
exec 8>"run held/lock"
flock 8
held=$(MGAIL_TRIES=3 MGAIL_PATIENCE=1 submit held 20000)
await ended "$held"
exec 8>&-
is "$held" ExitCode 73:0 || fail "the run whose folder is in use"
is "$held" Restarts 2 || fail "a folder in use: not requeued twice"
grep -q 'train.sbatch: the folder is in use (1 of 2): mgail: error: .*run held: in use by process' held.log ||
  fail "a folder in use: not said why it is requeued"
tail -n 1 held.log | grep -q 'train.sbatch: gave up after 3 tries, exit code 73: the folder is in use: mgail: error: ' ||
  fail "a folder in use: the last line does not say why"

usage=$(sbatch --parsable --output=usage.log "$root/slurm/train.sbatch" "$folder/run usage" --unknown)
await ended "$usage"
is "$usage" ExitCode 64:0 || fail "an unknown option"
tail -n 1 usage.log | grep -q 'train.sbatch: cannot go on, exit code 64: mgail: error: train: unknown option' ||
  fail "an unknown option: the last line does not say why"
echo "passed"
