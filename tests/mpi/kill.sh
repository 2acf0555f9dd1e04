#!/bin/sh
# kill.sh PROGRAM LAUNCHER...: a job whose last rank is killed ends within 5 seconds, with the exit
# code of that (137), and leaves no process behind. Where the machine has other work, within as many
# seconds more as five jobs take of which no rank is killed.
set -u
program=$1 expected=137
shift
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT

# job ARGUMENT...: sets code and milliseconds
job() {
  start=$(date +%s%N)
  timeout -k 2 600 "$@" >"$folder/log" 2>&1
  code=$?
  milliseconds=$((($(date +%s%N) - start) / 1000000))
}

job "$@" "$program" "$folder" none
[ $code = 0 ] || { echo "exit code $code where none is killed"; cat "$folder/log"; exit 1; }
rm -f "$folder"/[0-9]*
most=$((5000 + 5 * milliseconds))
job "$@" "$program" "$folder"

failed=0
[ $code = $expected ] || { echo "exit code $code, expected $expected"; failed=1; }
[ $milliseconds -le $most ] || { echo "took $milliseconds ms, expected at most $most"; failed=1; }
# alive PID: there, and not just waiting for its parent to ask for its exit code
alive() {
  kill -0 "$1" 2>/dev/null && ! ps -o stat= -p "$1" | grep -q '^Z'
}
ranks=0
for file in "$folder"/[0-9]*; do
  [ -f "$file" ] || continue
  ranks=$((ranks + 1))
  tries=0 # for those killed a moment ago
  while alive "$(cat "$file")" && [ $tries -lt 300 ]; do
    tries=$((tries + 1))
    sleep 0.1
  done
  if [ $tries -ge 300 ]; then
    echo "rank ${file##*/} is still there"
    failed=1
  fi
done
[ $ranks -ge 2 ] || { echo "only $ranks ranks started"; failed=1; }
[ $failed = 0 ] || cat "$folder/log"
echo "ended after $milliseconds ms with $code; at most $most"
exit $failed
