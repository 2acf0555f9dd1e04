#!/bin/bash
# A run that is stopped and resumed is the run that was not, bit for bit: so the same seed is the same
# run, too. Usage: test_resume.sh ppo|mgail|overlap|gail|bc; overlap is mgail with run.overlap
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
need_h5diff
algorithm=$1 overlap=off
[ "$algorithm" != overlap ] || algorithm=mgail overlap=on
case $algorithm in # long enough that a signal comes before the end
  mgail) steps=150000 ;;
  gail) steps=30000 ;;
  *) steps=1000000 ;;
esac
[ -z "$LAUNCH" ] || steps=$((steps / 2)) # ranks have to wait for each other
run=("${tiny[@]}" --set evaluate.every=$((steps / 10)) --set ppo.desired_kl=0.01 --set ppo.final_clip_ratio=0.1)

if [ "$algorithm" != ppo ]; then
  # Demonstrations first.
  LAUNCH='' mgail train "${tiny[@]}" --steps 5000 --output expert 2>log
  LAUNCH='' mgail record --checkpoint expert/checkpoint.h5 --episodes 3 --output expert.h5 2>log
fi
if [ "$algorithm" = mgail ]; then
  run=("${tiny[@]}" --algorithm mgail --expert expert.h5 --trajectories 2 --subsample 2
       --set evaluate.every=$((steps / 10)) --set discriminator.batch=32 --set forward_model.batch=32
       --set discriminator.hidden=16 --set forward_model.hidden=16 --set forward_model.replay=1000
       --set run.overlap=$overlap)
elif [ "$algorithm" = gail ]; then
  run=("${tiny[@]}" --algorithm gail --expert expert.h5 --trajectories 2 --subsample 2
       --set evaluate.every=$((steps / 10)) --set discriminator.batch=32 --set discriminator.hidden=16
       --set gail.episodes=absorbing --set gail.cg_iterations=3)
elif [ "$algorithm" = bc ]; then # few epochs, long ones: ranks meet several times in each
  run=("${tiny[@]}" --algorithm bc --expert expert.h5 --trajectories 2 --subsample 1
       --set data.validation=0.3 --set bc.epochs=240 --set bc.evaluate_every=20 --set bc.patience=0
       --set bc.batch=8 --set policy.hidden=128,128)
fi

mgail train "${run[@]}" --steps $steps --output whole >whole.txt 2>&1 || fail "$(cat whole.txt)"

# Stopped after its first evaluation, wherever that falls; again if the machine let it finish.
stopped=0
for _ in 1 2 3 4 5; do
  rm -rf parts
  $LAUNCH "$MGAIL" train "${run[@]}" --steps $steps --output parts >parts.txt 2>&1 &
  pid=$!
  await says parts/log.txt '^evaluation at'
  kill -USR1 $pid 2>/dev/null || true
  stopped=0
  wait $pid || stopped=$?
  [ "$stopped" -ne 0 ] && break
done
[ "$stopped" -eq 75 ] || fail "a stop on request ends with $stopped: $(cat parts.txt)"
grep -q "checkpoint written" parts.txt || fail "does not say that it stopped"
mgail train --resume --output parts >parts.txt 2>&1 || fail "$(cat parts.txt)"
grep -q "resumed at iteration" parts.txt || fail "does not say that it resumed"
same_run whole parts

# A pause is where it was asked for, to the iteration, once, and is a stop like another.
if [ "$algorithm" != gail ]; then
  pause=$((steps / 5))
  [ "$algorithm" != bc ] || pause=50
  code=0
  mgail train "${run[@]}" --steps $steps --set run.pause=$pause --output paused >paused.txt 2>&1 || code=$?
  [ "$code" -eq 75 ] || fail "a pause ends with $code: $(cat paused.txt)"
  done=$(sed -n 's/.*after \([0-9]*\) \(steps\|epochs\), checkpoint written.*/\1/p' paused.txt)
  [ "$done" -ge $pause ] && [ "$done" -lt $((pause + 2000)) ] || fail "paused at '$done', not at $pause"
  mgail train --resume --output paused >paused.txt 2>&1 || fail "$(cat paused.txt)"
  same_run whole paused
fi

# Every field of the result is the uninterrupted run's, wall clock and what is of a session aside.
result() { grep -vE '"(seconds|started|[a-z]+_seconds|evaluations|checkpoints)":' "$1/result.json"; }
grep -q '"update_flops_per_rank"' whole/result.json || fail "no flops in result.json"
diff <(result whole) <(result parts) >difference.txt || fail "result.json: $(cat difference.txt)"

# There is nothing left to do: the same again, and no word of bits that would be others.
cp -r whole finished
mgail train --resume --output finished >finished.txt 2>&1 || fail "$(cat finished.txt)"
if says finished.txt warning; then fail "a finished run warns: $(cat finished.txt)"; fi
same_run whole finished
if [ "$algorithm" = mgail ]; then # a finished run keeps no replay
  mgail train --resume --output finished --steps $((steps + 100)) >finished.txt 2>&1 || fail "$(cat finished.txt)"
  says finished.txt "warning: the checkpoint holds no replay" || fail "does not say that the replay is gone"
fi

# Another seed is another run.
for seed in 1 2; do
  mgail train "${run[@]}" --steps $((steps / 10)) --set bc.epochs=24 --seed $seed \
    --output seed$seed >seed.txt 2>&1 || fail "$(cat seed.txt)"
done
if h5diff -q seed1/checkpoint.h5 seed2/checkpoint.h5 /theta; then fail "the seed changes nothing"; fi
echo "passed"
