"""Opens a file of Minari's layout, with metadata beside it, with the package itself, and compares all
episodes with the file's. Usage: open_minari.py FILE.h5"""
import os
import shutil
import sys
import tempfile

path = sys.argv[1]
root = tempfile.mkdtemp()
os.environ["MINARI_DATASETS_PATH"] = root

import h5py  # noqa: E402
import minari  # noqa: E402
import numpy  # noqa: E402

try:
    data = os.path.join(root, "converted", "set-v0", "data")
    os.makedirs(data)
    shutil.copy(path, os.path.join(data, "main_data.hdf5"))
    shutil.copy(path[:-len(".h5")] + ".metadata.json", os.path.join(data, "metadata.json"))
    dataset = minari.load_dataset("converted/set-v0")
    count = 0
    with h5py.File(path) as file:
        for episode in dataset.iterate_episodes():
            group = file[f"episode_{episode.id}"]
            for name in ("observations", "actions", "rewards", "terminations", "truncations"):
                assert numpy.array_equal(getattr(episode, name), group[name][()]), name
            assert len(episode.observations) == len(episode.actions) + 1
            assert episode.observations.dtype == dataset.observation_space.dtype
            count += len(episode.actions)
    assert count == dataset.total_steps, (count, dataset.total_steps)
finally:
    shutil.rmtree(root)
