#!/usr/bin/env python3
"""Runs an exported policy in Gymnasium: .npz and .safetensors by NumPy, .onnx by onnxruntime.

    build/release/mgail export --checkpoint RUN --output hopper.npz
    python3 experiments/use_policy.py hopper.npz --episodes 10

The same episodes as `mgail evaluate`, return by return. Gymnasium draws other initial states than mgail, so
they are taken from there; --double, as a sum in float32 has other last bits in other programs, and a thousand
steps of a simulator with contacts make other returns of that:

    build/release/mgail evaluate --checkpoint RUN --episodes 10 --double --json --starts >evaluation.json
    python3 experiments/use_policy.py hopper.npz --evaluation evaluation.json

Needs numpy, gymnasium, mujoco for its tasks, and onnxruntime for .onnx. Exit codes: 0 done; 1 the returns are
not those of the evaluation; 65 a damaged file; 66 no such file; 69 a package is missing."""
import argparse
import json
import pathlib
import sys
import warnings
import zipfile
import zlib

try:
    import numpy as np
except ImportError as absent:
    np = None
    if {"-h", "--help"}.isdisjoint(sys.argv):
        print(f"error: use_policy.py: {sys.executable}: {absent}", file=sys.stderr)
        sys.exit(69)


class Problem(Exception):
    """An exit code and a sentence."""


# ---- the policy: twenty lines to take into one's own program ----

ACTIVATIONS = {
    "identity": lambda z: z,
    "tanh": np and np.tanh,
    "relu": lambda z: np.maximum(z, 0),
    "leaky_relu": lambda z: np.maximum(z, 0.01 * z),
    "swish": lambda z: z / (1 + np.exp(-z)),
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
}


class NumpyPolicy:
    def __init__(self, arrays, texts):
        self.arrays, self.texts = arrays, texts
        self.discrete = texts["kind"] == "discrete"
        self.layers, self.activate = int(texts["layers"]), ACTIVATIONS[texts["activation"]]

    def head(self, observation):
        """The mean action, or the logits of the choices."""
        a = self.arrays
        x = (observation[a["observed"]] - a["observation_shift"]) * a["observation_scale"]
        h = np.clip(x, -a["observation_limit"], a["observation_limit"]).astype(np.float32)
        for k in range(1, self.layers + 1):
            h = a[f"weight_{k}"].astype(np.float64) @ h + a[f"bias_{k}"]
            h = self.activate(h) if k < self.layers else h
        return np.float32(h if self.discrete else a["action_shift"] + a["action_scale"] * h)

    def act(self, observation, random=None):
        """The mean action or most probable choice; with a random generator a sample."""
        head = self.head(np.asarray(observation, np.float64))
        if self.discrete:
            return int(np.argmax(head if random is None else head + random.gumbel(size=head.shape)))
        return head if random is None else head + self.arrays["action_sigma"] * random.normal(size=head.shape)


class OnnxPolicy(NumpyPolicy):
    def __init__(self, session):
        self.session = session
        self.texts = session.get_modelmeta().custom_metadata_map
        self.discrete = self.texts["kind"] == "discrete"

    def head(self, observation):
        names = ["logits"] if self.discrete else ["action", "sigma"]
        head, *sigma = self.session.run(names, {"observation": observation[None]})
        self.arrays = {"action_sigma": sigma[0]} if sigma else {}
        return head[0]


# ---- files ----

def load_npz(path):
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files}
    return NumpyPolicy(arrays, json.loads(bytes(arrays.pop("metadata"))))


def load_safetensors(path):
    """What safetensors.numpy.load_file does, and the checksum that mgail adds."""
    content = path.read_bytes()
    end = 8 + int.from_bytes(content[:8], "little")
    header, data = json.loads(content[8:end]), content[end:]
    texts = header.pop("__metadata__")
    if int(texts["crc32"], 16) != zlib.crc32(data):
        raise ValueError("its values have not their checksum")
    types = {"F32": "<f4", "F64": "<f8", "I64": "<i8"}
    arrays = {name: np.frombuffer(data[slice(*row["data_offsets"])], types[row["dtype"]]).reshape(row["shape"])
              for name, row in header.items()}
    return NumpyPolicy(arrays, texts)


def load_onnx(path):
    import onnxruntime
    return OnnxPolicy(onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"]))


READERS = {".npz": load_npz, ".safetensors": load_safetensors, ".onnx": load_onnx}


def load(path):
    if path.suffix not in READERS:
        raise Problem(64, f"{path}: expected a name that ends in {', '.join(READERS)}")
    if not path.is_file():
        raise Problem(66, f"{path}: no such file")
    try:
        policy = READERS[path.suffix](path)
        size = int(policy.texts["observations"])
        policy.act(np.zeros(size))
        return policy
    except ImportError as absent:
        raise Problem(69, f"{path}: {sys.executable}: {absent}") from absent
    except (ArithmeticError, LookupError, OSError, RuntimeError, TypeError, ValueError, zipfile.BadZipFile,
            zlib.error) as damage:
        raise Problem(65, f"{path}: damaged, or not written by mgail export: {first_line(damage)}") from damage
    except Exception as damage:  # onnxruntime's own kinds of failure
        if not type(damage).__module__.startswith("onnxruntime"):
            raise
        raise Problem(65, f"{path}: damaged, or not written by mgail export: {first_line(damage)}") from damage


def first_line(error):
    return (str(error) or type(error).__name__).splitlines()[0]


# ---- episodes ----

def make_environment(texts):
    warnings.simplefilter("ignore")
    try:
        import gymnasium
        gymnasium.logger.min_level = gymnasium.logger.ERROR
        return gymnasium.make(texts["task"], disable_env_checker=True, **json.loads(texts["arguments"]))
    except (ImportError, gymnasium.error.DependencyNotInstalled) as absent:
        raise Problem(69, f"{sys.executable}: {first_line(absent)}; expected a Python with gymnasium[mujoco]") from absent


def set_state(env, start):
    """Puts an environment that was reset into a state of `mgail evaluate`; the observation there."""
    base = env.unwrapped
    if hasattr(base, "data"):
        import mujoco
        mujoco.mj_resetData(base.model, base.data)  # the solver's warm start, too
        base.set_state(np.array(start["qpos"]), np.array(start["qvel"]))
        return base._get_obs()
    base.state = np.array(start["qpos"])
    return base._get_ob() if hasattr(base, "_get_ob") else np.array(base.state, np.float32)


def run_episode(env, policy, seed, start, random):
    observation, _ = env.reset(seed=seed)
    if start:
        observation = set_state(env, start)
    total, ended = 0.0, False
    while not ended:
        action = policy.act(observation, random)
        action = action if policy.discrete else np.asarray(action, np.float64)
        observation, reward, terminated, truncated, _ = env.step(action)
        total += float(reward)
        ended = terminated or truncated
    return total


def read_evaluation(path, texts):
    try:
        evaluation = json.loads(path.read_text())
        if evaluation["env"] != texts["task"] or evaluation["actions"] != "mean_action":
            raise Problem(65, f"{path}: {evaluation['actions']} on {evaluation['env']}; expected mean_action on "
                              f"{texts['task']}")
        return evaluation["returns"], evaluation["starts"]
    except OSError as absent:
        raise Problem(66, f"{path}: {absent.strerror}") from absent
    except (ValueError, KeyError, TypeError) as damage:
        raise Problem(65, f"{path}: expected what `mgail evaluate --json --starts` prints") from damage


def compare(returns, expected, tolerance):
    """Prints both; whether each return is the expected one within the tolerance, of its size."""
    worst = 0.0
    for k, (ours, theirs) in enumerate(zip(returns, expected)):
        difference = abs(ours - theirs) / max(1.0, abs(theirs))
        worst = max(worst, difference)
        print(f"episode {k}: return {ours:.6f}, evaluated {theirs:.6f}, difference {difference:.1e}")
    print(f"largest difference {worst:.1e} of the return; allowed {tolerance:.1e}")
    return worst <= tolerance


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("policy", type=pathlib.Path, help="what mgail export has written")
    parser.add_argument("--episodes", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1, help="of Gymnasium's resets, and of sampled actions")
    parser.add_argument("--stochastic", action="store_true", help="sample actions")
    parser.add_argument("--evaluation", type=pathlib.Path, help="compare with these episodes")
    parser.add_argument("--tolerance", type=float, default=1e-9, help="of a return's size (default 1e-9)")
    args = parser.parse_args()
    policy = load(args.policy)
    expected, starts = None, [None] * args.episodes
    if args.evaluation:
        expected, starts = read_evaluation(args.evaluation, policy.texts)
    env = make_environment(policy.texts)
    random = np.random.default_rng(args.seed) if args.stochastic else None
    returns = [run_episode(env, policy, args.seed + k, start, random) for k, start in enumerate(starts)]
    print(f"{policy.texts['task']}, {len(returns)} episodes: return {np.mean(returns):.2f}  sd {np.std(returns):.2f}  "
          f"min {min(returns):.2f}  max {max(returns):.2f}")
    return 0 if expected is None or compare(returns, expected, args.tolerance) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Problem as problem:
        code, sentence = problem.args
        print(f"error: use_policy.py: {sentence}", file=sys.stderr)
        sys.exit(code)
