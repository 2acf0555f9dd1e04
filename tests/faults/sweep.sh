#!/bin/bash
# A sweep on a cluster on which much goes wrong; --help.
# shellcheck disable=SC2154  # folder: common.sh
usage() {
  cat <<'HELP'
Usage: MGAIL=PROGRAM sweep.sh [--nodes N]

Twenty-four short runs under a Slurm of its own on this machine: one has a bad setting, of one a rank is killed, of one
a rank is stopped (SIGSTOP), of one a node is lost, one is longer than its time limit. All but the first must end
well, without help; status, the collection and the report must name that one with its reason, and resubmit must
complete it once it is put right. Curves and parameters must be those of the same runs by mpirun, bit for bit. Takes some
ten minutes.

--nodes N   of the cluster, 2 or more (default 2)

Exit codes: 0 all that; 1 not; 64 usage; 77 no Slurm here, or not root.
HELP
}

nodes=2
while [ $# -gt 0 ]; do
  case $1 in
  -h | --help | help) usage; exit 0 ;;
  --nodes) nodes=${2:?} && shift 2 ;;
  *) echo "error: sweep.sh: unknown option '$1'; see --help" >&2; exit 64 ;;
  esac
done
[[ $nodes =~ ^[2-9]$ ]] || { echo "error: sweep.sh: --nodes $nodes: expected 2 to 9" >&2; exit 64; }
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/../e2e/common.sh"
. "$here/../e2e/slurm_local.sh"
need_h5diff
trap 'slurm_stop; rm -rf "$folder"' EXIT
trap 'exit 143' TERM INT
chmod 755 "$folder"
export MGAIL
slurm_start "$folder/slurm" "$nodes"

# Short, but for those that something happens to.
{ slurm_sweep && cat <<'INI'; } >sweep.ini
[axes]
kind = plain, bad, killed, stopped, lost, late
run.seed = 1..19
[set kind=killed,stopped,lost]
run.steps = 20000
[set kind=late]
run.environments = 32
run.steps = 5e6
evaluate.every = 1e6
run.checkpoint_seconds = 10
[exclude]
when = kind=bad,killed,stopped,lost,late run.seed=2..19
[resources]
minutes = 20
[resources kind=plain]
pack = 2
[resources kind=killed,stopped,lost]
ranks = 2
[resources kind=lost]
sbatch = --nodes=2 --ntasks-per-node=1
[resources kind=late]
minutes = 3
INI
expect 0 "24 runs: 24 new" sweep expand sweep.ini --output d

sweep() { bash "$here/../../slurm/sweep.sh" "$@" >said 2>&1; }
says_of() { grep -qE -e "$2" "$1" || fail "$1 does not say: $2"; } # FILE PATTERN

# signal_one SIGNAL RUN: to one of its ranks, once it has a checkpoint
signal_one() {
  await test -s "d/runs/$2/checkpoint.h5"
  kill "-$1" "$(slurm_ranks "d/settings/$2.ini" | tail -n 1)"
}

sweep submit d || fail "submit"
tail -n 1 said
signal_one KILL killed-s1
echo "killed a rank of killed-s1"
signal_one STOP stopped-s1
echo "stopped a rank of stopped-s1"
await test -s d/runs/lost-s1/checkpoint.h5
lost=$(sed -n 's/^job = //p' d/state/lost-s1)
node=$(squeue -h -j "$lost" -o %N | sed 's/^.*[[,-]\([0-9]*\)\]$/\1/; s/^.*n\([0-9]*\)$/\1/')
slurm_cut "$node"
echo "cut node $node from lost-s1"
await slurm_requeued "$lost"
slurm_heal "$node"
await slurm_quiet

sweep status d || true
cat said
says_of said '24 runs: 23 done, 0 running, 0 waiting, 1 failed'
says_of said 'failed +bad-s1 +exit code 66 on '
logs=$(find d/slurm/logs -name 'collect-*' | sort -V | tail -n 1)
says_of "$logs" '24 runs: 23 done, 0 running, 0 waiting, 1 failed'
says_of d/report/report.md 'bad-s1: failed: exit code 66 on .*no-such.h5'
says_of d/runs/late-s1/log.txt 'stopped on request'

# The collection: every run, and why one is left out.
h5dump -y -d /runs/folder d/runs.h5 >folders
[ "$(grep -o 'runs/[a-z]*-s[0-9]*' folders | sort -u | wc -l)" -eq 23 ] || fail "the collection has not 23 runs"
h5dump -y -d /skipped/folder d/runs.h5 >skipped
says_of skipped 'runs/bad-s1'
h5dump -y -d /skipped/reason d/runs.h5 >reasons
says_of reasons 'exit code 66 on .*no-such.h5'

sed 's/^run.algorithm = bc//; s/^data.expert = no-such.h5//' sweep.ini >right.ini
expect 0 "1 changed" sweep expand right.ini --output d
sweep resubmit d || fail "resubmit"
says_of said '1 of 1 tasks submitted'
await slurm_quiet
sweep status d || fail "not all is done"
says_of said '24 runs: 24 done, 0 running, 0 waiting, 0 failed'

for settings in d/settings/*.ini; do
  name=$(basename "$settings" .ini) ranks=1
  case $name in killed-* | stopped-* | lost-*) ranks=2 ;; esac
  mpirun --oversubscribe --bind-to none -n $ranks "$MGAIL" train --config "$settings" --output "alone-$name" 2>log ||
    fail "$name by mpirun"
  same_run "alone-$name" "d/runs/$name"
done
echo "24 runs are those of mpirun, bit for bit"
echo "passed"
