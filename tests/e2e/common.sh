# Sourced by the tests of the program: a scratch folder, and short ways to say what is expected.
#
#   MGAIL=program [LAUNCH="mpirun -n 2"] test_x.sh
set -euo pipefail
: "${MGAIL:?the program to test}"
MGAIL=$(realpath "$MGAIL")
LAUNCH=${LAUNCH:-}
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

fail() {
  echo "FAILED: $*"
  [ ! -s said ] || sed 's/^/  said: /' said
  exit 1
}

# mgail ARGUMENTS...: alone or under $LAUNCH
mgail() { $LAUNCH "$MGAIL" "$@"; }

# expect CODE TEXT ARGUMENTS...: exit code, and a text that standard error or output contains
expect() {
  local code=$1 text=$2 got=0
  shift 2
  mgail "$@" >said 2>&1 || got=$?
  [ "$got" -eq "$code" ] || fail "mgail $*: exit code $got instead of $code"
  grep -qF -e "$text" said || fail "mgail $*: does not say: $text"
}

# await COMMAND...: until it succeeds; ten minutes, which only a hang meets
await() {
  local _
  for _ in $(seq 60000); do
    if "$@"; then return; fi
    sleep 0.01
  done
  fail "waited for: $*"
}

# within SECONDS COMMAND...: of processor time, its children's too, for on a busy machine any other takes longer;
# or ten minutes. 124 if it took more.
within() {
  local most=$1 code=0 spent TIMEFORMAT='%U %S'
  shift
  { spent=$({ time timeout -k 1 600 "$@" >&3 2>&4; } 2>&1) || code=$?; } 3>&1 4>&2
  awk -v most="$most" '{ exit $1 + $2 > most }' <<<"$spent" || code=124
  return $code
}
says() { grep -q -e "$2" "$1" 2>/dev/null; } # FILE TEXT

# A training run of a second or so.
tiny=(--algorithm ppo --env CartPole-v1 --set run.environments=4 --set ppo.horizon=64
      --set ppo.epochs=2 --set ppo.minibatches=4 --set policy.hidden=16 --set value.hidden=16
      --set evaluate.episodes=2 --set evaluate.final_episodes=2)

# same_values FILE FILE PATH: of a data set, whatever its attributes: those of a dimension scale refer to
# columns that tell the time, and h5diff follows them.
same_values() {
  : >one.values && : >other.values
  h5dump -d "$3" -b LE -o one.values "$1" >/dev/null && h5dump -d "$3" -b LE -o other.values "$2" >/dev/null &&
    cmp -s one.values other.values
}

# same_run FOLDER FOLDER: all that does not tell the time is the same, bit for bit
same_run() {
  local name
  for name in theta acting adam collector best rollout_policy delta_scale; do # not all have all of the last
    case $name in collector | best | rollout_policy | delta_scale) h5ls "$1/checkpoint.h5/$name" >/dev/null 2>&1 || continue ;; esac
    h5diff -q "$1/checkpoint.h5" "$2/checkpoint.h5" "/$name" || fail "$name of $1 and $2 differ"
  done
  for name in $(h5ls "$1/curves.h5/curves" | awk '{print $1}'); do
    case $name in *seconds*) continue ;; esac
    same_values "$1/curves.h5" "$2/curves.h5" "/curves/$name" || fail "curve $name of $1 and $2 differs"
  done
  for name in iteration return_raw length_raw return_average; do
    same_values "$1/curves.h5" "$2/curves.h5" "/evaluation/$name" ||
      fail "evaluation $name of $1 and $2 differs"
  done
}

need_h5diff() {
  if ! command -v h5diff >/dev/null; then
    echo "skipped: h5diff is not installed"
    exit 77
  fi
}

# loop_names FILE: lets the free list of each of its heaps of names come back to itself: HDF5 1.10 then reads without
# end. False if there is none.
loop_names() {
  local at bytes size first looped=0
  for at in $(grep -obUaF HEAP "$1" | cut -d: -f1); do
    read -r size first at < <(od -An -tu8 -j $((at + 8)) -N 24 -w24 "$1")
    [ "$first" -lt "$size" ] || continue # 1: there is no free block
    bytes=$(printf '%016x' "$first" | sed 's/../& /g')
    bytes=$(for byte in $bytes; do echo "\\x$byte"; done | tac | tr -d '\n')
    # shellcheck disable=SC2059  # the bytes
    printf "$bytes\x10" | dd of="$1" bs=1 seek=$((at + first)) conv=notrunc status=none
    looped=1
  done
  [ $looped -eq 1 ]
}
