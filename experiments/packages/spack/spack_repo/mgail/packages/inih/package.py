"""inih, which Spack has no recipe of."""

from spack_repo.builtin.build_systems.meson import MesonPackage

from spack.package import *


class Inih(MesonPackage):
    """A simple reader of INI files in C."""

    homepage = "https://github.com/benhoyt/inih"
    git = "https://github.com/benhoyt/inih.git"

    license("BSD-3-Clause")

    version("55", tag="r55")

    depends_on("c", type="build")

    def meson_args(self):
        return ["-Ddistro_install=true", "-Dwith_INIReader=false"]
