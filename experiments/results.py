#!/usr/bin/env python3
"""Table of finished runs, from their result.json: one line a run, then mean and worst over seeds.

Usage: experiments/results.py RUN...        RUN is a run folder, or a result.json by any name;
                                            unfinished runs are named and skipped.
       experiments/results.py --expert RUN...   mean action and sampled actions, for experts
       experiments/results.py --score RUN...    imitation: scores, and what a score of 0.9 took

Columns: return of the last policy with the mean action over the final evaluation's episodes, of the
parameters ("raw") and of their running average; then environment steps and wall seconds at the first
evaluation during training whose mean (average policy) reached 3,200 and 3,400 (--reach A,B).

--score: (return - random) / (data - random), data being the mean return of the trajectories used, of the
last average policy with the mean action and sampled; steps and seconds are those of the first evaluation
(average policy) with a score of 0.9. A line a run; then, for every task, means, worst, and medians of
these.
"""
import argparse
import json
import math
import pathlib
import statistics
import sys


def first_at(evaluations, bound):
    """The first evaluation whose mean, of the average policy if there is one, is `bound`; or None."""
    for e in evaluations:
        value = e["average_mean"] if e.get("average_mean") is not None else e["raw_mean"]
        if value >= bound:
            return e
    return None


def first_reach(evaluations, bound):
    e = first_at(evaluations, bound)
    return f"{e['steps'] / 1e6:.2f} M {e['seconds']:.0f} s" if e else "never"


def load(run):
    """The result of a finished run, or None, said on standard error."""
    try:
        result = json.loads((run / "result.json" if run.is_dir() else run).read_text())
        result["final"]["raw"]["mean_action"]
        return result
    except (OSError, ValueError, KeyError, TypeError) as problem:
        print(f"{run}: no finished run ({type(problem).__name__})", file=sys.stderr)
        return None


def rows_of(runs, row):
    """row(run, result) of every run that has what it asks for; others are named on standard error."""
    rows = []
    for run in runs:
        result = load(run)
        if not result:
            continue
        try:
            rows.append(row(run, result))
        except KeyError as missing:
            print(f"{run}: left out: its result has no {missing}", file=sys.stderr)
        except (TypeError, ValueError, ZeroDivisionError) as problem:
            print(f"{run}: left out: {problem}", file=sys.stderr)
    return rows


def print_table(header, rows):
    print("| " + " | ".join(header) + " |")
    print("|" + "---|" * len(header))
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |")


def expert_row(_, result):
    policy = result["final"].get("average") or result["final"]["raw"]
    cells = [f"{policy[way][k]:.1f}" for way in ("mean_action", "stochastic")
             for k in ("mean", "sd", "min")]
    return [result["env"], *cells, f"{result['steps'] / 1e6:.3g} M",
            f"{result['seconds'] / 60:.1f} min", result["ranks"], result["seed"]]


def print_experts(runs):
    rows = rows_of(runs, expert_row)
    header = ["task", "mean action", "sd", "min", "sampled", "sd", "min", "steps", "wall time",
              "ranks", "seed"]
    if rows:
        print_table(header, rows)
    return 0 if rows else 1


def steps_text(steps):
    return f"{steps / 1e3:.0f}k" if math.isfinite(steps) else "never"


def seconds_text(seconds):
    return f"{seconds:.0f}" if math.isfinite(seconds) else ""


def score_row(_, result):
    used, random = result["demonstrations"]["return"]["mean"], result["random_return"]
    policy = result["final"].get("average") or result["final"]["raw"]
    score = {way: (policy[way]["mean"] - random) / (used - random)
             for way in ("mean_action", "stochastic")}
    reached = first_at(result["evaluations"], random + 0.9 * (used - random))
    return {"task": result["env"], "trajectories": result["demonstrations"]["trajectories"],
            "seed": result["seed"], "ranks": result["ranks"], "used": used,
            "mean": policy["mean_action"]["mean"], "min": policy["mean_action"]["min"],
            "score": score["mean_action"], "sampled": score["stochastic"],
            "steps": reached["steps"] if reached else float("inf"),
            "seconds": reached["seconds"] if reached else float("inf"),
            "run_steps": result["steps"], "run_seconds": result["seconds"]}


def print_scores(runs):
    rows = rows_of(runs, score_row)
    if not rows:
        return 1
    print_table(["task", "trajectories", "ranks", "seed", "data", "learned", "min", "score",
                 "sampled", "steps to 0.9", "seconds", "of steps", "seconds"],
                [[r["task"], r["trajectories"], r["ranks"], r["seed"], f"{r['used']:.0f}",
                  f"{r['mean']:.0f}", f"{r['min']:.0f}", f"{r['score']:.3f}", f"{r['sampled']:.3f}",
                  steps_text(r["steps"]), seconds_text(r["seconds"]), steps_text(r["run_steps"]),
                  f"{r['run_seconds']:.0f}"] for r in rows])
    print()
    summary = []
    for cell in dict.fromkeys((r["task"], r["trajectories"], r["ranks"]) for r in rows):
        of = [r for r in rows if (r["task"], r["trajectories"], r["ranks"]) == cell]
        column = {k: [r[k] for r in of] for k in of[0]}
        summary.append([*cell, len(of), f"{statistics.mean(column['score']):.3f}",
                        f"{min(column['score']):.3f}", f"{statistics.mean(column['sampled']):.3f}",
                        steps_text(statistics.median(column["steps"])),
                        seconds_text(statistics.median(column["seconds"]))])
    print_table(["task", "trajectories", "ranks", "runs", "score", "worst", "sampled",
                 "steps to 0.9", "seconds"], summary)
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs="+", type=pathlib.Path)
    parser.add_argument("--expert", action="store_true", help="columns for experts")
    parser.add_argument("--score", action="store_true", help="columns for imitation")
    parser.add_argument("--reach", default="3200,3400", help="returns to look for, by comma")
    arguments = parser.parse_args()
    if arguments.expert:
        return print_experts(arguments.runs)
    if arguments.score:
        return print_scores(arguments.runs)
    try:
        bounds = [float(b) for b in arguments.reach.split(",")]
    except ValueError:
        parser.error(f"argument --reach: {arguments.reach}: expected numbers by comma")

    header = ["run", "seed", "ranks", "steps", "seconds", "average: mean", "sd", "min",
              "raw: mean", "sd", "min", *(f"reached {b:g}" for b in bounds)]

    def row(run, result):
        raw = result["final"]["raw"]["mean_action"]
        average = (result["final"].get("average") or {}).get("mean_action") or raw
        cells = [run.name, result["seed"], result["ranks"], f"{result['steps'] / 1e6:g} M",
                 f"{result['seconds']:.0f}",
                 *(f"{average[k]:.1f}" for k in ("mean", "sd", "min")),
                 *(f"{raw[k]:.1f}" for k in ("mean", "sd", "min")),
                 *(first_reach(result["evaluations"], b) for b in bounds)]
        return cells, average["mean"], raw["mean"]

    rows = rows_of(arguments.runs, row)
    if not rows:
        return 1
    print_table(header, [cells for cells, _, _ in rows])
    for name, values in (("average", [r[1] for r in rows]), ("raw", [r[2] for r in rows])):
        print(f"{name}: mean over {len(values)} runs {statistics.mean(values):.1f}, "
              f"worst {min(values):.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
