#!/bin/bash
# mgail convert and mgail info --validate: layouts there and back by h5diff, on published experts where
# they are there; what other packages make of the files, where those are installed (PYTHON names an
# interpreter that has them); training from any layout is the same run.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
need_h5diff
sources=$(dirname "$(dirname "$(dirname "$(realpath "${BASH_SOURCE[0]}")")")")
experts=${MGAIL_SHARED:-$sources/../shared}/experts
python=${PYTHON:-python3}
layouts="d4rl gail robomimic minari"
archives="sb2 imitation"

# no_difference FILE FILE: objects, attributes, values; what one file has beside counts, but for the
# checksum that conversions add
no_difference() {
  local code=0 alone
  h5diff -v2 "$1" "$2" >differences 2>&1 || code=$?
  alone=$(grep -E '^ +x +' differences | grep -vE '^ +x +x +' || true)
  [ $code -eq 0 ] || { [ $code -eq 1 ] && [[ $alone =~ ^\ +x\ +content_checksum$ ]]; } ||
    fail "$1 and $2 differ: $(head -c 2000 differences)"
  [ -z "${alone##*content_checksum}" ] || fail "$1 and $2 do not hold the same: $alone"
  if grep -iE 'not comparable|[1-9][0-9]* differences found' differences; then
    fail "$1 and $2 differ"
  fi
}

# Demonstrations of our own.
mgail train "${tiny[@]}" --steps 4000 --output expert 2>log || fail "$(cat log)"
mgail record --checkpoint expert/checkpoint.h5 --episodes 5 --stochastic --output own.h5 2>log ||
  fail "$(cat log)"
files=own.h5
for name in hopper-v4 cartpole-v0 mountaincar-v0 walker2d-v4-det ant-v4; do
  [ -r "$experts/$name.h5" ] && files="$files $experts/$name.h5"
done
[ "$files" != own.h5 ] || echo "without the published experts: $experts is not there"

for file in $files; do
  name=$(basename "$file" .h5)
  expect 0 "$file: valid" info --validate "$file"
  for layout in $layouts; do
    expect 0 "minari to $layout" convert "$file" "$name-$layout.h5" --to "$layout"
    expect 0 "$layout to minari" convert "$name-$layout.h5" "$name-$layout-back.h5"
    no_difference "$file" "$name-$layout-back.h5"
    cmp "${file%.h5}.metadata.json" "$name-$layout-back.metadata.json" || fail "metadata of $name"
    expect 0 "$name-$layout.h5: valid" info --validate "$name-$layout.h5"
    expect 0 "layout        $layout" info "$name-$layout.h5"
  done
  for layout in $archives; do
    expect 0 "minari to $layout" convert "$file" "$name-$layout.npz" --to "$layout"
    expect 0 "$name-$layout.npz: valid" info --validate "$name-$layout.npz"
  done
done

d4rl=$experts/hopper-v4-d4rl.h5
if [ -r "$d4rl" ]; then
  for layout in $layouts; do
    expect 0 "d4rl to $layout" convert "$d4rl" "there-$layout.h5" --to "$layout"
    expect 0 "$layout to d4rl" convert "there-$layout.h5" "back-$layout.h5" --to d4rl
    no_difference "$d4rl" "back-$layout.h5"
  done
fi

# What others make of it.
if $python -c 'import minari, h5py' 2>/dev/null; then
  for file in own*back.h5 ./*-v0-*back.h5 there-minari.h5; do
    [ -r "$file" ] || continue
    $python "$(dirname "${BASH_SOURCE[0]}")/open_minari.py" "$file" || fail "minari does not open $file"
  done
else
  echo "without the package minari (PYTHON=$python does not have it)"
fi

# Training from any layout is the same run: where the pairs are the same, so is every parameter.
run=("${tiny[@]}" --algorithm mgail --trajectories 3 --subsample 2 --steps 3000
     --set discriminator.batch=32 --set forward_model.batch=32 --set discriminator.hidden=16
     --set forward_model.hidden=16 --set forward_model.replay=1000)
mgail train "${run[@]}" --expert own.h5 --output whole >log 2>&1 || fail "$(cat log)"
for file in own-d4rl.h5 own-gail.h5 own-robomimic.h5 own-sb2.npz own-imitation.npz; do
  mgail train "${run[@]}" --expert $file --output "run-$file" >log 2>&1 || fail "$(cat log)"
  same_run whole "run-$file"
done

# Mistakes.
expect 64 "expected two files" convert own.h5
expect 64 "expected one of minari, d4rl" convert own.h5 x.h5 --to hdf
expect 64 "own.h5 says CartPole-v1" convert own.h5 x.h5 --env Hopper-v4
expect 73 "own-d4rl.h5: exists" convert own.h5 own-d4rl.h5
expect 66 "none.h5" convert none.h5 x.h5
echo text >text.h5
expect 65 "nor an .npz archive" convert text.h5 x.h5
expect 65 "1 problem" info --validate own.h5 text.h5
grep -q "own.h5: valid" said || fail "the good one of two files is not called valid"
[ ! -e x.h5 ] || fail "x.h5 was left behind"

# A request to stop: no trace of it, or the whole file.
large=$experts/ant-v4.h5
if [ -r "$large" ]; then
  for delay in 0.05 0.2 0.5; do
    "$MGAIL" convert "$large" stopped.h5 --to d4rl >said 2>&1 &
    pid=$!
    sleep $delay
    kill -TERM $pid 2>/dev/null || true
    code=0
    wait $pid || code=$?
    if [ $code -eq 0 ]; then
      expect 0 "valid" info --validate stopped.h5
      rm stopped.h5
    else
      # 143: before it listens to signals
      [ $code -eq 75 ] || [ $code -eq 143 ] || fail "a stop on request ends with $code"
    fi
    if compgen -G 'stopped*'; then fail "a stop leaves files behind"; fi
  done
fi
echo "passed"
