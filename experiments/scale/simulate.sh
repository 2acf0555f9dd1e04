#!/bin/bash
# How far a training run carries on a cluster that is not there: times on up to thousands of ranks under
# SimGrid's SMPI, of the collectives that the program makes and of computing that was measured here.
# shellcheck source=experiments/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../common.sh"

usage() {
  cat <<'HELP'
Usage: experiments/scale/simulate.sh [options] [TASK...]

TASK: one that has the preset experiments/TASK-mgail.ini (default: hopper humanoid). Needs SimGrid (Debian's
libsimgrid-dev); ends with 77 where it is missing.
For each task, kind and number of ranks: mgail bench collectives, then the simulation of what it lists.
Lists and results are kept in OUTPUT, and not made again: OUTPUT/scale.csv, scale.md and, with gnuplot,
scale.svg. README.md of this folder says what the columns mean.

  --kinds L      strong (a fixed number of environments is shared), weak (8 environments a rank, and batches
                 in proportion), by comma (default both)
  --ranks L      numbers of ranks, by comma (default 1,4,16,64,256,1024; 4096 takes some 20 GB)
  --total N      environments of strong (default 1024)
  --gbps L       bandwidth of a node's link, by comma (default 10,100)
  --latency US   of a node's link, in microseconds (default 10, as of Ethernet)
  --jitter L     how much longer a rank takes at most (default 0,0.1,0.3)
  --cores N      ranks a node (default 16)
  --collectives N  of an iteration with more, as with run.sync = gradients, only so many are simulated, and
                 the rest extrapolated (default 29, two rounds of updates)
  --iterations N simulated ones a jitter (default 1; with run.overlap 40, over which ranks drift apart)
  --set K=V      a setting of the runs, may be given again
  --output DIR   default build/scale
HELP
}

kinds=strong,weak ranks=1,4,16,64,256,1024 total=1024 gbps=10,100 jitter=0,0.1,0.3 cores=16 latency=10
collectives=29 iterations='' output=$root/build/scale set=()
options 'kinds= ranks= total= gbps= latency= jitter= cores= collectives= iterations= set+ output=' "$@"
IFS=, read -ra kinds <<<"$kinds"
IFS=, read -ra ranks <<<"$ranks"
IFS=, read -ra gbps <<<"$gbps"
IFS=, read -ra jitter <<<"$jitter"
whole --ranks "${ranks[@]}"
whole --gbps "${gbps[@]}"
for option in total latency cores collectives; do whole "--$option" "${!option}"; done
[ -z "$iterations" ] || whole --iterations "$iterations"
for kind in "${kinds[@]}"; do
  [[ $kind =~ ^(strong|weak)$ ]] || die 64 "--kinds $kind: expected strong or weak"
done
for j in "${jitter[@]}"; do
  [[ $j =~ ^[0-9]+(\.[0-9]+)?$ ]] || die 64 "--jitter $j: expected a number from 0"
done
[ ${#arguments[@]} -gt 0 ] || arguments=(hopper humanoid)
for task in "${arguments[@]}"; do
  [ -e "$root/experiments/$task-mgail.ini" ] || die 66 "$task: there is no experiments/$task-mgail.ini"
done
if ! command -v smpicc >/dev/null || ! command -v smpirun >/dev/null; then
  die 77 "SimGrid is not installed (smpicc, smpirun); on Debian: apt-get install libsimgrid-dev"
fi
mkdir -p "$output"
output=$(realpath "$output")
prepare

# replay, of the project's own collective interface. SMPI gives but MPI_THREAD_SINGLE.
build() {
  local flags=(-std=gnu17 -O2 -I. -Isrc -DMPI_Init_thread=scale_init_thread)
  smpicc "${flags[@]}" -c mpi/comm_mpi.c -o "$output/comm_mpi.o"
  smpicc "${flags[@]:0:4}" -o "$output/replay" experiments/scale/replay.c "$output/comm_mpi.o" mpi/flight.c \
    mpi/launch.c mpi/watchdog.c src/base/*.c -lm
}

settings=()
# settings_of TASK KIND RANKS: sets `settings` to those of a run so short that it only fills what a
# checkpoint holds: 32 iterations, 3 where a rank has many environments
settings_of() {
  local task=$1 kind=$2 P=$3 E=$total each iterations
  settings=(--config "experiments/$task-mgail.ini")
  if [ "$kind" = weak ]; then
    E=$((8 * P))
    settings+=(--set "discriminator.batch=$((256 * P))" --set "clone.batch=$((256 * P))"
               --set "forward_model.batch=$((64 * P))")
  fi
  each=$((E > P ? E / P : 1))
  iterations=$((320 / each < 3 ? 3 : 320 / each > 32 ? 32 : 320 / each))
  settings+=(--set "run.environments=$E" --set "run.steps=$((iterations * E * 10))"
             --set "evaluate.every=$((iterations * E * 10))" --set evaluate.final_episodes=1
             --set run.checkpoint_seconds=0 --set run.checkpoint_replay=on)
  local one
  for one in "${set[@]}"; do settings+=(--set "$one"); done
}

# list TASK KIND RANKS FILE
list() {
  [ ! -s "$4" ] || return 0
  settings_of "$1" "$2" "$3"
  "$mgail" bench collectives --ranks "$3" --output "$4.part" "${settings[@]}" >"$4.said" 2>&1 ||
    die 70 "$4.said: $(tail -n 1 "$4.said")"
  mv "$4.part" "$4"
}

# platform RANKS GBPS: nodes of so many cores, a link each, one switch
platform() {
  local each=$((cores < $1 ? cores : $1)) nodes host
  nodes=$((($1 + each - 1) / each))
  cat >"$output/platform.xml" <<XML
<?xml version='1.0'?>
<!DOCTYPE platform SYSTEM "https://simgrid.org/simgrid.dtd">
<platform version="4.1">
  <cluster id="c" prefix="h" suffix="" radical="0-$((nodes - 1))" speed="1Gf" core="$each" bw="${2}Gbps"
           lat="${latency}us" loopback_bw="10GBps" loopback_lat="0.2us"/>
</platform>
XML
  for host in $(seq 0 $((nodes - 1))); do
    for _ in $(seq "$each"); do echo "h$host"; done
  done >"$output/hosts"
}

# simulate LIST RANKS GBPS FILE: Rabenseifner's algorithm, as mpi/launch.c has Open MPI take it; broadcasts along a
# binomial tree, which is no faster than what Open MPI takes. Ranks are threads of one process (no
# privatization): nothing of what they use changes but the clock. What a look at messages on their way (MPI_Test) takes
# is replay's, for SMPI would have ranks sleep in it.
simulate() {
  [ ! -s "$4" ] || return 0
  platform "$2" "$3"
  play "$1" "$2" >"$4.part" 2>"$4.said" || die 70 "$4.said: $(tail -n 1 "$4.said")"
  mv "$4.part" "$4"
}

# play LIST RANKS: a process for each jitter, for SimGrid becomes slower with what there has been
play() {
  local j times=$iterations
  if [ -z "$times" ]; then times=$(grep -q ' begin_f32 ' "$1" && echo 40 || echo 1); fi
  replay "$2" "$1" || return
  for j in "${jitter[@]}"; do replay "$2" "$1" "$times" "$collectives" "$j" || return; done
}

# replay RANKS ARGUMENTS...
replay() {
  smpirun -np "$1" -platform "$output/platform.xml" -hostfile "$output/hosts" \
    --cfg=smpi/privatization:no --cfg=smpi/simulate-computation:no --cfg=smpi/host-speed:1Gf \
    --cfg=smpi/coll-selector:ompi --cfg=smpi/allreduce:rab_rdb --cfg=smpi/bcast:binomial_tree \
    --cfg=smpi/test:0 --log=root.thres:critical "$output/replay" "${@:2}"
}

build
for task in "${arguments[@]}"; do
  for kind in "${kinds[@]}"; do
    for P in "${ranks[@]}"; do
      name=$output/$task-$kind-$P
      echo "$task, $kind, $P $([ "$P" = 1 ] && echo rank || echo ranks)"
      list "$task" "$kind" "$P" "$name.list"
      for G in "${gbps[@]}"; do simulate "$name.list" "$P" "$G" "$name-$G.times"; done
    done
  done
done
python3 experiments/scale/table.py "$output"
if command -v gnuplot >/dev/null; then
  (cd "$output" && gnuplot "$root/experiments/scale/scale.gnuplot")
else
  echo "no scale.svg: gnuplot is not installed"
fi
cat "$output/scale.md"
