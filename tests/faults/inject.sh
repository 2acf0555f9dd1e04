#!/bin/bash
# One call of the system, or one of the program's own for memory, fails in a run that is resumed, each of the
# first few of its kind and some later ones: the run ends with a code of the table and within 10 seconds, or
# goes on; and a resume after that has what a run has in which nothing fails. Without memory the other
# commands, too, say so and blame nothing else, or give what they give with it.
# Usage: MGAIL=PROGRAM [MPIEXEC=mpirun] inject.sh [--all] LIBRARY   (--all: every call)
every=''
if [ "${1:-}" = --all ]; then every=1 && shift; fi
library=$(realpath "${1:?a library}")
. "$(dirname "${BASH_SOURCE[0]}")/../e2e/common.sh"
need_h5diff
run=("${tiny[@]}" --set evaluate.every=500 --set run.checkpoint_seconds=0.001)
LAUNCH='' mgail train "${run[@]}" --steps 1000 --output base >said 2>&1 || fail "no run to resume"
cp -r base ref
mgail train --resume --output ref --steps 2000 >said 2>&1 || fail "no run to compare with"

# codes_of CALL: how a run may end in which it fails
codes_of() { if [ "$1" = malloc ]; then echo "0 71"; else echo "0 65 66 71 73 74"; fi; }

# inject CALL ERRNO N: false once there are fewer calls
inject() {
  local call=$1 number=$2 n=$3 code=0
  rm -rf run fired
  cp -r base run
  within 10 env LD_PRELOAD="$library" INJECT_CALL="$call" INJECT_AT="$n" INJECT_ERRNO="$number" INJECT_UNDER=run/ \
    INJECT_FIRED="$folder/fired" "$MGAIL" train --resume --output run --steps 2000 >said 2>&1 || code=$?
  [ -e fired ] || return 1
  [[ " $(codes_of "$call") " == *" $code "* ]] || fail "$call $n: exit code $code"
  mgail train --resume --output run --steps 2000 >said 2>&1 || fail "$call $n: cannot be resumed"
  h5diff -q ref/checkpoint.h5 run/checkpoint.h5 /theta || fail "$call $n: another theta"
  if ls run/*.tmp.* run/lock >/dev/null 2>&1; then fail "$call $n: something is left"; fi
}

EIO=5 ENOMEM=12 EMFILE=24 ENOSPC=28 ENOLCK=37
for call in "open $EMFILE" "read $EIO" "write $ENOSPC" "fsync $EIO" "rename $EIO" "link $EIO" "flock $ENOLCK" \
  "malloc $ENOMEM"; do
  fired=0 calls="1 2 3 5 8 12 20 40 60 80 100"
  [ -z "$every" ] || calls=$(seq 100000)
  for n in $calls; do
    # shellcheck disable=SC2086  # two words
    inject $call $n || break
    fired=$((fired + 1))
  done
  [ $fired -gt 0 ] || fail "no call of ${call% *} failed"
  echo "${call% *}: $fired"
done

# ---- memory in the other commands ----

# refused NAME N ARGUMENTS...: false once there are fewer calls; what the command makes is in "made"
refused() {
  local name=$1 n=$2 code=0
  shift 2
  rm -rf made fired
  mkdir made
  within 10 env LD_PRELOAD="$library" INJECT_CALL=malloc INJECT_AT="$n" INJECT_ERRNO=$ENOMEM \
    INJECT_FIRED="$folder/fired" "$MGAIL" "$@" >out 2>said || code=$?
  [ -e fired ] || return 1
  case $code in
  0) diff "whole/$name" out >said || fail "$name, malloc $n: prints something else" ;;
  65 | 71)
    [ "$(cat out said | grep -c 'memory')" -gt 0 ] || fail "$name, malloc $n: $code without a word of memory"
    ! grep -q 'damaged' out said || fail "$name, malloc $n: calls something damaged" ;;
  *) fail "$name, malloc $n: exit code $code" ;;
  esac
  [ -z "$(find made -name '*.tmp.*')" ] || fail "$name, malloc $n: something is left"
}

# tries NAME ARGUMENTS...
tries() {
  local name=$1 fired=0 n calls="1 2 3 5 8 13 21 34 55 89"
  shift
  rm -rf made
  mkdir -p made whole
  "$MGAIL" "$@" >"whole/$name" 2>said || fail "$name"
  [ -z "$every" ] || calls=$(seq 100000)
  for n in $calls; do
    refused "$name" "$n" "$@" || break
    fired=$((fired + 1))
  done
  [ $fired -gt 0 ] || fail "$name: no call for memory failed"
  echo "malloc in $name: $fired"
}

"$MGAIL" record --checkpoint ref --episodes 3 --output data.h5 >said 2>&1 || fail "no demonstrations"
"$MGAIL" convert data.h5 flat.h5 --to d4rl >said 2>&1 || fail "no flat file"
tries info-data info data.h5
tries info-run info ref
tries info-curves info ref/curves.h5
tries validate info --validate flat.h5
tries convert convert data.h5 made/flat.h5 --to d4rl
tries archive convert flat.h5 made/archive.npz --to sb2
tries evaluate evaluate --checkpoint ref --episodes 2 --json
tries record record --checkpoint ref --episodes 2 --output made/data.h5
tries export export --checkpoint ref --output made/policy.h5
tries report report ref --output made/report

# ---- files on one rank of two ----

# Rank 1 cannot open, write, flush or read back its rows of a checkpoint: rank 0 writes them, and says so if they
# were begun. Either way the run is the one in which nothing fails.
pair() { # LABEL and the environment of rank 1
  rm -rf run
  within 30 "$MPIEXEC" --oversubscribe --bind-to none -n 1 "$MGAIL" train "${run[@]}" --steps 1000 --output run \
    : -n 1 env "${@:2}" "$MGAIL" train "${run[@]}" --steps 1000 --output run >said 2>&1 || fail "$1: $(tail -n 5 said)"
}
for call in ${MPIEXEC:+none "open $EMFILE" "write $ENOSPC" "fsync $EIO" "read $EIO"}; do
  rm -f fired
  pair "$call" LD_PRELOAD="$library" INJECT_CALL="${call% *}" INJECT_AT=1 INJECT_ERRNO="${call#* }" \
    INJECT_UNDER=checkpoint.h5.tmp INJECT_FIRED="$folder/fired"
  warnings=$(grep -c 'from here on rank 0 alone writes checkpoints' run/log.txt) || true
  case $call in
  none) cp -r run two && expected=0 ;;
  open*) expected=0 ;;
  *) expected=1 ;;
  esac
  [ "$warnings" -eq $expected ] || fail "$call on rank 1 of 2: $warnings warnings"
  [ "$call" = none ] || [ -e fired ] || fail "$call on rank 1 of 2: no such call"
  h5diff -q two/checkpoint.h5 run/checkpoint.h5 /theta || fail "$call on rank 1 of 2: another theta"
  if ls run/*.tmp.* >/dev/null 2>&1; then fail "$call on rank 1 of 2: something is left"; fi
  echo "rank 1: ${call% *}"
done

# ---- memory on one rank of two ----

# Both end, and with the code of the one that has none.
for n in ${MPIEXEC:+1 4 16 64}; do
  code=0
  rm -rf run fired
  within 10 "$MPIEXEC" --oversubscribe --bind-to none -n 1 "$MGAIL" train "${run[@]}" --steps 1000 --output run \
    : -n 1 env LD_PRELOAD="$library" INJECT_CALL=malloc INJECT_AT="$n" INJECT_ERRNO=$ENOMEM \
    INJECT_FIRED="$folder/fired" "$MGAIL" train "${run[@]}" --steps 1000 --output run >said 2>&1 || code=$?
  [ -e fired ] || break
  [ $code -eq 71 ] || fail "malloc $n on rank 1 of 2: exit code $code"
done
echo "passed"
