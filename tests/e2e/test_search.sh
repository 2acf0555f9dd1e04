#!/bin/bash
# experiments/search.sh with runs of seconds: what is drawn, who goes on, a stop in the middle, and words
# for wrong ranges. Usage: test_search.sh EXPERIMENTS
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
search=$1/search.sh
export MGAIL

mgail train "${tiny[@]}" --steps 5000 --output expert 2>log
mgail record --checkpoint expert/checkpoint.h5 --episodes 4 --output expert.h5 2>log
cat >preset.ini <<'INI'
[run]
algorithm = mgail
env = CartPole-v1
steps = 8000 ; all parts together
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
[forward_model]
hidden = 16
batch = 32
replay = 1000
INI
ranges=(--preset preset.ini --expert expert.h5 --range policy.learning_rate=1e-4..1e-2:log
        --range mgail.updates=1..3 --range mgail.reward=softplus,log_d)
small=(--candidates 4 --keep 2 --rungs 2 --seeds 101 --jobs 2)
run_search() { bash "$search" "${ranges[@]}" "${small[@]}" --output "$@"; } # OUTPUT OPTION...
refused() { # CODE TEXT OPTION...
  local code=$1 text=$2 got=0
  shift 2
  bash "$search" "$@" >said 2>&1 || got=$?
  [ "$got" -eq "$code" ] || fail "search.sh $*: exit code $got instead of $code"
  grep -qF -e "$text" said || fail "search.sh $*: does not say: $text"
  [ "$(wc -l <said)" -eq 1 ] || fail "search.sh says more than a sentence"
}

# The draw: the preset, then values of their ranges; the same again, and the beginning of a longer one.
run_search none --dry-run >drawn
run_search none --dry-run --candidates 9 >longer
cmp drawn <(head -n 4 longer) || fail "the draw changes with its length"
[ ! -e none ] || fail "--dry-run leaves a folder"
[ "$(head -n 1 drawn)" = preset ] || fail "the preset is not among the candidates"
grep -Evq 'c0[1-8] policy.learning_rate=0.00?0?[0-9]* mgail.updates=[123] mgail.reward=(softplus|log_d)$' \
  <(tail -n +2 longer) && fail "drawn outside of the ranges: $(cat longer)"
[ "$(tail -n +2 longer | sort -u -k2 | wc -l)" -eq 8 ] || fail "draws are alike"

# All to the half, two of them to the end, the better ones.
run_search whole >table 2>said || fail "search.sh ends with $?"
grep -q '^at 4000 steps' table || fail "no first part"
score() { # FOLDER: of its last evaluation
  "$MGAIL" info "$1" --json | awk -F '[:,\t]+' '
    /"evaluated_average"/ { v = $3 } /"random_return"/ { r = $3 } /"data_return"/ { d = $3 }
    END { printf "%.3f\n", (v - r) / (d - r) }'
}
finished=$(ls whole/runs/*/result.json | wc -l)
[ "$finished" -eq 2 ] || fail "$finished runs were finished instead of 2"
for run in whole/runs/*-s101; do
  [ -e "$run/result.json" ] || [ "$("$MGAIL" info "$run" --json | sed -n 's/.*"steps":\t\([0-9]*\),.*/\1/p')" -lt 5000 ] ||
    fail "$run was not paused"
  name=$(basename "$run" -s101)
  grep -q "^| $name\( (ends here)\)\? | $(score "$run") " table || fail "$name: not its score"
done
first=$(sed '/^at 8000/,$d' table | grep '^| [pc][r0]')
[ "$(awk -F '|' '{ print $3 }' <<<"$first")" = "$(awk -F '|' '{ print $3 }' <<<"$first" | sort -rn)" ] ||
  fail "not the better ones go on: $first"
[ "$(grep -c 'ends here' <<<"$first")" -eq 2 ] || fail "not two end: $first"
"$MGAIL" info whole/runs.h5 >said || fail "no collection"

# Again: nothing is trained. Another search in its folder is refused.
before=$(stat -c %Y whole/runs/*/log.txt)
run_search whole >again 2>said || fail "the same command ends with $?"
cmp <(grep '^|' table) <(grep '^|' again) || fail "another table"
[ "$before" = "$(stat -c %Y whole/runs/*/log.txt)" ] || fail "runs were trained again"
refused 64 "of another search" "${ranges[@]}" --candidates 4 --keep 2 --rungs 2 --seeds 102 --output whole

# Stopped in the middle, and gone on with: the same results.
bash "$search" "${ranges[@]}" "${small[@]}" --output parts >stopped 2>said &
pid=$!
await says parts/runs/preset-s101/log.txt '^evaluation at'
kill -TERM $pid
code=0
wait $pid || code=$?
[ "$code" -eq 75 ] || fail "a stopped search ends with $code"
run_search parts >table_of_parts 2>said || fail "the search does not go on"
cmp <(grep '^|' table) <(grep '^|' table_of_parts) || fail "a stop changes the results"

refused 64 "--range policy=3: expected section.key=VALUES" --preset preset.ini --range policy=3
refused 64 "expected LOW < HIGH" --preset preset.ini --range mgail.gamma=1..0.9
refused 64 "both above 0" --preset preset.ini --range policy.learning_rate=0..1:log
refused 64 "two values or more" --preset preset.ini --range mgail.reward=softplus
refused 64 "is given twice" --preset preset.ini --range mgail.gamma=0..1 --range mgail.gamma=0..1
refused 64 "--keep 1: expected 2 or more" --preset preset.ini --range mgail.gamma=0..1 --keep 1
refused 66 "no file nothing.ini" --preset nothing.ini --range mgail.gamma=0..1
# Failed candidates are named, and who is left goes on.
code=0
bash "$search" --preset preset.ini --expert nothing.h5 --range mgail.gamma=0..1 --output bad >said 2>&1 || code=$?
[ "$code" -eq 66 ] || fail "a missing expert ends with $code"
echo "search: as it should be"
