#define _GNU_SOURCE /* sets of processors */
#include "mpi/launch.h"

#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* The variable as a number; false where it is absent or none. */
static bool number(const char *name, long *value) {
  const char *text = getenv(name);
  if (!text || !*text) return false;
  char *end;
  *value = strtol(text, &end, 10);
  return *end == '\0';
}

/* Cores that a process may run on; 0 where that is not known. */
static long allowed_cores(pid_t process) {
  cpu_set_t set;
  return sched_getaffinity(process, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 0;
}

/* More ranks than cores: a rank that waits must give its core away, or each collective takes a
 * scheduler's time slice. mpirun sees to it for the slots it counts itself, which a host file or
 * srun may overstate, and it counts cores that it is not allowed. A launcher may give each rank
 * cores of its own, so what the launcher itself is allowed counts too. */
static bool oversubscribed(void) {
  long ranks = 0;
  const long own = allowed_cores(0), launcher = allowed_cores(getppid());
  const long cores = own > launcher ? own : launcher;
  if (!number("OMPI_COMM_WORLD_LOCAL_SIZE", &ranks) && !number("MPI_LOCALNRANKS", &ranks))
    number("SLURM_NTASKS_PER_NODE", &ranks);
  return cores > 0 && ranks > cores;
}

/* Ranks on one node copy from each other's memory by process_vm_readv, which containers may deny,
 * even towards the process itself; MPI would then complain at every large message. */
static bool cross_memory_denied(void) {
  char from = 1, to = 0;
  struct iovec local = {&to, 1}, remote = {&from, 1};
  return syscall(SYS_process_vm_readv, getpid(), &local, 1UL, &remote, 1UL, 0UL) != 1;
}

void mg_launch_prepare(void) {
  /* The order of a float sum must not depend on Open MPI's choice of the day: one algorithm,
   * Rabenseifner's. Every entry is summed on one rank and copied to the others, in O(log ranks)
   * messages and twice the vector's bytes. For 0.1 to 3 MB on 2 to 4 ranks none was faster. */
  setenv("OMPI_MCA_coll_tuned_use_dynamic_rules", "1", 0);
  setenv("OMPI_MCA_coll_tuned_allreduce_algorithm", "6", 0);
  if (oversubscribed()) setenv("OMPI_MCA_mpi_yield_when_idle", "1", 0);
  if (cross_memory_denied()) setenv("OMPI_MCA_btl_vader_single_copy_mechanism", "none", 0);
}

static mg_status fail_alone(const char *library, const mg_launch *launch) {
  return mg_fail(
      MG_ERR_LAUNCH,
      "%s=%ld tells of several ranks, but MPI (%s) sees one: launcher and library do not "
      "speak to each other, and each process would train alone. Launch with the mpirun "
      "of the same MPI, or srun --mpi=pmix; for one rank on purpose unset %s",
      launch->variable, launch->value, library, launch->variable);
}

static void find_launcher(mg_launch *launch) {
  static const struct {
    const char *name;
    const char *only_with; /* Nullable: counts only where this one is set too */
    bool is_rank;          /* the variable is a rank, not a number of ranks */
  } variables[] = {
      {"OMPI_COMM_WORLD_SIZE", NULL, false},
      {"PMI_SIZE", NULL, false},
      {"PMIX_RANK", NULL, true},
      {"SLURM_STEP_NUM_TASKS", "SLURM_STEP_ID", false},
  };
  *launch = (mg_launch){0};
  for (size_t i = 0; i < sizeof variables / sizeof variables[0] && !launch->variable; i++) {
    const char *name = variables[i].name, *only_with = variables[i].only_with;
    long value;
    if (!number(name, &value) || (only_with && !getenv(only_with))) continue;
    launch->variable = name;
    launch->value = value;
    launch->ranks = variables[i].is_rank ? value + 1 : value;
  }
}

/* The nearest launcher decides: further out there may be a larger job. */
mg_status mg_launch_look(const char *library, mg_launch *launch) {
  find_launcher(launch);
  const bool reachable = getenv("PMIX_NAMESPACE") || getenv("PMI_FD") || getenv("PMI_PORT");
  if (launch->ranks > 1 && !reachable) return fail_alone(library, launch);
  launch->alone = launch->ranks <= 1 && !reachable && getenv("SLURM_JOB_ID");
  return MG_OK;
}

int mg_launch_rank(void) {
  static const char *const variables[] = {"OMPI_COMM_WORLD_RANK", "PMI_RANK", "PMIX_RANK"};
  long rank = 0;
  for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++)
    if (number(variables[i], &rank)) return (int)rank;
  return getenv("SLURM_STEP_ID") && number("SLURM_PROCID", &rank) ? (int)rank : 0;
}

mg_status mg_launch_check(const char *library, const mg_launch *launch, int ranks) {
  return ranks == 1 && launch->ranks > 1 ? fail_alone(library, launch) : MG_OK;
}
