#!/bin/bash
# A document's blocks of commands, all of them in the order written, in a copy of the project where set-up
# and tests are left out and trainings are cut short. As whoever runs this, and for root as nobody too.
#
#   MGAIL=program [PYTHON=python3] test_documents.sh ROOT README.md|experiments/using.md|experiments/tutorial.md
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
root=$1 document=$2

# What the commands make, and what they say.
case $document in
  README.md)
    least=3 made=()
    told=("the 4 trajectories used" "^score -\?0\.0[0-9]* of the" "320 environment steps" "tests/run.sh: left out") ;;
  experiments/using.md)
    least=15
    made=(build/table/report/report.html sweeps/table/report/report.html runs/hopper2/result.json
      report/report.md demos-d4rl.hdf5 hopper.h5)
    told=("Humanoid-v5" "demos-d4rl.hdf5: valid") ;;
  experiments/tutorial.md)
    least=60
    made=(build/tutorial/yours.hdf5 build/tutorial/run/result.json build/tutorial/controller)
    told=("setup.sh: left out" "yours.hdf5: valid" "the constants of the text, read again") ;;
esac

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

# Of the tutorial: a Python with its packages, $PYTHON or one made here. Without, its second half is left out.
python='' by_python=()
find_python() {
  local need='import gymnasium, onnxruntime'
  if ${PYTHON:-python3} -c "$need" 2>/dev/null; then
    python=$(command -v "${PYTHON:-python3}")
  elif python3 -m venv "$folder/venv" >pip.log 2>&1 &&
    "$folder/venv/bin/pip" install --quiet gymnasium onnxruntime >>pip.log 2>&1; then
    python=$folder/venv/bin/python
  else
    echo "the half with Python is not tried: $(tail -n 1 pip.log)"
    return
  fi
  by_python=(build/tutorial/mine.npz build/tutorial/pole.npz build/tutorial/pole.onnx)
}

# follow FOLDER [COMMAND...]: runs the blocks there, by way of the command
follow() {
  local copy=$1
  local -a made=("${made[@]}")
  shift
  { echo 'set -e'; blocks "$copy/$document"; } >"$copy/commands.sh"
  [ "$(grep -c . "$copy/commands.sh")" -ge "$least" ] || fail "$document has no blocks of commands"
  if [ "$document" = experiments/tutorial.md ]; then
    if [ -n "$python" ] && env "$@" sh -c '"$0" -c "import onnxruntime"' "$python" 2>said; then
      made+=("${by_python[@]}")
      mkdir -p "$copy/build/python/bin" # in the place of the one that is made there
      printf '#!/bin/bash\nexec %q "$@"\n' "$python" >"$copy/build/python/bin/python"
      chmod +x "$copy/build/python/bin/python"
      sed -i '/^python3 -m venv /d; /^build\/python\/bin\/pip /d' "$copy/commands.sh"
    else
      [ -z "$python" ] || echo "the half with Python is not tried${*:+ by $*}: $(tail -n 1 said)"
      sed -i '/^python3 -m venv/,$d' "$copy/commands.sh"
    fi
  fi
  (cd "$copy" && env -u MGAIL -u OMPI_ALLOW_RUN_AS_ROOT -u OMPI_ALLOW_RUN_AS_ROOT_CONFIRM HOME="$copy" \
    "$@" bash -x commands.sh) >said 2>&1 || fail "$document's commands${*:+ by $*}"
  for file in "${made[@]}"; do
    [ -s "$copy/$file" ] || fail "$document's commands${*:+ by $*} made no $file"
  done
  for text in "${told[@]}"; do
    grep -q -e "$text" said || fail "$document's commands${*:+ by $*} did not say: $text"
  done
}

[ "$document" != experiments/tutorial.md ] || find_python
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
