#!/bin/bash
# One call of the system fails in a run that is resumed, each of the first few of its kind and some later
# ones: the run ends with a code of the table and within 20 seconds, or goes on; and a resume after that
# has what a run has in which nothing fails. Usage: MGAIL=PROGRAM inject.sh LIBRARY
. "$(dirname "${BASH_SOURCE[0]}")/../e2e/common.sh"
need_h5diff
library=$1
run=("${tiny[@]}" --set evaluate.every=500 --set run.checkpoint_seconds=0.001)
LAUNCH='' mgail train "${run[@]}" --steps 1000 --output base >said 2>&1 || fail "no run to resume"
cp -r base ref
mgail train --resume --output ref --steps 2000 >said 2>&1 || fail "no run to compare with"

# inject CALL ERRNO N: false once there are fewer calls
inject() {
  local call=$1 number=$2 n=$3 code=0
  rm -rf run fired
  cp -r base run
  LD_PRELOAD=$library INJECT_CALL=$call INJECT_AT=$n INJECT_ERRNO=$number INJECT_UNDER=run/ \
    INJECT_FIRED=$folder/fired timeout -k 1 20 "$MGAIL" train --resume --output run --steps 2000 >said 2>&1 || code=$?
  [ -e fired ] || return 1
  case $code in
  0 | 65 | 66 | 71 | 73 | 74) ;;
  *) fail "$call $n: exit code $code" ;;
  esac
  mgail train --resume --output run --steps 2000 >said 2>&1 || fail "$call $n: cannot be resumed"
  h5diff -q ref/checkpoint.h5 run/checkpoint.h5 /theta || fail "$call $n: another theta"
  if ls run/*.tmp.* run/lock >/dev/null 2>&1; then fail "$call $n: something is left"; fi
}

EIO=5 EMFILE=24 ENOSPC=28 ENOLCK=37
for call in "open $EMFILE" "read $EIO" "write $ENOSPC" "fsync $EIO" "rename $EIO" "link $EIO" "flock $ENOLCK"; do
  fired=0
  for n in 1 2 3 5 8 12 20 40 100; do
    # shellcheck disable=SC2086  # two words
    inject $call $n || break
    fired=$((fired + 1))
  done
  [ $fired -gt 0 ] || fail "no call of ${call% *} failed"
  echo "${call% *}: $fired"
done
echo "passed"
