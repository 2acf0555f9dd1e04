#!/bin/bash
# A Slurm of a test's own on this machine: own key, sockets, ports, and, for more than one node, network
# namespaces in which each node has a name and an address of its own. Sourced; needs root.
#
#   slurm_start FOLDER NODES    sets SLURM_CONF; exits with 77 and a sentence where it cannot be had
#   slurm_stop                  ends exactly the processes that were started
#   slurm_node I                the name of the I-th node; slurm_cut I, slurm_heal I: its network
#   slurm_quiet                 true once nothing waits or runs; slurm_requeued JOB: it went back into the queue
#   slurm_ranks SETTINGS        the processes that train by these settings
#   slurm_sweep                 a sweep file's beginning: short runs, of which those of kind bad fail
slurm_nodes=0 slurm_folder='' slurm_prefix=''
PATH=$PATH:/usr/sbin

slurm_node() { if [ "$slurm_nodes" -eq 1 ]; then hostname -s; else echo "${slurm_prefix}n$1"; fi; }
slurm_cut() { ip -n "$(slurm_node "$1")" link set eth0 down; }
slurm_heal() { ip -n "$(slurm_node "$1")" link set eth0 up; }

slurm_quiet() { [ -z "$(squeue -h -t pending,configuring,running,completing,suspended)" ]; }
slurm_requeued() { [ "$(sed -n 's/.*Restarts=\([0-9]*\).*/\1/p' <(scontrol show job "$1") | head -n 1)" -ge 1 ]; }
slurm_ranks() { pgrep -f -- "^$MGAIL train --config $(realpath "$1")"; }

slurm_sweep() {
  cat <<'INI'
[sweep]
name = {kind}-s{run.seed}
[set]
run.algorithm = ppo
run.env = CartPole-v1
run.environments = 4
run.steps = 3000
run.checkpoint_seconds = 0.2
run.watchdog = 20
ppo.horizon = 64
policy.hidden = 16
value.hidden = 16
evaluate.episodes = 2
evaluate.final_episodes = 2
[set kind=bad]
run.algorithm = bc
data.expert = no-such.h5
INI
}

slurm_end() { # PIDFILE: TERM, five seconds, KILL
  local pid _
  [ -s "$1" ] || return 0
  pid=$(cat "$1")
  kill -TERM "$pid" 2>/dev/null || return 0
  for _ in $(seq 50); do kill -0 "$pid" 2>/dev/null || return 0; sleep 0.1; done
  kill -KILL "$pid" 2>/dev/null || true
}

slurm_stop() {
  local file i pid
  [ -n "$slurm_folder" ] || return 0
  timeout 5 scancel --full --me >/dev/null 2>&1 || true
  for i in $(seq 30); do [ -n "$(timeout 3 squeue -h 2>/dev/null)" ] || break; sleep 0.1; done
  for file in "$slurm_folder"/slurmd.*.pid "$slurm_folder/slurmctld.pid" "$slurm_folder/munged.pid"; do
    slurm_end "$file"
  done
  [ "$slurm_nodes" -gt 1 ] || return 0
  for i in $(seq "$slurm_nodes"); do
    for pid in $(ip netns pids "$(slurm_node "$i")" 2>/dev/null); do kill -KILL "$pid" 2>/dev/null || true; done
    ip netns del "$(slurm_node "$i")" 2>/dev/null || true
  done
  ip link del "${slurm_prefix}br" 2>/dev/null || true
}

# The configuration: as a cluster's, but quick to notice what is lost.
slurm_configure() { # PORT CONTROLLER
  local i
  cat <<CONF
ClusterName=test
SlurmctldHost=$(hostname -s)($2)
SlurmctldPort=$1
SlurmdPort=$(($1 + 1))
SrunPortRange=$(($1 + 100))-$(($1 + 400))
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$slurm_folder/munge/socket,cred_expire=5
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=sched_min_interval=100000,sched_interval=1,bf_interval=1,batch_sched_delay=0
PriorityType=priority/basic
ReturnToService=2
SlurmdParameters=config_overrides
StateSaveLocation=$slurm_folder/state
SlurmdSpoolDir=$slurm_folder/spool.%n
TmpFS=$slurm_folder/tmp.%n
SlurmctldPidFile=$slurm_folder/slurmctld.pid
SlurmdPidFile=$slurm_folder/slurmd.%n.pid
SlurmctldLogFile=$slurm_folder/slurmctld.log
SlurmdLogFile=$slurm_folder/slurmd.%n.log
KillWait=5
SlurmdTimeout=30
MaxArraySize=${SLURM_ARRAY_MAX:-1001}
JobAcctGatherType=jobacct_gather/none
PartitionName=main Nodes=ALL Default=YES State=UP
CONF
  if [ "$slurm_nodes" -eq 1 ]; then
    echo "NodeName=$(hostname -s) NodeAddr=127.0.0.1 CPUs=4"
  else
    for i in $(seq "$slurm_nodes"); do
      echo "NodeName=$(slurm_node "$i") NodeHostname=$(slurm_node "$i") NodeAddr=$3.$((10 + i)) CPUs=2"
    done
  fi
}

# Node I in namespaces of its own, with its own memory of Open MPI's.
slurm_raise() { # I NETWORK
  local name
  name=$(slurm_node "$1")
  ip netns add "$name"
  ip link add "${slurm_prefix}v$1" type veth peer name eth0 netns "$name"
  ip link set "${slurm_prefix}v$1" master "${slurm_prefix}br" up
  ip -n "$name" link set lo up
  ip -n "$name" addr add "$2.$((10 + $1))/24" dev eth0
  ip -n "$name" link set eth0 up
  # By nsenter: ip netns exec hides /sys/fs/cgroup, which slurmd looks for.
  nsenter --net="/run/netns/$name" unshare --uts --mount --propagation private sh -c "hostname $name &&
    mount --bind '$slurm_folder/hosts' /etc/hosts && mount -t tmpfs -o size=256m none /dev/shm &&
    exec slurmd -c -f '$SLURM_CONF'"
}

slurm_give_up() { # where a daemon does not start, as for want of a name for the machine
  tail -n 5 "$slurm_folder"/*.log
  echo "skipped: Slurm does not start here"
  exit 77
}

slurm_start() { # FOLDER NODES
  local program i network controller=127.0.0.1
  slurm_folder=$1 slurm_nodes=$2
  if [ "$(id -u)" -ne 0 ]; then echo "skipped: a Slurm of the test's own needs root"; exit 77; fi
  for program in sbatch srun slurmd slurmctld munged ip nsenter; do
    command -v "$program" >/dev/null || { echo "skipped: $program is not installed"; exit 77; }
  done
  mkdir -p "$slurm_folder/munge" "$slurm_folder/state"
  chmod 755 "$slurm_folder" "$slurm_folder/munge" # munged wants nobody else to write above its key
  export SLURM_CONF=$slurm_folder/slurm.conf
  # The nodes share this machine's cores, and a rank counts those of its node alone: where it waits it gives its core away.
  export OMPI_MCA_mpi_yield_when_idle=1
  slurm_prefix=t$((RANDOM % 1000)) network=10.$((80 + RANDOM % 100)).$((RANDOM % 250))
  if [ "$slurm_nodes" -gt 1 ]; then
    controller=$network.1
    ip link add "${slurm_prefix}br" type bridge 2>/dev/null || { echo "skipped: no network of its own here"; exit 77; }
    ip addr add "$controller/24" dev "${slurm_prefix}br"
    ip link set "${slurm_prefix}br" up
  fi
  head -c 1024 /dev/urandom >"$slurm_folder/munge/key"
  chmod 400 "$slurm_folder/munge/key"
  munged --force --key-file="$slurm_folder/munge/key" --socket="$slurm_folder/munge/socket" \
    --pid-file="$slurm_folder/munged.pid" --log-file="$slurm_folder/munged.log" --seed-file="$slurm_folder/munge/seed" ||
    slurm_give_up
  slurm_configure $((20000 + RANDOM % 10000)) "$controller" "$network" >"$SLURM_CONF"
  slurmctld -c -f "$SLURM_CONF" || slurm_give_up
  { echo "127.0.0.1 localhost"; echo "$controller $(hostname -s)"
    for i in $(seq "$slurm_nodes"); do echo "$network.$((10 + i)) $(slurm_node "$i")"; done; } >"$slurm_folder/hosts"
  for i in $(seq "$slurm_nodes"); do
    mkdir -p "$slurm_folder/spool.$(slurm_node "$i")" "$slurm_folder/tmp.$(slurm_node "$i")"
    if [ "$slurm_nodes" -eq 1 ]; then slurmd -c -f "$SLURM_CONF"; else slurm_raise "$i" "$network"; fi || slurm_give_up
  done
  for i in $(seq 300); do
    [ "$(timeout 3 sinfo -h -N -t idle -o %N 2>/dev/null | sort -u | wc -l)" -lt "$slurm_nodes" ] || return 0
    sleep 0.2
  done
  slurm_give_up
}
