#!/bin/bash
# What cpack makes: an archive that works wherever it is unpacked, a Debian package that says what it needs;
# and that what cannot be built here, the definition for Apptainer and Spack's recipe, names what there is.
# Usage: test_packages.sh ROOT BUILD_FOLDER
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
root=$1 build=$2

cpack --config "$build/CPackConfig.cmake" -G TGZ -B "$folder/packages" >said 2>&1 || fail "cpack"
(cd packages && sha256sum --check --quiet ./*.sha256) || fail "checksum"
mkdir "un packed"
tar -xzf packages/mgail-*-linux-*.tar.gz -C "un packed" --strip-components=1
prefix="$folder/un packed"
for file in bin/mgail share/doc/mgail/LICENSE share/man/man1/mgail-train.1 share/zsh/site-functions/_mgail \
  share/bash-completion/completions/mgail share/mgail/presets/experts/hopper.h5; do
  [ -s "$prefix/$file" ] || fail "the archive has no $file"
done
if [ -e "$prefix/lib" ]; then
  [ -s "$prefix/share/doc/mgail/mujoco/LICENSE" ] || fail "MuJoCo without its licence"
fi
MGAIL="$prefix/bin/mgail" LAUNCH=''
expect 0 "usage: mgail COMMAND" --help
expect 0 "320 steps" train --config "$prefix/share/mgail/presets/hopper-mgail.ini" --steps 320 \
  --set evaluate.final_episodes=1 --set mgail.updates=1 --output run
expect 0 "Hopper-v4, mgail" evaluate --checkpoint run --episodes 1

if command -v dpkg-deb >/dev/null && command -v dpkg-shlibdeps >/dev/null; then
  cpack --config "$build/CPackConfig.cmake" -G DEB -B "$folder/packages" >said 2>&1 || fail "cpack -G DEB"
  dpkg-deb --field packages/mgail_*.deb Depends >said
  for library in libhdf5 libopenblas libc6; do
    grep -q "$library" said || fail "the package does not depend on $library"
  done
  dpkg-deb --contents packages/mgail_*.deb >said
  grep -q ' ./usr/bin/mgail$' said || fail "the package has no /usr/bin/mgail"
  if grep -v ' ./usr/' said; then fail "files outside of /usr"; fi
fi

# The definition copies what the build needs, and the recipe sets settings of the build that there are.
for name in $(awk '/^%files$/ { inside = 1; next } /^%/ { inside = 0 } inside { print $1 }' "$root/experiments/packages/mgail.def"); do
  [ -e "$root/$name" ] || fail "mgail.def copies $name, which there is not"
done
recipes=$root/experiments/packages/spack/spack_repo/mgail/packages
if command -v python3 >/dev/null; then
  for recipe in "$recipes"/*/package.py; do
    python3 -c 'import ast, sys; ast.parse(open(sys.argv[1]).read())' "$recipe" || fail "$recipe is no Python"
  done
fi
for option in $(grep -o '"MGAIL_[A-Z]*"\|"MUJOCO_ROOT"' "$recipes/mgail/package.py" | tr -d '"'); do
  grep -q -e "^$option:" "$build/CMakeCache.txt" || fail "package.py sets $option, which there is not"
done
for checksum in $(grep -o '[0-9a-f]\{64\}' "$recipes/mujoco/package.py"); do
  grep -q "$checksum" "$root/experiments/setup.sh" || fail "package.py has another MuJoCo than setup.sh: $checksum"
done
echo "passed"
