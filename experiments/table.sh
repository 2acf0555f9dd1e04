#!/bin/bash
# The paper's table: a sweep of task x method x trajectories x seed, run here, collected and reported.
# May be stopped at any moment and started again.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

usage() {
  cat <<'HELP'
Usage: experiments/table.sh [options]

Writes the sweep OUTPUT/sweep.ini, whose runs are the preset experiments/TASK-METHOD.ini (of MGAIL on Ant from more
than four trajectories ant-mgail-many.ini) with another number of trajectories and seed, in
OUTPUT/runs/TASK-METHOD-SIZE-rRANKS-sSEED, and gives it to mgail sweep expand, run and collect: what is done is
kept, what has begun goes on from its checkpoint, so that after a stop, or a kill, the same command goes on where
it was. At the end OUTPUT/runs.h5 and OUTPUT/report/report.html are written.
Under Slurm: slurm/table.ini and slurm/sweep.sh, or slurm/sweep.sh submit OUTPUT.

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
  --dry-run          print the runs and how they fare; write and run nothing

SIGTERM, SIGUSR1 and Ctrl-C ask every run for a checkpoint and end with 75.
Environment: MGAIL, the program (default build/release/mgail).

Exit codes: 0 done; 1 some runs failed, they are named; 64 usage; 66 nothing to run; 73 a run has begun with
other settings; 75 stopped; 78 settings.
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
methods=${method:-mgail,gail,bc}
tasks=${task//,/ }
declare -A setting=()
[ -z "$steps" ] || setting[run.steps]=$steps
for assignment in "${set[@]}"; do
  [[ $assignment == *.*=* ]] || die 64 "--set $assignment: expected section.key=value"
  setting[${assignment%%=*}]=${assignment#*=}
done
if [ -z "$dry_run" ] || [ -z "$tasks" ]; then prepare; fi
cd "$root"

# --- which runs, and from which demonstrations ----------------------------------------------------
preset_of() { # TASK METHOD; none is GAIL with one setting changed
  echo "$presets/$1-${2/#none/gail}.ini"
}

# env_of FILE: run.env of a preset
env_of() {
  awk -F ' *= *' '/^\[/ { at = $1 } at == "[run]" && $1 == "env" { sub(/ *;.*/, "", $2); print $2; exit }' "$1"
}

# expert_of TASK PRESET: where its demonstrations are, or will be; "": the preset's own
expert_of() {
  local id found
  if [ -n "$expert_dir" ]; then
    id=$(env_of "$2")
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

if [ -z "$tasks" ]; then
  for name in ${methods//,/ }; do tasks+=" $(tasks_with "$(preset_of % "$name")")"; done
  tasks=$(tr -s ' ' '\n' <<<"$tasks" | awk 'NF && !seen[$0]++')
fi
chosen=() missing='' without=() # without: pairs that have no preset
declare -A expert=() sizes=()
for name in $tasks; do
  any='' file=''
  for m in ${methods//,/ }; do
    preset=$(preset_of "$name" "$m")
    if [ ! -e "$preset" ]; then
      [ -z "$method" ] || [ -z "$task" ] || die 66 "no preset $preset"
      without+=("task=$name method=$m") # not asked for by name
      continue
    fi
    any=yes
    file=$(expert_of "$name" "$preset")
  done
  [ -n "$any" ] || die 66 "no preset $presets/$name-*.ini of one of the methods"
  if [ -n "$expert_dir" ] && [ ! -e "$file" ]; then
    echo "table.sh: no demonstrations $file: $name is skipped" >&2
    missing+=" $name"
    continue
  fi
  chosen+=("$name") expert[$name]=$file
  sizes[$name]=${size:-$(paper_sizes "$name" | paste -sd,)}
done
[ ${#chosen[@]} -gt 0 ] || die 66 "nothing to run: $expert_dir has no demonstrations of$missing"
chosen_tasks=$(IFS=,; echo "${chosen[*]}")
all_sizes=$(IFS=,; tr ',' '\n' <<<"${sizes[*]}" | sort -nu | paste -sd,)

# --- the sweep ------------------------------------------------------------------------------------
write_sweep() {
  local name pair key
  echo "; by experiments/table.sh"
  printf '[sweep]\npreset = %s/{task}-{method}.ini\n' "$presets"
  echo "name = {task}-{method}-{data.trajectories}-r{ranks}-s{run.seed}"
  printf '[axes]\ntask = %s\nmethod = %s\n' "$chosen_tasks" "$methods"
  for name in "${chosen[@]}"; do printf '[axes task=%s]\ndata.trajectories = %s\n' "$name" "${sizes[$name]}"; done
  printf '[axes]\nrun.seed = 1..%s\nranks = %s\n[resources]\nranks = {ranks}\n' "$seeds" "$ranks"
  [ ${#without[@]} -eq 0 ] || echo "[exclude]"
  for pair in "${without[@]}"; do
    name=${pair%% *}
    [[ ",$chosen_tasks," != *",${name#task=},"* ]] || echo "when = $pair"
  done
  for name in "${chosen[@]}"; do
    [ -z "${expert[$name]}" ] || printf '[set task=%s]\ndata.expert = %s\n' "$name" "${expert[$name]}"
  done
  # All that demonstrations.sh records, 25 falls included: 215 episodes are of full length.
  if [ -z "$expert_dir" ] && [[ ,${sizes[humanoid]-}, == *,240,* ]]; then
    printf '[set task=humanoid data.trajectories=240]\ndata.minimum_length = 0\n'
  fi
  # Ant has settings of its own for more trajectories than four.
  local many
  many=$(tr ',' '\n' <<<"${sizes[ant]-}" | awk '$1 > 4' | paste -sd,)
  if [ -n "$many" ] && [[ ,$methods, == *,mgail,* ]] && [ -e "$presets/ant-mgail-many.ini" ]; then
    printf '[sweep task=ant method=mgail data.trajectories=%s]\npreset = %s/ant-mgail-many.ini\n' "$many" "$presets"
  fi
  if [[ ,$methods, == *,none,* ]]; then
    printf '[sweep method=none]\npreset = %s/{task}-gail.ini\n[set method=none]\n' "$presets"
    echo "discriminator.updates = 0"
  fi
  [ ${#setting[@]} -eq 0 ] || echo "[set]"
  for key in "${!setting[@]}"; do echo "$key = ${setting[$key]}"; done
}
these=(task="$chosen_tasks" data.trajectories="$all_sizes" run.seed=1.."$seeds" ranks="$ranks")
[ -z "$method" ] || these+=(method="$method")

if [ -n "$dry_run" ]; then
  file=$(mktemp)
  trap 'rm -f "$file"' EXIT
  write_sweep >"$file"
  "$mgail" sweep expand "$file" --output "$output" --dry-run
  exit 0
fi

mkdir -p "$output"
for name in "${chosen[@]}"; do
  file=${expert[$name]}
  if [ -n "$file" ] && [ ! -e "$file" ]; then
    # One table at a time records; who waited finds the file there.
    flock "$output/demonstrations.lock" "$root/experiments/demonstrations.sh" "$name" ||
      die 66 "experiments/demonstrations.sh $name failed"
  fi
done
write_sweep >"$output/sweep.ini"
"$mgail" sweep expand "$output/sweep.ini" --output "$output" >/dev/null
[ "$ranks" -eq 1 ] || sweep_shared_memory

signals=0 pid=''
trap 'signals=$((signals + 1)); [ -z "$pid" ] || kill -USR1 "$pid" 2>/dev/null || true' TERM USR1 INT
"$mgail" sweep run "$output" "${these[@]}" ${jobs:+--jobs "$jobs"} 2>&1 &
pid=$!
while :; do # a signal ends `wait`, but not the runs
  seen=$signals code=0
  wait "$pid" || code=$?
  [ "$signals" -ne "$seen" ] || break
done
case $code in
  0 | 1) ;;
  75) echo "table.sh: stopped; the same command goes on" >&2; exit 75 ;;
  *) exit "$code" ;;
esac
code=0
"$mgail" sweep collect "$output" "${these[@]}" || code=$?
[ -z "$missing" ] || echo "table.sh: left out, for $expert_dir has no demonstrations of them:$missing" >&2
[ "$code" -eq 0 ] || echo "table.sh: not all runs are done, see above; their output is in $output/logs" >&2
exit "$code"
