# shellcheck shell=bash
# Sourced by run.sh and faults/run.sh: what processes a process has begun, however far down.

# offspring PID: the processor time that it and its descendants have had [ticks]; numbers of the latter
offspring() {
  cat /proc/[0-9]*/stat 2>/dev/null | awk -v top="$1" '
    { pid = $1; sub(/.*\) /, ""); parent[pid] = $2; ticks[pid] = $12 + $13 + $14 + $15 }
    END {
      for (pid in parent) {
        for (p = pid; p > 1 && p != top; ) p = parent[p]
        if (p == top) sum += ticks[pid]
        if (p == top && pid != top) all = all " " pid
      }
      print sum + 0 all
    }'
}

# end_offspring PID SIGNAL
end_offspring() {
  local _ pids
  read -r _ pids < <(offspring "$1")
  # shellcheck disable=SC2086  # some numbers
  [ -z "$pids" ] || kill "-$2" $pids 2>/dev/null || true
}
