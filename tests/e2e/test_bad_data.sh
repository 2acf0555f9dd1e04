#!/bin/bash
# Demonstrations that are not what they should be: every item through `info --validate`, `convert` and
# `train --expert`; each has to end with the right code on every rank and one sentence that names the
# file and what is wrong, in little time and memory.
#
#   BAD_DATA=program MEASURE=program test_bad_data.sh LAYOUT
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
layout=$1
: "${BAD_DATA:?the program that writes bad files}" "${MEASURE:?the program that measures}"
BAD_DATA=$(realpath "$BAD_DATA") MEASURE=$(realpath "$MEASURE")
most_seconds=20 most_kilobytes=400000 # of processor time; of memory, for any one process
patience=1200                         # [s] of a command, by the clock: for one that waits
ending=h5
case $layout in sb2 | imitation) ending=npz ;; esac

# Records its own code and ends well, so that no rank is stopped for another's end.
cat >rank <<'RANK'
#!/bin/bash
code=0
"$@" || code=$?
echo $code >>"$(mktemp codes.XXXXXX)"
RANK
chmod +x rank
tiny_mgail=("${tiny[@]}" --algorithm mgail --trajectories 1 --subsample 1 --set discriminator.batch=32
            --set forward_model.batch=32 --set discriminator.hidden=16
            --set forward_model.hidden=16 --set forward_model.replay=1000)

# run NAME FILE COMMAND...: the codes of all ranks in $codes, what was said in out and said
run() {
  local name=$1 file=$2 seconds processor kilobytes status=0
  shift 2
  rm -f codes.*
  timeout $patience "$MEASURE" measured "$@" >out 2>said || status=$?
  [ $status -ne 124 ] || fail "$name: $file: more than $patience s"
  read -r seconds processor kilobytes <measured
  [ "${processor%.*}" -lt "$most_seconds" ] || fail "$name: $file: $processor s of processor time"
  [ "$kilobytes" -lt "$most_kilobytes" ] || fail "$name: $file: $kilobytes kB"
  codes=$status
  if [ -e "$(echo codes.* | cut -d' ' -f1)" ]; then codes=$(cat codes.* | sort -u | tr '\n' ' '); fi
  codes=${codes% }
}

# refused NAME FILE CODE WORDS: by standard error, in one sentence
refused() {
  local errors
  [ "$codes" = "$3" ] || fail "$1: $2: exit codes $codes instead of $3"
  errors=$(grep -c '^mgail: error: ' said) || true
  [ "$errors" -eq 1 ] || fail "$1: $2: $errors sentences"
  grep -qF -e "$2: " <(grep '^mgail: error: ' said) || fail "$1: does not name $2"
  grep -qF -e "$4" <(grep '^mgail: error: ' said) || fail "$1: $2: does not say: $4"
  ! grep -qvE '^mgail(:| [0-9])' said || fail "$1: $2: says more"
}

train() {
  rm -rf run
  run "$1 train" "$2" $LAUNCH ./rank "$MGAIL" train --expert "$2" --env CartPole-v1 \
    "${tiny_mgail[@]}" --steps 512 --output run
}

# bad NAME FILE WORDS [CODE]: refused by all three, for the same reason
bad() {
  local name=$1 file=$2 words=$3 code=${4:-65}
  run "$name validate" "$file" "$MGAIL" info --validate "$file"
  if [ "$code" = 65 ]; then
    [ "$codes" = 65 ] || fail "$name: validate: exit code $codes instead of 65"
    grep -qF -e "$words" <(grep -F -e "$file: " out) ||
      { cp out said && fail "$name: validate does not say: $words"; }
    ! grep -qF "$file: $file" out || { cp out said && fail "$name: validate names it twice"; }
  else
    refused "$name validate" "$file" "$code" "$words"
  fi
  for to in minari sb2; do
    rm -rf converted*
    run "$name convert" "$file" "$MGAIL" convert "$file" converted.out --to $to
    sed -i '/^remark: /d' said
    refused "$name convert" "$file" "$code" "$words"
    [ -z "$(ls -d converted* 2>/dev/null)" ] || fail "$name: convert left $(ls -d converted*)"
  done
  train "$name" "$file"
  refused "$name train" "$file" "$code" "$words"
  [ ! -e run ] || fail "$name: a run that never began left its folder"
  echo "ok: $layout $name: $(sed -n 's/^mgail: error: //p' said | cut -c1-150)"
}

# crafted NAME WORDS: written by bad_data; links lead to a pipe, which would hold up who opens it
crafted() {
  "$BAD_DATA" "$layout" "$1" "$1.$ending" elsewhere.h5
  bad "$1" "$1.$ending" "$2"
}

# untouched NAME: and nothing but the file itself was opened
untouched() {
  strace -f -o /dev/null true 2>/dev/null || { echo "skipped: strace: $1"; return 0; }
  strace -f -e trace=open,openat,openat2,stat,lstat,newfstatat,access,readlink,execve -o trace \
    "$MGAIL" info --validate "$1.$ending" >out 2>said || true
  grep -qF "$1.$ending" trace || fail "$1: strace saw nothing"
  ! grep -F "elsewhere" trace >out || { cp out said && fail "$1: its target was touched"; }
  echo "ok: $layout $1: target untouched"
}

mkfifo elsewhere.h5

# ---- a good one is good, so that what follows is due to what is wrong with it ----

"$BAD_DATA" "$layout" good "good.$ending"
LAUNCH='' expect 0 "3 episodes, 36 steps" convert "good.$ending" converted.h5
LAUNCH='' expect 0 "converted.h5: valid" info --validate converted.h5
train good "good.$ending"
[ "$codes" = 0 ] || fail "good: training ends with $codes"
echo "ok: $layout good"

# ---- files that are none ----

mkdir folder
bad directory folder "a folder; expected a file of demonstrations" 66
bad fifo elsewhere.h5 "regular file" 66
bad missing no-such-file "No such file" 66
: >empty
bad empty empty "not an HDF5 file (nor an .npz archive)"
size=$(stat -c %s "good.$ending")
for tenth in 1 2 3 4 5 6 7 8 9; do
  head -c $((size * tenth / 10)) "good.$ending" >"short.$ending"
  bad "truncated_$tenth" "short.$ending" "truncated"
done
unreadable() {
  cp "good.$ending" "$folder/private"
  mkdir -m 777 writable
  chmod 755 "$folder" && chmod 0 private
  local as=()
  if [ "$(id -u)" = 0 ]; then
    as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
    "${as[@]}" "$MGAIL" --version >out 2>&1 || { echo "skipped: no permission: as root"; return 0; }
  fi
  run "no_permission" private "${as[@]}" "$MGAIL" info --validate private
  refused "no_permission" private 66 "Permission denied"
  run "no_permission" private "${as[@]}" "$MGAIL" train --expert private --env CartPole-v1 \
    --output writable/run
  refused "no_permission" private 66 "Permission denied"
  echo "ok: $layout no_permission"
}
unreadable

# ---- HDF5 ----

unknown="no demonstrations in a known layout"
hdf5() { # OBSERVATIONS ACTIONS PLACE REWARDS, as sentences name them; GONE: without observations
  local observations=$1 actions=$2 place=$3 rewards=$4 gone=$5
  if [ "$layout" != robomimic ]; then # whose keys that are no vectors are passed over
    crafted high_rank "$observations has 5 dimensions"
    crafted text "$observations is text"
  fi
  crafted low_rank " has 0 dimensions"
  crafted compound "$actions is compound"
  crafted not_a_number "$observations$place is not a number"
  crafted infinite "$rewards is infinite"
  crafted filter "$observations is packed by a filter that HDF5 does not bring; expected gzip"
  crafted external_rewards "${rewards%\[*} is an external link"
  untouched external_rewards
  crafted external_data "$observations is stored in another file"
  untouched external_data
  crafted virtual_data "$observations is virtual"
  untouched virtual_data
  crafted external_link "${gone:-$observations is an external link}"
  untouched external_link
  crafted soft_cycle "${gone:-$observations is a soft link}"
}
case $layout in
  minari)
    hdf5 episode_0/observations episode_0/actions "[1,3]" "episode_0/rewards[3]" ""
    crafted no_observations "episode_0/observations is missing"
    crafted no_actions "episode_0/actions is missing"
    crafted no_group "episode_0 is a dataset; expected a group"
    crafted zero_length "episode_0 has no steps"
    crafted claims "episode_0/observations is [288230376151711744,4], which needs more than"
    crafted claims_all "episode_0/observations is [1099511627776,4], which needs more than" ;;
  d4rl)
    hdf5 observations actions "[1,3]" "rewards[3]" "$unknown"
    crafted no_observations "$unknown"
    crafted no_actions "$unknown"
    crafted no_group "$unknown"
    crafted zero_length "observations has no rows"
    crafted claims "observations claims 1152921504606846976 values, more than its"
    crafted claims_all "observations claims 4398046511100 values, more than its" ;;
  gail)
    hdf5 obs_B_T_Do a_B_T_Da "[0,1,3]" "r_B_T[0,3]" "$unknown"
    crafted no_observations "$unknown"
    crafted no_actions "$unknown"
    crafted no_group "$unknown"
    crafted zero_length "trajectory 0 has no steps"
    crafted claims "obs_B_T_Do claims 864691128455135232 values, more than its"
    crafted claims_all "obs_B_T_Do claims 103079215056 values, more than its" ;;
  robomimic)
    hdf5 obs/position demo_0/actions "[2,1]" "demo_0/rewards[3]" ""
    crafted no_observations "obs is missing; expected a group"
    crafted no_actions "demo_0/actions is missing"
    crafted no_group "demo_0 is a dataset; expected a group"
    crafted zero_length "demo_0 has no steps"
    crafted claims "obs/position is [288230376151711744,3], which needs more than"
    crafted claims_all "obs/position is [1099511627775,3], which needs more than" ;;
  sb2 | imitation)
    actions=actions rewards=rewards
    if [ "$layout" = imitation ]; then actions=acts rewards=rews; fi
    crafted pickled "member obs: holds Python objects (a pickle), which are never read"
    crafted wrong_shape "[1000,4], which needs"
    crafted shape_beyond "[1152921504606846976,4], which needs more than the limit"
    crafted claimed_size "but has 4294967"
    crafted high_rank "member obs is not [rows, size] of floats"
    crafted text "member obs: is <U8"
    crafted fields "member obs: is another type"
    crafted fortran "member obs: is stored by columns"
    crafted not_a_number "obs[1,3] is not a number"
    crafted infinite "$rewards[3"
    crafted no_member "$unknown"
    crafted checksum "member obs: CRC error"
    crafted encrypted "member obs: is encrypted"
    crafted method "expected stored or deflated"
    crafted twice "member obs: occurs twice"
    crafted hidden_bomb "member obs: is float16 [8,4], which needs 64 bytes, but has 56"
    crafted bomb "402653184"
    if [ "$layout" = sb2 ]; then
      crafted zero_length "member $actions has no rows"
      crafted whole_bomb "whole_bomb.npz: " # its flags are as empty, which is said by who looks first
    else
      crafted zero_length "member indices leads from row 12 to row 12"
      crafted whole_bomb "402653184"
    fi ;;
esac
[ ! -e pickle-was-run ] || fail "a pickle was run"

# ---- what is odd, and has to end in time all the same ----

if [ $ending = h5 ]; then
  "$BAD_DATA" "$layout" hard_cycle hard_cycle.h5
  train hard_cycle hard_cycle.h5
  [ "$codes" = 0 ] || fail "hard_cycle: what training does not read is in its way: $codes"
  for arguments in "info --validate hard_cycle.h5" "convert hard_cycle.h5 converted.out"; do
    rm -f converted*
    # shellcheck disable=SC2086  # they are several
    run hard_cycle hard_cycle.h5 "$MGAIL" $arguments
    case $codes in 0 | 65) ;; *) fail "hard_cycle: $arguments: exit code $codes" ;; esac
  done
  echo "ok: $layout hard_cycle: $(cat measured) (s, s of processor time, kB)"
fi
"$BAD_DATA" "$layout" many "many.$ending"
most_seconds=100
LAUNCH="" # every rank reads alike
train many "many.$ending"
[ "$codes" = 0 ] || fail "100,000 episodes: exit codes $codes"
grep -q . run/result.json || fail "100,000 episodes: no result"
echo "ok: $layout 100,000 episodes: $(cat measured) (s, s of processor time, kB)"
echo "passed"
