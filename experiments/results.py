#!/usr/bin/env python3
"""Table of finished runs, from their result.json: one line a run, then mean and worst over seeds.

Usage: experiments/results.py RUN...        RUN is a run folder, or a result.json by any name, or a
                                            collection of runs, FILE.h5 (read by h5py); unfinished
                                            runs are named and skipped.
       experiments/results.py --expert RUN...   mean action and sampled actions, for experts
       experiments/results.py --score RUN...    imitation: scores, and what a score of 0.9 took
       experiments/results.py --paper RUN...    the paper's table, its cells of these runs, and its own

Columns: return of the last policy with the mean action over the final evaluation's episodes, of the
parameters ("raw") and of their running average; then environment steps and wall seconds at the first
evaluation during training whose mean (average policy) reached 3,200 and 3,400 (--reach A,B).

--score: (return - random) / (data - random), data being the mean return of the trajectories used, of the
last average policy with the mean action and sampled; steps and seconds are those of the first evaluation
(average policy) with a score of 0.9, and of the first that is kept: no later one is below 0.8. A line a run;
then, for every method and task, means, worst, and medians of these.
"""
import argparse
import csv
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


def first_kept(evaluations, bound, least):
    """The first evaluation of at least `bound` after which none is below `least`; or None."""
    fallen = [k for k, e in enumerate(evaluations) if first_at([e], least) is None]
    return first_at(evaluations[fallen[-1] + 1 if fallen else 0:], bound)


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


def collected(path):
    """(folder, result) of every finished run in what `mgail collect` wrote, results as in result.json."""
    try:
        import h5py
    except ImportError:
        sys.exit(f"{path}: a collection; expected Python's h5py, to read it")
    try:
        with h5py.File(path) as file:
            runs, evaluations = ({name: column[()] for name, column in file[group].items()}
                                 for group in ("runs", "evaluations"))
        yield from finished(path, runs, evaluations)
    except (OSError, KeyError) as problem:
        sys.exit(f"{path}: {problem}; expected what mgail collect writes")


def finished(path, runs, evaluations):
    """collected()'s, of its columns: those of runs, and those of all their evaluations in a row."""
    def returns(k, policy):
        if math.isnan(runs[f"{policy}_mean"][k]):
            return None
        return {way: {of: float(runs[f"{policy}{column}_{of}"][k]) for of in ("mean", "sd", "min")}
                for way, column in (("mean_action", ""), ("stochastic", "_stochastic"))}

    def evaluation(e):
        average = float(evaluations["return_average"][e])
        return {"steps": float(evaluations["environment_steps"][e]), "seconds": float(evaluations["wall_seconds"][e]),
                "raw_mean": float(evaluations["return_raw"][e]), "average_mean": None if math.isnan(average) else average}

    for k, folder in enumerate(name.decode() for name in runs["folder"]):
        if runs["state"][k] != b"finished":
            print(f"{path}: {folder}: no finished run", file=sys.stderr)
            continue
        first = int(runs["first_evaluation"][k])
        yield pathlib.Path(folder), {
            "algorithm": runs["algorithm"][k].decode(), "env": runs["task"][k].decode(),
            **{name: int(runs[name][k]) for name in ("seed", "ranks", "steps")},
            **{name: float(runs[name][k]) for name in ("seconds", "random_return")},
            "demonstrations": {"trajectories": int(runs["trajectories"][k]),
                               "return": {"mean": float(runs["data_return"][k])}},
            "final": {policy: returns(k, policy) for policy in ("raw", "average")},
            "evaluations": [evaluation(e) for e in range(first, first + int(runs["evaluations"][k]))]}


def results_of(runs):
    """(run, result) of every finished run, those of collections included; others are named on standard error."""
    for run in runs:
        if run.suffix == ".h5":
            yield from collected(run)
        else:
            result = load(run)
            if result:
                yield run, result


def rows_of(runs, row):
    """row(run, result) of every run that has what it asks for; others are named on standard error."""
    rows = []
    for run, result in results_of(runs):
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
    return f"{steps / 1e3:.{'2g' if steps < 9950 else '0f'}}k" if math.isfinite(steps) else "never"


def seconds_text(seconds):
    return f"{seconds:.0f}" if math.isfinite(seconds) else ""


def score_row(_, result):
    used, random = result["demonstrations"]["return"]["mean"], result["random_return"]
    policy = result["final"].get("average") or result["final"]["raw"]
    score = {way: (policy[way]["mean"] - random) / (used - random)
             for way in ("mean_action", "stochastic")}
    bound, least = (random + share * (used - random) for share in (0.9, 0.8))
    took = {"first": first_at(result["evaluations"], bound),
            "kept": first_kept(result["evaluations"], bound, least)}
    return {"method": result["algorithm"], "task": result["env"], "trajectories": result["demonstrations"]["trajectories"],
            "seed": result["seed"], "ranks": result["ranks"], "used": used,
            "mean": policy["mean_action"]["mean"], "min": policy["mean_action"]["min"],
            "score": score["mean_action"], "sampled": score["stochastic"],
            **{f"{when}_{what}": e[what] if e else float("inf")
               for when, e in took.items() for what in ("steps", "seconds")},
            "run_steps": result["steps"], "run_seconds": result["seconds"]}


def print_scores(runs):
    rows = sorted(rows_of(runs, score_row),
                  key=lambda r: [r[k] for k in ("task", "method", "trajectories", "ranks", "seed")])
    if not rows:
        return 1
    took = ["first_steps", "first_seconds", "kept_steps", "kept_seconds"]
    took_header = ["0.9 first", "seconds", "0.9 kept", "seconds"]

    def took_cells(value):
        return [(steps_text if name.endswith("steps") else seconds_text)(value[name]) for name in took]

    print_table(["method", "task", "trajectories", "ranks", "seed", "data", "learned", "min", "score",
                 "sampled", *took_header, "of steps", "seconds"],
                [[*(r[k] for k in ("method", "task", "trajectories", "ranks", "seed")),
                  f"{r['used']:.0f}", f"{r['mean']:.0f}", f"{r['min']:.0f}", f"{r['score']:.3f}",
                  f"{r['sampled']:.3f}", *took_cells(r), steps_text(r["run_steps"]),
                  f"{r['run_seconds']:.0f}"] for r in rows])
    print()

    def cell_of(r):
        return r["method"], r["task"], r["trajectories"], r["ranks"]

    summary = []
    for cell in dict.fromkeys(map(cell_of, rows)):
        of = [r for r in rows if cell_of(r) == cell]
        score, sampled = ([r[k] for r in of] for k in ("score", "sampled"))
        summary.append([*cell, len(of), f"{statistics.mean(score):.3f}", f"{min(score):.3f}",
                        f"{statistics.mean(sampled):.3f}",
                        *took_cells({k: statistics.median(r[k] for r in of) for k in took})])
    print_table(["method", "task", "trajectories", "ranks", "runs", "score", "worst", "sampled",
                 *took_header], summary)
    return 0


METHODS = ("bc", "gail", "mgail")


def paper_rows():
    """(task, trajectories): returns of METHODS, in the paper's order of rows."""
    lines = (pathlib.Path(__file__).parent / "paper.csv").read_text().splitlines()
    table = csv.DictReader(line for line in lines if not line.startswith("#"))
    return {(r["task"], int(r["dataset_size"])): [float(r[f"{m}_mean"]) for m in METHODS] for r in table}


def number(x, digits=1):
    """With a minus sign of a digit's width."""
    return f"{x:.{0 if abs(x) >= 200 else digits}f}".replace("-", "−")


def print_paper(runs):
    """Returns: mean over seeds (worst seed). Score, sampled, steps and, where it has runs, data are MGAIL's; the
    steps a median."""
    cells = {}
    for r in rows_of(runs, score_row):
        for task in (r["task"], r["task"].rsplit("-", 1)[0]):  # the paper's name may be either
            cells.setdefault((task, r["trajectories"], r["method"]), []).append(r)

    def returns(of):
        means = [r["mean"] for r in of]
        return f"{number(statistics.mean(means))} ({number(min(means))}) {len(of)}" if of else ""

    rows = []
    for (task, size), published in paper_rows().items():
        ours = {m: cells.get((task, size, m), []) for m in METHODS}
        mgail = ours["mgail"]
        data = {r["seed"]: r["used"] for of in ([mgail] if mgail else ours.values()) for r in of}
        if not data:
            continue
        score, sampled = ([r[k] for r in mgail] for k in ("score", "sampled"))
        rows.append([task, size, number(statistics.mean(data.values())),
                     *(returns(ours[m]) for m in METHODS),
                     f"{statistics.mean(score):.2f} ({min(score):.2f})" if mgail else "",
                     f"{statistics.mean(sampled):.2f}" if mgail else "",
                     steps_text(statistics.median(r["kept_steps"] for r in mgail)) if mgail else "",
                     ", ".join(number(x, 0) for x in published)])
    if rows:
        print_table(["task", "trajectories", "data", "BC, seeds", "GAIL, seeds", "MGAIL, seeds",
                     "score (worst)", "sampled", "0.9 kept", "paper: BC, GAIL, MGAIL"], rows)
    return 0 if rows else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs="+", type=pathlib.Path)
    parser.add_argument("--expert", action="store_true", help="columns for experts")
    parser.add_argument("--score", action="store_true", help="columns for imitation")
    parser.add_argument("--paper", action="store_true", help="the paper's table, filled in")
    parser.add_argument("--reach", default="3200,3400", help="returns to look for, by comma")
    arguments = parser.parse_args()
    if arguments.expert:
        return print_experts(arguments.runs)
    if arguments.score:
        return print_scores(arguments.runs)
    if arguments.paper:
        return print_paper(arguments.runs)
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
