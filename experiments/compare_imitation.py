#!/usr/bin/env python3
"""GAIL on Hopper-v4: steps a second of `mgail` and of the package `imitation`, on one core.

Training as a whole is timed: rollouts, discriminator, policy and value. The figure is environment
steps per second of processor time, all threads of the process together; set-up and the first 4096
steps are left out on both sides. Runs alternate, and each round of them gives one ratio. Both get
the same demonstrations, every 20th pair of 4 trajectories of full length, and train from scratch
for the same number of steps in float32.

theirs   imitation 1.0.1's GAIL with PPO of stable-baselines3 as the generator, with the settings
         that the package itself tuned and ships for GAIL on a Hopper, its
         scripts/config/tuned_hps/gail_seals_hopper_best_hp_eval.json: rounds of 4096 steps of 8
         environments; a round is 20 epochs of PPO in minibatches of 512, and 8 discriminator steps
         on 128 expert and 128 policy pairs. Policy and value 64,64, discriminator 32,32, running
         normalisation. In their favour: environments in one process (DummyVecEnv; the package's
         own default sends every step through pipes), one thread of torch, no log files, large
         minibatches (small ones cost torch more).
ours     the preset experiments/hopper-gail.ini as it is: trust-region steps.
matched  the same program with gail.update = ppo and their work, number by number: environments,
         round, epochs, minibatches, discriminator steps and batch, network sizes, activations, no
         gradient penalty.

Torch uses AVX-512 where the processor has it, older OpenBLAS may not: OPENBLAS_CORETYPE=SkylakeX in
the environment lets ours do likewise.

Wants a Python with the package (6 GB, as torch of PyPI brings CUDA along); mujoco as mgail
was built for, and the other versions are those of the package's day:

    python3 -m venv build/imitation
    build/imitation/bin/pip install imitation==1.0.1 "stable-baselines3~=2.2.1" \\
        gymnasium==0.29.1 mujoco==3.3.7 imageio "numpy<2" "setuptools<81" \\
        datasets==2.20.0 pyarrow==16.1.0 "pandas<2.3" "scipy<1.14" "scikit-learn<1.6" \\
        "matplotlib<3.10" "contourpy<1.3.3"
    build/imitation/bin/python experiments/compare_imitation.py --mgail build/release/mgail
"""
import argparse
import datetime
import importlib.metadata
import importlib.util
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PACKAGES = ["imitation", "stable-baselines3", "torch", "gymnasium", "mujoco"]
TRAJECTORIES, FULL_LENGTH, SUBSAMPLE = 4, 1000, 20
ENVIRONMENTS, ROUND = 8, 4096

MATCHED = ["gail.update=ppo", f"run.environments={ENVIRONMENTS}",
           f"gail.horizon={ROUND // ENVIRONMENTS}", "ppo.epochs=20",
           f"ppo.minibatches={ROUND // 512}", "gail.lambda=0.98", "ppo.clip_ratio=0.1",
           "ppo.final_clip_ratio=0.1", "discriminator.updates=8", "discriminator.batch=128",
           "discriminator.segments=1", "discriminator.hidden=32,32",
           "discriminator.activation=relu", "discriminator.penalty=0",
           "policy.activation=relu", "value.activation=relu"]

# Rows of an environment step that go through a network's gradient: D's policy and expert pairs, its
# penalised ones (each a second derivative); the policy's; the value's.
WORK = {"theirs": (0.5, 0, "20", 20),
        "ours": (1.5, 0.75, "1, and up to 10 products with the Fisher matrix", 5),
        "matched": (0.5, 0, "20", 20)}


def demonstrations(path):
    """Every 20th pair of the trajectories, as the package's Transitions."""
    from imitation.data import rollout, serialize
    whole = [t for t in serialize.load(path) if len(t.acts) >= FULL_LENGTH][:TRAJECTORIES]
    if len(whole) < TRAJECTORIES:
        sys.exit(f"{path}: {len(whole)} trajectories of {FULL_LENGTH} steps, "
                 f"expected {TRAJECTORIES}")
    return rollout.flatten_trajectories(whole)[::SUBSAMPLE]


def make_trainer(path, seed, logs):
    import numpy as np
    import torch
    from imitation.algorithms.adversarial.gail import GAIL
    from imitation.policies.base import NormalizeFeaturesExtractor
    from imitation.rewards.reward_nets import BasicRewardNet, NormalizedRewardNet
    from imitation.util import logger, util
    from imitation.util.networks import RunningNorm
    from stable_baselines3 import PPO
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    envs = util.make_vec_env("Hopper-v4", rng=np.random.default_rng(seed), n_envs=ENVIRONMENTS,
                             parallel=False)
    learner = PPO(
        "MlpPolicy", envs, n_steps=ROUND // ENVIRONMENTS, batch_size=512, n_epochs=20,
        learning_rate=4.3984856156897565e-5, clip_range=0.1, ent_coef=0.001255299425412744,
        gae_lambda=0.98, gamma=0.995, max_grad_norm=0.9, vf_coef=0.20315938606555833, seed=seed,
        device="cpu",
        policy_kwargs={"activation_fn": torch.nn.ReLU,
                       "features_extractor_class": NormalizeFeaturesExtractor,
                       "features_extractor_kwargs": {"normalize_class": RunningNorm},
                       "net_arch": {"pi": [64, 64], "vf": [64, 64]}})
    reward = NormalizedRewardNet(
        BasicRewardNet(envs.observation_space, envs.action_space,
                       normalize_input_layer=RunningNorm), RunningNorm)
    return GAIL(demonstrations=demonstrations(path), demo_batch_size=128, venv=envs,
                gen_algo=learner, reward_net=reward, gen_replay_buffer_capacity=ROUND,
                n_disc_updates_per_round=8, allow_variable_horizon=True, log_dir=logs,
                custom_logger=logger.configure(logs, []))


def measure_theirs(path, steps, seed):
    """In this process: steps per second of processor time, after one round to warm up."""
    with tempfile.TemporaryDirectory() as logs:
        trainer = make_trainer(path, seed, logs)
        trainer.train(ROUND)
        began = time.process_time()
        trainer.train(steps)
        return steps / (time.process_time() - began)


def theirs(path, steps, seed):
    done = subprocess.run([sys.executable, "-W", "ignore", __file__, "--measure", path, "--steps",
                           str(steps), "--seed", str(seed)], capture_output=True, text=True)
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["no message"]
        sys.exit(f"imitation: {lines[-1]}")
    return float(done.stdout.split()[-1])


def run(program, expert, steps, seed, settings):
    """Seconds of processor time of a run of `mgail train`, and its result.json."""
    with tempfile.TemporaryDirectory() as parent:
        command = [program, "train", "--config", f"{ROOT}/experiments/hopper-gail.ini", "--expert",
                   expert, "--trajectories", str(TRAJECTORIES), "--subsample", str(SUBSAMPLE),
                   "--steps", str(steps), "--seed", str(seed), "--output", f"{parent}/run"]
        for setting in ["evaluate.every=0", "evaluate.final_episodes=1"] + settings:
            command += ["--set", setting]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(command, capture_output=True, text=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode:
            sys.exit(f"{program}: exit code {done.returncode}: {done.stderr.strip()}")
        with open(f"{parent}/run/result.json") as file:
            result = json.load(file)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, result


def own(program, expert, steps, seed, settings):
    """What a run takes beyond one that ends after the first 4096 steps."""
    first, _ = run(program, expert, ROUND, seed, settings)
    whole, result = run(program, expert, ROUND + steps, seed, settings)
    return steps / (whole - first), result


def convert(program, expert, folder):
    """The demonstrations in the layout that the package reads."""
    to = f"{folder}/expert.npz"
    done = subprocess.run([program, "convert", expert, to, "--to", "imitation"],
                          capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{program} convert: {done.stderr.strip()}")
    return to


def processor():
    try:
        with open("/proc/cpuinfo") as file:
            return next(line.split(":")[1].strip() for line in file if "model name" in line)
    except (OSError, StopIteration):
        return platform.processor()


def describe(result):
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES)
    libraries = result["libraries"]
    print(f"{datetime.date.today()}, {processor()}, {os.cpu_count()} cores of which one is used, "
          f"Python {platform.python_version()}")
    print(f"ours: {result['program']} ({result['git']}), {libraries['simulator']}, "
          f"{libraries['blas']}; theirs: {versions}")


def missing():
    return [name for name in PACKAGES if not importlib.util.find_spec(name.replace("-", "_"))]


def report(rates):
    print(f"\n{'':9}{'steps/s':>9}{'ratio':>8}{'min':>7}{'max':>7}   rows a step: D's pairs, "
          "penalised; policy's; value's")
    for name, row in rates.items():
        ratios = [a / b for a, b in zip(row, rates["theirs"])]
        pairs, penalised, policy, value = WORK[name]
        print(f"{name:9}{statistics.median(row):9.0f}{statistics.median(ratios):8.2f}"
              f"{min(ratios):7.2f}{max(ratios):7.2f}   {pairs:g}, {penalised:g}; {policy}; {value}")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mgail", default="build/release/mgail", help="the program")
    parser.add_argument("--expert", default=f"{ROOT}/experiments/data/hopper-v4-expert.h5",
                        help="demonstrations of Hopper-v4, in any layout that mgail reads")
    parser.add_argument("--steps", type=int, default=20 * ROUND, help="of a run (default 81920)")
    parser.add_argument("--rounds", type=int, default=3, help="of one run of each (default 3)")
    parser.add_argument("--core", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1, help="of the first round")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    args = parser.parse_args()
    absent = missing()
    if absent:
        sys.exit(f"{sys.executable}: no {', '.join(absent)}; expected a Python with imitation "
                 "1.0.1, see --help for how to make one")
    if args.measure:
        print(measure_theirs(args.measure, args.steps, args.seed))
        return
    if args.rounds < 1 or args.steps < ROUND or args.steps % ROUND:
        sys.exit(f"--rounds {args.rounds} --steps {args.steps}: expected at least 1, and a "
                 f"multiple of {ROUND}")
    os.sched_setaffinity(0, [args.core])
    os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1",
                      OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")
    rates = {"ours": [], "matched": [], "theirs": []}
    with tempfile.TemporaryDirectory() as folder:
        npz = convert(args.mgail, args.expert, folder)
        for turn in range(args.rounds):
            seed = args.seed + turn
            rate, result = own(args.mgail, args.expert, args.steps, seed, [])
            if turn == 0:
                describe(result)
            rates["ours"].append(rate)
            rates["theirs"].append(theirs(npz, args.steps, seed))
            rates["matched"].append(own(args.mgail, args.expert, args.steps, seed, MATCHED)[0])
            print(f"round {turn + 1}: " + ", ".join(f"{k} {v[-1]:.0f}" for k, v in rates.items()) +
                  " steps/s", flush=True)
    report(rates)


if __name__ == "__main__":
    main()
