#!/bin/bash
# Pages and completion that the program makes of its tables: complete, as committed, clean, and what
# shells offer is what the program takes.
# Usage: test_manual.sh ROOT BUILD_FOLDER
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
root=$1 build=$2

# The committed page of settings.
"$MGAIL" train --help=markdown >settings.md
cmp settings.md "$root/experiments/settings.md" ||
  fail "experiments/settings.md is another: mgail train --help=markdown >experiments/settings.md"
"$MGAIL" info --settings | cmp - settings.md || fail "info --settings is another page"

# Every command has both pages, every option and setting is on them; the build wrote the same.
"$MGAIL" --help=completion >table
mapfile -t commands < <(awk -F'\t' '$1 == "command" { print $2 }' table)
[ ${#commands[@]} -ge 13 ] || fail "only ${#commands[@]} commands"
"$MGAIL" --help=man | cmp - "$build/share/man/man1/mgail.1" || fail "the build's mgail.1 is another"
for command in "${commands[@]}"; do
  grep -qF ".BI $command" "$build/share/man/man1/mgail.1" || fail "mgail.1 has no $command"
  "$MGAIL" "$command" --help=man >"mgail-$command.1"
  cmp "mgail-$command.1" "$build/share/man/man1/mgail-$command.1" || fail "the build's page of $command is another"
  "$MGAIL" help "$command" --help=markdown >"$command.md"
  while IFS=$'\t' read -r _ _ option _ _; do
    grep -qF ".BI ${option//-/\\-}" "mgail-$command.1" || fail "mgail-$command.1 has no $option"
    grep -qF -e "- \`$option" "$command.md" || fail "$command.md has no $option"
  done < <(grep "^option	$command	" table)
done
while IFS=$'\t' read -r _ setting _; do
  grep -qxF ".BI $setting" mgail-train.1 || fail "mgail-train.1 has no $setting"
  grep -qF "| \`${setting#*.}\` |" train.md || fail "the page of settings has no $setting"
done < <(grep '^setting	' table)

# Bars in a cell would be further cells.
sed 's/\\|//g' settings.md | awk -F'|' '/^\|/ && NF != 6 { print; bad = 1 } END { exit bad }' || fail "cells"

for page in "$build"/share/man/man1/*.1; do
  if command -v man >/dev/null; then
    man --warnings -l "$page" 2>said >/dev/null || fail "man $page"
    [ ! -s said ] || fail "man --warnings $page"
  fi
  if command -v mandoc >/dev/null; then # the same bytes whenever it was built: no date
    mandoc -T lint -W warning "$page" | grep -v 'missing date' >said || true
    [ ! -s said ] || fail "mandoc -T lint $page"
  fi
done

expect 64 "--help=pdf: expected text, markdown, man or completion" train --help=pdf
expect 64 "train: --help=completion is of the whole program" train --help=completion

# tab WORDS... PATTERN: what bash offers for the last word matches; "=" is a word, as readline has it.
tab() {
  local pattern=${!#} program=${program:-$MGAIL} said
  said=$(
    set +eu
    . "$root/src/app/manual/mgail.bash"
    COMP_WORDS=("$program" "${@:1:$#-1}") COMP_CWORD=$(($# - 1))
    _mgail "$program"
    echo "${COMPREPLY[*]}"
  )
  # shellcheck disable=SC2053 # a pattern
  [[ $said == $pattern ]] || fail "bash offers for '${*:1:$#-1}': $said; expected $pattern"
}
touch file.h5 sweep.ini 'with blank.ini'
mkdir folder
tab tr 'train'
tab '' 'help train *bench --help --version'
tab help eva 'evaluate'
tab train --outp '--output'
tab train --output f 'folder'
tab train --algorithm = p 'ppo'
tab train --env Humanoid 'Humanoid-v4 Humanoid-v5'
tab train --env = CartPole-v1 'CartPole-v1'
tab train --set run.s 'run.seed= run.steps= run.shares= run.sync='
tab train --set run.sync = 'parameters gradients'
tab train --set = run.sync = gr 'gradients'
tab train --set mgail.terminal_value = o 'on off'
tab train --set run.env = Ant 'Ant-v4 Ant-v5'
tab train --set data.expert = fil 'file.h5'
tab train --config with 'with blank.ini'
tab train --resume --seed '' ''
tab export --format '' 'h5 npz safetensors onnx c'
tab evaluate --policy = a 'average'
tab convert --to '' 'minari d4rl gail robomimic sb2 imitation'
tab sweep '' 'expand run status plan collect'
tab sweep --jobs 2 e 'expand'
tab sweep expand sweep.i 'sweep.ini'
tab bench roll 'rollout'
tab info f 'file.h5 folder'
tab nonsense --x ''
COMP_WORDBREAKS=' ' tab train --set=run.sync=gr '--set=run.sync=gradients'

# What was installed offers its presets, by their names, too.
DESTDIR='' cmake --install "$build" --prefix "$folder/prefix" >install.log || fail "$(cat install.log)"
program=$folder/prefix/bin/mgail tab train --config hopper-b "$folder/prefix/*/hopper-bc.ini"
for file in man/man1/mgail-train.1 bash-completion/completions/mgail zsh/site-functions/_mgail; do
  [ -s "prefix/share/$file" ] || fail "$file was not installed"
done
if command -v man >/dev/null; then
  MANPATH=$folder/prefix/share/man man mgail-train >page || fail "man mgail-train"
  grep -q 'run.check_drift_every' page || fail "man mgail-train has no settings"
fi

if ! command -v zsh >/dev/null; then
  echo "passed, but for zsh, which is not installed"
  exit
fi
while IFS='>' read -r typed expected; do
  printf '%s\n' "$typed" >&3
  printf '<%s>\n' "$expected" >>expected
done 3>lines <<END
mgail eva>mgail evaluate 
mgail help eva>mgail help evaluate 
mgail train --algorithm pp>mgail train --algorithm ppo 
mgail train --outp>mgail train --output=
mgail train --output fol>mgail train --output folder/
mgail train --env Walker2d-v5>mgail train --env Walker2d-v5 
mgail train --env Human>mgail train --env Humanoid-v
mgail train --set run.sy>mgail train --set run.sync=
mgail train --set run.sync=gr>mgail train --set run.sync=gradients 
mgail train --set=run.sync=par>mgail train --set=run.sync=parameters 
mgail train --set data.expert=fil>mgail train --set data.expert=file.h5 
mgail train --config sw>mgail train --config sweep.ini 
mgail train --config hopper-b>mgail train --config $folder/prefix/bin/../share/mgail/presets/hopper-bc.ini 
mgail sweep exp>mgail sweep expand 
mgail sweep expand sweep.i>mgail sweep expand sweep.ini 
mgail export --format onn>mgail export --format onnx 
mgail bench rol>mgail bench rollout 
mgail info fil>mgail info file.h5 
END
timeout 120 zsh -f "$root/tests/e2e/tab.zsh" "$folder/prefix/bin/mgail" "$folder/prefix/share/zsh/site-functions" \
  <lines >offered || fail "zsh: $(cat offered)"
diff expected offered || fail "zsh completes otherwise"
echo '?mgail evaluate --' | timeout 120 zsh -f "$root/tests/e2e/tab.zsh" "$folder/prefix/bin/mgail" \
  "$folder/prefix/share/zsh/site-functions" >offered || fail "zsh: $(cat offered)"
grep -q -e '--starts *-- with --json: also the state' offered || fail "zsh lists no options: $(cat offered)"
echo "passed"
