#!/bin/bash
# Curves where people look: TensorBoard's event files, CSV, and curves.h5 as xarray opens it.
#
#   MGAIL=program [PYTHON=python3] test_curves_elsewhere.sh EXPERIMENTS
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
experiments=$(realpath "${1:?usage: test_curves_elsewhere.sh EXPERIMENTS}")
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
python=${PYTHON:-python3}

mgail record --checkpoint "$experiments/experts/cartpole.h5" --episodes 3 --output data.h5 >said 2>&1 || fail "record"
mgail train --env CartPole-v0 --expert data.h5 --trajectories 2 --steps 1200 --set run.environments=4 \
  --set evaluate.every=400 --set evaluate.episodes=3 --set evaluate.final_episodes=2 --output runs/own >said 2>&1 ||
  fail "training"
mgail train "${tiny[@]}" --steps 1000 --output runs/task >said 2>&1 || fail "training"
mgail train --algorithm bc --env CartPole-v0 --expert data.h5 --trajectories 2 --set bc.epochs=5 --set evaluate.every=2 \
  --set evaluate.episodes=3 --set evaluate.final_episodes=2 --output runs/none >said 2>&1 || fail "training"

expect 0 "tensorboard --logdir events" report runs --tensorboard events --csv tables
[ "$(find events -type f | wc -l)" -eq 3 ] || fail "not one file a run"
[ -d events/own ] && [ -d events/task ] && [ -d events/none ] || fail "runs have other names"
if $python -c 'import h5py' 2>/dev/null; then
  $python "$here/curves_elsewhere.py" events tables runs/own runs/task runs/none >said 2>&1 || fail "another program reads otherwise"
  cat said
else
  echo "not read by others, for want of h5py (PYTHON=$python)"
fi
if $python -c 'import xarray, h5netcdf, matplotlib' 2>/dev/null; then
  (MPLBACKEND=Agg $python "$experiments/plot_seeds.py" runs/own runs/own) >said 2>&1 || fail "plot_seeds.py"
  [ -s seeds.png ] || fail "no seeds.png"
fi

# Written again, the same files take the same names; a run of one folder has its own name.
find events tables -type f -exec cksum {} + | sort >before
expect 0 "" report runs --tensorboard events --csv tables
find events tables -type f -exec cksum {} + | sort >after
cmp before after || fail "a second report is another"
expect 0 "" report runs/task --tensorboard one
[ -d one/task ] || fail "the run of one folder has another name"
expect 0 "" report --csv one/deeper/tables --tensorboard one runs/own --output page
[ -s page/report.md ] && [ -s one/deeper/tables/curves.csv ] || fail "not all three"

# Runs that cannot be read are named; with none left, and where nothing can be written, it fails.
mkdir runs/broken
cp runs/task/config.ini runs/broken
head -c 3000 runs/task/curves.h5 >runs/broken/curves.h5
expect 0 "runs/broken: skipped: " report runs --tensorboard events2 --csv tables2
[ ! -e events2/broken ] || fail "a file of a broken run"
[ "$(wc -l <tables2/runs.csv)" -eq 4 ] || fail "runs.csv has other lines than three runs"
expect 65 "no run could be read of 1 folder" report runs/broken --tensorboard events3
expect 66 "missing" report missing --csv tables3
touch file
expect 73 "file" report runs --tensorboard file
expect 73 "file/deeper" report runs --csv file/deeper
expect 64 "--tensorboard is of run folders" report page/runs.h5 --tensorboard events3
expect 64 "--output, --tensorboard or --csv is required" report runs
expect 64 "is empty" report runs --csv ""
[ -z "$(find . -name '*.tmp.*')" ] || fail "temporary files are left"
echo "passed"
