#!/bin/bash
# Questions, mistakes on the command line, and the exit codes that go with them.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

expect 0 "usage: mgail COMMAND" --help
expect 0 "mgail " --version
expect 64 "usage: mgail COMMAND"
expect 64 "did you mean 'train'?" tran
expect 64 "unknown option --nonsense before the command" --nonsense train
expect 0 "usage: mgail COMMAND" -h
expect 0 "usage: mgail COMMAND" help
expect 0 "mgail " -V
expect 64 "did you mean 'train'?" help tran
for command in train evaluate record render export convert verify info collect report bench; do
  for question in "$command --help" "$command -h" "help $command"; do
    # shellcheck disable=SC2086  # two words
    expect 0 "usage: mgail $command" $question
    awk 'length > 80 { exit 1 }' said || fail "$question: wider than 80 columns"
  done
  expect 0 "mgail " $command -V
done
expect 0 "Humanoid-v5" train --help
expect 0 "default 0.2, 1; two numbers" train --env Ant-v4 --help # healthy_z_range
expect 0 "default 0.7, inf; two numbers" train --help             # Hopper-v4's
expect 0 "0 to 9007199254740992;" train --help
expect 0 "forward_model" train --help
expect 0 "| \`learning_rate\` |" info --settings
expect 0 "Humanoid-v5" info --tasks
[ "$(wc -l <said)" -ge 14 ] || fail "info --tasks: not a task a line"
mv said tasks
expect 0 '"max_episode_steps":	1000' info --tasks --json
while read -r id; do
  grep -qF "\"id\":	\"$id\"" said || fail "info --tasks --json: no $id"
done <tasks

expect 64 "did you mean --output?" train --ouput x
expect 64 "--output is required" train
expect 64 "needs a value" train --output
expect 64 "takes no value" train --output x --resume=yes
expect 64 "unexpected argument 'y'" train --output x y
expect 64 "beginning of more than one option" train --e x
expect 64 "expected section.key=value" train --output x --set seed
expect 64 "--episodes 1.5: expected a whole number" evaluate --checkpoint x --episodes 1.5
expect 64 "expected a file" info
expect 64 "expected files" verify
expect 64 "expected rollout, products, update, allreduce, train or collectives" bench everything

expect 66 "no-such-file" info no-such-file
expect 66 "no-such-file" evaluate --checkpoint no-such-file
expect 66 "no-such-file" verify no-such-file
expect 66 "no-such-file" train --output x --config no-such-file
expect 66 "no-such-file" train --output x --expert no-such-file
[ ! -e x ] || fail "a run that never began left its folder"
echo "no HDF5" >text
expect 65 "text" info text
expect 65 "text" evaluate --checkpoint text
mkfifo pipe
expect 66 "pipe" info pipe
expect 66 "pipe" train --output x --config pipe

# More environments than there is memory for are refused before any is taken.
(
  ulimit -v 4000000
  expect 71 "30000 environments of Humanoid-v4 need about " train --algorithm ppo --env Humanoid-v4 \
    --set run.environments=30000 --steps 1 --output x
  expect 71 "30000 environments of Humanoid-v4 need about " bench rollout --env Humanoid-v4 \
    --set run.environments=30000
)
[ ! -e x ] || fail "a run that never began left its folder"

# Results that nobody reads are no failure; results that cannot be written are one.
"$MGAIL" train --help | head -1 >/dev/null || fail "a closed pipe"
if [ -w /dev/full ]; then
  code=0
  "$MGAIL" train --help >/dev/full 2>said || code=$?
  [ "$code" -eq 74 ] || fail "a full disk: exit code $code"
fi
echo "passed"
