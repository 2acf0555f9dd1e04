#!/bin/bash
# What cmake --install puts somewhere works after it was moved, without the folder it was built in.
# Usage: test_install.sh BUILD_FOLDER
set -euo pipefail
build=$(realpath "$1")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

DESTDIR='' cmake --install "$build" --prefix "$folder/first" >"$folder/install.log" || {
  cat "$folder/install.log"
  exit 1
}
mkdir "$folder/moved to"
mv "$folder/first" "$folder/moved to/prefix"
mgail="$folder/moved to/prefix/bin/mgail"
mkdir "$folder/elsewhere"
cd "$folder/elsewhere"

fail() { echo "FAILED: $*"; exit 1; }

# Libraries that came with it are found where it is now, and nothing in the build folder is.
ldd "$mgail" >libraries.txt
if grep -F -e "$build/" -e 'not found' libraries.txt; then fail "libraries"; fi
for library in "$folder/moved to/prefix/lib"*/*.so*; do
  [ ! -e "$library" ] || grep -qF "moved to/prefix/" libraries.txt || fail "$library is not used"
done
env -i PATH="$PATH" "$mgail" --version || fail "--version"

train() {
  env -i PATH="$PATH" HOME="$folder" OPENBLAS_NUM_THREADS=1 "$mgail" train --output "$1" \
    --set run.env=Hopper-v4 --set run.algorithm=ppo --set run.steps=64 --set run.environments=1 \
    --set ppo.horizon=32 --set ppo.minibatches=1 --set ppo.epochs=1 --set evaluate.final_episodes=1
}
train run || fail "training"
[ -s run/result.json ] || fail "no result"

# An installed preset finds what was installed with it.
share="$folder/moved to/prefix/share/mgail"
quick=(--steps 320 --set evaluate.final_episodes=1 --set mgail.updates=1)
"$mgail" train --config "$share/presets/hopper-mgail.ini" "${quick[@]}" --output preset 2>said.txt ||
  fail "$(cat said.txt)"
grep -qxF "expert = $share/presets/data/hopper-v4-expert.h5" preset/config.ini || fail "$(grep expert preset/config.ini)"
if "$mgail" train --config "$share/presets/cartpole-mgail.ini" --set data.expert=none.h5 --output none 2>said.txt; then
  fail "demonstrations that are not there"
fi
command=$(sed -n 's/.*record some by mgail \(record .*\), and give them by .*/\1/p' said.txt)
[ -n "$command" ] || fail "no command that makes demonstrations: $(cat said.txt)"
bash -c "'$mgail' ${command/--checkpoint*--stochastic/--checkpoint \'$share\/presets\/experts\/cartpole.h5\' --stochastic}" \
  2>said.txt || fail "$(cat said.txt)"
[ -s cartpole.h5 ] || fail "the command made no demonstrations"

# The model was the installed one: spoilt, it is complained about.
echo spoilt >"$folder/moved to/prefix/share/mgail/assets/hopper.xml"
if train spoilt 2>complaint.txt; then fail "the installed model is not what is read"; fi
grep -F "share/mgail/assets/hopper.xml" complaint.txt || fail "another complaint: $(cat complaint.txt)"
echo "passed"
