"""Spack's recipe of mgail, for Spack 1.0 and later. From the project's folder:

    spack repo add experiments/packages/spack/spack_repo/mgail
    spack dev-build mgail@main
"""

from spack_repo.builtin.build_systems.cmake import CMakePackage, generator

from spack.package import *


class Mgail(CMakePackage):
    """Model-based generative adversarial imitation learning, in C, on one rank or many."""

    license("MIT")

    version("main")

    variant("mpi", default=True, description="Ranks by MPI; without, one")
    variant("libxsmm", default=True, description="Small products by kernels made at run time")
    variant("native", default=True, description="For the processor that it is built on")

    generator("ninja")

    depends_on("c", type="build")
    depends_on("cmake@3.25:", type="build")
    depends_on("pkgconfig", type="build")
    depends_on("mpi", when="+mpi")
    depends_on("openblas")
    depends_on("libxsmm", when="+libxsmm")
    depends_on("hdf5@1.10: +hl ~mpi")
    depends_on("cjson")
    depends_on("inih")
    depends_on("libzip")
    depends_on("mujoco@3.3.7")
    depends_on("random123")
    depends_on("zlib-api")

    def cmake_args(self):
        return [
            self.define("MGAIL_TESTS", False),
            self.define("MUJOCO_ROOT", self.spec["mujoco"].prefix),
            self.define_from_variant("MGAIL_MPI", "mpi"),
            self.define_from_variant("MGAIL_LIBXSMM", "libxsmm"),
            self.define_from_variant("MGAIL_NATIVE", "native"),
        ]
