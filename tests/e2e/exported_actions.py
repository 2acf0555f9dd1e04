"""Compares what exported policies do with what was recorded of the policy itself (mean action).

Usage: exported_actions.py USE_POLICY.py RECORDING.h5 POLICY...   .npz, .safetensors, .onnx, .c

A C file is compiled as strictly as may be and called. Prints the largest difference of each; exits 1 if
one is over 1e-5, or a choice is another where its logits are further apart than that."""
import ctypes
import importlib.util
import pathlib
import subprocess
import sys
import tempfile

import h5py
import numpy as np

TOLERANCE = 1e-5


def load_module(path):
    spec = importlib.util.spec_from_file_location("use_policy", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def load_c(path, discrete, actions):
    """head(observation) of a C file: the action, or the logits; and its own choice."""
    library = pathlib.Path(tempfile.mkdtemp()) / "policy.so"
    subprocess.run(["cc", "-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror", "-O2", "-shared",
                    "-fPIC", "-o", library, path, "-lm"], check=True)
    code = ctypes.CDLL(str(library))
    name, doubles, floats = path.stem, ctypes.c_double * 1000, ctypes.c_float * actions

    def head(observation):
        out = floats()
        function = getattr(code, name + ("_logits" if discrete else "_act"))
        function(doubles(*observation), out)
        if discrete:
            assert getattr(code, name + "_act")(doubles(*observation)) == int(np.argmax(out)), "not its largest logit"
        noise = floats(*[0.0] * actions)
        noise[actions - 1] = 1000.0  # a sample, of which the noise decides
        if discrete:
            assert getattr(code, name + "_sample")(doubles(*observation), noise) == actions - 1, "no sample"
        else:
            sampled = floats()
            code[name + "_sample"](doubles(*observation), noise, sampled)
            assert sampled[0] == out[0] and sampled[actions - 1] > out[actions - 1], "no sample"
        return np.array(out)
    return head


def main():
    use_policy = load_module(sys.argv[1])
    with h5py.File(sys.argv[2]) as file:
        observations = file["episode_0/observations"][:-1]
        recorded = file["episode_0/actions"][()]
    bad = 0
    reference = use_policy.load(pathlib.Path(sys.argv[3]))
    for path in map(pathlib.Path, sys.argv[3:]):
        discrete = reference.discrete
        if path.suffix == ".c":
            head = load_c(path, discrete, int(reference.texts["actions"]))
        else:
            head = use_policy.load(path).head
        heads = np.array([head(np.asarray(o, np.float64)) for o in observations])
        if discrete:
            chosen = np.take_along_axis(heads, recorded.reshape(-1, 1).astype(int), 1)[:, 0]
            difference = np.max(heads.max(1) - chosen)
        else:
            difference = np.max(np.abs(heads - recorded) / np.maximum(1, np.abs(recorded)))
        print(f"{path}: largest difference {difference:.1e} in {len(observations)} steps")
        bad += not difference <= TOLERANCE
    return bad > 0


if __name__ == "__main__":
    sys.exit(main())
