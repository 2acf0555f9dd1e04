#!/bin/bash
# Every C file is as clang-format leaves it. Exit 77 (skip) without clang-format.
case ${1:-} in
  '') ;;
  *) echo "Usage: tests/format.sh: says which C files clang-format would change; takes no arguments"; exit 64 ;;
esac
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
formatter=$(command -v clang-format-14 || command -v clang-format) || {
  echo "skipped: clang-format is not installed"
  exit 77
}
find src envs mpi tests -name '*.[ch]' -print0 | xargs -0 "$formatter" --dry-run -Werror
