#!/usr/bin/env python3
"""Table of finished runs, from their result.json: one line a run, then mean and worst over seeds.

Usage: experiments/results.py RUN...        RUN is a run folder, or a result.json by any name;
                                            unfinished runs are named and skipped.
       experiments/results.py --expert RUN...   mean action and sampled actions, for experts

Columns: return of the last policy with the mean action over the final evaluation's episodes, of the
parameters ("raw") and of their running average; then environment steps and wall seconds at the first
evaluation during training whose mean (average policy) reached 3,200 and 3,400 (--reach A,B).
"""
import argparse
import json
import pathlib
import statistics
import sys


def first_reach(evaluations, bound):
    for e in evaluations:
        value = e["average_mean"] if e.get("average_mean") is not None else e["raw_mean"]
        if value >= bound:
            return f"{e['steps'] / 1e6:.2f} M {e['seconds']:.0f} s"
    return "never"


def load(run):
    """The result of a finished run, or None, said on standard error."""
    try:
        result = json.loads((run / "result.json" if run.is_dir() else run).read_text())
        result["final"]["raw"]["mean_action"]
        return result
    except (OSError, ValueError, KeyError) as problem:
        print(f"{run}: no finished run ({type(problem).__name__})", file=sys.stderr)
        return None


def print_table(header, rows):
    print("| " + " | ".join(header) + " |")
    print("|" + "---|" * len(header))
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |")


def expert_row(result):
    policy = result["final"].get("average") or result["final"]["raw"]
    cells = [f"{policy[way][k]:.1f}" for way in ("mean_action", "stochastic")
             for k in ("mean", "sd", "min")]
    return [result["env"], *cells, f"{result['steps'] / 1e6:.3g} M",
            f"{result['seconds'] / 60:.1f} min", result["ranks"], result["seed"]]


def print_experts(runs):
    rows = [expert_row(result) for result in map(load, runs) if result]
    header = ["task", "mean action", "sd", "min", "sampled", "sd", "min", "steps", "wall time",
              "ranks", "seed"]
    if rows:
        print_table(header, rows)
    return 0 if rows else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs="+", type=pathlib.Path)
    parser.add_argument("--expert", action="store_true", help="columns for experts")
    parser.add_argument("--reach", default="3200,3400", help="returns to look for, by comma")
    arguments = parser.parse_args()
    if arguments.expert:
        return print_experts(arguments.runs)
    bounds = [float(b) for b in arguments.reach.split(",")]

    header = ["run", "seed", "ranks", "steps", "seconds", "average: mean", "sd", "min",
              "raw: mean", "sd", "min", *(f"reached {b:g}" for b in bounds)]
    rows, averages, raws = [], [], []
    for run in arguments.runs:
        result = load(run)
        if not result:
            continue
        raw = result["final"]["raw"]["mean_action"]
        average = (result["final"].get("average") or {}).get("mean_action") or raw
        averages.append(average["mean"])
        raws.append(raw["mean"])
        rows.append([run.name, result["seed"], result["ranks"], f"{result['steps'] / 1e6:g} M",
                     f"{result['seconds']:.0f}",
                     *(f"{average[k]:.1f}" for k in ("mean", "sd", "min")),
                     *(f"{raw[k]:.1f}" for k in ("mean", "sd", "min")),
                     *(first_reach(result["evaluations"], b) for b in bounds)])
    if not rows:
        return 1
    print_table(header, rows)
    for name, values in (("average", averages), ("raw", raws)):
        print(f"{name}: mean over {len(values)} runs {statistics.mean(values):.1f}, "
              f"worst {min(values):.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
