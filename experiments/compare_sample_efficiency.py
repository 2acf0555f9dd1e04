#!/usr/bin/env python3
"""Environment steps and seconds to 0.9 of the expert: MGAIL beside GAIL and DAC of known packages.

All learn from the same pairs, every 20th of 4 full-length trajectories, and are judged alike: at every
20,000 environment steps, 10 episodes with the mean action, at the end 50. A score is (return - random) /
(data - random), data being the mean return of the four trajectories.

mgail  the preset experiments/TASK-mgail.ini as it is; its running average, as in every other table.
gail   imitation 1.0.1's GAIL with stable-baselines3's PPO, with the settings that the package tuned for
       the task and ships (scripts/config/tuned_hps/gail_seals_TASK_best_hp_eval.json).
dac    discriminator actor-critic (Kostrikov et al. 2019) of well-kept parts: stable-baselines3's SAC with its
       own settings, rewards being the logit of a discriminator when they are drawn from the replay;
       absorbing states; gradient penalty 10; both networks 256,256; a step of both for every environment
       step. An episode that the task ends goes on in the absorbing state for two steps more, which are
       not counted as the environment's.

A run is a file, OUTPUT/METHOD-TASK-sSEED.json; what is there is not run again, so that the same command
goes on where it was stopped. At the end a table, and OUTPUT/curves.svg with all tasks. One thread a
run; seconds are of wall time, on one core if nothing else runs there.

    python3 -m venv build/peers
    build/peers/bin/pip install imitation==1.0.1 "stable-baselines3~=2.2.1" gymnasium==0.29.1 \\
        mujoco==3.3.7 imageio "numpy<2" "setuptools<81" datasets==2.20.0 pyarrow==16.1.0 "pandas<2.3" \\
        "scipy<1.14" "scikit-learn<1.6" "matplotlib<3.10" "contourpy<1.3.3"
    build/peers/bin/python experiments/compare_sample_efficiency.py --task hopper,ant --seeds 3
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
TASKS = {"hopper": "Hopper-v4", "halfcheetah": "HalfCheetah-v4", "walker2d": "Walker2d-v4",
         "ant": "Ant-v4"}
TUNED = {"hopper": "hopper", "halfcheetah": "half_cheetah", "walker2d": "walker", "ant": "ant"}
METHODS = ("mgail", "gail", "dac")
TRAJECTORIES, FULL_LENGTH, SUBSAMPLE = 4, 1000, 20
EVERY, EPISODES, FINAL_EPISODES = 20000, 10, 50
REACHED, KEPT = 0.9, 0.8


# ---- what all learn from ----

class Pairs:
    """obs [T,n,S], acts [T,n,A] of T trajectories, and their returns; `path` has them for mgail."""

    def __init__(self, program, expert, folder):
        import numpy as np
        from imitation.data import serialize
        whole = folder / "whole.npz"
        whole.unlink(missing_ok=True)
        convert = subprocess.run([program, "convert", expert, whole, "--to", "imitation"],
                                 capture_output=True, text=True, check=False)
        if convert.returncode:
            sys.exit(f"{program} convert: {convert.stderr.strip()}")
        full = [t for t in serialize.load(whole) if len(t.acts) == FULL_LENGTH][:TRAJECTORIES]
        if len(full) < TRAJECTORIES:
            sys.exit(f"{expert}: {len(full)} trajectories of {FULL_LENGTH} steps; expected "
                     f"{TRAJECTORIES}")
        self.obs = np.stack([t.obs[:-1][::SUBSAMPLE] for t in full])
        self.acts = np.stack([t.acts[::SUBSAMPLE] for t in full])
        rewards = np.stack([t.rews.reshape(-1, SUBSAMPLE).sum(1) for t in full])
        self.returns = rewards.sum(1)
        self.path = folder / "pairs.npz"
        np.savez(self.path, obs=self.obs, acs=self.acts, rews=rewards, ep_rets=self.returns)

    def flat(self):
        return (self.obs.reshape(-1, self.obs.shape[-1]),
                self.acts.reshape(-1, self.acts.shape[-1]))


def random_return(task, episodes=100):
    """Of actions drawn evenly from the task's box."""
    import gymnasium
    env = gymnasium.make(TASKS[task])
    env.action_space.seed(1)
    returns = []
    for k in range(episodes):
        env.reset(seed=k)
        total, ended = 0.0, False
        while not ended:
            _, reward, terminated, truncated, _ = env.step(env.action_space.sample())
            total, ended = total + reward, terminated or truncated
        returns.append(total)
    return statistics.mean(returns)


class Judge:
    """Returns of a policy's mean action at every EVERY steps, whose own time does not count."""

    def __init__(self, task, act):
        import gymnasium
        self.env, self.act = gymnasium.make(TASKS[task]), act
        self.curve, self.spent, self.began = [], 0.0, time.monotonic()

    def returns(self, episodes):
        out = []
        for k in range(episodes):
            obs, _ = self.env.reset(seed=10000 + k)
            total, ended = 0.0, False
            while not ended:
                obs, reward, terminated, truncated, _ = self.env.step(self.act(obs))
                total, ended = total + reward, terminated or truncated
            out.append(total)
        return out

    def look(self, steps):
        if steps < EVERY * (len(self.curve) + 1):
            return
        at = time.monotonic()
        mean = statistics.mean(self.returns(EPISODES))
        self.curve.append([steps, at - self.began - self.spent, mean])
        self.spent += time.monotonic() - at
        print(f"    {steps} steps: {mean:.1f}", flush=True)

    def result(self):
        return {"curve": self.curve, "final": self.returns(FINAL_EPISODES)}


# ---- mgail ----

def run_mgail(options, task, seed, pairs, folder):
    run = folder / f"mgail-{task}-s{seed}"
    if not (run / "result.json").exists():
        subprocess.run(["rm", "-rf", run], check=True)
        command = [options.mgail, "train", "--config", ROOT / f"experiments/{task}-mgail.ini",
                   "--expert", pairs.path, "--subsample", "1", "--set", "data.minimum_length=0",
                   "--set", f"evaluate.every={EVERY}", "--set", f"evaluate.episodes={EPISODES}",
                   "--set", f"evaluate.final_episodes={FINAL_EPISODES}", "--seed", str(seed),
                   "--output", run]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"mgail: {done.stderr.strip().splitlines()[-1]}")
    result = json.loads((run / "result.json").read_text())
    average = result["final"]["average"]["mean_action"]
    return {"curve": [[e["steps"], e["seconds"], e["average_mean"]] for e in result["evaluations"]],
            "final": [average["mean"]]}


# ---- imitation's GAIL ----

def tuned(task):
    import imitation
    path = (pathlib.Path(imitation.__file__).parent / "scripts/config/tuned_hps" /
            f"gail_seals_{TUNED[task]}_best_hp_eval.json")
    return json.loads(path.read_text())


def run_gail(options, task, seed, pairs, folder):
    import numpy as np
    import torch
    from imitation.algorithms.adversarial.gail import GAIL
    from imitation.data import types
    from imitation.policies.base import FeedForward32Policy, NormalizeFeaturesExtractor
    from imitation.rewards.reward_nets import BasicRewardNet, NormalizedRewardNet
    from imitation.util import logger, util
    from imitation.util.networks import RunningNorm
    from stable_baselines3 import PPO
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    given, environments = tuned(task), 8
    envs = util.make_vec_env(TASKS[task], rng=np.random.default_rng(seed), n_envs=environments,
                             parallel=False)
    policy = given["policy"]
    keywords = {k: v for k, v in policy["policy_kwargs"].items()
                if not k.startswith("features") and k != "activation_fn"}
    if "activation_fn" in policy["policy_kwargs"]:
        name = policy["policy_kwargs"]["activation_fn"]["py/type"].rsplit(".", 1)[1]
        keywords["activation_fn"] = getattr(torch.nn, name)
    keywords |= {"features_extractor_class": NormalizeFeaturesExtractor,
                 "features_extractor_kwargs": {"normalize_class": RunningNorm}}
    small = "FeedForward32Policy" in json.dumps(policy.get("policy_cls", ""))
    a_round = given["rl"]["batch_size"]
    learner = PPO(FeedForward32Policy if small else "MlpPolicy", envs,
                  n_steps=a_round // environments, seed=seed, device="cpu",
                  policy_kwargs=keywords, **given["rl"]["rl_kwargs"])
    reward = NormalizedRewardNet(BasicRewardNet(envs.observation_space, envs.action_space,
                                                normalize_input_layer=RunningNorm), RunningNorm)
    obs, acts = pairs.flat()
    # The package refuses a batch larger than the data; of copies it draws the same pairs.
    copies = -(-given["algorithm_kwargs"]["demo_batch_size"] // len(obs))
    obs, acts = np.tile(obs, (copies, 1)), np.tile(acts, (copies, 1))
    zeros = np.zeros(len(obs), bool)
    expert = types.Transitions(obs=obs, acts=acts, next_obs=obs, dones=zeros,
                               infos=np.array([{}] * len(obs)))
    logs = str(folder / f"gail-{task}-s{seed}")
    trainer = GAIL(demonstrations=expert, venv=envs, gen_algo=learner, reward_net=reward,
                   allow_variable_horizon=True, log_dir=logs,
                   custom_logger=logger.configure(logs, []), **given["algorithm_kwargs"])
    judge = Judge(task, lambda o: learner.predict(o, deterministic=True)[0])
    trainer.train(max(options.steps, a_round), callback=lambda r: judge.look((r + 1) * a_round))
    return judge.result()


# ---- DAC ----

def absorbing_env(task):
    """Observations have a last entry, 1 in the absorbing state, which an episode that the task ends goes
    into for two steps; `steps` counts the task's own."""
    import gymnasium
    import numpy as np

    class Absorbing(gymnasium.Wrapper):
        def __init__(self):
            super().__init__(gymnasium.make(TASKS[task]))
            size = self.env.observation_space.shape[0]
            self.observation_space = gymnasium.spaces.Box(-np.inf, np.inf, (size + 1,))
            self.absorbed, self.steps = -1, 0
            self.state = np.zeros(size + 1, np.float32)
            self.state[-1] = 1

        def reset(self, **keywords):
            self.absorbed = -1
            obs, info = self.env.reset(**keywords)
            return np.append(obs, 0).astype(np.float32), info

        def step(self, action):
            if self.absorbed >= 0:
                self.absorbed += 1
                return self.state, 0.0, False, self.absorbed == 2, {}
            obs, reward, terminated, truncated, info = self.env.step(action)
            self.steps += 1
            if terminated:
                self.absorbed = 0
            return (np.append(obs, 0).astype(np.float32), float(reward), False,
                    truncated and not terminated, info)
    return Absorbing()


def make_discriminator(env, pairs):
    """(logit(obs, action), learn(obs, action)) with the state's entries in the expert's spreads."""
    import numpy as np
    import torch
    obs, acts = pairs.flat()
    size = env.observation_space.shape[0] + acts.shape[1]
    net = torch.nn.Sequential(torch.nn.Linear(size, 256), torch.nn.Tanh(), torch.nn.Linear(256, 256),
                              torch.nn.Tanh(), torch.nn.Linear(256, 1))
    adam = torch.optim.Adam(net.parameters(), lr=3e-4)
    mean = torch.tensor(np.append(obs.mean(0), 0), dtype=torch.float32)
    spread = torch.tensor(np.append(obs.std(0) + 1e-3, 1), dtype=torch.float32)
    low, high = (torch.tensor(a) for a in (env.action_space.low, env.action_space.high))
    own = torch.tensor(np.c_[obs, np.zeros(len(obs))], dtype=torch.float32)
    expert = torch.cat([((own - mean) / spread).clamp(-10, 10),
                        torch.max(torch.min(torch.tensor(acts, dtype=torch.float32), high), low)], 1)

    def inputs(state, action):
        return torch.cat([((state - mean) / spread).clamp(-10, 10), action], 1)

    def learn(state, action):
        policy = inputs(state, action * (high - low) / 2 + (high + low) / 2)
        chosen = expert[torch.randint(len(expert), (len(policy),))]
        mix = torch.rand(len(policy), 1)
        between = (mix * chosen + (1 - mix) * policy).requires_grad_(True)
        gradient, = torch.autograd.grad(net(between).sum(), between, create_graph=True)
        loss = (torch.nn.functional.softplus(net(policy)).mean() +
                torch.nn.functional.softplus(-net(chosen)).mean() +
                10 * ((gradient.norm(2, 1) - 1) ** 2).mean())
        adam.zero_grad()
        loss.backward()
        adam.step()

    @torch.no_grad()
    def logit(state, action):
        return net(inputs(state, action * (high - low) / 2 + (high + low) / 2))
    return logit, learn


def run_dac(options, task, seed, pairs, _):
    import numpy as np
    import torch
    from stable_baselines3 import SAC
    from stable_baselines3.common.buffers import ReplayBuffer
    from stable_baselines3.common.callbacks import BaseCallback
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    env = absorbing_env(task)
    logit, learn = make_discriminator(env, pairs)

    class Judged(ReplayBuffer):
        """Its rewards are what D says now; D learns from every batch that is drawn."""

        def sample(self, batch_size, env=None):
            batch = super().sample(batch_size, env)
            learn(batch.observations, batch.actions)
            return batch._replace(rewards=logit(batch.observations, batch.actions))

    learner = SAC("MlpPolicy", env, seed=seed, device="cpu", learning_starts=5000,
                  replay_buffer_class=Judged, policy_kwargs={"net_arch": [256, 256]})
    judge = Judge(task, lambda o: learner.predict(np.append(o, 0).astype(np.float32),
                                                  deterministic=True)[0])

    class Look(BaseCallback):
        def _on_step(self):
            judge.look(env.steps)
            return env.steps < options.steps
    learner.learn(10 * options.steps, callback=Look())
    return judge.result()


# ---- all of them ----

def score_of(run, value):
    return (value - run["random"]) / (run["data"] - run["random"])


def reached(run):
    """(steps, seconds) at the first evaluation from which 0.9 is reached and no later one is below
    0.8; (inf, inf)."""
    scores = [score_of(run, mean) for _, _, mean in run["curve"]]
    for k, score in enumerate(scores):
        if score >= REACHED and all(s >= KEPT for s in scores[k:]):
            return tuple(run["curve"][k][:2])
    return (float("inf"), float("inf"))


def report(runs, output):
    print("\n| task | method | runs | score | worst | steps to 0.9, kept | seconds to it | seconds in all |")
    print("|---|---|---|---|---|---|---|---|")
    for task in dict.fromkeys(r["task"] for r in runs):
        for method in METHODS:
            of = [r for r in runs if (r["task"], r["method"]) == (task, method)]
            if not of:
                continue
            scores = [score_of(r, statistics.mean(r["final"])) for r in of]
            steps = statistics.median(reached(r)[0] for r in of)
            seconds = statistics.median(reached(r)[1] for r in of)
            never = steps == float("inf")
            print(f"| {TASKS[task]} | {method} | {len(of)} | {statistics.mean(scores):.3f} | "
                  f"{min(scores):.3f} | {'never' if never else f'{steps / 1000:.0f}k'} | "
                  f"{'' if never else f'{seconds:.0f}'} | "
                  f"{statistics.median(r['seconds'] for r in of):.0f} |")
    draw(runs, output / "curves.svg")


def draw(runs, path):
    import matplotlib
    matplotlib.use("svg")
    from matplotlib import pyplot
    tasks = list(dict.fromkeys(r["task"] for r in runs))
    _, axes = pyplot.subplots(1, len(tasks), figsize=(4 * len(tasks), 3.2), squeeze=False)
    colours = dict(zip(METHODS, ("#0b6e4f", "#c1440e", "#3d5a80")))
    for axis, task in zip(axes[0], tasks):
        labelled = set()
        for r in (r for r in runs if r["task"] == task):
            label = None if r["method"] in labelled else r["method"]
            labelled.add(r["method"])
            axis.plot([steps / 1000 for steps, _, _ in r["curve"]],
                      [score_of(r, mean) for _, _, mean in r["curve"]], color=colours[r["method"]],
                      label=label, linewidth=1.2)
        axis.axhline(REACHED, color="#999999", linewidth=0.6)
        axis.set(title=TASKS[task], xlabel="thousand environment steps", ylim=(-0.1, 1.2))
    axes[0][0].set_ylabel("score")
    axes[0][0].legend(frameon=False)
    pyplot.tight_layout()
    pyplot.savefig(path)
    print(f"\nwrote {path}")


def one(options, method, task, seed):
    path = options.output / f"{method}-{task}-s{seed}.json"
    if path.exists():
        return json.loads(path.read_text())
    print(f"{method} on {TASKS[task]}, seed {seed}", flush=True)
    folder = options.output / "work" / task
    folder.mkdir(parents=True, exist_ok=True)
    pairs = Pairs(options.mgail, options.expert_dir / f"{task}.h5", folder)
    began = time.monotonic()
    run = {"mgail": run_mgail, "gail": run_gail, "dac": run_dac}[method](options, task, seed, pairs,
                                                                        folder)
    run |= {"method": method, "task": task, "seed": seed, "seconds": time.monotonic() - began,
            "data": float(pairs.returns.mean()), "random": random_return(task)}
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(run))
    temporary.replace(path)
    return run


def names(text, known, option):
    out = text.split(",")
    for name in out:
        if name not in known:
            sys.exit(f"{option} {name}: expected of {', '.join(known)}, by comma")
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mgail", default=str(ROOT / "build/release/mgail"), help="the program")
    parser.add_argument("--expert-dir", type=pathlib.Path, default=ROOT / "build/demonstrations",
                        help="TASK.h5 each (default build/demonstrations)")
    parser.add_argument("--task", default=",".join(TASKS), help="by comma (default: all four)")
    parser.add_argument("--method", default=",".join(METHODS), help="by comma (default: all three)")
    parser.add_argument("--seeds", type=int, default=3, help="1 to so many (default 3)")
    parser.add_argument("--steps", type=int, default=300000, help="of gail and dac (default 300000)")
    parser.add_argument("--output", type=pathlib.Path, default=ROOT / "build/sample-efficiency")
    options = parser.parse_args()
    tasks = names(options.task, TASKS, "--task")
    methods = names(options.method, METHODS, "--method")
    if options.seeds < 1 or options.steps < EVERY:
        sys.exit(f"--seeds {options.seeds} --steps {options.steps}: expected at least 1, and {EVERY}")
    os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1",
                      OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")
    options.output.mkdir(parents=True, exist_ok=True)
    runs = [one(options, method, task, seed) for task in tasks for method in methods
            for seed in range(1, options.seeds + 1)]
    report(runs, options.output)


if __name__ == "__main__":
    main()
