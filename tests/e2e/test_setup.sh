#!/bin/bash
# What setup.sh installs: what the program needs, or it ends; what films need where it can, and else it goes on.
# Its tools are those of this machine but for ffmpeg and a command that it needs, its apt-get only tells what
# it was asked for. Usage: test_setup.sh EXPERIMENTS
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

mkdir -p project/experiments mujoco tools
cp "$1/setup.sh" project/experiments/
ln -s /usr/bin/* /usr/local/bin/* tools/ 2>/dev/null || true
rm -f tools/ffmpeg tools/sudo tools/apt-get tools/id tools/cmake

# tool NAME LINES: a command in the place of the machine's
tool() {
  printf '#!/bin/bash\n%s\n' "$2" >"tools/$1"
  chmod +x "tools/$1"
}
user() { tool id "echo $1"; }                         # who runs it: 0 is root
apt_get() { tool apt-get "echo \"\$*\" >>$folder/asked; $1"; } # and what comes of it
tool cmake "echo \"\$*\" >>$folder/configured"

# setup CODE TEXT ARGUMENTS...: from the beginning
setup() {
  local code=$1 text=$2 got=0
  shift 2
  rm -rf asked configured project/build
  PATH=$folder/tools MUJOCO_ROOT=mujoco bash project/experiments/setup.sh "$@" >said 2>&1 || got=$?
  [ $got -eq "$code" ] || fail "setup.sh $*: exit code $got instead of $code"
  grep -qF -e "$text" said || fail "setup.sh $*: does not say: $text"
}
goes_on() { grep -q -e --build configured || fail "$1: does not build"; }
asks() { grep -q -e "^install --yes --no-install-recommends .*$1" asked || fail "does not ask for $1"; }
asks_nothing_of() { [ ! -e asked ] || ! grep -q "$1" asked || fail "asks for $1: $(cat asked)"; }

user 0
apt_get 'exit 0'
PATH=$folder/tools MUJOCO_ROOT=mujoco bash project/experiments/setup.sh >said 2>&1 || true
if grep -q "installing .*\(gcc\|dev\|cmake\|ninja\)" said; then
  echo "skipped: what the program needs is not all installed: $(grep installing said)"
  exit 77
fi

# Root, who gets what films need.
setup 0 "setup: installing ffmpeg"
asks ffmpeg
goes_on "with ffmpeg installed"
if grep -q "mgail render" said; then fail "says what is no longer missing"; fi

# A mirror that has none, or none at all: a sentence, and the program is built.
apt_get '[ $1 != install ]'
setup 0 "all but mgail render does without. As root: apt-get install --no-install-recommends ffmpeg"
goes_on "without ffmpeg"
apt_get 'exit 100'
setup 0 "films need ffmpeg"
goes_on "without a mirror"

# Who is not root, and another distribution.
user 1000
setup 0 "films need ffmpeg"
goes_on "as a user"
asks_nothing_of ffmpeg
rm tools/apt-get
setup 0 "films need ffmpeg"
goes_on "without apt-get"

# For packages nothing of the kind.
user 0
apt_get 'exit 0'
setup 0 "" --portable
asks_nothing_of ffmpeg
goes_on "--portable"

# What the program needs is another matter.
rm tools/ninja
apt_get 'exit 100'
setup 69 "error: setup.sh: could not run: apt-get install --no-install-recommends ninja-build"
[ ! -e configured ] || fail "goes on without ninja"
apt_get '[[ " $* " != *" ffmpeg "* ]]' # and is not kept from coming by what only films need
setup 0 "films need ffmpeg"
asks ninja-build
user 1000
setup 69 "missing (names of Debian 12's packages): ninja-build"
[ ! -e asked ] || fail "installs as a user"
echo "passed"
