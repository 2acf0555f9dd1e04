#!/bin/bash
# Plants each fault of faults.txt, links its tests with the faulty file and fails unless one notices.
set -uo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../offspring.sh"

usage() {
  cat <<'HELP'
Usage: run.sh [--jobs N] BUILD [NAME...]

BUILD is a build folder of the project with its tests, by Ninja, such as build/release. With NAMEs
only these faults. A fault is planted in a copy of its file; the copy (of a header: all that includes it)
is compiled with asserts as BUILD compiles it, and linked, in front of the libraries, with a test program
as BUILD links it. Sources and BUILD stay as they are, so faults are tried side by side, N at a time
(default: one a processor).

One line a fault: the test that caught it, or an error. An error is: text to replace that is not
there exactly once, a copy that does not compile, a test that is missing, that does not hold the
file or that fails without a fault, and a fault that all its tests pass. A test that takes ten seconds
and ten times the processor time that it takes without a fault, or does nothing for ten, is ended: it
failed. Neither depends on what else the machine does.

Exit codes: 0 all were caught; 1 errors; 64 usage; 77 BUILD is not by Ninja.
HELP
}

jobs=$(nproc)
while [ $# -gt 0 ]; do
  case $1 in
  -h | --help | help) usage; exit 0 ;;
  --jobs)
    [[ ${2:-} =~ ^[1-9][0-9]*$ ]] || { echo "error: run.sh: --jobs needs a number from 1" >&2; exit 64; }
    jobs=$2
    shift 2 ;;
  -*) echo "error: run.sh: unknown option '$1'; see --help" >&2; exit 64 ;;
  *) break ;;
  esac
done
if [ $# -lt 1 ] || [ ! -e "$1/CMakeCache.txt" ]; then
  echo "error: run.sh: expected a build folder; see --help" >&2
  exit 64
fi
build=$(cd "$1" && pwd)
shift
if [ ! -e "$build/build.ninja" ]; then
  echo "skipped: $build is not built by Ninja"
  exit 77
fi
wanted=" $* "

cached() { sed -n "s/^$1:[A-Z]*=//p" "$build/CMakeCache.txt"; }
source=$(cached CMAKE_HOME_DIRECTORY) mpiexec=$(cached MPIEXEC_EXECUTABLE)
list=$source/tests/faults/faults.txt
work=$(mktemp -d "${TMPDIR:-/tmp}/faults.XXXXXX") || exit 73
export MGAIL_SHARED=${MGAIL_SHARED:-$source/../shared} OPENBLAS_NUM_THREADS=1
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
trap 'rm -rf "$work"' EXIT
trap 'end_offspring $$ KILL; exit 130' INT TERM

errors=0
error() {
  echo "error: $1"
  errors=$((errors + 1))
}

# ---- the list ----

names=() files=() finds=() withs=() tests=()
while IFS= read -r line; do
  case $line in
  '' | '#'*) ;;
  'name: '*) names+=("${line#*: }") ;;
  'file: '*) files+=("${line#*: }") ;;
  'find: '*) finds+=("${line#*: }") ;;
  'with: '*) withs+=("${line#*: }") ;;
  'test: '*) tests+=("${line#*: }") ;;
  *) error "faults.txt: not understood: $line" ;;
  esac
done <"$list"
n=${#names[@]}
if [ "$n" -eq 0 ] || [ "${#files[@]},${#finds[@]},${#withs[@]},${#tests[@]}" != "$n,$n,$n,$n" ]; then
  error "faults.txt: not every fault has name, file, find, with and test"
  exit 1
fi
[ "$(printf '%s\n' "${names[@]}" | sort -u | wc -l)" = "$n" ] || error "faults.txt: a name twice"
# Whoever writes a backward pass plants a fault in it.
while IFS= read -r file; do
  [[ " ${files[*]} " == *" $file "* ]] || error "$file: a backward pass without a fault"
done < <(cd "$source" && grep -lE '^(static )?(void|double|int) [a-z0-9_]*_(backward|gradient)[a-z_]*\(' \
           -r src --include='*.c')
[ "$errors" -eq 0 ] || exit 1

selected=() all_tests=()
for ((i = 0; i < n; i++)); do
  if [ "$wanted" != "  " ] && [[ $wanted != *" ${names[i]} "* ]]; then continue; fi
  selected+=("$i")
  for test in ${tests[i]}; do
    [[ " ${all_tests[*]} " = *" $test "* ]] || all_tests+=("$test")
  done
done
for name in $wanted; do
  [[ " ${names[*]} " == *" $name "* ]] || error "no such fault: $name"
done
[ "$errors" -eq 0 ] || exit 1

# ---- one test ----

# target_of TEST: unit_x is the program test_x, mpi_x_2 is test_mpi_x on two ranks, mpi_x without
target_of() {
  case $1 in
  unit_*) echo "test_${1#unit_}" ;;
  *) echo "test_${1%_[0-9]*}" ;;
  esac
}

# end_if_idle PID: ends it when its descendants and it have done nothing for ten seconds: a process that
# could go on would have had its turn on any machine
end_if_idle() {
  local before=-1 ticks _
  trap 'kill $!; exit' TERM
  while :; do
    sleep 10 &
    wait $!
    read -r ticks _ < <(offspring "$1")
    if [ "$ticks" = "$before" ]; then
      end_offspring "$1" KILL
      kill -KILL "$1"
    fi
    before=$ticks
  done
}

# run TEST PROGRAM SECONDS OUTPUT: the test with this program, with so much processor time a process
run() {
  local launch=() pid watch code=0
  case $1 in
  mpi_*_[0-9]*) launch=("$mpiexec" --oversubscribe --bind-to none -n "${1##*_}" "$2") ;;
  mpi_*) launch=("$2") ;;
  *) launch=("$2" --fail-fast) ;;
  esac
  (cd "$build" && ulimit -t "$3" && ulimit -c 0 && exec "${launch[@]}") >"$4" 2>&1 </dev/null &
  pid=$!
  end_if_idle $pid &
  watch=$!
  wait $pid || code=$?
  kill $watch
  wait $watch
  return $code
} 2>/dev/null

# in_parallel FUNCTION ARGUMENT...: one call an argument, so many at a time
in_parallel() {
  local function=$1 argument
  shift
  for argument; do
    while [ "$(jobs -pr | wc -l)" -ge "$jobs" ]; do wait -n; done
    "$function" "$argument" &
  done
  wait
}

# ---- without a fault ----

# unspoilt TEST: leaves the limit of its time, or a sentence, and how its program is built
unspoilt() {
  local test=$1 target TIMEFORMAT='%U %S'
  target=$(target_of "$test")
  ninja -C "$build" -t commands "$target" >"$work/$test.commands" 2>/dev/null
  # Of its commands the last but for the copying of files: the one that links.
  sed -n "s|^: && \(.* -o \)\([^ ]*$target\) |\2|p" "$work/$test.commands" |
    sed 's/ .*//' | tail -n 1 >"$work/$test.program"
  if { time run "$test" "$build/$(cat "$work/$test.program")" 1000 "$work/$test.out"; } 2>"$work/$test.time"; then
    awk '{ printf "%d\n", 10 + 10 * ($1 + $2) }' "$work/$test.time" >"$work/$test.limit"
  fi
}

start=$SECONDS
targets=()
for test in "${all_tests[@]}"; do targets+=("$(target_of "$test")"); done
if ! cmake --build "$build" -j "$jobs" --target "${targets[@]}" >"$work/build.txt" 2>&1; then
  error "the sources do not build without a fault:"
  tail -n 30 "$work/build.txt"
  exit 1
fi
in_parallel unspoilt "${all_tests[@]}"
for test in "${all_tests[@]}"; do
  [ -e "$work/$test.limit" ] || {
    error "$test does not pass without a fault:"
    tail -n 30 "$work/$test.out"
  }
done
[ "$errors" -eq 0 ] || exit 1
echo "${#all_tests[@]} tests pass without a fault ($((SECONDS - start)) s)"

# ---- with a fault ----

# plant FILE FIND WITH COPY: replaces the one place that matches; spaces between tokens do not matter
plant() {
  perl -0777 -e '
    my ($file, $find, $with, $copy) = @ARGV;
    open(my $in, "<", $file) or die "$file: $!\n";
    my $text = <$in>;
    my $pattern = join "\\s*", map { quotemeta } $find =~ /\w+|[^\w\s]/g;
    my $count = () = $text =~ /$pattern/g;
    die "occurs $count times in $file\n" if $count != 1;
    $text =~ s/$pattern/$with/;
    open(my $out, ">", $copy) or die "$copy: $!\n";
    print $out $text;
    close $out or die "$copy: $!\n";' "$@"
}

# units TEST FILE: "OBJECT SOURCE COMMAND" of what the test is made of and has to be compiled again: FILE,
# or, if it is a header, all that includes it
units() {
  case $2 in
  *.h)
    ninja -C "$build" -t deps | awk -v file="$source/$2" '
      /^[^ ].*: / { sub(/:$/, "", $1); object = $1 } $1 == file { print object }' ;;
  *)
    sed -n "s|.* -o \([^ ]*\) -c [^ ]*/$2\"*$|\1|p" "$work/$1.commands" ;;
  esac >"$3"
  sed -nE 's|^(.*) -MD .* -o ([^ ]+) -c (.+)$|\2 \3 \1|p' "$work/$1.commands" |
    awk 'NR == FNR { again[$1]; next } $1 in again' "$3" -
}

# link TEST FILE COPY FOLDER: the program FOLDER/TEST of the test, with COPY in the place of FILE
link() {
  local test=$1 file=$2 copy=$3 folder=$4 object unit command link front='' n=0
  link=$(sed -n "s|^: && \(.* -o \)[^ ]*$(target_of "$test") \(.*\) && :$|\1'$folder/$test' \2|p" \
           "$work/$test.commands")
  while read -r object unit command; do
    n=$((n + 1))
    case $file in *.h) ;; *) unit=$copy ;; esac
    # The copy of a header is found first; -iquote: what lies beside the file. -w: what a fault leaves
    # unused is no error here.
    (cd "$build" && eval "${command/ / -I'$folder/include' } -w -O1 -g0 -UNDEBUG \
       -iquote '$source/$(dirname "$file")' -o '$folder/$n.o' -c $unit") 2>&1 || return 1
    case " $link " in
    *" $object "*) link=${link/" $object "/" $folder/$n.o "} ;; # the test's own
    *) front="$front $folder/$n.o" ;;
    esac
  done < <(units "$test" "$file" "$folder/objects")
  if [ $n -eq 0 ] || [ -z "$link" ]; then
    echo "$test does not hold $file"
    return 1
  fi
  (cd "$build" && eval "${link/ -o / $front -o }") 2>&1
}

# try INDEX: writes the fault's line to standard output and leaves a file "caught" of it
try() {
  local i=$1 name=${names[$1]} file=${files[$1]} folder=$work/${names[$1]} copy test message code
  copy=$folder/include/${file#src/}
  mkdir -p "$(dirname "$copy")"
  if ! message=$(plant "$source/$file" "${finds[i]}" "${withs[i]}" "$copy" 2>&1); then
    echo "error: $name: cannot be planted: $message"
    return
  fi
  for test in ${tests[i]}; do
    if ! message=$(link "$test" "$file" "$copy" "$folder"); then
      printf 'error: %s: does not build:\n%s\n' "$name" "$message"
      return
    fi
    code=0
    run "$test" "$folder/$test" "$(cat "$work/$test.limit")" "$folder/out" || code=$?
    rm -f "$folder"/*.o "$folder/$test"
    if [ $code -ne 0 ]; then
      touch "$folder/caught"
      [ $code -ne 137 ] || test="$test, which did not end"
      printf '%-46s caught by %s\n' "$name" "$test"
      return
    fi
  done
  echo "error: $name: NOT CAUGHT by ${tests[i]}"
}

in_parallel try "${selected[@]}"
caught=$(find "$work" -name caught | wc -l)
errors=$((${#selected[@]} - caught))
echo "$caught of ${#selected[@]} planted faults caught, $errors errors, $SECONDS s"
[ "$errors" -eq 0 ]
