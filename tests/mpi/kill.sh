#!/bin/sh
# kill.sh PROGRAM LAUNCHER...: a job whose last rank is killed ends within 5 seconds, with the exit
# code of that (137), and leaves no process behind.
set -u
program=$1 expected=137
shift
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT

start=$(date +%s%N)
timeout -k 2 30 "$@" "$program" "$folder" >"$folder/log" 2>&1
code=$?
milliseconds=$((($(date +%s%N) - start) / 1000000))

failed=0
[ $code = $expected ] || { echo "exit code $code, expected $expected"; failed=1; }
[ $milliseconds -le 5000 ] || { echo "took $milliseconds ms, expected at most 5000"; failed=1; }
# alive PID: there, and not just waiting for its parent to ask for its exit code
alive() {
  kill -0 "$1" 2>/dev/null && ! ps -o stat= -p "$1" | grep -q '^Z'
}
sleep 0.5 # for those killed a moment ago
ranks=0
for file in "$folder"/[0-9]*; do
  [ -f "$file" ] || continue
  ranks=$((ranks + 1))
  if alive "$(cat "$file")"; then
    echo "rank ${file##*/} is still there"
    failed=1
  fi
done
[ $ranks -ge 2 ] || { echo "only $ranks ranks started"; failed=1; }
[ $failed = 0 ] || cat "$folder/log"
echo "ended after $milliseconds ms with $code"
exit $failed
