#!/bin/bash
# Under a launcher one process acts, whatever does not train. Usage: test_copies.sh EXPERIMENTS, with LAUNCH
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

for words in "info --tasks" "--help" "train --help"; do
  # shellcheck disable=SC2086  # some words
  mgail $words >said 2>&1
  # shellcheck disable=SC2086
  "$MGAIL" $words | cmp -s - said || fail "mgail $words is not said once"
done
"$MGAIL" record --checkpoint "$1/experts/cartpole.h5" --episodes 2 --output demos.h5 2>log
expect 0 "demos.hdf5: 2 episodes" convert demos.h5 demos.hdf5 --to d4rl
expect 64 "did you mean 'train'?" tran
[ "$(grep -c 'did you mean' said)" -eq 1 ] || fail "a mistake is not named once"
echo "passed"
