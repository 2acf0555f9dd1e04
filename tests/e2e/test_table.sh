#!/bin/bash
# experiments/table.sh with cells of seconds: its cells, a kill -9 in the middle and a new start, and
# what collect and report make of it. Usage: test_table.sh EXPERIMENTS
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
need_h5diff
table=$1/table.sh
export MGAIL
export OMP_NUM_THREADS=1

# Demonstrations, and presets of a second each.
mgail train "${tiny[@]}" --steps 5000 --output expert 2>log
mkdir experts presets
mgail record --checkpoint expert/checkpoint.h5 --episodes 4 --output experts/cartpole-v1.h5 2>log
cat >presets/cartpole-mgail.ini <<'INI'
[run]
algorithm = mgail
env = CartPole-v1 ; by Gymnasium's name
steps = 60000
environments = 4
checkpoint_seconds = 0.2
[evaluate]
every = 10000
episodes = 2
final_episodes = 3
[data]
subsample = 2
[policy]
hidden = 16
[value]
hidden = 16
[discriminator]
hidden = 16
batch = 32
[forward_model]
hidden = 16
batch = 32
replay = 1000
INI
cat >presets/cartpole-bc.ini <<'INI'
[run]
algorithm = bc
env = CartPole-v1
[evaluate]
final_episodes = 3
[data]
subsample = 2
[policy]
hidden = 16
[bc]
epochs = 100
evaluate_every = 50
INI
cat >presets/cartpole-gail.ini <<'INI'
[run]
algorithm = gail
env = CartPole-v1
steps = 3000
environments = 4
[evaluate]
every = 1000
episodes = 2
final_episodes = 3
[data]
subsample = 2
[policy]
hidden = 16
[value]
hidden = 16
[discriminator]
hidden = 16
batch = 32
[ppo]
horizon = 64
INI
run_table() {
  bash "$table" --presets presets --expert-dir experts --task cartpole --method mgail,bc \
    --size 1,2 --seeds 2 --jobs 2 "$@"
}

# The cells, and nothing but them.
run_table --output dry --dry-run >cells.txt 2>said || fail "--dry-run"
[ "$(grep -c '^waiting ' cells.txt)" -eq 8 ] || fail "not 8 cells: $(cat cells.txt)"
grep -q 'cartpole-mgail-2-r1-s1 .*experts/cartpole-v1.h5' cells.txt || fail "$(cat cells.txt)"
code=0
run_table --output dry --method mgail,nothing 2>said || code=$?
[ "$code" -eq 66 ] || fail "a missing preset: exit code $code"
grep -q 'no preset .*cartpole-nothing.ini' said || fail "a missing preset is not named"
[ ! -e dry ] || fail "--dry-run makes a folder"

# Ant from more trajectories than four has a preset of its own, for MGAIL alone.
bash "$table" --task ant --method mgail,gail --size 4,11 --seeds 1 --output dry --dry-run >cells.txt 2>said || fail "ant"
[ "$(sed -n 's/.* \(ant-[a-z]*-[0-9]*\)-r1.*experiments\/\([a-z0-9-]*\)\.ini.*/\1 \2/p' cells.txt | paste -sd,)" = \
  "ant-mgail-4 ant-mgail,ant-mgail-11 ant-mgail-many,ant-gail-4 ant-gail,ant-gail-11 ant-gail" ] ||
  fail "presets of Ant: $(cat cells.txt)"

# Tasks without demonstrations are named and left out; that nothing is left is an error.
sed 's/CartPole-v1/Acrobot-v1/' presets/cartpole-bc.ini >presets/acrobot-bc.ini
bash "$table" --presets presets --expert-dir experts --task acrobot,cartpole --method bc --size 1 --seeds 1 \
  --output left --dry-run >cells.txt 2>said || fail "a task without demonstrations ends the table"
grep -q 'experts/acrobot-v1.h5: acrobot is skipped' said || fail "the task left out is not named"
[ "$(grep -c ' cartpole-bc-1' cells.txt)" -eq 1 ] && [ "$(wc -l <cells.txt)" -eq 1 ] || fail "cells without the task left out"
if bash "$table" --presets presets --expert-dir experts --task acrobot --method bc --output left >said 2>&1; then
  fail "nothing to run, and exit code 0"
fi
grep -q 'nothing to run: .*experts has no demonstrations of acrobot$' said || fail "nothing to run: no sentence"
rm presets/acrobot-bc.ini
code=0
run_table --output dry --size 1.5 2>said || code=$?
[ "$code" -eq 64 ] || fail "--size 1.5: exit code $code"

# As a whole, for comparison.
run_table --output whole >whole.txt 2>said || fail "$(cat whole.txt)"
grep -q 'runs.h5: 8 runs, 8 finished, 0 partial; 0 folders skipped' whole.txt || fail "$(cat whole.txt)"
cells=$(cd whole/runs && echo *)

# begun_once OUTPUT: every run has begun at the beginning once, and has ended once
begun_once() {
  local name
  for name in $cells; do
    [ "$(grep -c '^done: ' "$1/runs/$name/log.txt")" -eq 1 ] || fail "$1 $name: ends more than once"
  done
}

# The table alone is killed: the sweep lives on, and the next table waits for its runs.
setsid bash "$table" --presets presets --expert-dir experts --task cartpole --method mgail,bc \
  --size 1,2 --seeds 2 --jobs 2 --output orphans >orphans.txt 2>&1 &
pid=$!
await says orphans/runs/cartpole-mgail-1-r1-s1/log.txt ' numbers$'
kill -9 $pid
wait $pid 2>/dev/null || true
run_table --output orphans >orphans2.txt 2>said || fail "$(cat orphans2.txt said)"
begun_once orphans
if grep -q 'goes on' orphans2.txt; then fail "a run that lived was started again: $(cat orphans2.txt)"; fi
for name in $cells; do same_run "whole/runs/$name" "orphans/runs/$name"; done

# Table and sweep are killed: the runs notice and save, the next table goes on from there, and what ended is
# not run again.
setsid bash "$table" --presets presets --expert-dir experts --task cartpole --method mgail,bc \
  --size 1,2 --seeds 2 --jobs 2 --output killed >killed.txt 2>&1 &
pid=$!
await says killed.txt 's1: done'
await test -e killed/runs/cartpole-mgail-2-r1-s1/checkpoint.h5
kill -9 -- -$pid
wait $pid 2>/dev/null || true
ended=$(cd killed/runs && echo */result.json)
# shellcheck disable=SC2086  # some names
stamp=$(cd killed/runs && stat -c '%Y %i' $ended)
run_table --output killed >killed2.txt 2>said || fail "$(cat killed2.txt said)"
grep -q 'goes on' killed2.txt || fail "nothing was in the middle: $(cat killed2.txt)"
# shellcheck disable=SC2086
[ "$stamp" = "$(cd killed/runs && stat -c '%Y %i' $ended)" ] || fail "a finished run was run again"
begun_once killed
for name in $cells; do same_run "whole/runs/$name" "killed/runs/$name"; done

# The control without an expert: GAIL with one setting changed, beside GAIL.
bash "$table" --presets presets --expert-dir experts --task cartpole --method none,gail --size 1 \
  --seeds 1 --output control >control.txt 2>&1 || fail "$(cat control.txt)"
grep -qx 'updates = 0' control/runs/cartpole-none-1-r1-s1/config.ini || fail "none updates D"
grep -q '^## No expert' control/report/report.md || fail "$(cat control/report/report.md)"
sed '1,/^## No expert/d' control/report/report.md >said
grep -q '| none | 1 |' said || fail "the control is not in its section"
grep -q '| gail | 1 |' said || fail "GAIL is not beside the control"
if grep -q '| none |' <(sed -n '/^## Results/,/^## /p' control/report/report.md); then fail "none is in the main table"; fi

# A stop on request.
bash "$table" --presets presets --expert-dir experts --task cartpole --method mgail --size 1,2 \
  --seeds 2 --jobs 2 --output stopped >stopped.txt 2>&1 &
pid=$!
await says stopped/runs/cartpole-mgail-1-r1-s1/log.txt ' numbers$'
kill -TERM $pid
code=0
wait $pid || code=$?
[ "$code" -eq 75 ] || fail "a stop on request ends with $code: $(cat stopped.txt)"
expect 0 "waiting   cartpole-mgail-1-r1-s1  mgail: stopped" sweep status stopped
# Other settings for what has begun are refused; another table with the same output leaves it as it is.
code=0
bash "$table" --presets presets --expert-dir experts --task cartpole --method mgail --size 1 --seeds 1 \
  --set policy.hidden=8 --output stopped >said 2>&1 || code=$?
[ "$code" -eq 73 ] || fail "other settings: exit code $code"
grep -q 'cartpole-mgail-1-r1-s1: has begun with policy.hidden = 16, the file says 8 now' said || fail "no sentence"
bash "$table" --presets presets --expert-dir experts --task cartpole --method bc --size 1 --seeds 1 \
  --output stopped >said 2>&1 || fail "another table"
grep -q 'runs.h5: 1 run, 1 finished' said || fail "the report is not of this table alone"
expect 0 "waiting   cartpole-mgail-1-r1-s1" sweep status stopped

# collect: partial runs and broken folders are named; a failure only where nothing is left.
mkdir broken
echo "[run" >broken/config.ini
cp -r stopped/runs/cartpole-mgail-1-r1-s1 damaged
printf 'spoilt spoilt spoilt' | dd of=damaged/curves.h5 bs=1 seek=0 conv=notrunc status=none
expect 66 "3 of 12 folders skipped" collect whole/runs stopped/runs/cartpole-mgail-1-r1-s1 broken damaged \
  absent --output mixed.h5
[ -s mixed.h5 ] || fail "the others are not written"
expect 65 "1 of 9 folders skipped" collect whole/runs damaged --output mixed.h5
expect 0 "1 partial; 3 folders skipped" collect --partial whole/runs stopped/runs/cartpole-mgail-1-r1-s1 \
  broken damaged absent --output mixed.h5
for word in 'stopped/runs/cartpole-mgail-1-r1-s1: partial' 'broken: skipped: broken/config.ini' \
  'damaged: skipped: damaged/curves.h5' 'absent: skipped: absent'; do
  expect 0 "$word" collect --partial whole/runs stopped/runs/cartpole-mgail-1-r1-s1 broken damaged absent \
    --output mixed.h5
done
expect 0 "8 runs" collect whole/runs whole/runs/* --output once.h5
expect 0 "2 runs, 2 finished" info once.h5
expect 0 '"collection"' info --json once.h5
expect 0 "broken/config.ini" info mixed.h5
expect 66 "no run could be read of 1 folder;" collect absent --output no.h5
expect 65 "no run could be read of 2 folders;" collect absent broken --output no.h5
[ ! -e no.h5 ] || fail "a file without runs"
expect 64 "expected run folders" collect --output no.h5
expect 73 "no/such" collect whole/runs --output no/such/file.h5

# Scores are of the trajectories used, and beside that of the reference.
expect 0 '"kind"' info --json whole/runs/cartpole-mgail-1-r1-s1
field() { sed -n "s/^[[:space:]]\"$1\":[[:space:]]*\([-0-9.e+]*\),*$/\1/p" said; }
used=$(sed -n 's/.*"return":{"mean":\([0-9.]*\),.*/\1/p' \
  <(h5dump -a demonstrations whole/runs/cartpole-mgail-1-r1-s1/curves.h5 | sed 's/\\"/"/g'))
[ "$(field data_return)" = "$used" ] || fail "data_return is not of the $used of the trajectories used"
awk -v r="$(field result)" -v d="$used" -v s="$(field score)" -v q="$(field reference_score)" \
  'BEGIN { a = (r - 21) / (d - 21) - s; b = (r - 21) / (500 - 21) - q; exit !(a * a + b * b < 1e-12) }' ||
  fail "the scores"
expect 0 "of the data (0: random 21.0, 1: data " evaluate --checkpoint whole/runs/cartpole-mgail-1-r1-s1
expect 0 "of the reference (0: random 21.0, 1: reference 500.0)" evaluate \
  --checkpoint whole/runs/cartpole-mgail-1-r1-s1
expect 0 "data          1 trajectory of $folder/experts/cartpole-v1.h5, every 2nd pair" info \
  whole/runs/cartpole-mgail-1-r1-s1
expect 0 "run, partial" info stopped/runs/cartpole-mgail-1-r1-s1

# report
expect 0 "CartPole-v1" report whole/runs/* --output of-folders
expect 0 "2 runs, 2 finished" info of-folders/runs.h5
expect 64 "expected run folders, or one collected file" report mixed.h5 once.h5 --output no
expect 0 "CartPole-v1" report mixed.h5 --output report
grep -q '| CartPole-v1 | 2 | mgail | 2 |' report/report.md || fail "$(cat report/report.md)"
grep -q 'broken/config.ini' report/report.html || fail "a skipped folder is not on the page"
if command -v gnuplot >/dev/null; then
  [ -s report/curves-cartpole-v1-1.png ] || fail "no figure"
  [ "$(grep -c '<svg' report/report.html)" -ge 2 ] || fail "no figure on the page"
fi
mkdir bin # without gnuplot
code=0
PATH=$folder/bin "$MGAIL" report mixed.h5 --output plain >said 2>&1 || code=$?
[ "$code" -eq 0 ] || fail "without gnuplot: exit code $code"
grep -q 'figures need gnuplot' said || fail "says nothing of gnuplot"
grep -q 'CartPole-v1' plain/report.html || fail "no tables without gnuplot"
expect 66 "absent.h5" report absent.h5 --output no
expect 65 "its format is" report whole/runs/cartpole-bc-1-r1-s1/curves.h5 --output no
expect 65 "not an HDF5 file" report presets/cartpole-bc.ini --output no
expect 64 "expected run folders, or a file" report --output no

# What a folder is called is text, on the page too.
mv whole/runs/cartpole-bc-1-r1-s1 "whole/runs/<script>alert('x')"
rm "whole/runs/<script>alert('x')/result.json"
expect 0 "1 partial" collect whole/runs --output odd.h5
expect 0 "" report odd.h5 --output odd
if grep -q '<script' odd/report.html; then fail "a folder's name is markup on the page"; fi
grep -q '&lt;script&gt;' odd/report.html || fail "the odd name is not on the page"
echo "passed"
