#!/bin/bash
# The paper's table: trains every cell of task x method x trajectories x seed, then collects and
# reports. May be stopped at any moment and started again.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

usage() {
  cat <<'HELP'
Usage: experiments/table.sh [options]

A cell is a run: the preset experiments/TASK-METHOD.ini with another number of trajectories and seed,
in OUTPUT/runs/TASK-METHOD-SIZE-rRANKS-sSEED. Finished cells (result.json) are kept, begun ones go on
from their checkpoint, so that after a stop, or a kill, the same command goes on where it was. At the
end OUTPUT/runs.h5 and OUTPUT/report/report.html are written, by mgail collect and mgail report.

  --method LIST      by comma: mgail, gail, bc, and none: GAIL whose discriminator is never updated
                     (default: of mgail, gail and bc what a task has a preset for)
  --task LIST        by comma (default: all that have a preset of one of the methods)
  --size LIST        trajectories, by comma (default the paper's, experiments/paper.csv)
  --seeds N          seeds 1 to N (default 3)
  --ranks N          processes a run (default 1)
  --jobs N           runs at a time (default: as many as the processors have room for)
  --steps N          instead of the presets' number of steps
  --set KEY=VALUE    section.key=value, for every run; may be given again
  --expert-dir DIR   demonstrations, DIR/ENVIRONMENT.h5 in lower case, such as hopper-v4.h5; default:
                     build/demonstrations/TASK.h5, recorded by experiments/demonstrations.sh where it
                     is missing, else the preset's. Tasks without a file in DIR are named and left out
  --presets DIR      instead of experiments/
  --output DIR       default build/table
  --dry-run          print the cells and what would be done with each; run nothing

SIGTERM, SIGUSR1 and Ctrl-C ask every run for a checkpoint and end with 75.
Environment: MGAIL, the program (default build/release/mgail).

Exit codes: 0 done; 1 some runs failed, they are named; 64 usage; 66 nothing to run; 75 stopped.
HELP
}

method='' task='' size='' seeds=3 ranks=1 jobs='' steps='' set=() expert_dir=''
presets=$root/experiments output=$root/build/table dry_run=''
options 'method= task= size= seeds= ranks= jobs= steps= set+ expert-dir= presets= output= dry-run' "$@"
no_arguments
whole --seeds "$seeds"
whole --ranks "$ranks"
whole --jobs ${jobs:+"$jobs"}
listed() { # OPTION VALUE PATTERN WHAT
  [[ $2 =~ ^$3(,$3)*$ ]] || die 64 "$1 $2: expected $4 by comma"
}
[ -z "$method" ] || listed --method "$method" '[a-z0-9-]+' names
[ -z "$task" ] || listed --task "$task" '[a-z0-9-]+' names
[ -z "$size" ] || listed --size "$size" '[0-9]+' numbers
for folder in ${expert_dir:+"$expert_dir"} "$presets"; do
  [ -d "$folder" ] || die 66 "$folder: no such folder"
done
[ -z "$expert_dir" ] || expert_dir=$(realpath "$expert_dir")
presets=$(realpath "$presets") output=$(realpath -m "$output")
methods=${method//,/ } asked=$method given=$task
[ -n "$methods" ] || methods="mgail gail bc"
tasks=${task//,/ } sizes=${size//,/ }
extra=(${steps:+--steps "$steps"})
for setting in "${set[@]}"; do extra+=(--set "$setting"); done
[ -n "$jobs" ] || jobs=$(($(nproc) > ranks ? $(nproc) / ranks : 1))

if [ -z "$dry_run" ] || [ -z "$tasks" ]; then prepare; fi
cd "$root"
launch_on "$ranks"
runs=$output/runs

# --- the cells ------------------------------------------------------------------------------------
preset_of() { # TASK METHOD; none is GAIL with one setting changed
  local name=$2
  [ "$name" != none ] || name=gail
  echo "$presets/$1-$name.ini"
}

# value_of FILE SECTION KEY: of a preset, "" where it has none
value_of() {
  awk -F ' *= *' -v section="[$2]" -v key="$3" '
    /^\[/ { at = $1 } at == section && $1 == key { sub(/ *;.*/, "", $2); print $2; exit }' "$1"
}

# expert_of TASK PRESET: where its demonstrations are, or will be; "": the preset's own
expert_of() {
  local id found
  if [ -n "$expert_dir" ]; then
    id=$(value_of "$2" run env)
    id=${id,,}
    if [ -e "$expert_dir/$id.h5" ]; then echo "$expert_dir/$id.h5"; return; fi
    found=("$expert_dir/$id"-*.h5) # the only one of this task, such as walker2d-v4-det.h5
    if [ ${#found[@]} -eq 1 ] && [ -e "${found[0]}" ]; then echo "${found[0]}"; return; fi
    echo "$expert_dir/$id.h5"
    return
  fi
  if [ -e "$root/build/demonstrations/$1.h5" ] || [ -e "$root/experiments/experts/$1.h5" ]; then
    echo "$root/build/demonstrations/$1.h5"
  fi
}

cells=() missing=''
declare -A expert=()
if [ -z "$tasks" ]; then
  for method in $methods; do tasks+=" $(tasks_with "$(preset_of % "$method")")"; done
  tasks=$(tr -s ' ' '\n' <<<"$tasks" | awk 'NF && !seen[$0]++')
fi
for task in $tasks; do
  found=''
  for method in $methods; do
    preset=$(preset_of "$task" "$method")
    if [ ! -e "$preset" ]; then
      [ -z "$asked" ] || [ -z "$given" ] || die 66 "no preset $preset"
      continue # what was not asked for by name
    fi
    found=yes
    file=$(expert_of "$task" "$preset")
    if [ -n "$expert_dir" ] && [ ! -e "$file" ]; then
      echo "table.sh: no demonstrations $file: $task $method is skipped" >&2
      [[ "$missing " == *" $task "* ]] || missing+=" $task"
      continue
    fi
    expert[$task]=$file
    for trajectories in ${sizes:-$(paper_sizes "$task")}; do
      for seed in $(seq "$seeds"); do cells+=("$task $method $trajectories $seed"); done
    done
  done
  [ -n "$found" ] || die 66 "no preset $presets/$task-*.ini of one of the methods"
done
[ ${#cells[@]} -gt 0 ] || die 66 "nothing to run: $expert_dir has no demonstrations of$missing"

folder_of() { echo "$runs/$1-$2-$3-r$ranks-s$4"; } # TASK METHOD SIZE SEED
state_of() { # FOLDER
  if [ -e "$1/result.json" ]; then echo finished
  elif has_checkpoint "$1"; then echo resume
  else echo new; fi
}

if [ -n "$dry_run" ]; then
  for cell in "${cells[@]}"; do
    read -r task method size seed <<<"$cell"
    folder=$(folder_of "$task" "$method" "$size" "$seed")
    printf '%-8s  %s  %s%s\n' "$(state_of "$folder")" "${folder##*/}" \
      "$(realpath --relative-to="$root" "$(preset_of "$task" "$method")")" \
      "${expert[$task]:+  ${expert[$task]}}"
  done
  exit 0
fi

# --- demonstrations -------------------------------------------------------------------------------
mkdir -p "$runs" "$output/locks"
for task in "${!expert[@]}"; do
  file=${expert[$task]}
  if [ -n "$file" ] && [ ! -e "$file" ]; then
    # One table at a time records; who waited finds the file there.
    flock "$output/locks/demonstrations" "$root/experiments/demonstrations.sh" "$task" ||
      die 66 "experiments/demonstrations.sh $task failed"
  fi
done

# --- one cell, in a process of its own ------------------------------------------------------------
# Its lock is inherited by the run: where a table was killed and its runs live on, the next table
# waits for them here and then finds them finished, or goes on with them.
run_cell() { # TASK METHOD SIZE SEED
  local task=$1 method=$2 size=$3 seed=$4 folder name code pid='' tries arguments
  local stopping='' signals=0 seen
  folder=$(folder_of "$@")
  name=${folder##*/}
  trap 'stopping=1 signals=$((signals + 1)); [ -z "$pid" ] || kill -USR1 "$pid" || true' USR1 TERM
  exec 9>"$output/locks/$name"
  if ! flock -n 9; then
    echo "$name: waits for its run of an earlier table"
    while [ -z "$stopping" ] && ! flock -w 1 9; do :; done
  fi
  for tries in $(seq 100); do
    [ -z "$stopping" ] || return 75
    if [ -e "$folder/result.json" ]; then
      [ "$tries" -gt 1 ] || echo "$name: finished before"
      return 0
    fi
    if [ -e "$folder/lock" ] && ! flock -n "$folder/lock" true; then
      sleep 1 # a rank of a launcher that was killed, for a moment longer
      continue
    fi
    if has_checkpoint "$folder"; then
      echo "$name: goes on"
      arguments=(--resume --output "$folder")
    else
      # Killed before its first checkpoint: nothing is lost with what it left.
      rm -rf "$folder"
      echo "$name: begins"
      arguments=(--config "$(preset_of "$task" "$method")" --trajectories "$size" --seed "$seed"
                 --output "$folder" "${extra[@]}")
      [ -z "${expert[$task]}" ] || arguments+=(--expert "${expert[$task]}")
      [ "$method" != none ] || arguments+=(--set discriminator.updates=0)
    fi
    "${launch[@]}" "$mgail" train "${arguments[@]}" >>"$output/locks/$name.log" 2>&1 &
    pid=$!
    while :; do # a signal ends `wait`, but not the run
      seen=$signals code=0
      wait "$pid" || code=$?
      [ "$signals" -ne "$seen" ] || break
    done
    pid=''
    if [ -e "$folder/result.json" ]; then echo "$name: done"; return 0; fi
    if [ "$code" -eq 75 ] || [ -n "$stopping" ]; then
      echo "$name: stopped"
      return 75
    fi
    if [ "$code" -eq 73 ] && grep -q 'in use by process' <(tail -n 3 "$output/locks/$name.log"); then
      sleep 1
      continue
    fi
    # Open MPI's folder in /tmp is made by a run that begins and removed by one that ends: seen to collide.
    if [ "$tries" -lt 5 ] && grep -q 'before MPI_INIT completed' <(tail -n 3 "$output/locks/$name.log"); then
      sleep 1
      continue
    fi
    echo "$name: failed with exit code $code: $(tail -n 1 "$output/locks/$name.log")" >&2
    return 1
  done
  echo "$name: its folder stays in use by another process" >&2
  return 1
}

# --- all of them, so many at a time ---------------------------------------------------------------
stopped='' pids=()
forward() {
  stopped=1
  [ ${#pids[@]} -eq 0 ] || kill -USR1 "${pids[@]}" 2>/dev/null || true
}
trap forward TERM USR1 INT

reap() { # waits for one of them to end, or for a signal
  local code=0 ended='' pid left=()
  wait -n -p ended "${pids[@]}" || code=$?
  if [ -z "${ended:-}" ]; then
    [ "$code" -ne 127 ] || pids=() # all have ended
    return 0
  fi
  [ "$code" -ne 75 ] || stopped=1
  for pid in "${pids[@]}"; do [ "$pid" = "$ended" ] || left+=("$pid"); done
  pids=("${left[@]}")
}

for cell in "${cells[@]}"; do
  while [ ${#pids[@]} -ge "$jobs" ]; do reap; done
  [ -z "$stopped" ] || break
  # shellcheck disable=SC2086  # four words
  run_cell $cell &
  pids+=($!)
done
while [ ${#pids[@]} -gt 0 ]; do reap; done
if [ -n "$stopped" ]; then
  echo "table.sh: stopped; the same command goes on" >&2
  exit 75
fi

# --- the table, of these cells --------------------------------------------------------------------
folders=() failed=0
for cell in "${cells[@]}"; do
  # shellcheck disable=SC2086  # four words
  folder=$(folder_of $cell)
  [ -e "$folder/result.json" ] || failed=$((failed + 1))
  [ ! -d "$folder" ] || folders+=("$folder")
done
[ ${#folders[@]} -gt 0 ] || die 1 "no run has begun; see $output/locks"
"$mgail" collect "${folders[@]}" --partial --output "$output/runs.h5"
"$mgail" report "$output/runs.h5" --output "$output/report"
if [ "$failed" -gt 0 ]; then
  echo "table.sh: $failed runs failed; their last words are in $output/locks/*.log" >&2
  exit 1
fi
[ -z "$missing" ] || echo "table.sh: left out, for $expert_dir has no demonstrations of them:$missing" >&2
