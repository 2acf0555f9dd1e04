#!/bin/sh
# The arrows of the design: which folder may include which. Fails on any other #include, and on a
# folder that has grown too large. Before it looks at the project it plants forbidden includes in a
# temporary tree, one at a time, and fails unless it finds each of them.
set -u
root=$(cd "$(dirname "$0")/.." && pwd) || exit 1
case ${1:-} in
'') ;;
-h | --help | help)
  echo "Usage: tests/architecture.sh: says which #include no arrow of the design allows, and which folder is too"
  echo "large. Exit codes: 0 none; 1 some; 64 usage."
  exit 0 ;;
-V | --version) sed -n 's/^project(\([^ ]*\) VERSION \([^ ]*\).*/\1 \2/p' "$root/CMakeLists.txt"; exit 0 ;;
*) echo "error: architecture.sh: unexpected argument '$1'; see --help" >&2; exit 64 ;;
esac

# module: modules it may include, itself left out. A module is a folder, but for mpi/, where it is a
# file. More than one line for a module add up.
arrows='
base:
math:         base
nn:           math base
model:        nn math base
files:        base
demos:        files base
envs:         base
rollout:      envs model nn math base
mpi/sync:     nn math base
mpi/launch:   base
mpi/flight:   base
mpi/comm_mpi: mpi/flight mpi/launch mpi/watchdog base
mpi/watchdog: base
algo:         rollout model nn math base envs demos files mpi/sync
app:          algo rollout model nn math base envs demos files mpi/sync mpi/comm_mpi
'
# header outside of the project: files that may include it, as patterns of the shell
externals='
mpi.h:    mpi/comm_mpi.c mpi/flight.[ch]
hdf5.h:   src/files/* src/demos/* envs/trace/*
hdf5_hl.h: src/files/*
mujoco.h: envs/mujoco/* src/app/render/draw/mujoco_artist.c
'

# check ROOT: prints each forbidden include; fails if there is one, or no file at all
check() (
  cd "$1" || exit 1
  files=$(find src envs mpi -name '*.[ch]' 2>/dev/null | sort)
  [ -n "$files" ] || { echo "no sources below $1"; exit 1; }
  # shellcheck disable=SC2086  # names without spaces, as the compiler's command lines need them, too
  ARROWS=$arrows EXTERNALS=$externals awk '
    # Of a file below the root, or of an #include with a slash.
    function module_of(path) {
      sub("^src/", "", path)
      if (path ~ "^mpi/") sub("[.][ch]$", "", path); else sub("/.*", "", path)
      return path
    }
    function say(text) { print FILENAME ": " text; bad = 1 }
    # Whether the file is one of those that the patterns of the shell say.
    function matches(patterns,   n, i, list) {
      n = split(patterns, list, " ")
      for (i = 1; i <= n; i++) {
        gsub("[.]", "[.]", list[i])
        gsub("[*]", ".*", list[i])
        if (FILENAME ~ "^" list[i] "$") return 1
      }
      return 0
    }
    # The table: for each "NAME: ENTRIES" into[NAME] gets " ENTRIES "; lines of one name add up.
    function read_table(text, into,   n, i, lines, name) {
      n = split(text, lines, "\n")
      for (i = 1; i <= n; i++)
        if (match(lines[i], "^[^:]+:")) {
          name = substr(lines[i], 1, RLENGTH - 1)
          into[name] = into[name] substr(lines[i], RLENGTH + 1) " "
        }
    }
    BEGIN { read_table(ENVIRON["ARROWS"], arrows); read_table(ENVIRON["EXTERNALS"], externals) }
    FNR == 1 {
      from = module_of(FILENAME)
      known = from in arrows
      if (!known) say("unknown module " from)
    }
    known && match($0, "^[ \t]*#[ \t]*include[ \t]*[<\"]") {
      ours = substr($0, RLENGTH, 1) == "\""
      header = substr($0, RLENGTH + 1)
      sub("[>\"].*", "", header)
      last = header
      sub(".*/", "", last)
      if (last in externals) {
        if (!matches(externals[last])) say("may not include " header ", only" externals[last] "may")
      } else if (header ~ "/") {
        to = module_of(header)
        if (to in arrows) {
          if (to != from && !index(" " arrows[from], " " to " "))
            say("may not include " header ": no arrow from " from " to " to)
        } else if (ours) { # <Random123/philox.h> is no module of ours; "x/y.h" has to be
          say("\"" header "\" is in no known module")
        }
      }
    }
    END { exit bad }' $files
)

# A room is a folder: at most so many files in it, and at most this share of all lines.
most_files=25 most_share=25 # [%]

# rooms ROOT: prints each that is too large; fails if there is one
rooms() (
  cd "$1" || exit 1
  find src envs mpi -type f | awk -v most="$most_files" '
    { folder = $0; sub("/[^/]*$", "", folder); files[folder]++ }
    END { for (f in files) if (files[f] > most) { print f ": " files[f] " files; expected at most " most; bad = 1 }
          exit bad }' || bad=1
  find src envs mpi -name '*.[ch]' -exec awk -v share="$most_share" '
    { folder = FILENAME; sub("/[^/]*$", "", folder); lines[folder]++; all++ }
    END { for (f in lines) if (lines[f] * 100 > all * share) {
            print f ": " lines[f] " of " all " lines; expected at most " share " %"; bad = 1 }
          exit bad }' {} + || bad=1
  exit "${bad:-0}"
)

# plant FILE 'INCLUDE': a tree that holds this one line
tree=$(mktemp -d) || exit 1
trap 'rm -rf "$tree"' EXIT
plant() {
  rm -rf "${tree:?}"/*
  mkdir -p "$tree/$(dirname "$1")"
  printf '/* planted */\n#include %s\nint x;\n' "$2" >"$tree/$1"
}
failures=0
must_reject() {
  plant "$@"
  if check "$tree" >/dev/null; then
    echo "not found when planted: $1 with #include $2"
    failures=$((failures + 1))
  fi
}
must_accept() {
  plant "$@"
  check "$tree" || { echo "falsely rejected: $1 with #include $2"; failures=$((failures + 1)); }
}
must_reject src/base/a.c '"math/vec.h"'
must_reject src/math/a.h '"nn/mlp.h"'
must_reject src/math/a.c '<nn/mlp.h>'
must_reject src/nn/a.c '"model/policy.h"'
must_reject src/model/a.c '"demos/dataset.h"'
must_reject src/data/a.c '"nn/mlp.h"'
must_reject envs/a.c '"rollout/segment.h"'
must_reject envs/deeper/a.c '"math/vec.h"'
must_reject src/rollout/a.c '"mpi/sync.h"'
must_reject src/demos/b.c '"envs/env.h"'
must_reject src/algo/a.c '"mpi/comm_mpi.h"'
must_reject src/app/a.c '"mpi/launch.h"'
must_reject mpi/sync.c '"mpi/comm_mpi.h"'
must_reject mpi/sync.c '"model/policy.h"'
must_reject mpi/comm_mpi.c '"nn/mlp.h"'
must_reject src/app/main.c '<mpi.h>'
must_reject mpi/sync.h '<mpi.h>'
must_reject src/rollout/a.c '<hdf5.h>'
must_reject src/app/a.c '"hdf5.h"'
must_reject src/app/a.c '<mujoco/mujoco.h>'
must_reject src/other/a.c '"base/rng.h"'
must_reject src/app/a.c '"other/a.h"'
must_accept src/app/a.c '"mpi/comm_mpi.h"'
must_accept src/algo/a.c '"mpi/sync.h"'
must_accept src/algo/a.c '"envs/env_options.h"'
must_accept src/nn/a.c '"dense.h"'
must_accept src/base/a.c '<Random123/philox.h>'
must_accept src/demos/layouts/a.c '<hdf5.h>'
must_accept envs/trace/trace.c '<hdf5.h>'
must_accept envs/mujoco/a.c '<mujoco/mujoco.h>'
must_accept mpi/comm_mpi.c '<mpi.h>'

rm -rf "${tree:?}"/*
mkdir -p "$tree/src/base" "$tree/src/nn" "$tree/src/app" "$tree/envs" "$tree/mpi"
k=0
while [ $k -lt 26 ]; do
  echo "int x$k;" >"$tree/src/base/x$k.c"
  echo "int y$k;" >"$tree/src/nn/y$k.c"
  k=$((k + 1))
done
must_say() {
  rooms "$tree" | grep "$1" >/dev/null || { echo "not found when planted: $1"; failures=$((failures + 1)); }
}
must_say 'src/base: 26 files'
must_say 'src/nn: 26 of 52 lines'

rooms "$root" || failures=$((failures + 1))
check "$root" || failures=$((failures + 1))
[ $failures = 0 ] && echo "architecture: all includes follow the arrows"
[ $failures = 0 ]
