#!/bin/bash
# Installs what is missing, fetches MuJoCo and builds build/release/mgail.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

usage() {
  cat <<'HELP'
Usage: experiments/setup.sh [--tests] [--portable] [--help]

Installs the Debian packages that are missing (as root, or by sudo where it asks for no password),
downloads MuJoCo 3.3.7 into build/mujoco-3.3.7 and builds build/release/mgail. What is already
there is left alone, so that a second run takes a moment, and it may be interrupted at any time.
What films need is installed too where it can be, and else named: all but "mgail render" does
without.

  --tests     also install what the tests need, and configure build/release with the tests
  --portable  build build/portable/mgail, for every processor of this architecture, instead: for
              packages, and clusters with nodes of several kinds; installs nothing for films

Environment:
  MUJOCO_ROOT  an unpacked MuJoCo release to use instead of the download

Exit codes: 0 done; 64 usage; 65 the download is not the expected file; 69 something is missing
that could not be installed or downloaded; else what cmake returned.
HELP
}

tests= preset=release
for argument in "$@"; do
  case $argument in
    --tests) tests=1 ;;
    --portable) preset=portable ;;
    -h | --help | help) usage; exit 0 ;;
    -V | --version)
      sed -n 's/^project(\([^ ]*\) VERSION \([^ ]*\).*/\1 \2/p' "$root/CMakeLists.txt"
      exit 0 ;;
    *) echo "error: setup.sh: unknown argument '$argument'; see --help" >&2; exit 64 ;;
  esac
done
log=$root/build/setup.log
mkdir -p "$root/build"

# --- packages: what is there is found by its use, so that other distributions work too -----------
has_command() { command -v "$1" >/dev/null; }
has_pkg_config() { has_command pkg-config && pkg-config --exists "$1"; }
has_header() { has_command cc && echo "#include <$1>" | cc -E -x c - >/dev/null 2>&1; }
has_for_slurm() { # for tests that start one of their own, which only root can
  [ "$(id -u)" != 0 ] || PATH=$PATH:/usr/sbin has_command "$1"
}
has_library() { grep -qF "$1" <<<"$(/sbin/ldconfig -p 2>/dev/null)"; }
has_driver() { compgen -G "/usr/lib*/dri/swrast_dri.so" || compgen -G "/usr/lib/*/dri/swrast_dri.so"; } >/dev/null
has_hdf5() { has_pkg_config hdf5-serial || has_pkg_config hdf5; }
has_venv() { python3 -c 'import ensurepip' 2>/dev/null; }
has_pip() { # only to fetch MuJoCo
  [ -n "${MUJOCO_ROOT:-}" ] || [ -e "$mujoco/lib" ] || python3 -m pip --version >/dev/null 2>&1
}
mujoco=$root/build/mujoco-3.3.7

# package: what it is there for
for_program() {
  cat <<'LIST'
gcc: has_command cc
libc6-dev: has_header stdio.h
cmake: has_command cmake
ninja-build: has_command ninja
pkg-config: has_command pkg-config
libopenmpi-dev: has_command mpicc
openmpi-bin: has_command mpirun
libopenblas-serial-dev: has_pkg_config openblas
libxsmm-dev: has_pkg_config libxsmm
libhdf5-dev: has_hdf5
libinih-dev: has_pkg_config inih
libcjson-dev: has_pkg_config libcjson
libzip-dev: has_pkg_config libzip
librandom123-dev: has_header Random123/philox.h
zlib1g-dev: has_pkg_config zlib
python3-pip: has_pip
LIST
  [ -z "$tests" ] || cat <<'LIST'
libcriterion-dev: has_pkg_config criterion
libmujoco-dev: has_header mujoco/mujoco.h
hdf5-tools: has_command h5dump
clang: has_command clang
clang-format: has_command clang-format
slurm-wlm: has_for_slurm slurmctld
iproute2: has_for_slurm ip
libosmesa6: has_library libOSMesa.so.8
man-db: has_command man
mandoc: has_command mandoc
zsh: has_command zsh
gnuplot-nox: has_command gnuplot
python3-venv: has_venv
LIST
}

# What films are drawn with and written by.
for_films() {
  [ $preset = portable ] || cat <<'LIST'
ffmpeg: has_command ffmpeg
libegl1: has_library libEGL.so.1
libgl1-mesa-dri: has_driver
libcairo2: has_library libcairo.so.2
LIST
}

# missing LIST: those of its packages whose probe fails, one a line
missing() {
  local package probe
  "$1" | while IFS=: read -r package probe; do
    # shellcheck disable=SC2086 # a probe is a command and its argument
    $probe </dev/null || echo "$package"
  done
}
mapfile -t needed < <(missing for_program)
mapfile -t films < <(missing for_films)

by_hand='apt-get install --no-install-recommends'
as_root=()
if has_command apt-get && [ "$(id -u)" = 0 ]; then
  as_root=(env DEBIAN_FRONTEND=noninteractive)
elif has_command apt-get && has_command sudo && sudo -n true 2>/dev/null; then
  as_root=(sudo -n env DEBIAN_FRONTEND=noninteractive)
elif [ ${#needed[@]} -gt 0 ]; then
  echo "error: setup.sh: missing (names of Debian 12's packages): ${needed[*]}" >&2
  echo "install them, as root: $by_hand ${needed[*]}" >&2
  exit 69
fi

install() { "${as_root[@]}" apt-get install --yes --no-install-recommends "$@" >>"$log" 2>&1; }
absent=("${needed[@]}" "${films[@]}")
if [ ${#as_root[@]} -gt 0 ] && [ ${#absent[@]} -gt 0 ]; then
  echo "setup: installing ${absent[*]}"
  echo "setup: it takes a few minutes, in which nothing is printed here: see $log"
  "${as_root[@]}" apt-get update >"$log" 2>&1 || true # what cannot be had then, install says
  if [ ${#needed[@]} -gt 0 ] && ! install "${needed[@]}"; then
    tail -n 20 "$log" >&2
    echo "error: setup.sh: could not run: $by_hand ${needed[*]}" >&2
    exit 69
  fi
  if [ ${#films[@]} -gt 0 ] && install "${films[@]}"; then films=(); fi
fi
if [ ${#films[@]} -gt 0 ]; then
  echo "setup: films need ${films[*]}, which could not be installed; all but mgail render does without." \
       "As root: $by_hand ${films[*]}"
fi

# --- MuJoCo: its Python wheel holds the library and the headers ----------------------------------
# Newer than the distribution's and 15-28 % faster. Python itself is only the way to fetch it, so
# every Python gets the same file.
fetch_mujoco() {
  local sha256 wheel
  case $(uname -s)-$(uname -m) in
    Linux-x86_64) sha256=9371506f0df2d82152685fc8d38465843abcea8d371745ea7c125001e8f3f2d8 ;;
    Linux-aarch64) sha256=9381bf5364eb2da86f0b1388c98b57e706123c8370660f977004fb5f94ef900f ;;
    *)
      echo "error: setup.sh: no MuJoCo for $(uname -s) $(uname -m) is known here;" \
           "unpack a release and give its folder as MUJOCO_ROOT" >&2
      exit 69 ;;
  esac
  echo "setup: downloading MuJoCo 3.3.7, some seconds"
  part=$(mktemp -d "$root/build/mujoco-3.3.7.part.XXXXXX")
  if ! python3 -m pip --quiet download --no-deps --only-binary=:all: --implementation cp \
         --python-version 3.11 --platform "manylinux_2_28_$(uname -m)" --dest "$part" \
         mujoco==3.3.7; then
    echo "error: setup.sh: could not download MuJoCo (pip download mujoco==3.3.7);" \
         "without a network, give an unpacked release as MUJOCO_ROOT" >&2
    exit 69
  fi
  wheel=$(echo "$part"/*.whl)
  if ! echo "$sha256  $wheel" | sha256sum --check --status; then
    echo "error: setup.sh: $wheel: expected SHA-256 $sha256," \
         "found $(sha256sum "$wheel" | cut -d ' ' -f 1)" >&2
    exit 65
  fi
  python3 -m zipfile -e "$wheel" "$part/wheel"
  mkdir -p "$part/release/lib"
  mv "$part/wheel/mujoco/include" "$part/release/include"
  mv "$part/wheel/mujoco/libmujoco.so.3.3.7" "$part/release/lib/"
  mv "$part"/wheel/mujoco-3.3.7.dist-info/licenses "$part/release/licenses"
  ln -s libmujoco.so.3.3.7 "$part/release/lib/libmujoco.so"
  chmod -R u+rwX,go+rX "$part/release"
  # Another setup may have been faster: then its folder stays, as it is the same.
  mv -T "$part/release" "$mujoco" 2>/dev/null || [ -e "$mujoco/lib/libmujoco.so.3.3.7" ]
}
part=
trap '[ -z "$part" ] || rm -rf "$part"' EXIT

if [ -n "${MUJOCO_ROOT:-}" ]; then
  mujoco=$(cd "$MUJOCO_ROOT" && pwd)
elif [ ! -e "$mujoco/lib/libmujoco.so.3.3.7" ]; then
  fetch_mujoco
fi

# --- build ---------------------------------------------------------------------------------------
cd "$root"
configure=(cmake --preset $preset -DMUJOCO_ROOT="$mujoco")
if [ -n "$tests" ]; then
  configure+=(-DMGAIL_TESTS=ON)
elif ! grep -qs '^MGAIL_TESTS:' build/$preset/CMakeCache.txt; then
  configure+=(-DMGAIL_TESTS=OFF) # once configured with the tests, it stays so
fi
"${configure[@]}" >"$log" 2>&1 || {
  status=$?
  cat "$log" >&2
  echo "error: setup.sh: could not configure; if build/$preset is of another set-up, remove it" >&2
  exit $status
}
[ -x build/$preset/mgail ] || echo "setup: building build/$preset/mgail: one to three minutes"
cmake --build build/$preset --target mgail -- --quiet
