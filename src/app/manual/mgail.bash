# shellcheck shell=bash
# Completion of mgail for bash: commands, options and their values, settings, tasks, presets. What there
# is, the program under the cursor tells (mgail --help=completion), once a shell.
declare -gA _mgail_tables

# _mgail_rows ROLE FIELD...: the rows of $table that begin so, from the next field on
_mgail_rows() {
  local begins='' row
  for row in "$@"; do begins+=$row$'\t'; done
  while IFS= read -r row; do
    [[ $row != "$begins"* ]] || printf '%s\n' "${row#"$begins"}"
  done <<<"$table"
}

# _mgail_kind ROLE FIELD...: the first field of the first of them
_mgail_kind() {
  local row
  row=$(_mgail_rows "$@")
  row=${row%%$'\n'*}
  printf '%s' "${row%%$'\t'*}"
}

# _mgail_offer KIND: adds to COMPREPLY what may stand for $current
_mgail_offer() {
  local preset presets
  case $1 in
    =*) mapfile -t COMPREPLY < <(compgen -W "${1//[=,]/ }" -- "$current") ;;
    task) mapfile -t COMPREPLY < <(compgen -W "$(_mgail_rows task)" -- "$current") ;;
    file | folder | preset)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(if [[ $1 = folder ]]; then compgen -d -- "$current"; else compgen -f -- "$current"; fi)
      if [[ $1 = preset ]]; then # by its name or its path
        presets=$(_mgail_rows presets)
        for preset in "$presets"/*.ini; do
          [[ ! -e $preset || ($preset != "$current"* && ${preset##*/} != "$current"*) ]] || COMPREPLY+=("$preset")
        done
      fi ;;
    setting)
      if [[ $current == *=* ]]; then
        local key=${current%%=*}
        current=${current#*=}
        _mgail_offer "$(_mgail_kind setting "$key")"
      else
        compopt -o nospace 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -S = -W "$(_mgail_rows setting | cut -f 1)" -- "$current")
      fi ;;
  esac
}

_mgail() {
  local -a words=()
  local table word glue='' option='' given=0 i
  COMPREPLY=()
  table=${_mgail_tables[$1]-}
  if [[ ! $table ]]; then
    table=$("${1/#\~/$HOME}" --help=completion 2>/dev/null) || return
    _mgail_tables[$1]=$table
  fi
  # Readline cuts words at "=": whole again, up to the cursor.
  for ((i = 1; i <= COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if [[ $word = "=" && ${#words[@]} -gt 0 ]]; then
      words[-1]+='='
      glue=1
    elif [[ $glue && $word ]]; then
      words[-1]+=$word
      glue=''
    else
      words+=("$word")
      glue=''
    fi
  done
  local whole=${words[-1]} current=${words[-1]} command=${words[0]}
  if ((${#words[@]} == 1)) || [[ $command = help ]]; then
    mapfile -t COMPREPLY < <(compgen -W "help $(_mgail_rows command | cut -f 1) --help --version" -- "$current")
    return
  fi
  for word in "${words[@]:1:${#words[@]}-2}"; do # what stands before it
    if [[ $option ]]; then
      option=''
    elif [[ $word == --* ]]; then
      [[ $word == *=* || $(_mgail_kind option "$command" "$word") = flag ]] || option=$word
    else
      given=$((given + 1))
    fi
  done
  if [[ ! $option && $current == --*=* ]]; then
    option=${current%%=*}
    current=${current#*=}
  fi
  if [[ $option ]]; then
    _mgail_offer "$(_mgail_kind option "$command" "$option")"
  elif [[ $current == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$(_mgail_rows option "$command" | cut -f 1)" -- "$current")
  elif ((given == 0)) && [[ $(_mgail_kind verb "$command") ]]; then
    _mgail_offer "$(_mgail_kind verb "$command")"
  else
    _mgail_offer "$(_mgail_kind word "$command")"
  fi
  # Where readline does not cut at "=", it replaces what stands before it, too.
  if [[ ${COMP_WORDBREAKS-=} != *=* && $whole == *=* ]]; then
    COMPREPLY=("${COMPREPLY[@]/#/${whole%"$current"}}")
  fi
}
complete -F _mgail mgail
