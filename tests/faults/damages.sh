#!/bin/bash
# Damages files and uses them; --help.
# shellcheck disable=SC2154  # tiny: common.sh
usage() {
  cat <<'HELP'
Usage: MGAIL=PROGRAM damages.sh [--damages N] [--seed N] [--only FILE]

Damages each file that a user keeps: a run's checkpoint.h5 (with and without the one before it), curves.h5 and
config.ini, a demonstrations file and an exported policy. A damage is a flipped bit, a block of zeros or a lost
end, at places spread evenly over the file, and once in curves and demonstrations a list of names without an end.
Each is used as it would be: resumed, evaluated, described, trained from. A use must be refused in one sentence and
with 65 or 66, or give what it gives with the whole file: no signal, no more than 10 seconds of processor time, no
other number.

--damages N    of each file (default 3)
--seed N       which (default 1)
--only FILE    checkpoint, curves, config, demonstrations or export

Exit codes: 0 all were refused or harmless; 1 one was not; 64 usage; 77 h5diff is not installed.
HELP
}

damages=3 seed=1 only=''
while [ $# -gt 0 ]; do
  case $1 in
  -h | --help | help) usage; exit 0 ;;
  --damages) damages=${2:?} && shift 2 ;;
  --seed) seed=${2:?} && shift 2 ;;
  --only) only=${2:?} && shift 2 ;;
  *) echo "error: damages.sh: unknown option '$1'; see --help" >&2; exit 64 ;;
  esac
done
. "$(dirname "${BASH_SOURCE[0]}")/../e2e/common.sh"
need_h5diff
RANDOM=$seed
failures=0

# ---- the whole files ----

# Rates that do not fall towards the end, so that a longer run is a shorter one that goes on.
run=("${tiny[@]}" --set policy.learning_rate=0.001 --set policy.final_learning_rate=0.001
     --set value.learning_rate=0.001 --set value.final_learning_rate=0.001 --set evaluate.every=500)
"$MGAIL" train "${run[@]}" --set run.checkpoint_seconds=0.000001 --steps 1000 --output base >said 2>&1 ||
  fail "no run"
cp base/checkpoint.h5 earlier.h5
"$MGAIL" train --resume --output base --steps 1500 >said 2>&1 || fail "no longer run"
"$MGAIL" record --checkpoint base --episodes 5 --output base/data.h5 >said 2>&1 || fail "no demonstrations"
"$MGAIL" export --checkpoint base --output base/policy.h5 --episodes 2 >said 2>&1 || fail "no export"
mkdir whole

# ---- a damage ----

# damage FILE K N: the K-th of N; sets told
damage() {
  local size at length
  size=$(stat -c %s "$1")
  at=$(((size * $2 + size * RANDOM / 32768) / $3))
  case $(($2 % 3)) in
  0)
    local byte bit=$((RANDOM % 8))
    byte=$(od -An -tu1 -j $at -N 1 "$1")
    told="bit $bit of byte $at flipped"
    # shellcheck disable=SC2059  # the byte
    printf "\\x$(printf %02x $((byte ^ 1 << bit)))" | dd of="$1" bs=1 seek=$at conv=notrunc status=none
    ;;
  1)
    length=$((1 << RANDOM % 12))
    [ $((at + length)) -le "$size" ] || length=$((size - at))
    told="$length bytes from $at zero"
    dd if=/dev/zero of="$1" bs=1 seek=$at count=$length conv=notrunc status=none
    ;;
  2)
    told="cut to $at bytes"
    truncate -s $at "$1"
    ;;
  esac
}

# ---- a use ----

# use NAME ARGUMENTS...: leaves what it printed in out, its messages in said; the folder is "run" always, so that
# what is printed compares. Counts a failure unless it is refused or ends well; true if it ended well.
use() {
  local name=$1 code=0
  shift
  within 10 "$MGAIL" "$@" >out 2>said </dev/null || code=$?
  case $code in
  0) return 0 ;;
  65 | 66)
    # What info --validate prints are the problems.
    [ "$(grep -c 'error: ' said)" -eq 1 ] || wrong "$name" "is not one sentence"
    [ ! -s out ] || [ "$name" = validate ] || wrong "$name" "prints, and refuses" ;;
  *) wrong "$name" "exit code $code" ;;
  esac
  return 1
}

wrong() {
  echo "WRONG: $file, $told: $1: $2"
  sed 's/^/  said: /' said
  failures=$((failures + 1))
}

# same NAME COMMAND...: what it printed or made is what it was
same() {
  local name=$1
  shift
  "$@" >difference 2>&1 || { wrong "$name" "other than with the whole file" && sed 's/^/  /' difference; }
}

# describe NAME ARGUMENTS...: a use whose output is all that there is of it
describe() {
  local name=$1
  shift
  if [ ! -e "whole/$name" ]; then
    use "$name" "$@" || fail "$name of the whole file"
    cp out "whole/$name"
  elif use "$name" "$@"; then
    same "$name" diff <(grep -v '^remark' "whole/$name") <(grep -v '^remark' out) # which are of the file as it is
  fi
}

# train NAME FOLDER ARGUMENTS...: a use whose policy is
trained() {
  local name=$1 made=$2
  shift 2
  if [ ! -e "whole/$name.h5" ]; then
    use "$name" train "$@" || fail "$name of the whole file"
    cp "$made/checkpoint.h5" "whole/$name.h5"
  elif use "$name" train "$@"; then
    same "$name" h5diff -q "whole/$name.h5" "$made/checkpoint.h5" /theta
    if grep -q 'error: ' said; then wrong "$name" "an error in a run that ended well"; fi
  fi
}

# ---- what each file is used for ----

resume() { trained resume run --resume --output run --steps 2000 --set run.checkpoint_seconds=60; }

use_checkpoint() {
  describe evaluate evaluate --checkpoint run --episodes 2
  describe info-checkpoint info run/checkpoint.h5
  if use export export --checkpoint run --output run/exported.h5; then
    [ -e whole/export.h5 ] || cp run/exported.h5 whole/export.h5
    same export h5diff -q whole/export.h5 run/exported.h5
  fi
  if [ "$told" ] && [ $((RANDOM % 2)) -eq 0 ]; then
    cp earlier.h5 run/checkpoint.h5.previous
    told="$told, with one before it"
  fi
  resume
}
use_curves() {
  describe info-curves info run/curves.h5
  describe info-run info --json run
  resume
}
use_config() {
  describe info-run info --json run
  resume
}
use_demonstrations() {
  rm -rf bc
  describe info-data info run/data.h5
  trained bc bc "${tiny[@]}" --algorithm bc --expert run/data.h5 --subsample 1 --set bc.epochs=4 \
    --set bc.evaluate_every=4 --output bc
  if use validate info --validate run/data.h5; then same validate test -e bc/checkpoint.h5; fi
}
use_export() {
  describe evaluate-export evaluate --checkpoint run/policy.h5 --episodes 2
  describe info-export info run/policy.h5
}

# ---- all of them ----

fresh() {
  rm -rf run
  cp -r base run
}
for pair in checkpoint:checkpoint.h5 curves:curves.h5 config:config.ini demonstrations:data.h5 export:policy.h5; do
  kind=${pair%:*} file=${pair#*:} told=''
  [ -z "$only" ] || [ "$only" = "$kind" ] || continue
  fresh
  "use_$kind"
  for ((k = 0; k < damages; k++)); do
    fresh
    damage "run/$file" "$k" "$damages"
    "use_$kind"
  done
  case $kind in curves | demonstrations)
    fresh
    told="a loop of names"
    loop_names "run/$file" || fail "$file has no list to loop"
    "use_$kind" ;;
  esac
  echo "$file: $damages damages"
done
[ $failures -eq 0 ] || fail "$failures uses went wrong"
echo "passed"
