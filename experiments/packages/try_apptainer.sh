#!/bin/bash
# Does what mgail.def says without Apptainer: its stages in trees of debootstrap, by chroot.
. "$(dirname "${BASH_SOURCE[0]}")/../common.sh"

usage() {
  cat <<'HELP'
Usage: experiments/packages/try_apptainer.sh [--tree DIR] [--work DIR] [--help]

Runs the sections %files, %post, %test and %runscript of both stages of mgail.def, each in a fresh tree of
Debian 12, as root. Needs debootstrap, a network and 3 GB; takes as long as a build of the program and
downloads of a few hundred MB. Prints what the sections print.

  --tree DIR  a fresh tree to copy (default: one is made by debootstrap)
  --work DIR  where the trees go (default: a folder that is removed in the end); must be empty
HELP
}

tree='' work=''
options 'tree= work=' "$@"
no_arguments
[ "$(id -u)" -eq 0 ] || die 69 "expected root, for chroot"
definition=$root/experiments/packages/mgail.def

leave() { # no tree keeps a file system of ours
  local mounted
  for mounted in "$work"/*/proc; do
    ! mountpoint -q "$mounted" || umount "$mounted"
  done
}

if [ -z "$work" ]; then
  work=$(mktemp -d)
  trap 'cd /; leave; rm -rf "$work"' EXIT
else
  mkdir -p "$work"
  [ -z "$(ls -A "$work")" ] || die 73 "--work $work: expected an empty folder"
  trap 'leave' EXIT
fi
# section STAGE NAME: the lines of it
section() {
  awk -v stage="$1" -v name="%$2" '
    /^(Bootstrap|From|Stage):/ { inside = 0 }
    /^Stage:/ { now = $2 }
    /^%/ { inside = now == stage && $0 ~ "^" name "( |$)"; next }
    inside' "$definition"
}

# enter STAGE: a fresh tree, with the machine's name service and certificates
enter() {
  if [ -z "$tree" ]; then
    tree=$work/fresh
    debootstrap --variant=minbase --include=ca-certificates bookworm "$tree" >&2
  fi
  cp -a "$tree" "$work/$1"
  cp /etc/resolv.conf "$work/$1/etc/resolv.conf"
  cp /etc/ssl/certs/ca-certificates.crt "$work/$1/etc/ssl/certs/"
  mount -t proc proc "$work/$1/proc"
}

# inside STAGE COMMAND...: in its tree, as %environment has it
inside() {
  local stage=$1
  shift
  env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
    PIP_CERT=/etc/ssl/certs/ca-certificates.crt chroot "$work/$stage" "$@"
}

enter build
section build files | while read -r from to; do
  mkdir -p "$(dirname "$work/build$to")"
  [ -z "$from" ] || cp -a "$root/$from" "$work/build$to"
done
section build post | inside build sh -ex

enter final
section final 'files from build' | while read -r from to; do
  [ -z "$from" ] || cp -a "$work/build$from" "$work/final$to"
done
section final post | inside final sh -ex
{ section final environment; section final test; } | inside final sh -ex
{ section final environment; section final runscript; } >"$work/final/runscript"
inside final sh /runscript info --tasks
du -sh "$work/final" | cut -f 1
