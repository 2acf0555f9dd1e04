#!/usr/bin/env python3
"""Random search with successive halving; experiments/search.sh --help says what it does."""
import argparse
import concurrent.futures
import json
import math
import pathlib
import random
import re
import signal
import statistics
import subprocess
import sys
import threading

STOPPED = 75


class Refused(Exception):
    """A sentence for the user."""


def fail(code, sentence):
    print(f"error: search.sh: {sentence}", file=sys.stderr)
    sys.exit(code)


# ---- what is drawn ----

def number(text, where):
    try:
        return float(text)
    except ValueError:
        raise Refused(f"--range {where}: '{text}' is no number") from None


def range_of(text):
    """(key, draw): draw(generator) is a value as text."""
    match = re.fullmatch(r"([a-z_]+\.[a-z_]+)=(.+)", text)
    if not match:
        raise Refused(f"--range {text}: expected section.key=VALUES")
    key, values = match.groups()
    between = re.fullmatch(r"(.+)\.\.(.+?)(:log)?", values)
    if not between:
        choices = values.split(",")
        if len(set(choices)) < 2 or "" in choices:
            raise Refused(f"--range {text}: expected LOW..HIGH or two values or more, by comma")
        return key, lambda generator: generator.choice(choices)
    low, high = (number(end, text) for end in between.groups()[:2])
    logarithm = between.group(3) is not None
    if not low < high or (logarithm and low <= 0):
        raise Refused(f"--range {text}: expected LOW < HIGH" + (", both above 0" if logarithm else ""))
    whole = all(re.fullmatch(r"-?\d+", end) for end in between.groups()[:2])

    def draw(generator):
        if logarithm:
            value = math.exp(generator.uniform(math.log(low), math.log(high)))
        else:
            value = generator.uniform(low, high)
        return str(round(value)) if whole else f"{value:.4g}"
    return key, draw


def draw_candidates(options):
    """[{name, settings}]; the first is the preset. A prefix of a longer draw."""
    ranges = [range_of(text) for text in options.range]
    keys = [key for key, _ in ranges]
    for key in keys:
        if keys.count(key) > 1:
            raise Refused(f"--range {key} is given twice")
    generator = random.Random(options.draw)
    candidates = [{"name": "preset", "settings": {}}]
    for k in range(1, options.candidates):
        candidates.append({"name": f"c{k:02d}",
                           "settings": {key: draw(generator) for key, draw in ranges}})
    return candidates


def write(path, content):
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(content, indent=1) + "\n")
    temporary.replace(path)


def remember(options, candidates):
    """The draw of this folder; another one is refused."""
    path = options.output / "candidates.json"
    drawn = {"preset": options.preset.read_text(), "expert": options.expert, "steps": options.steps,
             "keep": options.keep, "rungs": options.rungs, "seeds": options.seeds,
             "candidates": candidates}
    if path.exists():
        if json.loads(path.read_text()) != drawn:
            raise Refused(f"{path}: of another search; expected the same options, or another --output")
        return
    options.output.mkdir(parents=True, exist_ok=True)
    write(path, drawn)


# ---- runs ----

class Runner:
    """Trains runs to a pause. A signal asks all of them for a checkpoint; what has not begun, never
    does."""

    def __init__(self, options):
        self.options = options
        self.lock = threading.Lock()
        self.running = set()
        self.stopping = False
        for number_ in (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1):
            signal.signal(number_, self.stop)

    def stop(self, *_):
        self.stopping = True
        for process in list(self.running):
            process.send_signal(signal.SIGUSR1)

    def folder(self, candidate, seed):
        return self.options.output / "runs" / f"{candidate['name']}-s{seed}"

    def info(self, folder):
        out = subprocess.run([self.options.mgail, "info", folder, "--json"], capture_output=True,
                             text=True, check=False)
        return json.loads(out.stdout) if out.returncode == 0 else None

    def train(self, candidate, seed, pause):
        """Trains to `pause` steps (0: to the end). True unless it failed."""
        folder = self.folder(candidate, seed)
        known = self.info(folder) if (folder / "config.ini").exists() else None
        if known and (known["state"] == "finished" or 0 < pause <= known["steps"]):
            return True
        arguments = ["--resume"] if folder.exists() else []
        if not known:
            arguments += ["--config", self.options.preset, "--seed", str(seed)]
            arguments += ["--expert", self.options.expert] if self.options.expert else []
            arguments += ["--steps", str(self.options.steps)] if self.options.steps else []
            for key, value in candidate["settings"].items():
                arguments += ["--set", f"{key}={value}"]
        arguments += ["--set", f"run.pause={pause}", "--output", folder]
        return self.run([self.options.mgail, "train", *arguments], f"{folder}.log")

    def run(self, command, log):
        with open(log, "a", encoding="utf-8") as out:
            with self.lock:
                if self.stopping:
                    return True
                # A group of its own: Ctrl-C is for us, who ask it for a checkpoint.
                process = subprocess.Popen(command, stdout=out, stderr=out, start_new_session=True)
                self.running.add(process)
            code = process.wait()
            self.running.discard(process)
        return code in (0, STOPPED)

    def score(self, candidate, seed):
        """Of the last evaluation; None before the first."""
        known = self.info(self.folder(candidate, seed))
        if known is None or "evaluated_steps" not in known:
            return None
        value = known["evaluated_average"]
        if value is None:  # the run keeps no average
            value = known["evaluated_raw"]
        return (value - known["random_return"]) / (known["data_return"] - known["random_return"])


def whole_steps(options):
    """The run's steps, by the option or the preset."""
    if options.steps:
        return options.steps
    section = ""
    for line in options.preset.read_text().splitlines():
        line = line.split(";")[0].strip()
        if line.startswith("["):
            section = line
        match = re.fullmatch(r"steps\s*=\s*(\S+)", line)
        if section == "[run]" and match:
            return int(float(match.group(1)))
    raise Refused(f"{options.preset}: no run.steps; give --steps")


def rung(runner, candidates, pause):
    """Trains all candidates to `pause`; the best first, [(mean, worst, candidate)]. Kept, since the runs'
    last evaluations will be later ones."""
    options = runner.options
    path = options.output / f"at-{pause or 'end'}.json"
    if path.exists():
        return json.loads(path.read_text())
    jobs = [(c, s) for c in candidates for s in options.seeds]
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        ended_well = list(pool.map(lambda job: runner.train(*job, pause), jobs))
    if runner.stopping:
        print("search.sh: stopped; the same command goes on", file=sys.stderr)
        sys.exit(STOPPED)
    result, failed = [], set()
    for (candidate, seed), well in zip(jobs, ended_well):
        if not well:
            failed.add(candidate["name"])
            print(f"{candidate['name']}, seed {seed}: failed, see "
                  f"{runner.folder(candidate, seed)}.log", file=sys.stderr)
    for candidate in candidates:
        if candidate["name"] in failed:
            continue
        scores = [runner.score(candidate, seed) for seed in options.seeds]
        if None in scores:
            raise Refused(f"no evaluation before {pause} steps; expected a smaller evaluate.every, fewer "
                          "--rungs or more --steps")
        result.append((statistics.mean(scores), min(scores), candidate))
    result.sort(key=lambda r: r[:2], reverse=True)
    write(path, result)
    return result


def print_rung(result, steps, kept):
    print(f"\nat {steps} steps:\n\n| candidate | score | worst | settings |\n|---|---|---|---|")
    for k, (mean, worst, candidate) in enumerate(result):
        settings = " ".join(f"{key}={value}" for key, value in candidate["settings"].items())
        name = candidate["name"] if k < kept else f"{candidate['name']} (ends here)"
        print(f"| {name} | {mean:.3f} | {worst:.3f} | {settings} |", flush=True)


def search(options):
    candidates = draw_candidates(options)
    steps = whole_steps(options)
    if options.dry_run:
        for candidate in candidates:
            print(candidate["name"], *(f"{k}={v}" for k, v in candidate["settings"].items()))
        return 0
    remember(options, candidates)
    (options.output / "runs").mkdir(exist_ok=True)
    runner = Runner(options)
    left = candidates
    for r in range(options.rungs):
        last = r == options.rungs - 1
        pause = 0 if last else steps // options.keep ** (options.rungs - 1 - r)
        result = rung(runner, left, pause)
        if not result:
            fail(1, "no candidate is left")
        kept = len(result) if last else math.ceil(len(result) / options.keep)
        print_rung(result, pause or steps, kept)
        left = [candidate for _, _, candidate in result[:kept]]
    collected = options.output / "runs.h5"
    return subprocess.run([options.mgail, "collect", options.output / "runs", "--partial",
                           "--output", collected], check=False).returncode


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("mgail", "expert"):
        parser.add_argument(f"--{name}", required=True)
    for name in ("preset", "output"):
        parser.add_argument(f"--{name}", required=True, type=pathlib.Path)
    for name in ("candidates", "keep", "rungs", "draw", "jobs"):
        parser.add_argument(f"--{name}", required=True, type=int)
    parser.add_argument("--steps", type=lambda text: int(float(text)) if text else 0)
    parser.add_argument("--seeds", type=lambda text: [int(seed) for seed in text.split(",")])
    parser.add_argument("--range", action="append", required=True)
    parser.add_argument("--dry-run", action="store_true")
    options = parser.parse_args()
    if options.keep < 2:
        fail(64, f"--keep {options.keep}: expected 2 or more")
    try:
        return search(options)
    except Refused as refusal:
        return fail(64, str(refusal))


if __name__ == "__main__":
    sys.exit(main())
