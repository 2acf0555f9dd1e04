/* n copies that a launcher started without MPI's knowledge must not train alone. Without arguments:
 * the rules, by setting variables, and then this program itself as such a copy. With "start": what
 * a command does first. */
#define _GNU_SOURCE /* sets of processors */
#include "mpi/comm_mpi.h"
#include "mpi/launch.h"

#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const VARIABLES[] = {
    "OMPI_COMM_WORLD_SIZE",
    "OMPI_COMM_WORLD_LOCAL_SIZE",
    "PMI_SIZE",
    "PMIX_RANK",
    "PMIX_NAMESPACE",
    "PMI_FD",
    "PMI_PORT",
    "SLURM_JOB_ID",
    "SLURM_JOBID",
    "SLURM_NODELIST",
    "SLURM_STEP_ID",
    "SLURM_STEP_NUM_TASKS",
    "SLURM_NTASKS",
    "SLURM_PROCID",
    "SLURM_NTASKS_PER_NODE",
    "OMPI_MCA_mpi_yield_when_idle",
    "OMPI_MCA_coll_tuned_allreduce_algorithm",
};

static void clear(void) {
  for (size_t i = 0; i < sizeof VARIABLES / sizeof VARIABLES[0]; i++) unsetenv(VARIABLES[i]);
}

static int failures;

static void set(const char *settings) {
  char text[256];
  snprintf(text, sizeof text, "%s", settings);
  clear();
  char *rest = text;
  for (char *word; (word = strtok_r(rest, " ", &rest));) {
    char *value = strchr(word, '=');
    *value = '\0';
    setenv(word, value + 1, 1);
  }
}

/* With "A=1 B=2" set, and MPI that would see one rank, the checks before and after its start give
 * `expected` (`before`: the first one does), and name `named` where that is a failure. */
static void expect_at(const char *settings, mg_status expected, const char *named, bool before) {
  static const char library[] = "Some MPI v1";
  mg_launch launch;
  set(settings);
  mg_status first = mg_launch_look(library, &launch);
  mg_status status = first == MG_OK ? mg_launch_check(library, &launch, 1) : first;
  bool named_right = expected == MG_OK ||
                     (strstr(mg_status_message(), named) && strstr(mg_status_message(), library));
  if (status == expected && named_right && (status == MG_OK || (first != MG_OK) == before)) return;
  fprintf(stderr, "'%s': %d (%s), expected %d\n", settings, status, mg_status_message(), expected);
  failures++;
}

static void expect(const char *settings, mg_status expected, const char *named) {
  expect_at(settings, expected, named, true);
}

/* Whether that is one process that must do without MPI. */
static void expect_alone(const char *settings, bool expected) {
  mg_launch launch;
  set(settings);
  if (mg_launch_look("", &launch) == MG_OK && launch.alone == expected) return;
  fprintf(stderr, "'%s': alone is %d, expected %d\n", settings, launch.alone, expected);
  failures++;
}

static void expect_variable(const char *name, const char *expected) {
  const char *value = getenv(name);
  if (value ? expected && strcmp(value, expected) == 0 : !expected) return;
  fprintf(stderr, "%s is %s, expected %s\n", name, value ? value : "unset",
          expected ? expected : "unset");
  failures++;
}

/* This program as a process of its own. */
static void expect_exit(const char *program, int expected) {
  char command[4096];
  snprintf(command, sizeof command, "'%s' start", program);
  int status = system(command);
  if (WIFEXITED(status) && WEXITSTATUS(status) == expected) return;
  fprintf(stderr, "exit %d, expected %d\n", WEXITSTATUS(status), expected);
  failures++;
}

static void pin_to_one_core(void) {
  cpu_set_t all, one;
  sched_getaffinity(0, sizeof all, &all);
  CPU_ZERO(&one);
  int core = 0;
  while (!CPU_ISSET(core, &all)) core++;
  CPU_SET(core, &one);
  sched_setaffinity(0, sizeof one, &one);
}

/* Two ranks of a launcher, each on one core: the launcher's as well, or each a core of its own. */
static int yields(bool launcher_has_one) {
  const pid_t launcher = fork();
  if (launcher == 0) {
    if (launcher_has_one) pin_to_one_core();
    const pid_t rank = fork();
    if (rank == 0) {
      pin_to_one_core();
      clear();
      setenv("OMPI_COMM_WORLD_LOCAL_SIZE", "2", 1);
      mg_launch_prepare();
      _exit(getenv("OMPI_MCA_mpi_yield_when_idle") != NULL);
    }
    int status = 0;
    waitpid(rank, &status, 0);
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 2);
  }
  int status = 0;
  waitpid(launcher, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 2;
}

static void expect_yields(void) {
  cpu_set_t all;
  sched_getaffinity(0, sizeof all, &all);
  const int shared = yields(true), own = yields(false), wanted = CPU_COUNT(&all) < 2;
  if (shared == 1 && own == wanted) return;
  fprintf(stderr, "two ranks on one core yield: %d, on one each: %d; expected 1, %d\n", shared, own,
          wanted);
  failures++;
}

int main(int argc, char **argv) {
  if (argc == 2 && strcmp(argv[1], "start") == 0) {
    mg_comm *comm;
    mg_status status = mg_comm_mpi_create(&argc, &argv, &comm);
    if (status != MG_OK) fprintf(stderr, "%s\n", mg_status_message());
    mg_comm_mpi_destroy(comm);
    return (int)status;
  }

  expect("", MG_OK, "");
  expect("OMPI_COMM_WORLD_SIZE=1", MG_OK, "");
  expect("OMPI_COMM_WORLD_SIZE=2", MG_ERR_LAUNCH, "OMPI_COMM_WORLD_SIZE=2");
  expect("OMPI_COMM_WORLD_SIZE=junk", MG_OK, "");
  expect("PMI_SIZE=8", MG_ERR_LAUNCH, "PMI_SIZE=8");
  expect("PMIX_RANK=0", MG_OK, "");
  expect("PMIX_RANK=3", MG_ERR_LAUNCH, "PMIX_RANK=3");
  expect("SLURM_STEP_ID=0 SLURM_STEP_NUM_TASKS=4", MG_ERR_LAUNCH, "SLURM_STEP_NUM_TASKS=4");
  expect("SLURM_STEP_ID=0 SLURM_STEP_NUM_TASKS=1", MG_OK, "");
  expect("SLURM_NTASKS=4 SLURM_PROCID=0", MG_OK, ""); /* a batch script */
  expect("OMPI_COMM_WORLD_SIZE=1 SLURM_STEP_ID=0 SLURM_STEP_NUM_TASKS=4", MG_OK, "");
  expect_at("PMI_FD=5 PMI_SIZE=8", MG_ERR_LAUNCH, "PMI_SIZE=8",
            false); /* MPI may know it, or not */
  expect_at("PMIX_NAMESPACE=x PMIX_RANK=3", MG_ERR_LAUNCH, "PMIX_RANK=3", false);
  expect_alone("", false);
  expect_alone("SLURM_JOB_ID=3 SLURM_NTASKS=4", true);
  expect_alone("SLURM_JOB_ID=3 SLURM_STEP_ID=0 SLURM_STEP_NUM_TASKS=1", true);
  expect_alone("SLURM_JOB_ID=3 SLURM_STEP_ID=0 SLURM_STEP_NUM_TASKS=1 PMIX_NAMESPACE=x PMIX_RANK=0",
               false);
  expect_alone("SLURM_JOB_ID=3 OMPI_COMM_WORLD_SIZE=2 PMIX_NAMESPACE=x PMIX_RANK=0", false);

  clear();
  setenv("OMPI_MCA_coll_tuned_allreduce_algorithm", "4", 1);
  mg_launch_prepare();
  expect_variable("OMPI_MCA_coll_tuned_allreduce_algorithm", "4");
  expect_variable("OMPI_MCA_coll_tuned_use_dynamic_rules", "1");
  expect_variable("OMPI_MCA_mpi_yield_when_idle", NULL);
  setenv("OMPI_COMM_WORLD_LOCAL_SIZE", "1000000", 1);
  mg_launch_prepare();
  expect_variable("OMPI_MCA_mpi_yield_when_idle", "1");

  expect_yields();

  clear();
  expect_exit(argv[0], 0);
  setenv("OMPI_COMM_WORLD_SIZE", "2", 1);
  expect_exit(argv[0], 69);
  clear();
  setenv("SLURM_STEP_ID", "0", 1);
  setenv("SLURM_STEP_NUM_TASKS", "4", 1);
  expect_exit(argv[0], 69);
  clear();
  setenv("SLURM_JOB_ID", "3", 1); /* where MPI itself would give up */
  setenv("SLURM_JOBID", "3", 1);
  setenv("SLURM_NODELIST", "vm", 1);
  expect_exit(argv[0], 0);
  return failures != 0;
}
