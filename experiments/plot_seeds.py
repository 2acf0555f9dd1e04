#!/usr/bin/env python3
"""usage: experiments/plot_seeds.py RUN...     learning curves of runs, and their mean, into seeds.png"""
import sys
if len(sys.argv) < 2 or sys.argv[1] in ("-h", "--help"): sys.exit(print(__doc__))
import matplotlib.pyplot as plt
import xarray  # with h5netcdf

runs = [xarray.open_dataset(f"{run}/curves.h5", group="evaluation", engine="h5netcdf") for run in sys.argv[1:]]
returns = [run.return_average.mean("episode") for run in runs]
for run, one in zip(runs, returns):
    plt.plot(run.environment_steps, one, color="tab:blue", alpha=0.3)
plt.plot(runs[0].environment_steps, xarray.concat(returns, "seed", join="left").mean("seed"), color="tab:blue")
plt.xlabel("environment steps"), plt.ylabel("return")
plt.savefig("seeds.png")
