#!/bin/bash
# experiments/scale: a small run on simulated ranks. Usage: test_scale.sh EXPERIMENTS
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
experiments=$1
if ! command -v smpicc >/dev/null || ! command -v smpirun >/dev/null; then
  echo "skipped: SimGrid is not installed (libsimgrid-dev)"
  exit 77
fi
# shellcheck disable=SC2054  # commas are of the options
simulate=("$experiments/scale/simulate.sh" hopper --kinds weak --gbps 10 --cores 4 --jitter 0,0.5
          --set run.sync=parameters --set mgail.updates=1 --set evaluate.episodes=2 --set policy.hidden=8 --output out)
MGAIL=$MGAIL bash "${simulate[@]}" --ranks 2,32 >said 2>&1 || fail "$(cat out/*.said)"

# column NUMBER RANKS WHAT JITTER: of scale.csv
column() { tr -d '\r' <out/scale.csv | awk -F , -v c="$1" -v p="$2" -v w="$3" -v j="$4" '$3 == p && $5 == w && $6 == j { print $c }'; }
holds() { awk "BEGIN { exit !($1) }" || fail "not so: $1 ($(cat out/scale.csv))"; }
for P in 2 32; do
  still=$(column 9 $P iteration-physics 0)
  physics=$(column 9 $P iteration-physics 0.5) all=$(column 9 $P iteration-all 0.5)
  holds "0 < $all && $all <= $physics && $physics < $still && $still <= 1"
  # Nobody is more than half later than another, and messages of a run so small take no longer than that.
  holds "$all > 0.4"
  holds "$(column 7 $P start 0) > 0 && $(column 7 $P evaluation 0) > 0"
done
# A checkpoint of 32 ranks: its bytes over a link of 10 Gb/s at least, and a tenth of a second more at most.
megabytes=$(column 11 32 checkpoint 0)
written=$(awk '$1 == "checkpoint" { s += $7 } END { print s }' out/hopper-weak-32.list)
holds "$(column 7 32 checkpoint 0) > $written && $(column 7 32 checkpoint 0) < $written + 1.5 * $megabytes / 1250 + 0.1"
grep -q '^| 32 |' out/scale.md || fail "no line of 32 ranks: $(cat out/scale.md)"

# Sums on their way while ranks collect: nobody waits for the slowest rollout, and less for messages.
MGAIL=$MGAIL bash "${simulate[@]}" --ranks 32 --set run.overlap=on --iterations 10 --output overlap >said 2>&1 ||
  fail "$(cat overlap/*.said)"
physics=$(column 9 32 iteration-physics 0.5) still=$(column 9 32 iteration-physics 0)
grep -q '^iteration begin_f32 ' overlap/hopper-weak-32.list || fail "nothing is on its way"
[ "$(grep -c '^iteration poll' overlap/hopper-weak-32.list)" = 80 ] || fail "not 8 x 10 looks"
mv out off && mv overlap out
holds "$(column 9 32 iteration-physics 0.5) > $physics && $(column 9 32 iteration-physics 0) > $still"
rm -r out && mv off out

# What is there is not made again.
touch -d yesterday out/*.list out/*.times
MGAIL=$MGAIL bash "${simulate[@]}" --ranks 2,32 >said 2>&1 || fail "a second time"
[ -z "$(find out -name '*.times' -newermt '1 hour ago')" ] || fail "simulated again"

# Steps that runs took, joined with an iteration's time: of three seeds the median, one of which never gets there.
cat >sweep.ini <<INI
[sweep]
preset = $(realpath "$experiments")/hopper-mgail.ini
name = {run.environments}-s{run.seed}
[axes]
run.environments = 2, 4
run.seed = 1..3
[set]
run.sync = parameters
mgail.updates = 1
policy.hidden = 8
evaluate.episodes = 2
INI
mgail sweep expand sweep.ini --output sweep >said 2>&1 || fail "$(cat said)"
# finished FOLDER RETURN...: a run with an evaluation every 1,000 steps
finished() {
  local folder=sweep/runs/$1 list='' at=0 value
  shift
  for value; do list+="${list:+,}{\"steps\": $((at += 1000)), \"seconds\": 1, \"average_mean\": $value, \"raw_mean\": 0}"; done
  mkdir -p "$folder"
  cat >"$folder/result.json" <<JSON
{"algorithm": "mgail", "env": "Hopper-v4", "seed": 1, "ranks": 1, "steps": $at, "seconds": 1, "random_return": 0,
 "demonstrations": {"trajectories": 4, "return": {"mean": 100}}, "evaluations": [$list],
 "final": {"raw": {"mean_action": {"mean": 100, "min": 100}, "stochastic": {"mean": 90}}}}
JSON
}
finished 4-s1 10 95 95 95
finished 4-s2 95 10 20 91
finished 4-s3 10 10 10 10
finished 2-s1 10 10 10 10
MGAIL=$MGAIL "$experiments/scale/time_to_policy.py" --gbps 10 --most 2 --output joined sweep >said 2>&1 || fail "$(cat said)"
[ "$(awk -F , 'NR > 1 { print $3, $4, $5, $7 }' joined/time.csv | tr -d '\r' | paste -sd,)" = "4 3 4000 1,4 3 4000 2" ] ||
  fail "4 environments on 1 and 2 ranks, the median of 2k, 4k and never: $(cat joined/time.csv)"
awk -F , 'NR > 1 { d = $10 - $9 - 100 * $8; if (d * d > 1e-8 || $8 <= 0 || $9 <= 0) exit 1 }' joined/time.csv ||
  fail "seconds are not start and 100 iterations: $(cat joined/time.csv)"
grep -q '^| 2 | .* | 4 | ' joined/time.md || fail "no line of 2 ranks: $(cat joined/time.md)"
"$experiments/scale/time_to_policy.py" --output joined out >said 2>&1 && fail "a folder without a sweep was taken"
grep -q 'out: no manifest.tsv' said || fail "$(cat said)"
echo "passed"
