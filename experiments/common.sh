# shellcheck shell=bash
# Sourced by the scripts of this folder: their options, the tasks, how a run is launched. A script
# defines usage() and gives its options to `options`; `prepare` makes the program and enters the
# project's folder.
set -euo pipefail
script=${0##*/}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
mgail=$(realpath -m "${MGAIL:-$root/build/release/mgail}")

# A rank is one thread. No memory of other processes, no /sys, root: as in some containers.
export OPENBLAS_NUM_THREADS=1 LC_ALL=C.UTF-8
export OMPI_MCA_btl_vader_single_copy_mechanism=none HWLOC_HIDE_ERRORS=2
if [ "$(id -u)" -eq 0 ]; then export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1; fi

die() { # CODE SENTENCE
  echo "error: $script: $2" >&2
  exit "$1"
}

# ---- options ----

version() { sed -n 's/^project(\([^ ]*\) VERSION \([^ ]*\).*/\1 \2/p' "$root/CMakeLists.txt"; }

# options "SPECIFICATION..." ARGUMENT...: sets a variable for each option that is given. Specified are
# name= (--name VALUE; sets name), name+ (may be given again; adds to the array name) and name (a flag;
# sets it to yes); a - of the name is a _ of the variable. -h, --help and help print usage(), -V and
# --version the project's version. What is no option is added to the array arguments.
arguments=()
options() {
  local specification=" $1 " option variable
  shift
  while [ $# -gt 0 ]; do
    option=${1#--}
    variable=${option//-/_}
    case $1 in
      -h | --help | help) usage; exit 0 ;;
      -V | --version) version; exit 0 ;;
      --*[!a-z-]* | --) die 64 "unknown option '$1'; see --help" ;;
      --*) ;;
      -*) die 64 "unknown option '$1'; see --help" ;;
      *) arguments+=("$1"); shift; continue ;;
    esac
    case $specification in
      *" $option "*) printf -v "$variable" yes; shift ;;
      *" $option= "*)
        [ $# -ge 2 ] || die 64 "$1 needs a value; see --help"
        printf -v "$variable" %s "$2"
        shift 2 ;;
      *" $option+ "*)
        [ $# -ge 2 ] || die 64 "$1 needs a value; see --help"
        eval "$variable+=(\"\$2\")"
        shift 2 ;;
      *) die 64 "unknown option '$1'; see --help" ;;
    esac
  done
}

# no_arguments: for scripts that take options only
no_arguments() {
  [ ${#arguments[@]} -eq 0 ] || die 64 "unexpected argument '${arguments[0]}'; see --help"
}

# whole OPTION VALUE...: a number from 1 each
whole() {
  local option=$1 value
  shift
  for value; do
    [[ $value =~ ^[1-9][0-9]{0,5}$ ]] || die 64 "$option $value: expected a whole number from 1"
  done
}

# ---- tasks ----

# tasks_with PATTERN: of the tasks that mgail has, by the names of presets (Hopper-v4 is hopper), those
# for which there is the file PATTERN, % being the name
tasks_with() {
  local task
  "$mgail" info --tasks | sed 's/-v[0-9]*$//' | tr '[:upper:]' '[:lower:]' | awk '!seen[$0]++' |
    while read -r task; do
      if [ -e "${1//%/$task}" ]; then echo "$task"; fi
    done
}

# paper_sizes TASK: numbers of trajectories in the paper's tables, ascending
paper_sizes() {
  awk -F , -v task="$1" '{ name = tolower($1); sub(/-v[0-9]*$/, "", name) } name == task { print $2 }' \
    "$root/experiments/paper.csv" | sort -nu
}

# ---- the program ----

# prepare: builds it where it is missing
prepare() {
  [ -x "$mgail" ] || "$root/experiments/setup.sh"
  cd "$root"
}

# What killed runs of Open MPI left in memory: files of this user and host, a minute old, that no process
# has mapped.
sweep_shared_memory() {
  local file
  while IFS= read -r file; do
    grep -qsF "$file" /proc/[0-9]*/maps || rm -f "$file"
  done < <(find /dev/shm -maxdepth 1 -name "vader_segment.$(hostname -s).$(id -u).*" -user "$(id -u)" \
             -mmin +1 2>/dev/null)
}

# launch_on RANKS: sets launch, what stands in front of the program; runs side by side are not all bound
# to the first core
launch_on() {
  launch=()
  [ "$1" -gt 1 ] || return 0
  sweep_shared_memory
  # Time for a checkpoint after Ctrl-C; half a minute, not eight, until a cut link is noticed.
  launch=(mpirun -n "$1" --bind-to none --mca odls_base_sigkill_timeout 10 --mca oob_tcp_keepalive_time 10
          --mca oob_tcp_keepalive_intvl 5 --mca oob_tcp_keepalive_probes 3)
  if [ "$1" -gt "$(nproc)" ]; then launch+=(--oversubscribe); fi
}

has_checkpoint() { [ -e "$1/checkpoint.h5" ] || [ -e "$1/checkpoint.h5.previous" ]; }

# train FOLDER ARGUMENT...: a run that has ended is kept, one that has begun goes on
train() {
  local folder=$1
  shift
  if [ -e "$folder/result.json" ]; then return; fi
  if has_checkpoint "$folder"; then
    set -- --resume
  elif [ -d "$folder" ]; then # stopped before its first checkpoint
    set -- --resume "$@"
  fi
  "${launch[@]}" "$mgail" train "$@" --output "$folder"
}
