#!/bin/bash
# The scripts of experiments: help, and one sentence for a wrong command line. Usage: test_scripts.sh
# EXPERIMENTS
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
experiments=$1

# script CODE TEXT SCRIPT ARGUMENTS...
script() {
  local code=$1 text=$2 script=$3 got=0
  shift 3
  bash "$experiments/$script.sh" "$@" >said 2>&1 || got=$?
  [ "$got" -eq "$code" ] || fail "$script.sh $*: exit code $got instead of $code"
  grep -qF -e "$text" said || fail "$script.sh $*: does not say: $text"
}

# with_values SCRIPT: its options that take a value, as its help has them
with_values() { bash "$experiments/$1.sh" --help | sed -nE 's/^  (--[a-z-]+) ["A-Z].*/\1/p'; }

for path in "$experiments"/*.sh; do
  name=$(basename "$path" .sh)
  [ "$name" != common ] || continue
  script 0 "mgail " "$name" -V
  for option in -h --help help; do script 0 "Usage: experiments/$name.sh" "$name" $option; done
  script 64 "error: $name.sh: unknown" "$name" --nonsense
  [ "$(wc -l <said)" -eq 1 ] || fail "$name.sh says more than a sentence"
  for option in $(with_values "$name"); do
    script 64 "error: $name.sh: $option needs a value" "$name" "$option"
  done
done
[ "$(with_values table | wc -l)" -ge 9 ] || fail "options of table.sh: $(with_values table)"

script 64 "unexpected argument 'hopper'" quickstart hopper
script 64 "--ranks 0: expected a whole number" quickstart --ranks 0
script 64 "no expert experiments/experts/nothing.h5" demonstrations nothing
script 64 "no preset experiments/experts/nothing.ini" experts nothing
script 0 "Usage: experiments/scale/simulate.sh" scale/simulate --help
script 64 "--kinds both: expected strong or weak" scale/simulate --kinds both
script 64 "--ranks 0: expected a whole number" scale/simulate --ranks 4,0
script 64 "--jitter x: expected a number from 0" scale/simulate --jitter x
script 66 "nothing: there is no experiments/nothing-mgail.ini" scale/simulate nothing
script 0 "Usage: experiments/scale/resume.sh" scale/resume --help
script 64 "--changes 1to2: expected ranks before and after" scale/resume --changes 1-2,1to2
script 66 "nothing: there is no experiments/nothing-mgail.ini" scale/resume --task nothing

# The batch script, outside of Slurm.
sbatch() { # CODE TEXT ARGUMENTS...
  local code=$1 text=$2 got=0
  shift 2
  env -u SLURM_JOB_ID bash "$experiments/../slurm/train.sbatch" "$@" >said 2>&1 || got=$?
  [ "$got" -eq "$code" ] || fail "train.sbatch $*: exit code $got instead of $code"
  grep -qF -e "$text" said || fail "train.sbatch $*: does not say: $text"
}
for option in -h --help help; do sbatch 0 "Usage: sbatch" $option; done
for option in -V --version; do sbatch 0 "mgail " $option; done
sbatch 64 "Usage: sbatch"
sbatch 64 "'--steps': expected RUN_FOLDER first" --steps 3
sbatch 69 "not in a job of Slurm" run

for option in -h --help help; do script 0 "Usage: slurm/sweep.sh" ../slurm/sweep $option; done
script 64 "expected submit, resubmit, status, cancel or collect" ../slurm/sweep start
script 64 "submit: expected the folder of a sweep" ../slurm/sweep submit
script 64 "--throttle none: expected a whole number" ../slurm/sweep submit d --throttle none
script 64 "unknown option '--nonsense'" ../slurm/sweep status d --nonsense
script 66 "no-such: no sweep; make one by mgail sweep expand" ../slurm/sweep submit no-such

# The sweep file that the README of slurm shows is one.
mkdir slurm
ln -s "$experiments" experiments
awk '/^```ini$/ { inside = 1; next } /^```/ { inside = 0 } inside' "$experiments/../slurm/README.md" >slurm/shown.ini
expect 0 "waiting   humanoid-mgail-240-100_100-s5  4 ranks, 240 min" sweep expand slurm/shown.ini --output d --dry-run
[ "$(wc -l <said)" -eq 182 ] || fail "not the 182 runs that the README's sweep has"

# Open MPI knows every setting of the file that comes along, and takes it.
if command -v ompi_info >/dev/null; then
  OMPI_MCA_mca_base_param_files=$experiments/../slurm/openmpi.conf ompi_info --all --parsable >known 2>/dev/null
  grep '=' "$experiments/../slurm/openmpi.conf" | grep -v '^#' >settings
  [ "$(wc -l <settings)" -ge 4 ] || fail "openmpi.conf has no settings"
  while read -r key _ value; do
    grep -q ":$key:value:$value$" known || fail "openmpi.conf: Open MPI does not take $key = $value"
  done <settings
fi

# The scripts of the tests.
for name in run format; do
  for option in -h --help help; do script 0 "Usage: tests/$name.sh" ../tests/$name $option; done
  for option in -V --version; do script 0 "mgail " ../tests/$name $option; done
  script 64 "error: $name.sh: " ../tests/$name --nonsense
done

# Scripts in Python: what is missing is a sentence.
if command -v python3 >/dev/null; then
  python() { # TEXT SCRIPT ARGUMENTS...
    local text=$1 script=$2
    shift 2
    if python3 "$experiments/$script.py" "$@" >said 2>&1; then fail "$script.py $*: exit code 0"; fi
    if grep -q Traceback said; then fail "$script.py $*: a traceback"; fi
    grep -qF -e "$text" said || fail "$script.py $*: does not say: $text"
  }
  for path in "$experiments"/*.py; do
    python3 "$path" -h >said 2>&1 || fail "$path -h"
    grep -q '^usage: ' said || fail "$path -h"
  done
  echo '{"final":{"raw":{"mean_action":{"mean":1}}}}' >some.json
  python "some.json: left out: its result has no 'demonstrations'" results --score some.json
  python "some.json: left out: its result has no" results some.json
  python "some.json: left out: its result has no" results --expert some.json
  python "some.json: left out: its result has no" results --paper some.json
  for seed in 1 2; do
    python3 -c "import json
acted = {'mean': 3000 + $seed * 100, 'sd': 1, 'min': 2900}
json.dump({'algorithm': 'mgail', 'env': 'Hopper-v4', 'seed': $seed, 'ranks': 1, 'steps': 9e4, 'seconds': 9, 'random_return': 0,
  'demonstrations': {'trajectories': 4, 'return': {'mean': 3200}},
  'final': {'raw': {'mean_action': acted, 'stochastic': acted}},
  'evaluations': [{'steps': k * 1e4, 'seconds': k, 'raw_mean': k * 1000} for k in (1, 2, 3)]}, open('s$seed.json', 'w'))"
  done
  python3 "$experiments/results.py" --paper s1.json s2.json >said 2>&1 || fail "results.py --paper"
  grep -qF '| Hopper | 4 | 3200 |  |  | 3150 (3100) 2 | 0.98 (0.97) | 0.98 | 30k | 51, 3614, 3670 |' said ||
    fail "results.py --paper: $(cat said)"
  # The published tables are what the collections beside them say.
  if python3 -c 'import h5py' 2>/dev/null; then
    collections=("$experiments"/results/table-*.h5)
    python3 "$experiments/results.py" --paper "${collections[@]}" >paper || fail "results.py --paper of the collections"
    [ "$(grep -c '^| [A-Z]' paper)" -eq 31 ] || fail "not the paper's 31 rows: $(cat paper)"
    grep -vxFf "$experiments/results/table.md" paper && fail "table.md has other lines than the collections"
    python3 "$experiments/results.py" --score "${collections[@]}" | sed '1,/^$/d' >scores
    [ "$(wc -l <scores)" -ge 90 ] || fail "scores of $(wc -l <scores) cells"
    grep -vxFf "$experiments/results/mgail.md" scores && fail "mgail.md has other lines than the collections"
    cp some.json some.h5
    python "some.h5: " results --score some.h5
  else
    echo "table.md not compared with its collections, for want of Python's h5py"
    python "expected Python's h5py" results --paper "$experiments/results/table-3d.h5"
  fi
  python "no-such: no finished run" results no-such
  python "expected numbers by comma" results --reach half some.json
  python "no-such: no such program" compare_rollout --mgail no-such
  python "no-such: no such program" compare_frameworks --mgail no-such
fi

# Tasks come from the program, sizes from the paper's table.
export MGAIL
script 0 "waiting   cartpole-mgail-10-r1-s3" table --output "$folder/table" --dry-run
for cell in hopper-bc-25 humanoid-mgail-240 ant-bc-4; do
  grep -q "^waiting  *$cell-" said || fail "table.sh --dry-run has no $cell"
done
echo "passed"
