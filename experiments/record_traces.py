#!/usr/bin/env python3
"""Records what Gymnasium returns, for `mgail verify` to replay.

Drives Gymnasium with random actions and writes a file per task and set of keyword arguments, in the
layout that envs/trace/trace_file.h describes. Needs gymnasium, mujoco and h5py; `mgail verify` agrees to
the last bit where it was built for the same MuJoCo release.

    python3 experiments/record_traces.py --output traces --seed 7
    build/release/mgail verify traces/*.h5
"""
import argparse
import json
import math
import pathlib
import sys
import warnings

try:
    import gymnasium
    import h5py
    import numpy as np
except ImportError as absent:
    if {"-h", "--help"}.isdisjoint(sys.argv):
        sys.exit(f"{sys.executable}: {absent}; expected a Python with gymnasium, mujoco and h5py")

# Of each family, arguments that are not the defaults, beside the defaults themselves.
COMMON = dict(ctrl_cost_weight=0.03, reset_noise_scale=0.02,
              exclude_current_positions_from_observation=False)
HEALTH = dict(healthy_reward=0.7, terminate_when_unhealthy=False)
VARIANTS = {
    "CartPole": [dict(sutton_barto_reward=True)],
    "MountainCar": [dict(goal_velocity=0.01)],
    "Hopper-v4": [COMMON | HEALTH | dict(forward_reward_weight=1.7),
                  dict(healthy_z_range=(1.1, 1.3), healthy_angle_range=(-0.05, 0.1),
                       healthy_state_range=(-4.0, 5.0))],
    "Hopper-v5": [COMMON | HEALTH | dict(frame_skip=3),
                  dict(healthy_z_range=(1.1, math.inf), healthy_state_range=(-4.0, 5.0))],
    "Walker2d-v4": [COMMON | HEALTH, dict(healthy_z_range=(1.1, 1.3))],
    "Walker2d-v5": [COMMON | HEALTH | dict(frame_skip=2), dict(healthy_angle_range=(-0.1, 0.2))],
    "HalfCheetah-v4": [COMMON | dict(forward_reward_weight=0.3)],
    "HalfCheetah-v5": [COMMON | dict(forward_reward_weight=0.3, frame_skip=2)],
    "Ant-v4": [dict(use_contact_forces=True), COMMON | HEALTH,
               dict(use_contact_forces=True, contact_force_range=(-3.0, 0.5),
                    contact_cost_weight=0.01, terminate_when_unhealthy=False,
                    healthy_z_range=(0.3, 0.6))],
    "Ant-v5": [COMMON | HEALTH | dict(forward_reward_weight=2.0, frame_skip=3),
               dict(include_cfrc_ext_in_observation=False, contact_cost_weight=0.02, main_body=4,
                    contact_force_range=(-2.0, 2.0))],
    "Humanoid-v4": [dict(terminate_when_unhealthy=False), COMMON | dict(healthy_z_range=(1.3, 1.5))],
    "Humanoid-v5": [dict(terminate_when_unhealthy=False, contact_cost_weight=1e-3,
                         contact_cost_range=(0.1, 3.0)), COMMON,
                    dict(include_cinert_in_observation=False, healthy_reward=2.0),
                    dict(include_cvel_in_observation=False, frame_skip=3),
                    dict(include_qfrc_actuator_in_observation=False,
                         include_cfrc_ext_in_observation=False)],
}
IDS = ["CartPole-v0", "CartPole-v1", "MountainCar-v0", "Acrobot-v1"] + [
    f"{task}-v{version}" for task in ("Hopper", "Walker2d", "HalfCheetah", "Ant", "Humanoid")
    for version in (4, 5)]


def actions_of(space, random, k, steps):
    """Episode k: in the box; small; held; outside of the box; in the box."""
    hold = 5 if k % 5 == 2 else 1
    count = -(-steps // hold)
    if isinstance(space, gymnasium.spaces.Discrete):
        drawn = random.integers(space.n, size=count)
    else:
        low, high = space.low.astype(float), space.high.astype(float)
        drawn = random.uniform(low, high, (count, low.size)) * (1, 0.3, 1, 1.5, 1)[k % 5]
    return np.repeat(drawn, hold, axis=0)[:steps]


def state_of(env, classic):
    base = env.unwrapped
    if classic:
        return [np.array(base.state, dtype=float)]
    return [base.data.qpos.copy(), base.data.qvel.copy()]


def record_episode(env, classic, seed, k, steps, group):
    random = np.random.default_rng([seed, k])
    observation, _ = env.reset(seed=seed + k)
    names = ["state"] if classic else ["qpos", "qvel"]
    for name, value in zip(names, state_of(env, classic)):
        group["init_" + name] = value
    group["init_obs"] = observation
    rows = {name: [] for name in ["observations", "rewards", "terminated", "truncated", *names]}
    actions = actions_of(env.action_space, random, k, steps)
    taken = 0
    for action in actions:
        observation, reward, terminated, truncated, _ = env.step(action)
        taken += 1
        values = [np.array(observation), float(reward), terminated, truncated,
                  *state_of(env, classic)]
        for row, value in zip(rows.values(), values):
            row.append(value)
        if terminated or truncated:
            break
    group["actions"] = actions[:taken]
    for name, row in rows.items():
        flag = name in ("terminated", "truncated")
        group[name] = np.array(row, dtype=np.uint8) if flag else np.array(row)


def record(path, env_id, kwargs, seed, episodes, steps):
    env = gymnasium.make(env_id, disable_env_checker=True, **kwargs)
    base = env.unwrapped
    classic = not hasattr(base, "data")
    with h5py.File(path, "w") as file:
        at = file.attrs
        at["layout"], at["kind"] = "conformance-1", "classic" if classic else "mujoco"
        at["env_id"], at["env_kwargs"] = env_id, json.dumps(kwargs)
        at["gymnasium_version"] = gymnasium.__version__
        at["obs_dim"] = env.observation_space.shape[0]
        at["max_episode_steps"] = env.spec.max_episode_steps
        if classic:
            at["num_actions"] = int(env.action_space.n)
        else:
            import mujoco
            at["mujoco_version"] = mujoco.__version__
            at["act_dim"] = env.action_space.shape[0]
            at["nq"], at["nv"] = base.model.nq, base.model.nv
        for k in range(episodes):
            group = file.create_group(f"episode_{k}")
            last = k == episodes - 1
            record_episode(env, classic, seed, k, env.spec.max_episode_steps if last else steps,
                           group)
    env.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", required=True, type=pathlib.Path, help="folder for the files")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--episodes", type=int, default=5, help="a file")
    parser.add_argument("--steps", type=int, default=300, help="at most, but in the last episode")
    parser.add_argument("--ids", nargs="*", default=IDS)
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    gymnasium.logger.min_level = gymnasium.logger.ERROR
    args.output.mkdir(parents=True, exist_ok=True)
    for env_id in args.ids:
        variants = VARIANTS.get(env_id, VARIANTS.get(env_id.split("-")[0], []))
        for i, kwargs in enumerate([{}, *variants]):
            path = args.output / f"{env_id}-{i}.h5"
            record(path, env_id, kwargs, args.seed, args.episodes, args.steps)
            print(path, json.dumps(kwargs), flush=True)


if __name__ == "__main__":
    main()
