#!/usr/bin/env python3
"""Tables of what simulate.sh left in a folder: scale.csv, scale.md, and scale.dat for the figure."""
import collections
import csv
import pathlib
import re
import sys

FIELDS = ["task", "kind", "ranks", "gbps", "what", "jitter", "seconds", "computing", "efficiency", "speedup", "MB"]


def checkpoint_megabytes(path):
    """The size of its file, which the first line ends with."""
    return int(re.fullmatch(r"#.*, a checkpoint of (\d+) bytes", path.read_text().splitlines()[0])[1]) / 1e6


def read_times(path):
    """Rows of one simulation: what, jitter, seconds, computing."""
    for line in path.read_text().splitlines():
        word = line.split()
        if word and word[0] == "iteration":
            yield f"iteration-{word[1]}", float(word[2]), float(word[3]), float(word[4])
        elif len(word) == 2:
            yield word[0], 0.0, float(word[1]), None


def read_folder(folder):
    rows = []
    for path in folder.glob("*.times"):
        match = re.fullmatch(r"(.+)-(strong|weak)-(\d+)-(\d+)\.times", path.name)
        if not match:
            continue
        task, kind, ranks, gbps = match[1], match[2], int(match[3]), int(match[4])
        megabytes = checkpoint_megabytes(folder / f"{task}-{kind}-{ranks}.list")
        for what, jitter, seconds, computing in read_times(path):
            row = dict(task=task, kind=kind, ranks=ranks, gbps=gbps, what=what, jitter=jitter, seconds=seconds)
            if computing is not None:
                row.update(computing=computing, efficiency=computing / seconds)
            if what == "checkpoint":
                row["MB"] = megabytes
            rows.append(row)
    return sorted(rows, key=lambda r: (r["task"], r["kind"], r["gbps"], r["ranks"], r["what"], r["jitter"]))


def add_speedups(rows):
    """Against the fewest ranks there are, undisturbed, of the same task, kind and bandwidth."""
    first = {}
    for row in rows:
        if row["what"] == "iteration-physics" and row["jitter"] == 0:
            key = row["task"], row["kind"], row["gbps"]
            if key not in first or row["ranks"] < first[key]["ranks"]:
                first[key] = row
    for row in rows:
        base = first.get((row["task"], row["kind"], row["gbps"]))
        if base and "efficiency" in row:
            work = row["ranks"] / base["ranks"] if row["kind"] == "weak" else 1
            row["speedup"] = base["ranks"] * work * base["seconds"] / row["seconds"]


def write_csv(rows, path):
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, FIELDS, restval="")
        writer.writeheader()
        for row in rows:
            writer.writerow({k: f"{v:.6g}" if isinstance(v, float) else v for k, v in row.items()})


def columns_of(rows):
    """(heading, what, jitter) of the iterations that were simulated."""
    found = {(r["what"], r["jitter"]) for r in rows if "efficiency" in r}
    for what, jitter in sorted(found, key=lambda c: (c[1], c[0] != "iteration-physics")):
        of = "" if jitter == 0 else f", {what.split('-')[1]} +{100 * jitter:g} %"
        yield f"efficiency{of}", what, jitter


def write_markdown(rows, path):
    groups = collections.defaultdict(lambda: collections.defaultdict(dict))
    for row in rows:
        groups[row["task"], row["kind"], row["gbps"]][row["ranks"]][row["what"], row["jitter"]] = row
    columns = list(columns_of(rows))
    with open(path, "w") as file:
        for (task, kind, gbps), by_ranks in groups.items():
            file.write(f"\n### {task}, {kind}, {gbps} Gb/s\n")
            heads = ["ranks", "iteration [ms]", "of it computing", *(c[0] for c in columns), "times as fast",
                     "start [s]", "evaluation [s]", "checkpoint [s]", "[MB]"]
            file.write("| " + " | ".join(heads) + " |\n" + "|---" * len(heads) + "|\n")
            for ranks, cell in sorted(by_ranks.items()):
                still = cell["iteration-physics", 0.0]
                text = [str(ranks), f"{1e3 * still['seconds']:.2f}", f"{1e3 * still['computing']:.2f}"]
                text += [f"{cell[c[1:]]['efficiency']:.3f}" if c[1:] in cell else "" for c in columns]
                text.append(f"{still['speedup']:.1f}")
                text += [f"{cell[what, 0.0]['seconds']:.3f}" for what in ("start", "evaluation", "checkpoint")]
                text.append(f"{cell['checkpoint', 0.0]['MB']:.0f}")
                file.write("| " + " | ".join(text) + " |\n")


def write_curves(rows, path):
    """Blocks of gnuplot: a curve of (ranks, efficiency) for each task, kind, bandwidth and jitter."""
    curves = collections.defaultdict(list)
    for row in rows:
        if row["what"] == "iteration-physics":
            name = f"{row['task']}, {row['kind']}, {row['gbps']} Gb/s, +{100 * row['jitter']:g} %"
            curves[name].append((row["ranks"], row["efficiency"]))
    with open(path, "w") as file:
        blocks = (f'"{name}"\n' + "".join(f"{p} {e:.5f}\n" for p, e in sorted(points)) for name, points in curves.items())
        file.write("\n\n".join(blocks))


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: table.py FOLDER")
    folder = pathlib.Path(sys.argv[1])
    rows = read_folder(folder)
    if not rows:
        sys.exit(f"error: table.py: {folder}: no times in it; expected those of simulate.sh")
    add_speedups(rows)
    write_csv(rows, folder / "scale.csv")
    write_markdown(rows, folder / "scale.md")
    write_curves(rows, folder / "scale.dat")


if __name__ == "__main__":
    main()
