#!/bin/bash
# Plants each fault of faults.txt in a copy of the sources, builds, and fails unless a test notices.
set -uo pipefail

usage() {
  cat <<'HELP'
Usage: run.sh SOURCE WORK [CMAKE_ARGUMENT...] [-- NAME...]

SOURCE is the project's top folder, WORK a folder for the copy and its build; both are kept, so that
a later run builds little. With NAMEs only these faults. One line a fault; the exit code is 0 if all
were caught. An error is: text to replace that is not there exactly once, a build that fails, a test
that is missing or fails without a fault, and a fault that all its tests pass.
HELP
}

if [ "${1:-}" = --help ]; then usage; exit 0; fi
if [ $# -lt 2 ]; then usage >&2; exit 64; fi
source=$(cd "$1" && pwd) || exit 66
mkdir -p "$2" && work=$(cd "$2" && pwd) || exit 73
shift 2
arguments=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do arguments+=("$1"); shift; done
[ $# -gt 0 ] && shift
wanted=" $* "

list=$source/tests/faults/faults.txt tree=$work/tree build=$work/build log=$work/log.txt
jobs=$(nproc)
export MGAIL_SHARED=${MGAIL_SHARED:-$source/../shared} OPENBLAS_NUM_THREADS=1
errors=0 caught=0 planted=
: >"$log"

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
[ ${#selected[@]} -gt 0 ] || { error "no such fault:$wanted"; exit 1; }

# ---- the copy ----

# Leaves files alone that are the same, for the build to find nothing new in them.
copy_tree() {
  local file
  mkdir -p "$tree"
  (cd "$tree" && find . -type f) | while IFS= read -r file; do
    [ -e "$source/$file" ] || rm -f "$tree/$file"
  done
  (cd "$source" && find CMakeLists.txt envs mpi src tests -type f) | while IFS= read -r file; do
    cmp -s "$source/$file" "$tree/$file" && continue
    mkdir -p "$(dirname "$tree/$file")"
    cp "$source/$file" "$tree/$file" || exit 1
    [ ! -x "$source/$file" ] || chmod +x "$tree/$file"
  done
}

# plant FILE FIND WITH: replaces the one place that matches; spaces between tokens do not matter.
plant() {
  perl -0777 -e '
    my ($file, $find, $with) = @ARGV;
    open(my $in, "<", $file) or die "$file: $!\n";
    my $text = <$in>;
    my $pattern = join "\\s*", map { quotemeta } $find =~ /\w+|[^\w\s]/g;
    my $count = () = $text =~ /$pattern/g;
    die "occurs $count times in $file\n" if $count != 1;
    $text =~ s/$pattern/$with/;
    open(my $out, ">", $file) or die "$file: $!\n";
    print $out $text;
    close $out or die "$file: $!\n";' "$tree/$1" "$2" "$3"
}

restore() {
  [ -z "$planted" ] || cp "$work/original" "$tree/$planted"
  planted=
}
trap restore EXIT
trap 'exit 130' INT TERM

# ---- building and testing ----

# target_of TEST: unit_x is the program test_x, mpi_x_2 is test_mpi_x
target_of() {
  case $1 in
  unit_*) echo "test_${1#unit_}" ;;
  *) echo "test_${1%_[0-9]*}" ;;
  esac
}

# make TEST...: the programs of these tests
make() {
  local test targets=()
  for test; do targets+=("$(target_of "$test")"); done
  cmake --build "$build" -j "$jobs" --target "${targets[@]}" >"$work/build.txt" 2>&1
}

# run TEST...: prints "name status" of each that ran, where status is Passed, Failed, Timeout, ...
run() {
  local pattern
  pattern=$(IFS='|'; echo "$*")
  (cd "$build" && ctest -R "^($pattern)\$" --timeout 60 --output-on-failure) >"$work/test.txt" 2>&1
  sed -nE 's/^ *[0-9]+\/[0-9]+ Test +#[0-9]+: +([^ ]+) \.+ *\**([A-Za-z]+).*/\1 \2/p' "$work/test.txt"
}

keep_log() {
  { echo "==== $1"; cat "$2"; } >>"$log"
}

copy_tree || exit 74
# -w: what a fault leaves unused is no error here.
if ! cmake -S "$tree" -B "$build" -DMGAIL_TESTS=ON -DCMAKE_BUILD_TYPE=Debug \
     "-DCMAKE_C_FLAGS_DEBUG=-O1 -w" "${arguments[@]}" >"$work/configure.txt" 2>&1; then
  error "the copy cannot be configured:"
  tail -n 20 "$work/configure.txt"
  exit 1
fi
start=$SECONDS
if ! make "${all_tests[@]}"; then
  error "the sources do not build without a fault:"
  tail -n 30 "$work/build.txt"
  exit 1
fi
built=$((SECONDS - start)) start=$SECONDS
results=$(run "${all_tests[@]}")
for test in "${all_tests[@]}"; do
  grep -qxF "$test Passed" <<<"$results" || {
    error "$test does not pass without a fault: $(grep "^$test " <<<"$results" || echo "no such test")"
  }
done
[ "$errors" -eq 0 ] || { tail -n 60 "$work/test.txt"; exit 1; }
echo "${#all_tests[@]} tests pass without a fault (build $built s, tests $((SECONDS - start)) s)"

for i in "${selected[@]}"; do
  name=${names[i]}
  read -ra its <<<"${tests[i]}"
  if ! cp "$tree/${files[i]}" "$work/original" 2>/dev/null; then
    error "$name: there is no ${files[i]}"
    continue
  fi
  planted=${files[i]}
  if ! message=$(plant "${files[i]}" "${finds[i]}" "${withs[i]}" 2>&1); then
    error "$name: cannot be planted: $message"
  elif ! make "${its[@]}"; then
    error "$name: does not build; see $log"
    keep_log "$name" "$work/build.txt"
  else
    results=$(run "${its[@]}")
    failed=$(sed -nE 's/ (Failed|Exception|Timeout)$//p' <<<"$results" | tr '\n' ' ')
    if [ -n "$failed" ]; then
      caught=$((caught + 1))
      printf '%-46s caught by %s\n' "$name" "${failed% }"
    else
      error "$name: NOT CAUGHT by ${tests[i]}"
      keep_log "$name" "$work/test.txt"
    fi
  fi
  restore
done

echo "$caught of ${#selected[@]} planted faults caught, $errors errors, $SECONDS s"
[ "$errors" -eq 0 ]
