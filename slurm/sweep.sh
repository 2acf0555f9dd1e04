#!/bin/bash
# A sweep under Slurm: what mgail sweep has expanded, submitted as arrays of jobs; see slurm/README.md.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

usage() {
  cat <<'HELP'
Usage: slurm/sweep.sh COMMAND DIR [AXIS=VALUES...] [option...] [-- option of sbatch...]

DIR is what `mgail sweep expand FILE --output DIR` has made. AXIS=VALUES, such as run.seed=1..3, chooses runs.

  submit    starts what has not been begun, or was stopped, and is in no queue: an array of jobs for each kind
            of resources, and a job behind them that collects and reports, whatever has failed
  resubmit  the same, and what has failed
  status    names every run: done, running, waiting, or failed with exit code, node and last line
  cancel    all jobs of this sweep; resubmit goes on from the checkpoints
  collect   DIR/runs.h5 and DIR/report now

  --throttle N  of each array so many jobs at a time
  --json        status: as JSON
  --dry-run     submit: print the jobs, submit none

MGAIL: the program (default build/release/mgail of this project); it must be there on all nodes, as DIR.

Exit codes: 0 done; 1 sbatch refused some, or collect found runs that are not done; 64 usage; 66 no program or
no sweep; 69 no Slurm, or one without PMIx.
HELP
}
die() { # CODE SENTENCE
  echo "error: sweep.sh: $2" >&2
  exit "$1"
}

command=${1:-} throttle='' json='' dry='' conditions=() extra=() dir=''
case $command in
  -h | --help | help) usage; exit 0 ;;
  -V | --version) sed -n 's/^project(\([^ ]*\) VERSION \([^ ]*\).*/\1 \2/p' "$here/../CMakeLists.txt"; exit 0 ;;
  submit | resubmit | status | cancel | collect) shift ;;
  *) die 64 "'$command': expected submit, resubmit, status, cancel or collect; see --help" ;;
esac
while [ $# -gt 0 ]; do
  case $1 in
    --) shift; extra=("$@"); break ;;
    --throttle) [[ ${2:-} =~ ^[1-9][0-9]{0,5}$ ]] || die 64 "--throttle ${2:-}: expected a whole number from 1"
      throttle=%$2; shift ;;
    --json) json=--json ;;
    --dry-run) dry=yes ;;
    -*) die 64 "unknown option '$1'; see --help" ;;
    *) if [ -z "$dir" ]; then dir=$1; else conditions+=("$1"); fi ;;
  esac
  shift
done
[ -n "$dir" ] || die 64 "$command: expected the folder of a sweep; see --help"
[ -e "$dir/manifest.tsv" ] || die 66 "$dir: no sweep; make one by mgail sweep expand FILE --output $dir"
dir=$(realpath "$dir")
MGAIL=$(realpath -m "${MGAIL:-$here/../build/release/mgail}")
export MGAIL
[ -x "$MGAIL" ] || die 66 "$MGAIL: no such program; build it, or set MGAIL"
for program in sbatch squeue scontrol scancel; do
  command -v "$program" >/dev/null || die 69 "there is no $program; without Slurm: mgail sweep $command $dir"
done
mkdir -p "$dir/slurm/logs"
# One of them at a time submits: what another has just submitted is in no queue of this one's.
exec 9>"$dir/slurm/lock"
flock -w 60 9 || [ $? -ne 1 ] || # other codes: a file system without locks
  die 69 "$dir/slurm/lock: another sweep.sh has been at work on this sweep for a minute"

# ---- what Slurm knows ----
# slurm/jobs: a line for each job that was submitted: its number, line of the first task in the list, number of
# tasks, the list, and whether it is an array, one job, or the collecting one.
jobs=$dir/slurm/jobs queue=$dir/slurm/queue
touch "$jobs"
declare -A state=() # of "JOB_INDEX" or "JOB"

ask_slurm() {
  local job index now answer
  answer=$(squeue --me -h -r -t all -o '%F %K %T') || die 69 "squeue failed: is the controller there?"
  while read -r job index now; do
    [ -n "$job" ] || continue
    if [ "$index" = N/A ]; then state[$job]=$now; else state[${job}_$index]=$now; fi
  done <<<"$answer"
}
# The queue as mgail reads it: NAME JOB STATE LAST-LINE
write_queue() {
  local job offset count list kind k id now line names name
  ask_slurm
  while read -r job offset count list kind; do
    [ "$kind" != collect ] || continue
    for ((k = 0; k < count; k++)); do
      id=$job
      [ "$kind" != array ] || id=${job}_$k
      now=${state[$id]:-GONE} line=''
      case $now in
        PENDING | RUNNING | COMPLETED) ;;
        *) line=$(tail -n 1 "$dir/slurm/logs/$id.log" 2>/dev/null | tr '\t\r' '  ') || true ;;
      esac
      IFS=$'\t' read -r _ _ _ names _ < <(sed -n "$((offset + k + 1))p" "$dir/slurm/$list") || true
      for name in $names; do printf '%s\t%s\t%s\t%s\n' "$name" "$id" "$now" "$line"; done
    done
  done <"$jobs" >"$queue.new"
  mv "$queue.new" "$queue"
}
lives() { [[ ${state[$1]:-GONE} =~ ^(PENDING|CONFIGURING|RUNNING|COMPLETING|SUSPENDED|REQUEUED|REQUEUE_HOLD|SPECIAL_EXIT)$ ]]; }
# Numbers of this sweep's jobs that are queued or running. live KIND: collect, or all others
live() {
  local job count kind k
  while read -r job _ count _ kind; do
    case $1:$kind in
      collect:collect) if lives "$job"; then echo "$job"; fi ;;
      collect:* | tasks:collect) ;;
      *) if lives "$job"; then echo "$job"; continue; fi
         for ((k = 0; k < count; k++)); do if lives "${job}_$k"; then echo "$job"; break; fi; done ;;
    esac
  done <"$jobs"
}

# ---- submit ----
refused=''
# submit_job WORDS OF SBATCH...: sets job; false where it is refused
submit_job() {
  if [ -n "$dry" ]; then printf ' %q' sbatch "$@"; echo; job=0; return; fi
  if job=$(sbatch --parsable "$@" 2>&1); then
    job=${job%%;*}
    return
  fi
  refused=$job
  return 1
}

# tasks of one kind: lines OFFSET .. OFFSET+COUNT-1 of the list
submit_tasks() { # OFFSET COUNT RANKS MINUTES RUNS OPTIONS
  local offset=$1 count=$2 ranks=$3 minutes=$4 runs=$5 kind=array lead words=() array=()
  lead=$((minutes * 15 < 120 ? minutes * 15 : 120)) # [s], to save; a quarter of a short job
  [ "$runs" -eq 1 ] || words=(--nodes=1) # packed on one node
  read -ra options <<<"$6"
  array=(--array="0-$((count - 1))$throttle" --output="$dir/slurm/logs/%A_%a.log")
  if [ "$most" -le 1 ]; then kind=one array=(--output="$dir/slurm/logs/%j.log"); fi # no arrays here
  submit_job --job-name="sweep-${dir##*/}" --ntasks=$((ranks * runs)) "${words[@]}" --time="$minutes" \
    --signal="B:USR1@$lead" --requeue --open-mode=append "${array[@]}" "${options[@]}" "${extra[@]}" \
    "$here/train.sbatch" --sweep "$dir" "$dir/slurm/$list" "$offset" || return 1
  [ -n "$dry" ] || echo "$job $offset $count $list $kind" >>"$jobs"
}

# Behind all tasks that are there, whatever becomes of them; one that waited for fewer is replaced.
submit_collect() {
  local ids old words
  [ -n "$dry" ] || ask_slurm
  old=$(live collect) ids=$(live tasks | sort -u | tr '\n' ':')
  [ -n "$ids" ] || [ -n "$dry" ] || return 0
  printf -v words '%q ' env MGAIL="$MGAIL" bash "$here/sweep.sh" collect "$dir"
  submit_job --job-name="collect-${dir##*/}" --ntasks=1 --time=60 --dependency="afterany:${ids%:}" \
    --kill-on-invalid-dep=yes --output="$dir/slurm/logs/collect-%j.log" "${extra[@]}" --wrap="$words" || return 1
  [ -z "$dry" ] || return 0
  echo "$job 0 0 - collect" >>"$jobs"
  # shellcheck disable=SC2086  # numbers
  [ -z "$old" ] || scancel $old
}

submit() {
  local number=1 total=0 sent=0 lines=() k from size key
  srun --mpi=list 2>&1 | grep -qw 'pmix[_v0-9]*' ||
    die 69 "this Slurm starts no ranks of Open MPI: 'srun --mpi=list' has no pmix; run the sweep by mgail sweep run $dir, see slurm/README.md"
  most=$(scontrol show config | sed -n 's/^MaxArraySize *= *//p')
  [[ $most =~ ^[0-9]+$ ]] || most=1001
  write_queue
  while [ -e "$dir/slurm/tasks.$number" ]; do number=$((number + 1)); done
  list=tasks.$number
  "$MGAIL" sweep plan "$dir" "${conditions[@]}" --queue "$queue" "$@" >"$dir/slurm/$list"
  mapfile -t lines <"$dir/slurm/$list"
  total=${#lines[@]}
  for ((from = 0; from < total; from += size)); do
    IFS=$'\t' read -r ranks minutes runs _ options_text <<<"${lines[from]}"
    key="$ranks $minutes $runs $options_text"
    for ((size = 0; from + size < total && (size < most || size == 0); size++)); do
      IFS=$'\t' read -r r m n _ o <<<"${lines[from + size]}"
      [ "$r $m $n $o" = "$key" ] || break
    done
    submit_tasks "$from" "$size" "$ranks" "$minutes" "$runs" "$options_text" || break
    sent=$((sent + size))
  done
  [ "$sent" -gt 0 ] || rm -f "$dir/slurm/$list"
  if [ -z "$refused" ] && { [ "$sent" -gt 0 ] || [ -z "$(live collect)" ]; }; then submit_collect || true; fi
  [ -z "$dry" ] || { rm -f "$dir/slurm/$list"; return 0; }
  echo "sweep.sh: $sent of $total tasks submitted; slurm/sweep.sh status $dir"
  if [ -n "$refused" ]; then
    [ "$sent" -eq 0 ] || submit_collect || true
    die 1 "sbatch refused: $refused; slurm/sweep.sh $command $dir submits the rest later"
  fi
}

# ---- the other commands ----
case $command in
  submit) submit ;;
  resubmit) submit --failed ;;
  status)
    write_queue
    "$MGAIL" sweep status "$dir" "${conditions[@]}" --queue "$queue" $json
    [ -z "$json" ] || exit 0
    collecting=$(live collect | tr '\n' ' ')
    if [ -n "$collecting" ]; then echo "collected by job $collecting"
    elif [ -n "$(live tasks)" ]; then echo "no job is queued that collects: slurm/sweep.sh collect $dir does so at any time"; fi ;;
  cancel)
    [ ${#conditions[@]} -eq 0 ] || die 64 "cancel: expected no conditions: it cancels all jobs of the sweep"
    ask_slurm
    ids=$({ live tasks; live collect; } | sort -u | tr '\n' ' ')
    # shellcheck disable=SC2086  # numbers
    [ -z "$ids" ] || scancel $ids
    echo "sweep.sh: cancelled: ${ids:-nothing}; slurm/sweep.sh resubmit $dir goes on" ;;
  collect)
    write_queue
    exec 9>&- # what follows may take a while
    exec "$MGAIL" sweep collect "$dir" "${conditions[@]}" --queue "$queue" ;;
esac
