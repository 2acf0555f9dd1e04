#!/bin/bash
# The run folder: made, refused, locked, resumed only with the settings it has.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
need_h5diff

expect 0 "done: " train "${tiny[@]}" --steps 1000 --output deep/er/run
for file in config.ini curves.h5 checkpoint.h5 result.json log.txt; do
  [ -s "deep/er/run/$file" ] || fail "no $file"
done
[ ! -e deep/er/run/lock ] || fail "a lock is left"
# What took how long beside the iterations: in the rows that follow it, in result.json and the log.
expect 0 "of this session: start " train "${tiny[@]}" --steps 1000 --set evaluate.every=256 --output timed
expect 0 "curves" info timed/curves.h5
for what in start evaluation checkpoint; do
  grep -qE "seconds_$what +4 rows, last [0-9.e-]*[1-9]" said || fail "no seconds_$what"
  grep -qE "\"${what}_seconds\":[[:space:]]*[0-9.e-]*[1-9]" timed/result.json || fail "no ${what}_seconds"
done
expect 73 "is not empty" train "${tiny[@]}" --output deep/er/run
touch file
expect 73 "file" train "${tiny[@]}" --output file
expect 73 "file" train "${tiny[@]}" --output file/run
expect 73 "bytes" train "${tiny[@]}" --output "$(printf '%02000d' 0)"
expect 66 "nothing" train --resume --output nothing

# Paths of every kind.
expect 0 "done: " train "${tiny[@]}" --steps 300 --output 'with "quotes", $ and ü'
expect 0 "CartPole-v1" evaluate --checkpoint 'with "quotes", $ and ü/checkpoint.h5' --episodes 2

[ ! -e deep/er/run/checkpoint.h5.previous ] || fail "a finished run keeps two checkpoints"

# Resuming: some settings are free, others are the run's.
cp -r deep/er/run run
expect 78 "run.seed = '2', but the run that is resumed has '1'" train --resume --output run --seed 2
expect 78 "policy.hidden" train --resume --output run --set policy.hidden=8
expect 0 "resumed at iteration 4" train --resume --output run --steps 1500
grep -qx 'steps = 1500' run/config.ini || fail "the new number of steps is not in config.ini"

# A damaged checkpoint: the one before it, with a warning; none left: bad data.
[ -s run/checkpoint.h5.previous ] || cp run/checkpoint.h5 run/checkpoint.h5.previous
printf 'spoilt' | dd of=run/checkpoint.h5 bs=1 seek=3000 conv=notrunc status=none
for command in "evaluate --episodes 2" "export --output policy.h5" "record --episodes 2 --output recorded.h5"; do
  # shellcheck disable=SC2086  # words
  expect 0 "taking the checkpoint before it, of " $command --checkpoint run
done
expect 65 "run/checkpoint.h5" evaluate --checkpoint run/checkpoint.h5 --episodes 2 # this one and no other
expect 0 "taking the checkpoint before it, of " train --resume --output run --steps 2000
rm -f run/checkpoint.h5.previous
printf 'spoilt' | dd of=run/checkpoint.h5 bs=1 seek=3000 conv=notrunc status=none
expect 65 "run/checkpoint.h5" train --resume --output run
expect 65 "run/checkpoint.h5" evaluate --checkpoint run --episodes 2

# Settings that are not those that the run wrote are not told as its own.
sed -i 's/^seed = 1$/seed = 3/' run/config.ini
expect 65 "run/config.ini: damaged or edited" info run

# Curves that are damaged or gone: a new file from there, the old one kept, the run as it would have been.
expect 0 "done: " train "${tiny[@]}" --steps 1000 --output part
cp -r part whole
cp -r part gone
expect 0 "resumed at iteration 4" train --resume --output whole --steps 2000
dd if=/dev/zero of=part/curves.h5 bs=1000 seek=2 count=20 conv=notrunc status=none
rm gone/curves.h5
for run in part gone; do
  expect 0 "warning: a new curves.h5 goes on from iteration 4" train --resume --output $run --steps 2000
  h5diff -q whole/checkpoint.h5 $run/checkpoint.h5 /theta || fail "$run: another theta"
  expect 0 "continues     from iteration 4" info $run/curves.h5
done
[ -s part/curves.h5.kept-1 ] || fail "the damaged curves are gone"

# Stopped before its first checkpoint, wherever: it begins anew, with the settings that it had.
rm -r whole
expect 0 "done: " train "${tiny[@]}" --steps 2000 --output whole
mkdir early empty other
cp whole/config.ini early/config.ini
head -c 1000 whole/curves.h5 >early/curves.h5
echo "1 on nowhere" >early/lock
expect 0 "begins anew" train --resume --output early
same_run whole early
expect 0 "begins anew" train --resume --output empty "${tiny[@]}" --steps 2000
same_run whole empty
touch other/file
expect 66 "other/checkpoint.h5: No such file" train --resume --output other
rm whole/checkpoint.h5* whole/result.json
expect 66 "its curves reach iteration 8, but its checkpoint is gone" train --resume --output whole

# One run a folder.
"$MGAIL" train "${tiny[@]}" --steps 1e9 --output busy >busy.txt 2>&1 &
pid=$!
await test -s busy/lock
await test -s busy/curves.h5
expect 73 "is not empty" train "${tiny[@]}" --output busy
kill -USR1 $pid
code=0
wait $pid || code=$?
[ "$code" -eq 75 ] || fail "a stop on request ends with $code"
"$MGAIL" train "${tiny[@]}" --steps 1e9 --output hungup >hungup.txt 2>&1 &
pid=$!
await test -s hungup/checkpoint.h5
kill -HUP $pid
code=0
wait $pid || code=$?
[ "$code" -eq 75 ] || fail "a hangup ends with $code"

# Past a limit on the size of files a write fails, as on a full disk: no signal, and a sentence.
"$MGAIL" train "${tiny[@]}" --steps 1e9 --set run.checkpoint_seconds=0.1 --output limited >said 2>&1 &
pid=$!
await test -s limited/checkpoint.h5
prlimit --pid $pid --fsize=20000:20000
code=0
wait $pid || code=$?
[ "$code" -eq 74 ] || fail "a file that grows past its limit ends with $code"
grep -q "File too large" said || fail "does not tell why a write failed"
touch limited/checkpoint.h5.tmp.1 # of a process that was killed
expect 0 "resumed at" train --resume --output limited --steps 1e3
if ls limited/*.tmp.* >/dev/null 2>&1; then fail "temporary files are left"; fi
exec 9>busy/lock
flock 9
echo "12345 on elsewhere" >busy/lock
expect 73 "in use by process 12345 on elsewhere" train --resume --output busy
echo "passed"
