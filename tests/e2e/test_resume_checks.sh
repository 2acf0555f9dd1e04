#!/bin/bash
# What a resumed run is compared with: its demonstrations, wherever they are now, and what made it.
earlier=$(dirname "$(realpath "${BASH_SOURCE[0]}")")/by_rank.h5
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
need_h5diff

expect 0 "done: " train "${tiny[@]}" --steps 3000 --output expert
for seed in 1 2; do
  expect 0 "" record --checkpoint expert --episodes 3 --seed $seed --output demos$seed.h5
done
bc=("${tiny[@]}" --algorithm bc --trajectories 2 --subsample 1 --set bc.patience=0 --set bc.evaluate_every=2)
mkdir here
cp demos1.h5 here/demos.h5
(cd here && expect 0 "done: " train "${bc[@]}" --expert demos.h5 --set bc.epochs=4 --output ../run)
more=(--resume --set bc.epochs=8)

# From another folder; under another name; others; others on purpose.
for name in elsewhere moved other; do cp -r run $name; done
expect 0 "resumed at iteration 4" train "${more[@]}" --output elsewhere
grep -qx "expert = $PWD/here/demos.h5" elsewhere/config.ini || fail "the path is not absolute"
mv here/demos.h5 moved.h5
expect 66 "here/demos.h5" train "${more[@]}" --output moved
expect 0 "resumed at iteration 4" train "${more[@]}" --output moved --expert moved.h5
h5diff -q elsewhere/checkpoint.h5 moved/checkpoint.h5 /theta || fail "another path, another theta"
expect 65 "demos2.h5: not the demonstrations that the run began with" train "${more[@]}" --output other \
  --expert demos2.h5
cp demos2.h5 here/demos.h5 # the same name with another content
expect 65 "here/demos.h5: not the demonstrations that the run began with" train "${more[@]}" --output other
expect 0 "as asked for" train "${more[@]}" --output other --changed-demonstrations
expect 0 "resumed at iteration 8" train --resume --output other --set bc.epochs=9 # which are its own now
grep -q '"checksum":.*fnv1a:' other/result.json || fail "result.json does not tell the checksum"

# Another set of kernels: it goes on, and says so.
if grep -qw avx2 /proc/cpuinfo; then
  export OPENBLAS_CORETYPE=Nehalem
  expect 0 "the checkpoint was made by another set of kernels" train --resume --output moved --set bc.epochs=9
  unset OPENBLAS_CORETYPE
fi
# A checkpoint of 0.1.0, of two ranks: acts, and is refused in one sentence, untouched.
mkdir old
cp "$earlier" old/checkpoint.h5
expect 0 "" evaluate --checkpoint old --episodes 2
expect 0 "2 ranks" info old/checkpoint.h5
expect 0 "" export --checkpoint old --output old.npz
expect 65 "a checkpoint of an earlier release" train --resume --output old
[ "$(wc -l <said)" -eq 1 ] || fail "more than a sentence"
cmp "$earlier" old/checkpoint.h5 || fail "the old checkpoint was changed"
echo "passed"
