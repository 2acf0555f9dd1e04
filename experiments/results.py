#!/usr/bin/env python3
"""Table of finished runs, from their result.json: one line a run, then mean and worst over seeds.

Usage: experiments/results.py RUN...        RUN is a run folder; unfinished ones are named and skipped.

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


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs="+", type=pathlib.Path)
    parser.add_argument("--reach", default="3200,3400", help="returns to look for, by comma")
    arguments = parser.parse_args()
    bounds = [float(b) for b in arguments.reach.split(",")]

    header = ["run", "seed", "ranks", "steps", "seconds", "average: mean", "sd", "min",
              "raw: mean", "sd", "min", *(f"reached {b:g}" for b in bounds)]
    rows, averages, raws = [], [], []
    for run in arguments.runs:
        try:
            result = json.loads((run / "result.json").read_text())
            raw = result["final"]["raw"]["mean_action"]
        except (OSError, ValueError, KeyError) as problem:
            print(f"{run}: no finished run ({type(problem).__name__})", file=sys.stderr)
            continue
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
    print("| " + " | ".join(header) + " |")
    print("|" + "---|" * len(header))
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |")
    for name, values in (("average", averages), ("raw", raws)):
        print(f"{name}: mean over {len(values)} runs {statistics.mean(values):.1f}, "
              f"worst {min(values):.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
