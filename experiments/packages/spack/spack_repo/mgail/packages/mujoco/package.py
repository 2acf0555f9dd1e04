"""MuJoCo from its Python wheel, as experiments/setup.sh takes it; Spack's own recipe ends with 2.1.0."""

import os
import platform
import zipfile

from spack_repo.builtin.build_systems.generic import Package

from spack.package import *

CHECKSUMS = {
    "x86_64": "9371506f0df2d82152685fc8d38465843abcea8d371745ea7c125001e8f3f2d8",
    "aarch64": "9381bf5364eb2da86f0b1388c98b57e706123c8370660f977004fb5f94ef900f",
}


class Mujoco(Package):
    """A physics engine for robotics, biomechanics and animation."""

    homepage = "https://mujoco.org/"

    license("Apache-2.0")

    if platform.machine() in CHECKSUMS:
        version(
            "3.3.7",
            sha256=CHECKSUMS[platform.machine()],
            url="https://files.pythonhosted.org/packages/cp311/m/mujoco/mujoco-3.3.7-cp311-cp311-"
            "manylinux_2_27_{0}.manylinux_2_28_{0}.whl".format(platform.machine()),
            expand=False,
        )

    def install(self, spec, prefix):
        mkdirp(prefix.lib, prefix.include)
        with zipfile.ZipFile(self.stage.archive_file) as wheel:
            wheel.extractall(self.stage.source_path)
        unpacked = os.path.join(self.stage.source_path, "mujoco")
        copy_tree(os.path.join(unpacked, "include"), prefix.include)
        library = f"libmujoco.so.{spec.version}"
        install(os.path.join(unpacked, library), prefix.lib)
        symlink(library, os.path.join(prefix.lib, "libmujoco.so"))
