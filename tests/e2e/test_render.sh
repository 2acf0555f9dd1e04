#!/bin/bash
# Films: what is seen in them is what `evaluate` says, and bad input leaves nothing behind. What is not
# installed (Cairo, EGL, OSMesa, ffmpeg) is left out, and said so. Usage: test_render.sh EXPERIMENTS, with LOOK
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
: "${LOOK:?the program that looks at pictures}"
experts=$1/experts
data=$1/data
tested=0

# installed WHAT TEXT ARGUMENTS...: whether the program draws so; if not, that it says how to get it
installed() {
  local what=$1 text=$2 got=0
  shift 2
  rm -rf probe.d
  mgail render --output probe.d/ --size 32x32 --fps 1 "$@" >said 2>&1 || got=$?
  rm -rf probe.d
  if [ $got -eq 0 ]; then return; fi
  [ $got -eq 78 ] || fail "without $what: exit code $got instead of 78"
  grep -q "apt-get install.*$text" said || fail "without $what: does not say how to install $text"
  echo "left out: $what is not installed"
  false
}

# reads FILE LINE TEXT [X Y]: what is written there
reads() {
  local got
  got=$("$LOOK" "$1" line "$2" "${@:4}")
  [ "$got" = "$3" ] || fail "$1: line $2 says '$got', not '$3'"
}

# same_return PICTURE EPISODE ARGUMENTS...: that of `evaluate`, to the last bit but one, which its JSON rounds
same_return() {
  local picture=$1 episode=$2 seen evaluated
  shift 2
  "$MGAIL" evaluate "$@" --episodes $((episode + 1)) --json >evaluated.json
  seen=$("$LOOK" "$picture" comment | sed 's/.*return //')
  evaluated=$(sed -n 's/.*"returns":[[:space:]]*\[\(.*\)\].*/\1/p' evaluated.json |
    tr -d ' ' | tr , '\n' | sed -n "$((episode + 1))p")
  [ -n "$evaluated" ] || fail "evaluate --json has no episode $episode"
  awk -v a="$seen" -v b="$evaluated" 'BEGIN { d = (a - b) / b; exit !(d * d <= (2.3e-16) ^ 2) }' ||
    fail "$picture shows a return of $seen, evaluate says $evaluated"
}

nothing_left() {
  local left
  left=$(find . -maxdepth 1 \( -name 'bad*' -o -name '*.tmp.*' \))
  [ -z "$left" ] || fail "$1 leaves $left"
}

# refuses CODE TEXT ARGUMENTS...: and nothing is left
refuses() {
  expect "$1" "$2" render "${@:3}"
  [ "$(grep -c "^mgail: " said)" -eq 1 ] || fail "render ${*:3}: more than one sentence"
  nothing_left "render ${*:3}"
}

# ---- pictures of a classic task ----
if installed Cairo libcairo2 --checkpoint "$experts/cartpole.h5"; then
  tested=1
  expect 0 "402 pictures of 320 x 240, 8.0 s at 50 a second" render --checkpoint "$experts/cartpole.h5" \
    --output frames/ --size 320x240 --episodes 2
  grep -q "^PPO, CartPole-v0, episode 1: return 200.00, length 200$" said || fail "says no returns"
  [ "$(find frames -name '*.png' | wc -l)" -eq 402 ] || fail "not a picture a state"
  [ "$("$LOOK" frames/000000.png size)" = "320 240" ] || fail "pictures of another size"
  reads frames/000000.png 0 "PPO  CartPole-v0"
  reads frames/000000.png 1 "episode 0"
  reads frames/000000.png 2 "step 0"
  reads frames/000000.png 3 "return 0.00"
  reads frames/000123.png 2 "step 123"
  reads frames/000401.png 1 "episode 1"
  reads frames/000401.png 2 "step 200, time limit"
  reads frames/000401.png 3 "return 200.00"
  same_return frames/000200.png 0 --checkpoint "$experts/cartpole.h5"
  [ "$("$LOOK" frames/000401.png body)" -gt 2 ] || fail "no pole is seen"
  [ "$("$LOOK" frames/000000.png differs frames/000040.png)" -gt 0 ] || fail "nothing moves"

  # The demonstration that the project ships, and several side by side.
  expect 0 "data, CartPole-v0, episode 2: return 200.00, length 200" render --size 320x240 --fps 1 \
    --data "$data/cartpole-v0-expert.h5" --episode 2 --output demo/
  grep -q "no states are recorded; positions from observations" said || fail "does not say where states come from"
  reads demo/000004.png 0 "data  CartPole-v0"
  reads demo/000004.png 2 "return 200.00"
  mgail render --size 236x160 --fps 1 --output grid/ --seed 3 \
    --grid "expert=$experts/cartpole.h5,$experts/mountaincar.h5" >said 2>&1 || fail "no grid"
  [ "$("$LOOK" grid/000000.png size)" = "472 160" ] || fail "a grid of another size"
  reads grid/000000.png 0 "expert  CartPole-v0"
  reads grid/000000.png 0 "PPO  MountainCar-v0" 236 0

  # D's opinion, which only whole checkpoints of mgail and gail hold.
  mgail train --env CartPole-v0 --expert "$data/cartpole-v0-expert.h5" --steps 400 --output run \
    --set run.environments=2 --set evaluate.final_episodes=2 --set mgail.updates=1 >said 2>&1 || fail "no run"
  expect 0 "MGAIL, CartPole-v0" render --checkpoint run --overlay --output opinions/ --size 320x240 --fps 1
  "$LOOK" opinions/000001.png line 3 | grep -q '^D [01]\.[0-9][0-9][0-9]$' || fail "no opinion is seen"
  refuses 78 "--overlay: $experts/cartpole.h5: ppo trains no discriminator" --overlay --output bad/ \
    --checkpoint "$experts/cartpole.h5"
  mgail render --size 320x240 --fps 1 --output judged/ --overlay \
    --grid "expert=$experts/cartpole.h5,MGAIL=run" >said 2>&1 || fail "no opinion in a grid"
  "$LOOK" judged/000001.png line 3 320 0 | grep -q '^D [01]\.[0-9][0-9][0-9]$' || fail "a grid shows no opinion"
  [ -z "$("$LOOK" judged/000001.png line 3)" ] || fail "an opinion of the expert is seen: $("$LOOK" judged/000001.png line 3)"
  refuses 78 "--overlay: none of the grid's runs has a discriminator" --overlay --output bad/ \
    --grid "$experts/cartpole.h5,$experts/mountaincar.h5"
  mgail export --checkpoint run --output lean.h5 >said 2>&1 || fail "no export"
  refuses 65 "lean.h5: has no discriminator: it is an export" --overlay --checkpoint lean.h5 --output bad/

  # Asked to stop, and a full disk.
  "$MGAIL" render --checkpoint "$experts/cartpole.h5" --output bad/ --episodes 10000 >said 2>&1 &
  child=$!
  await says said "pictures/s"
  kill -INT $child
  code=0
  wait $child || code=$?
  [ $code -eq 75 ] || fail "after Ctrl-C: exit code $code instead of 75"
  grep -q "stopped on request after [0-9]* pictures; bad/ is not written" said || fail "does not say that it was stopped"
  nothing_left "Ctrl-C"
  (
    ulimit -f 2
    refuses 74 "File too large" --checkpoint "$experts/cartpole.h5" --output bad/ --size 1000x1000
  )
fi

# ---- pictures by MuJoCo, each way that is there ----
ways=0
for way in egl osmesa; do
  export MGAIL_GL=$way
  if installed "$way" 'lib\(egl1\|osmesa6\)' --checkpoint "$experts/hopper.h5"; then
    ways=$((ways + 1))
    expect 0 "episode 3: " render --checkpoint "$experts/hopper.h5" --output $way/ --size 200x150 --fps 1 \
      --stochastic --seed 7 --episode 3
    last=$(find $way -name '*.png' | sort | tail -n 1)
    reads $way/000000.png 0 "PPO  Hopper-v4"
    same_return "$last" 3 --checkpoint "$experts/hopper.h5" --stochastic --seed 7
    for picture in "$way"/*.png; do
      [ "$("$LOOK" "$picture" body)" -gt 10 ] || fail "$picture: no hopper is seen"
    done
    [ "$("$LOOK" $way/000000.png differs $way/000001.png)" -gt 10 ] || fail "nothing moves"
    reads "$last" 2 "$(printf 'return %.2f' "$("$LOOK" "$last" comment | sed 's/.*return //')")"
    # From above, too, it stays in the picture, which it would leave after some metres.
    mgail render --checkpoint "$experts/ant.h5" --camera free --output free/ --size 160x120 --fps 1 >said 2>&1 ||
      fail "no free camera"
    for picture in free/*.png; do
      [ "$("$LOOK" "$picture" body)" -gt 1 ] || fail "$picture: no ant is seen from above"
    done
    rm -r free
    refuses 78 "--camera side: Hopper-v4 has no such camera; expected one of: free, track" --camera side \
      --checkpoint "$experts/hopper.h5" --output bad/
  fi
done
unset MGAIL_GL
if [ $ways -gt 0 ]; then tested=1; fi
if [ $ways -eq 2 ]; then
  [ "$("$LOOK" egl/000001.png differs osmesa/000001.png)" -le 3 ] || fail "EGL and OSMesa draw differently"
  mkdir lib
  : >lib/libEGL.so.1
  LD_LIBRARY_PATH=$folder/lib expect 0 "drawn by OSMesa" render --checkpoint "$experts/hopper.h5" \
    --output fallback/ --size 32x32 --fps 1
fi

# ---- films ----
if ! command -v ffmpeg >/dev/null; then
  echo "left out: ffmpeg is not installed"
elif [ -d frames ]; then
  for name in film.mp4 film.gif film.webp; do
    expect 0 "$name: 101 pictures of 162 x 121, 4.0 s at 25 a second" render --size 162x121 --fps 25 \
      --checkpoint "$experts/cartpole.h5" --output $name
  done
  for name in film.mp4 film.gif; do
    [ -z "$(ffmpeg -v error -i $name -f null - 2>&1)" ] || fail "$name cannot be played"
  done
  head -c 6 film.gif | grep -q GIF89a || fail "film.gif is none"
  # ffmpeg reads no animated WebP: its frames are counted by their marks; equal ones are one.
  head -c 12 film.webp | grep -q WEBP || fail "film.webp is none"
  [ "$(grep -ao ANMF film.webp | wc -l)" -gt 20 ] || fail "film.webp does not move"
  if command -v ffprobe >/dev/null; then
    [ "$(ffprobe -v error -count_frames -show_entries stream=nb_read_frames,width,height,r_frame_rate \
      -of csv=p=0 film.mp4)" = "162,122,25/1,101" ] || fail "film.mp4 is another film"
  fi
  "$MGAIL" render --checkpoint "$experts/cartpole.h5" --output bad.mp4 --episodes 10000 >said 2>&1 &
  child=$!
  await says said "pictures/s"
  kill -TERM $child
  code=0
  wait $child || code=$?
  [ $code -eq 75 ] || fail "a film stopped: exit code $code instead of 75"
  nothing_left "a stopped film"
fi

# ---- what cannot be ----
hopper=(--checkpoint "$experts/hopper.h5")
refuses 64 "--output is required" "${hopper[@]}"
refuses 64 "--output bad.avi: expected a name that ends with .mp4, .gif or .webp" "${hopper[@]}" --output bad.avi
for size in 0x480 640x0 100000x100000 640 640x 640x480x3 15x16 axb -1x5; do
  refuses 64 "--size $size: expected WIDTHxHEIGHT, each from 16 to 4096" "${hopper[@]}" --output bad/ --size $size
done
refuses 64 "--fps 0: expected a whole number from 1 to 50" "${hopper[@]}" --output bad.gif --fps 0
refuses 64 "--fps 51: expected a whole number from 1 to 50" "${hopper[@]}" --output bad.webp --fps 51
refuses 64 "--episodes 0: expected" "${hopper[@]}" --output bad/ --episodes 0
refuses 64 "expected one of --checkpoint, --grid and --data" --output bad/
refuses 64 "expected one of --checkpoint, --grid and --data" "${hopper[@]}" --data x --output bad/
refuses 64 "--seed is for policies" --data "$data/hopper-v4-expert.h5" --seed 1 --output bad/
refuses 64 "--env is for --data" "${hopper[@]}" --env Hopper-v4 --output bad/
for grid in "a=$experts/hopper.h5,,b" "" "a=" "=$experts/hopper.h5"; do
  refuses 64 "--grid $grid: expected RUN or NAME=RUN, with a comma between" --grid "$grid" --output bad/
done
refuses 66 "no-such-run" --checkpoint no-such-run --output bad/
refuses 66 "no-such-run" --grid "a=$experts/hopper.h5,b=no-such-run" --output bad/
refuses 66 "no-such-file" --data no-such-file --output bad/
refuses 64 "but $data/hopper-v4-expert.h5 says Hopper-v4" --data "$data/hopper-v4-expert.h5" --env Ant-v4 --output bad/
echo text >text
refuses 65 "text" --data text --output bad/
refuses 65 "text" --checkpoint text --output bad/
if [ $tested -eq 1 ] && [ -d frames ]; then
  classic=(--checkpoint "$experts/cartpole.h5")
  expect 64 "--episode 99: $data/cartpole-v0-expert.h5 has" render --data "$data/cartpole-v0-expert.h5" \
    --episode 99 --output bad/
  nothing_left "an episode that is not there"
  refuses 73 "no/bad.mp4: cannot be created: No such file or directory" "${classic[@]}" --output no/bad.mp4
  refuses 73 "no/bad: cannot be created: No such file or directory" "${classic[@]}" --output no/bad/
  mkdir full && : >full/mine
  refuses 73 "full: has files in it" "${classic[@]}" --output full/
  refuses 78 "CartPole-v0 is drawn flat and has no cameras" "${classic[@]}" --camera track --output bad/
  mkdir nothing
  PATH_BEFORE=$PATH
  export PATH=$folder/nothing
  code=0
  "$MGAIL" render "${classic[@]}" --output bad.mp4 >said 2>&1 || code=$?
  PATH=$PATH_BEFORE
  [ $code -eq 78 ] || fail "without ffmpeg: exit code $code instead of 78"
  says said "apt-get install ffmpeg" || fail "does not say how to install ffmpeg"
  nothing_left "no ffmpeg"
fi

# Nothing to draw with: libraries that are none stand before those that are installed, if any.
mkdir none
for library in libEGL.so.1 libOSMesa.so.8 libcairo.so.2; do : >none/$library; done
LD_LIBRARY_PATH=$folder/none refuses 78 "apt-get install libegl1 libgl1-mesa-dri, or libosmesa6" "${hopper[@]}" \
  --output bad/
LD_LIBRARY_PATH=$folder/none refuses 78 "apt-get install libcairo2" --checkpoint "$experts/cartpole.h5" --output bad/
MGAIL_GL=x11 refuses 78 "MGAIL_GL=x11: expected egl or osmesa" "${hopper[@]}" --output bad/

if [ $tested -eq 0 ]; then
  echo "skipped: neither Cairo nor EGL nor OSMesa is installed; only mistakes were tried"
  exit 77
fi
echo "passed"
