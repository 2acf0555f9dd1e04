#!/bin/bash
# A small sweep under a Slurm of this test's own, two nodes: arrays cut to the cluster's limit, packed runs, a bad
# setting, a killed rank, a lost node, a job cancelled, and what is told of it. Exit 77: no Slurm here.
# Usage: test_sweep_slurm.sh
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/common.sh"
. "$here/slurm_local.sh"
need_h5diff
sweep=$here/../../slurm/sweep.sh
trap 'slurm_stop; rm -rf "$folder"' EXIT
trap 'exit 143' TERM INT
chmod 755 "$folder"
export SLURM_ARRAY_MAX=3 MGAIL
slurm_start "$folder/slurm" 2
unset SLURM_ARRAY_MAX

{ slurm_sweep && cat <<'INI'; } >sweep.ini
[axes]
kind = plain, bad, killed, lost
run.seed = 1..4
[set kind=killed]
run.steps = 20000
[set kind=lost]
run.steps = 8000
[exclude]
when = kind=bad,killed,lost run.seed=2..4
[resources]
minutes = 20
[resources kind=plain]
pack = 1
[resources kind=killed,lost]
ranks = 2
[resources kind=lost]
sbatch = --nodes=2 --ntasks-per-node=1
INI
expect 0 "7 runs: 7 new" sweep expand sweep.ini --output d

# sweep CODE TEXT ARGUMENTS...
sweep() {
  local code=$1 text=$2 got=0
  shift 2
  bash "$sweep" "$@" >said 2>&1 || got=$?
  [ "$got" -eq "$code" ] || fail "sweep.sh $*: exit code $got instead of $code"
  grep -qF -e "$text" said || fail "sweep.sh $*: does not say: $text"
}

# A cluster without PMIx, and one that refuses: a sentence, and nothing is submitted.
mkdir bin
# shellcheck disable=SC2016  # for the script
printf '#!/bin/sh\n[ "$1" != --mpi=list ] || exec echo "MPI plugin types are... none pmi2"\nexec %s "$@"\n' \
  "$(command -v srun)" >bin/srun
chmod +x bin/srun
PATH=$folder/bin:$PATH sweep 69 "this Slurm starts no ranks of Open MPI: 'srun --mpi=list' has no pmix" submit d
rm bin/srun
sweep 1 "sbatch refused: sbatch: error: " submit d -- --partition=no-such
slurm_quiet || fail "something was submitted: $(squeue)"

# Four plain runs in arrays of three tasks at most; with a limit of one, single jobs; all once.
sweep 0 "4 of 4 tasks submitted" submit d kind=plain
[ "$(grep -c ' array$' d/slurm/jobs)" -eq 2 ] || fail "not two arrays: $(cat d/slurm/jobs)"
sweep 0 "0 of 0 tasks submitted" submit d kind=plain
await slurm_quiet
sweep 0 "4 runs: 4 done, 0 running, 0 waiting, 0 failed" status d kind=plain
for seed in 1 2 3 4; do
  [ "$(grep -c '^done: ' d/runs/plain-s$seed/log.txt)" -eq 1 ] || fail "plain-s$seed ran not once"
done
mgail train --config d/settings/plain-s1.ini --output alone 2>log
same_run alone d/runs/plain-s1
grep -q "7 runs: 4 done, 0 running, 3 waiting, 0 failed" d/slurm/logs/collect-*.log || fail "not collected"
printf '#!/bin/sh\n%s "$@" | sed "s/^MaxArraySize.*/MaxArraySize = 1/"\n' "$(command -v scontrol)" >bin/scontrol
chmod +x bin/scontrol

# A bad setting, by single jobs. Its collecting job is cancelled: nothing is lost, and it is said.
PATH=$folder/bin:$PATH sweep 0 "1 of 1 tasks submitted" submit d kind=bad
[ "$(grep -c ' one$' d/slurm/jobs)" -eq 1 ] || fail "not a single job: $(cat d/slurm/jobs)"
scancel "$(tail -n 1 d/slurm/jobs | cut -d ' ' -f 1)"
await slurm_quiet
sweep 0 "failed    bad-s1  exit code 66 on $(slurm_node 1)" status d
grep -q 'train.sbatch: cannot go on, exit code 1' "$(find d/slurm/logs -name '[0-9]*.log' -newer d/slurm/tasks.2 | sort -n | tail -n 1)" ||
  fail "the job does not say why"
sweep 1 "7 runs: 4 done, 0 running, 2 waiting, 1 failed" collect d
grep -q 'bad-s1: failed: exit code 66 on .*no-such.h5' d/report/report.md || fail "not in the report"

# A rank that is killed, and a node that is lost while a run is on both.
sweep 0 "1 of 1 tasks submitted" submit d kind=killed
await test -s d/runs/killed-s1/checkpoint.h5
kill -KILL "$(slurm_ranks d/settings/killed-s1.ini | tail -n 1)"
await slurm_quiet
sweep 0 "done      killed-s1" status d
sweep 0 "1 of 1 tasks submitted" submit d kind=lost
await test -s d/runs/lost-s1/checkpoint.h5
slurm_cut 2
job=$(sed -n 's/^job = //p' d/state/lost-s1)
await slurm_requeued "$job"
slurm_heal 2
await slurm_quiet
sweep 0 "done      lost-s1" status d
for kind in killed lost; do
  mpirun --oversubscribe --bind-to none -n 2 "$MGAIL" train --config d/settings/$kind-s1.ini --output $kind 2>log
  same_run $kind d/runs/$kind-s1
done

# What failed is put right, and is what is left to do; cancelled, it waits.
sed 's/^run.algorithm = bc//; s/^data.expert = no-such.h5/run.steps = 1e8/' sweep.ini >right.ini
expect 0 "1 changed" sweep expand right.ini --output d
sweep 0 "0 of 0 tasks submitted" submit d
sweep 0 "1 of 1 tasks submitted" resubmit d
await test -s d/runs/bad-s1/checkpoint.h5
sweep 0 "running   bad-s1" status d
sweep 0 "0 of 0 tasks submitted" resubmit d
sweep 0 "cancelled: " cancel d
await slurm_quiet
sweep 0 "waiting   bad-s1" status d
sed -i 's/1e8/3000/' right.ini
expect 0 "0 new" sweep expand right.ini --output d
sweep 0 "1 of 1 tasks submitted" resubmit d
await slurm_quiet
grep -q "7 runs: 7 done, 0 running, 0 waiting, 0 failed" "$(find d/slurm/logs -name 'collect-*' | sort -V | tail -n 1)" ||
  fail "not all is done and collected"
echo "passed"
