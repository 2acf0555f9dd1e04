#!/bin/bash
# Every C file is as clang-format leaves it. Exit 77 (skip) without clang-format.
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
case ${1:-} in
  '') ;;
  -h | --help | help)
    echo "Usage: tests/format.sh: says which C files clang-format would change. Exit codes: 0 none; 64 usage; 77"
    echo "skipped, as clang-format is not installed; else what clang-format returned."
    exit 0 ;;
  -V | --version) sed -n 's/^project(\([^ ]*\) VERSION \([^ ]*\).*/\1 \2/p' CMakeLists.txt; exit 0 ;;
  *) echo "error: format.sh: unexpected argument '$1'; see --help" >&2; exit 64 ;;
esac
formatter=$(command -v clang-format-14 || command -v clang-format) || {
  echo "skipped: clang-format is not installed"
  exit 77
}
find src envs mpi experiments tests -name '*.[ch]' -print0 | xargs -0 "$formatter" --dry-run -Werror
