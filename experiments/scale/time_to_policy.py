#!/usr/bin/env python3
"""Seconds to 0.9 of the expert on P ranks: steps that runs took here, and an iteration's time on P simulated ranks.

    experiments/scale/time_to_policy.py --output DIR SWEEP

SWEEP is the folder of a sweep over run.environments, such as environments.ini: of each of its settings (all axes but
run.seed) the finished runs give the environment steps to the first evaluation with a score of 0.9 that is kept
(results.py --score), median over seeds; a seed that never gets there is the slowest of them. For each,
simulate.sh has 1, 2, 4 .. ranks share the environments, down to one each. Then

    seconds = start + steps / (environments x mgail.horizon) x an iteration, nothing uneven

without evaluations and checkpoints. time.csv has all, time.md for each number of ranks the quickest settings, time.svg the
curves (gnuplot).
"""
import argparse
import collections
import configparser
import csv
import math
import pathlib
import shutil
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import results  # noqa: E402

FIELDS = ["task", "settings", "environments", "runs", "steps", "gbps", "ranks", "iteration", "start", "seconds"]


def pairs(text):
    return dict(word.split("=", 1) for word in text.split())


def read_manifest(sweep):
    """Folder, axes and settings of every run."""
    lines = (sweep / "manifest.tsv").read_text().splitlines()[1:]
    for row in csv.DictReader(lines, delimiter="\t"):
        preset, *changed = row["settings"].split()
        axes = pairs(row["axes"])
        axes.pop("run.seed", None)
        task = pathlib.Path(preset).name.removesuffix("-mgail.ini")
        kept = tuple(s for s in changed if not s.startswith(("run.seed=", "run.environments=", "data.")))
        whole = configparser.ConfigParser(interpolation=None)
        whole.read(sweep / "settings" / f"{row['folder']}.ini")
        yield row["folder"], task, axes, kept, whole.getint("mgail", "horizon")


def read_runs(sweep):
    """Steps of the finished runs, by (task, axes, settings, horizon)."""
    found = collections.defaultdict(list)
    for folder, task, axes, settings, horizon in read_manifest(sweep):
        path = sweep / "runs" / folder / "result.json"
        result = results.load(path) if path.exists() else None
        if result:
            found[task, tuple(axes.items()), settings, horizon].append(results.score_row(path, result)["kept_steps"])
    return found


def simulate(options, task, environments, settings, folder):
    """(gbps, ranks) -> seconds of an iteration and of the start."""
    ranks = [str(2 ** k) for k in range(environments.bit_length()) if 2 ** k <= min(environments, options.most)]
    command = [HERE / "simulate.sh", task, "--kinds", "strong", "--total", str(environments), "--ranks", ",".join(ranks),
               "--gbps", options.gbps, "--jitter", "0", "--output", folder]
    for setting in settings:
        command += ["--set", setting]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
    if done.returncode:
        sys.exit(f"error: time_to_policy.py: {task} with {environments} environments: simulate.sh ended with {done.returncode}")
    times = collections.defaultdict(dict)
    with open(folder / "scale.csv", newline="") as file:
        for row in csv.DictReader(file):
            if row["what"] in ("iteration-physics", "start"):
                times[row["gbps"], int(row["ranks"])][row["what"]] = float(row["seconds"])
    return times


def join(options):
    rows = []
    for (task, axes, settings, horizon), steps in read_runs(options.sweep).items():
        axes = dict(axes)
        environments = int(axes["run.environments"])
        name = " ".join(v for k, v in axes.items() if k not in ("task", "run.environments"))
        median = statistics.median(steps)
        folder = options.output / f"{task}-{name.replace(' ', '-')}-{environments}"
        print(f"{task}, {name}, {environments} environments: {results.steps_text(median)} steps", flush=True)
        if not math.isfinite(median):
            continue
        for (gbps, ranks), of in simulate(options, task, environments, settings, folder).items():
            seconds = of["start"] + median / (environments * horizon) * of["iteration-physics"]
            rows.append(dict(task=task, settings=name, environments=environments, runs=len(steps), steps=int(median), gbps=gbps,
                             ranks=ranks, iteration=of["iteration-physics"], start=of["start"], seconds=seconds))
    return sorted(rows, key=lambda r: (r["task"], r["settings"], int(r["gbps"]), r["environments"], r["ranks"]))


def write_csv(rows, path):
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, FIELDS)
        writer.writeheader()
        for row in rows:
            writer.writerow({k: f"{v:.6g}" if isinstance(v, float) else v for k, v in row.items()})


def write_markdown(rows, path):
    """For each number of ranks the settings that are quickest there."""
    with open(path, "w") as file:
        for task, gbps in dict.fromkeys((r["task"], r["gbps"]) for r in rows):
            of = [r for r in rows if (r["task"], r["gbps"]) == (task, gbps)]
            file.write(f"\n### {task}, {gbps} Gb/s\n| ranks | seconds to 0.9 | environments | settings | steps | an iteration [ms] |\n")
            file.write("|---|---|---|---|---|---|\n")
            for ranks in sorted({r["ranks"] for r in of}):
                best = min((r for r in of if r["ranks"] == ranks), key=lambda r: r["seconds"])
                file.write(f"| {ranks} | {best['seconds']:.1f} | {best['environments']} | {best['settings']} | "
                           f"{results.steps_text(best['steps'])} | {1e3 * best['iteration']:.1f} |\n")


def write_curves(rows, path):
    curves = collections.defaultdict(list)
    for r in rows:
        if r["gbps"] == rows[0]["gbps"]:
            name = f"{r['task']}, {r['environments']} environments, {r['settings']}, {r['gbps']} Gb/s"
            curves[name].append((r["ranks"], r["seconds"]))
    blocks = (f'"{name}"\n' + "".join(f"{p} {s:.3f}\n" for p, s in points) for name, points in curves.items())
    path.write_text("\n\n".join(blocks))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sweep", type=pathlib.Path, metavar="SWEEP")
    parser.add_argument("--output", type=pathlib.Path, required=True, help="folder")
    parser.add_argument("--gbps", default="10,100", help="bandwidth of a node's link, by comma (default 10,100)")
    parser.add_argument("--most", type=int, default=256, help="ranks at most (default 256)")
    options = parser.parse_args()
    if not (options.sweep / "manifest.tsv").exists():
        sys.exit(f"error: time_to_policy.py: {options.sweep}: no manifest.tsv; expected the folder of mgail sweep expand")
    options.output.mkdir(parents=True, exist_ok=True)
    rows = join(options)
    if not rows:
        sys.exit(f"error: time_to_policy.py: {options.sweep}: no finished run that kept 0.9")
    write_csv(rows, options.output / "time.csv")
    write_markdown(rows, options.output / "time.md")
    write_curves(rows, options.output / "time.dat")
    if shutil.which("gnuplot"):
        subprocess.run(["gnuplot", HERE / "time.gnuplot"], cwd=options.output, check=False)
    else:
        print("no time.svg: gnuplot is not installed")
    print((options.output / "time.md").read_text())


if __name__ == "__main__":
    main()
