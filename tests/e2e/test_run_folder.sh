#!/bin/bash
# The run folder: made, refused, locked, resumed only with the settings it has.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

expect 0 "done: " train "${tiny[@]}" --steps 1000 --output deep/er/run
for file in config.ini curves.h5 checkpoint.h5 result.json log.txt; do
  [ -s "deep/er/run/$file" ] || fail "no $file"
done
[ ! -e deep/er/run/lock ] || fail "a lock is left"
expect 73 "is not empty" train "${tiny[@]}" --output deep/er/run
touch file
expect 73 "file" train "${tiny[@]}" --output file
expect 73 "file" train "${tiny[@]}" --output file/run
expect 73 "bytes" train "${tiny[@]}" --output "$(printf '%02000d' 0)"
expect 66 "nothing" train --resume --output nothing

# Paths of every kind.
expect 0 "done: " train "${tiny[@]}" --steps 300 --output 'with "quotes", $ and ü'
expect 0 "CartPole-v1" evaluate --checkpoint 'with "quotes", $ and ü/checkpoint.h5' --episodes 2

# Resuming: some settings are free, others are the run's.
cp -r deep/er/run run
expect 78 "run.seed = '2', but the run that is resumed has '1'" train --resume --output run --seed 2
expect 78 "policy.hidden" train --resume --output run --set policy.hidden=8
expect 0 "resumed at iteration 4" train --resume --output run --steps 1500
grep -qx 'steps = 1500' run/config.ini || fail "the new number of steps is not in config.ini"

# A damaged checkpoint: the one before it, with a warning; none left: bad data.
[ -s run/checkpoint.h5.previous ] || cp run/checkpoint.h5 run/checkpoint.h5.previous
printf 'spoilt' | dd of=run/checkpoint.h5 bs=1 seek=3000 conv=notrunc status=none
expect 0 "warning: " train --resume --output run --steps 2000
rm -f run/checkpoint.h5.previous
printf 'spoilt' | dd of=run/checkpoint.h5 bs=1 seek=3000 conv=notrunc status=none
expect 65 "run/checkpoint.h5" train --resume --output run

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
exec 9>busy/lock
flock 9
echo "12345 on elsewhere" >busy/lock
expect 73 "in use by process 12345 on elsewhere" train --resume --output busy
echo "passed"
