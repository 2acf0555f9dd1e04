#!/bin/bash
# mgail sweep without Slurm: expansion, runs that fail, are killed, stopped, held by others, and what is told of
# them. Usage: test_sweep.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
need_h5diff

cat >tiny.ini <<'INI'
[run]
algorithm = ppo
env = CartPole-v1
environments = 4
checkpoint_seconds = 0.2
[ppo]
horizon = 64
[policy]
hidden = 16
[value]
hidden = 16
[evaluate]
episodes = 2
final_episodes = 2
INI
cat >sweep.ini <<'INI'
[sweep]
preset = tiny.ini
name = {kind}-s{run.seed}
[axes]
kind = plain, bad, long
run.seed = 1..2
[set]
run.steps = 3000
[set kind=bad]
run.algorithm = bc
data.expert = no-such.h5
[set kind=long]
run.steps = 400000
[exclude]
when = kind=bad run.seed=2
INI

# ---- expansion ----
expect 64 "sweep: 'walk': expected expand, run, status, plan or collect" sweep walk
expect 64 "sweep run: expected the sweep's folder" sweep run
expect 64 "--output is required" sweep expand sweep.ini
expect 66 "no/manifest.tsv: No such file or directory; expected the folder of a sweep" sweep status no
expect 66 "no.ini: No such file" sweep expand no.ini --output d
expect 0 "waiting   long-s2" sweep expand sweep.ini --output d --dry-run
[ ! -e d ] || fail "--dry-run has made a folder"
sed 's/1\.\.2/2..1/' sweep.ini >empty.ini
expect 78 "empty.ini:6: run.seed = 2..1: an empty range" sweep expand empty.ini --output d
sed 's/-s{run.seed}//' sweep.ini >twice.ini
expect 78 "twice.ini: two runs with one folder, plain" sweep expand twice.ini --output d
sed 's/run.steps = 3000/run.step = 3000/' sweep.ini >key.ini
expect 78 "key.ini:8: unknown key run.step; did you mean run.steps?" sweep expand key.ini --output d
[ ! -e d ] || fail "a sweep that is refused has made a folder"
touch file
expect 73 "file" sweep expand sweep.ini --output file/d

# A folder without space: nothing half is left, and with space the same command does it.
if [ "$(id -u)" -eq 0 ] && mkdir full && mount -t tmpfs -o size=16k none full 2>/dev/null; then
  trap 'umount full; rm -rf "$folder"' EXIT
  head -c 16384 /dev/zero >full/filler 2>/dev/null || true
  mgail sweep expand sweep.ini --output full/d >said 2>&1 && fail "expanded onto a full disk"
  grep -q 'No space left on device' said || fail "no word of the disk"
  [ ! -e full/d/manifest.tsv ] || fail "a manifest on a full disk"
  rm full/filler
  mount -o remount,size=1m full
  expect 0 "5 runs: 5 new" sweep expand sweep.ini --output full/d
  umount full
  trap 'rm -rf "$folder"' EXIT
fi

expect 0 "d/manifest.tsv: 5 runs: 5 new" sweep expand sweep.ini --output d
expect 0 "5 as before" sweep expand sweep.ini --output d
expect 0 "d: 5 runs: 0 done, 0 running, 5 waiting, 0 failed" sweep status d
expect 78 "condition kind=plan: the axis has no such value; did you mean plain?" sweep status d kind=plan
expect 78 "condition seed=...: no such axis" sweep status d seed=1
[ "$("$MGAIL" sweep plan d | wc -l)" -eq 5 ] || fail "not a task a run"
sed 's/^mgail-sweep 1/mgail-sweep 9/' -i d/manifest.tsv
expect 65 "a manifest of version 9; this program reads version 1" sweep run d
sed 's/^mgail-sweep 9/mgail-sweep 1/' -i d/manifest.tsv

# ---- runs ----
expect 1 "d: 2 done, 1 failed, 0 left" sweep run d kind=plain,bad --jobs 2
expect 0 "failed    bad-s1  exit code 66 on $(hostname): mgail: error: $folder/no-such.h5: no such file" sweep status d
expect 0 '"exit_code":	66' sweep status d --json
expect 0 "plain-s1: finished before" sweep run d kind=plain
[ "$(grep -c 'plain-s1: begins' said)" -eq 0 ] || fail "a run that is done was begun again"
mgail train --config d/settings/plain-s1.ini --output alone 2>log
same_run alone d/runs/plain-s1

# A word of nobody: an edited file of settings.
cp d/settings/long-s1.ini kept.ini
echo >>d/settings/long-s1.ini
expect 1 "long-s1: failed with exit code 65" sweep run d --only long-s1
cp kept.ini d/settings/long-s1.ini

# Killed: it is started again, goes on, and has the bits of one that was left alone.
mgail train --config kept.ini --output long 2>log
"$MGAIL" sweep run d --only long-s1 --patience 0.1 >killed.txt 2>&1 &
pid=$!
await test -s d/runs/long-s1/checkpoint.h5
kill -KILL "$(pgrep -f -- "^$MGAIL train --config d/settings/long-s1.ini")"
wait $pid || fail "$(cat killed.txt)"
grep -q 'long-s1: exit code 137: .*; again in 0.1 s (1 of 2)' killed.txt || fail "$(cat killed.txt)"
same_run long d/runs/long-s1

# In others' hands: who comes second waits; a stop is passed on, and the next sweep goes on.
"$MGAIL" sweep run d --only long-s2 >first.txt 2>&1 &
first=$!
await test -s d/runs/long-s2/checkpoint.h5
expect 0 "running   long-s2  on $(hostname)" sweep status d
"$MGAIL" sweep run d --only long-s2 >second.txt 2>&1 &
second=$!
await says second.txt 'long-s2: in use by process'
kill -USR1 $first
code=0
wait $first || code=$?
[ "$code" -eq 75 ] || fail "a sweep that was asked to stop ends with $code: $(cat first.txt)"
wait $second || fail "$(cat second.txt)"
grep -q 'long-s2: goes on' second.txt || fail "the second sweep did not take over: $(cat second.txt)"
mgail train --config d/settings/long-s2.ini --output long2 2>log
same_run long2 d/runs/long-s2

# A folder that another process has: tried again, a bounded number of times, and said with its number.
cat >held.ini <<'INI'
[sweep]
preset = tiny.ini
name = {run.seed}
[axes]
run.seed = 1..2
[set]
run.steps = 3000
INI
expect 0 "2 new" sweep expand held.ini --output h
"$MGAIL" train --config h/settings/1.ini --output h/runs/1 --set run.steps=1e9 >log 2>&1 &
holder=$!
await test -s h/runs/1/lock
expect 1 "1: failed with exit code 73 on $(hostname): mgail: error: h/runs/1: in use by process $holder on " \
  sweep run h --only 1 --patience 0.01
grep -q '(7 of 7)' said || fail "not tried eight times"
# Of a batch system: what fails twice here is left to a restart of the job, which counts on.
expect 75 "1: left to a restart of the job" sweep run h --only 1 --patience 0.01 --job 5
expect 75 "1: left to a restart of the job" sweep run h --only 1 --patience 0.01 --job 5
grep -q '(3 of 7)' said || fail "a restart of the job counts anew"
kill -KILL $holder
wait $holder 2>/dev/null || true

# The sweep is killed: its run notices, and saves.
sed 's/3000/1e8/' held.ini >forever.ini
"$MGAIL" sweep expand forever.ini --output f >/dev/null
"$MGAIL" sweep run f --only 1 >said 2>&1 &
pid=$!
await test -s f/runs/1/checkpoint.h5
kill -KILL $pid
gone() { ! pgrep -f -- "^$MGAIL train --config f/settings/1.ini" >/dev/null; }
await gone
grep -q 'stopped' f/logs/1.log || fail "the run of a killed sweep has not saved: $(tail -n 3 f/logs/1.log)"
expect 0 "waiting   1  was interrupted on $(hostname)" sweep status f

# ---- collected ----
expect 1 "d: 5 runs: 4 done, 0 running, 0 waiting, 1 failed" sweep collect d
grep -q 'bad-s1: failed: exit code 66 on .*no-such.h5' d/report/report.md || fail "the failed run is not in the report"
expect 0 "4 runs, 4 finished" info d/runs.h5
expect 0 "runs.h5: 2 runs, 2 finished" sweep collect d kind=plain
sed 's/no-such.h5//; s/bc$/ppo/' sweep.ini >right.ini # what failed may be put right, and is then run
expect 0 "1 changed, 4 as before" sweep expand right.ini --output d
expect 0 "bad-s1: done" sweep run d
expect 0 "d: 5 runs: 5 done, 0 running, 0 waiting, 0 failed" sweep collect d
echo "passed"
