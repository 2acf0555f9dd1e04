# tab.zsh PROGRAM FOLDER: for each line of standard input what it becomes in an interactive zsh after a
# tab, with the completion that is in the folder; after "?" the list of what is offered.
zmodload zsh/zpty
zpty z "env -i PATH=${1:h}:$PATH HOME=/nonexistent TERM=dumb COLUMNS=300 LINES=100 zsh -f -i"
hear() { # PATTERN
  local out all=
  while zpty -r z out; do
    all+=$out
    [[ $all != *${~1}* ]] || break
  done
  print -r -- "$all" | tr -d '\r'
}
zpty -w z "stty -echo; PS1=''; fpath=($2 \$fpath); autoload -Uz compinit; compinit -u -D; LISTMAX=10000"
zpty -w z "tabbed() { zle complete-word; print -r -- \"<\$BUFFER>\"; BUFFER=; zle accept-line }"
zpty -w z "listed() { zle list-choices; BUFFER=; zle accept-line; zle -I; print '<END'\>; }"
zpty -w z "zle -N tabbed; zle -N listed; bindkey '^I' tabbed; bindkey '^X' listed; print REA'DY'"
hear READY >/dev/null
while IFS= read -r line; do
  if [[ $line = \?* ]]; then
    zpty -w -n z "${line#\?}"$'\C-x'
    hear '<END>'
  else
    zpty -w -n z "$line"$'\t'
    hear '<*>' | grep -o '<.*>'
  fi
done
zpty -d z
