#!/usr/bin/env python3
"""Steps a second of `mgail`, gymnasium's SyncVectorEnv and envpool, on one core, one after another.

Each steps 32 environments with uniformly random actions and resets those that end; the figure is
environment steps per second of processor time, all threads of the process together, so that other
programs on the machine count as little as can be. Needs gymnasium and mujoco; envpool is left out
where it is not installed. For a fair race install the MuJoCo release that mgail was built for.

    pip install gymnasium==1.4.0 mujoco==3.3.7 envpool==1.2.5 imageio packaging
    python3 experiments/compare_rollout.py --mgail build/release/mgail
"""
import argparse
import importlib.util
import json
import os
import subprocess
import sys
import time
import warnings

IDS = ["CartPole-v1", "MountainCar-v0", "Acrobot-v1"] + [
    f"{task}-v{version}" for task in ("Hopper", "Walker2d", "HalfCheetah", "Ant", "Humanoid")
    for version in (4, 5)]
ENVIRONMENTS = 32


def rate(step, seconds):
    """Calls step() for about so long; environment steps per second of processor time."""
    for _ in range(5):
        step()
    steps, began, clock = 0, time.process_time(), time.monotonic()
    while time.monotonic() - clock < seconds:
        for _ in range(5):
            step()
        steps += 5 * ENVIRONMENTS
    return steps / (time.process_time() - began)


def gymnasium_rate(env_id, seconds):
    import gymnasium
    gymnasium.logger.min_level = gymnasium.logger.ERROR
    env = gymnasium.vector.SyncVectorEnv([lambda: gymnasium.make(env_id)] * ENVIRONMENTS)
    env.reset(seed=1)
    actions = [env.action_space.sample() for _ in range(64)]
    turn = iter(range(10**12))
    return rate(lambda: env.step(actions[next(turn) % 64]), seconds)


def envpool_rate(env_id, seconds):
    import envpool
    import numpy as np
    env = envpool.make(env_id, env_type="gymnasium", num_envs=ENVIRONMENTS, num_threads=1, seed=1)
    env.reset()
    space, random = env.action_space, np.random.default_rng(1)
    if hasattr(space, "n"):
        actions = random.integers(space.n, size=(64, ENVIRONMENTS)).astype(np.int32)
    else:
        actions = random.uniform(space.low, space.high, (64, ENVIRONMENTS, space.shape[0]))
    turn = iter(range(10**12))
    return rate(lambda: env.step(actions[next(turn) % 64]), seconds)


def mgail_rates(program, env_id, seconds):
    """Environments only; with the collector and its policy; the simulator alone."""
    out = subprocess.run([program, "bench", "rollout", "--env", env_id, "--seconds", str(seconds),
                          "--set", f"run.environments={ENVIRONMENTS}", "--json"],
                         check=True, capture_output=True, text=True).stdout
    rows = json.loads(out)["rollout"]["rows"]
    return rows[0]["rate"], rows[1]["rate"], rows[0]["bare"]


def in_a_process(kind, env_id, seconds):
    """A rate measured by this script in a process of its own; nan if that fails."""
    done = subprocess.run([sys.executable, __file__, "--measure", kind, "--seconds", str(seconds),
                           env_id], capture_output=True, text=True)
    if done.returncode:
        sys.stderr.write(f"{kind} {env_id}: {done.stderr.strip().splitlines()[-1]}\n")
        return float("nan")
    return float(done.stdout.split()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mgail", default="build/release/mgail", help="the program")
    parser.add_argument("--seconds", type=float, default=4, help="to measure each for")
    parser.add_argument("--core", type=int, default=0)
    parser.add_argument("--measure", choices=["gymnasium", "envpool"], help=argparse.SUPPRESS)
    parser.add_argument("ids", nargs="*", default=IDS)
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    if args.measure:
        measure = gymnasium_rate if args.measure == "gymnasium" else envpool_rate
        print(measure(args.ids[0], args.seconds))
        return
    if not os.access(args.mgail, os.X_OK):
        sys.exit(f"{args.mgail}: no such program; expected one by --mgail")
    if not importlib.util.find_spec("gymnasium"):
        sys.exit(f"{sys.executable}: no gymnasium; expected a Python with what --help lists")
    os.sched_setaffinity(0, [args.core])
    print(f"environment steps per second of processor time, {ENVIRONMENTS} environments")
    print(f"{'task':16}{'mgail':>10}{'collector':>11}{'bare':>10}{'gymnasium':>11}{'envpool':>10}"
          f"{'/gymnasium':>12}{'/envpool':>10}")
    for env_id in args.ids:
        own, collector, bare = mgail_rates(args.mgail, env_id, args.seconds)
        gym = in_a_process("gymnasium", env_id, args.seconds)
        pool = in_a_process("envpool", env_id, args.seconds)
        print(f"{env_id:16}{own:10.0f}{collector:11.0f}{bare:10.0f}{gym:11.0f}{pool:10.0f}"
              f"{own / gym:12.2f}{own / pool:10.2f}", flush=True)


if __name__ == "__main__":
    main()
