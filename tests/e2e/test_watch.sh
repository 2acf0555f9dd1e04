#!/bin/bash
# The page of runs, while they start, work, are killed, stop and finish; on a terminal until Ctrl-C.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
unset LC_ALL LC_CTYPE
export LANG=C.UTF-8

state() { # RUN STATE: what JSON says of it
  "$MGAIL" watch runs --json >page.json 2>said || return 1
  tr -d ' \t\n' <page.json | grep -qF "\"folder\":\"runs/$1\",\"state\":\"$2\""
}

mkdir runs
expect 0 "0 runs" watch runs
train=("$MGAIL" train "${tiny[@]}" --set evaluate.every=2000 --set run.checkpoint_seconds=0)
"${train[@]}" --steps 1e8 --output runs/one >one.log 2>&1 &
pid=$!
trap 'kill -KILL $pid 2>/dev/null || true; rm -rf "$folder"' EXIT
await state one running
evaluated() { state one running && says page.json '"evaluations":[[:space:]]*[1-9]'; }
await evaluated
expect 0 "1 run, 1 running" watch runs --once
grep -q '^runs/one  *running  *[0-9.kM]*/100M  *[0-9.k]* ' said || fail "no steps of the run at work"
tr -d ' \t\n' <page.json | grep -q '"seconds_left":[1-9]' || fail "no time left"
[ "$(awk 'length > 79 + 20' said)" = "" ] || fail "lines are too long"

# On a terminal: a run that appears later is found; Ctrl-C ends it well, and gives the screen back.
if command -v script >/dev/null; then
  "${train[@]}" --steps 2000 --output two >two.log 2>&1 || fail "training"
  (sleep 2 && mv two runs/two) &
  mover=$!
  got=0
  TERM=xterm script -qfec "timeout --preserve-status --foreground -s INT 8 $MGAIL watch runs --interval 0.3" typescript \
    </dev/null >/dev/null 2>&1 || got=$?
  wait $mover
  tr -d '\r' <typescript >said
  [ $got -eq 0 ] || fail "Ctrl-C: exit code $got"
  says typescript '1 run, 1 running' || fail "no page with one run"
  says typescript '2 runs, 1 running, 1 finished' || fail "the run that appeared is not found"
  [ "$(grep -c "$(printf '\033\\[?1049h')" typescript)" -eq 1 ] || fail "no screen of its own"
  says typescript "$(printf '\033\\[?25h\033\\[?1049l')" || fail "the screen is not given back"
  tail -n 4 said | grep -q '^two  *finished ' || fail "the last page does not stay"
else
  "${train[@]}" --steps 2000 --output runs/two >two.log 2>&1 || fail "training"
  echo "not tried on a terminal, for want of script"
fi

# Killed, gone on, stopped; and nothing is touched by looking.
kill -KILL $pid
wait $pid 2>/dev/null || true
await state one killed
"${train[@]:0:2}" --resume --output runs/one >one.log 2>&1 &
pid=$!
await state one running
await says one.log "resum"
kill -USR1 $pid
got=0
wait $pid || got=$?
[ $got -eq 75 ] || fail "SIGUSR1: exit code $got"
find runs -type f -exec stat -c '%n %s %y' {} + | sort >before
state one stopped || fail "a run that was stopped is something else"
state two finished || fail "a run that has finished is something else"
find runs -type f -exec stat -c '%n %s %y' {} + | sort >after
cmp before after || fail "watching changes files"
tr -d ' \t\n' <page.json | grep -q '"task":"CartPole-v1","method":"ppo"' || fail "no task and method"

# Others' files: named on the page, and no failure.
mkdir runs/three
cp runs/two/config.ini runs/three
head -c 3000 runs/two/curves.h5 >runs/three/curves.h5
expect 0 "3 runs, 1 stopped, 1 finished, 1 broken" watch runs --once
grep -q '^three  *broken  *runs/three/curves.h5: ' said || fail "a broken run is not named"
expect 66 "nowhere: no such folder" watch runs nowhere
expect 64 "expected run folders" watch
expect 64 "--interval 0: expected a number from 0.1 to 3600" watch runs --interval 0
LANG=C expect 0 "" watch runs
[ "$(LC_ALL=C grep -c '[^ -~]' said)" -eq 0 ] || fail "signs beyond ASCII without UTF-8"
echo "passed"
