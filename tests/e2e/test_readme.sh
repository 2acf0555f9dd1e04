#!/bin/bash
# README.md's blocks of commands, all of them in the order written, in a copy of the project where set-up
# and tests are left out and trainings are cut short. As whoever runs this, and for root as nobody too.
# Usage: test_readme.sh ROOT
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
root=$1

# blocks FILE: the lines between ```sh and ```
blocks() { awk '/^```sh$/ { inside = 1; next } /^```/ { inside = 0 } inside' "$1"; }

# copy FOLDER: the project without what was built; its program cuts runs short, its set-up does nothing
copy() {
  local folder=$1
  mkdir -p "$folder/build/release"
  (cd "$root" && tar -cf - --exclude=./build --exclude=./.git .) | tar -xf - -C "$folder"
  ln -s "$root/build/mujoco-3.3.7" "$folder/build/"
  cat >"$folder/build/release/mgail" <<EOF
#!/bin/bash
case "\$*" in
  *--help*) ;;
  train*) set -- "\$@" --set run.steps=320 --set bc.epochs=2 --set evaluate.final_episodes=2 \\
    --set evaluate.episodes=1 --set mgail.updates=1 --set run.checkpoint_seconds=0 ;;
  sweep\ expand*) set -- "\$@" --set run.steps=320 --set bc.epochs=2 --set evaluate.final_episodes=2 \\
    --set evaluate.episodes=1 --set mgail.updates=1 --set run.checkpoint_seconds=0 ;;
  record*) set -- "\$@" --seed 1 ;;
  render*) "$MGAIL" "\$@" --size 64x48 --fps 2 || [ \$? -eq 78 ] # what it draws with may be missing
    exit ;;
esac
exec "$MGAIL" "\$@"
EOF
  for script in experiments/setup.sh tests/run.sh; do
    printf '#!/bin/bash\necho "%s: left out"\n' "$script" >"$folder/$script"
    chmod +x "$folder/$script"
  done
  chmod +x "$folder/build/release/mgail"
}

# follow FOLDER [COMMAND...]: runs the blocks there, by way of the command
follow() {
  local copy=$1
  shift
  { echo 'set -e'; blocks "$copy/README.md"; } >"$copy/commands.sh"
  [ "$(grep -c . "$copy/commands.sh")" -ge 15 ] || fail "README.md has no blocks of commands"
  (cd "$copy" && env -u MGAIL -u OMPI_ALLOW_RUN_AS_ROOT -u OMPI_ALLOW_RUN_AS_ROOT_CONFIRM HOME="$copy" \
    "$@" bash -x commands.sh) >said 2>&1 || fail "README.md's commands${*:+ by $*}"
  for file in build/table/report/report.html sweeps/table/report/report.html runs/hopper2/result.json \
    report/report.md demos-d4rl.hdf5 \
    hopper.h5; do
    [ -s "$copy/$file" ] || fail "README.md's commands${*:+ by $*} made no $file"
  done
  for text in "the 4 trajectories used" "320 environment steps" "Humanoid-v5" "tests/run.sh: left out"; do
    grep -qF -e "$text" said || fail "README.md's commands${*:+ by $*} did not say: $text"
  done
}

copy "$folder/own"
follow "$folder/own"
if [ "$(id -u)" -eq 0 ]; then
  as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
  chmod 755 "$folder"
  if "${as[@]}" "$MGAIL" --version >/dev/null 2>&1; then
    copy "$folder/nobody"
    chown -R 65534:65534 "$folder/nobody"
    follow "$folder/nobody" "${as[@]}"
  else
    echo "skipped: as nobody, who cannot run $MGAIL"
  fi
fi
echo "passed"
