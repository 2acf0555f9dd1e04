"""Reads what runs and `mgail report` have written with the programs that it is for, as far as they are
here; h5py says what is expected.

Usage: curves_elsewhere.py TENSORBOARD_DIR CSV_DIR RUN...    prints what could not be tried"""
import csv
import math
import pathlib
import sys

import h5py
import numpy as np


def close(a, b):
    return all(x == y or (math.isnan(x) and math.isnan(y)) or abs(x - y) <= 1e-6 * abs(y) for x, y in zip(a, b))


def expected_of(run):
    with h5py.File(run / "curves.h5") as file:
        return {group: {name: data[()].mean(1) if data.ndim == 2 else data[()]
                        for name, data in file[group].items() if name != "episode"}
                for group in ("curves", "evaluation")}


def check_csv(folder, runs):
    for name, group in (("curves.csv", "curves"), ("evaluations.csv", "evaluation")):
        with open(folder / name, newline="") as file:
            rows = list(csv.DictReader(file))
        for run, expected in runs.items():
            own = [row for row in rows if pathlib.Path(row["folder"]) == run]
            for column, values in expected[group].items():
                assert len(own) == len(values), (run, column, len(own), len(values))
                got = [float(row[column] or "nan") for row in own]
                assert close(got, values), (run, column)
    with open(folder / "runs.csv", newline="") as file:
        rows = {pathlib.Path(row["folder"]): row for row in csv.DictReader(file)}
    assert set(rows) == set(runs), (set(rows), set(runs))
    for run, expected in runs.items():
        assert int(rows[run]["steps"]) == expected["curves"]["environment_steps"][-1]


def check_tensorboard(folder, runs):
    from tensorboard.backend.event_processing.event_multiplexer import EventMultiplexer
    multiplexer = EventMultiplexer(size_guidance={"scalars": 0}).AddRunsFromDirectory(str(folder))
    multiplexer.Reload()
    assert set(multiplexer.Runs()) == {run.name for run in runs}, multiplexer.Runs()
    for run, expected in runs.items():
        counter = "environment_steps" if expected["curves"]["environment_steps"][-1] > 0 else "iteration"
        for group, columns in expected.items():
            for column, values in columns.items():
                if column in ("iteration", "environment_steps", "wall_seconds"):
                    continue
                there = np.isfinite(values)
                if not there.any():
                    continue
                events = multiplexer.Scalars(run.name, f"{group}/{column}")
                assert close([event.value for event in events], values[there].astype(np.float32)), (run, column)
                assert [event.step for event in events] == list(columns[counter][there]), (run, column)
                times = [event.wall_time - events[0].wall_time for event in events]
                seconds = columns["wall_seconds"][there]
                assert np.allclose(times, seconds - seconds[0], atol=1e-3), (run, column)


def check_xarray(engine, runs):
    import xarray
    for run, expected in runs.items():
        for group, columns in expected.items():
            with xarray.open_dataset(run / "curves.h5", group=group, engine=engine) as data:
                assert "iteration" in data.coords and set(data.sizes) <= {"iteration", "episode"}, data.sizes
                for column, values in columns.items():
                    got = data[column]
                    got = got.mean("episode", skipna=False) if "episode" in got.dims else got
                    assert got.dims == ("iteration",) and close(got.values, values), (run, column)
                assert len(data.to_dataframe()) == len(values) * data.sizes.get("episode", 1)


def check_pandas(folder, runs):
    import pandas
    data = pandas.read_csv(folder / "curves.csv")
    assert len(data) == sum(len(expected["curves"]["iteration"]) for expected in runs.values())
    assert data["environment_steps"].dtype.kind == "i" and data["seconds_update"].dtype.kind == "f"


def main():
    events, tables = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    runs = {pathlib.Path(run): expected_of(pathlib.Path(run)) for run in sys.argv[3:]}
    check_csv(tables, runs)
    checks = {"tensorboard": lambda: check_tensorboard(events, runs),
              "pandas": lambda: check_pandas(tables, runs),
              "xarray h5netcdf": lambda: check_xarray("h5netcdf", runs),
              "xarray netCDF4": lambda: check_xarray("netcdf4", runs)}
    for packages, check in checks.items():
        try:
            for package in packages.split():
                __import__(package)
        except ImportError:
            print("not tried, for want of", packages)
            continue
        check()


if __name__ == "__main__":
    main()
