#include "app/run/provenance.h"

#include "envs/env.h"
#include "files/file_kind.h"
#include "math/blas.h"
#include "math/kernels.h"
#include "mgail_version.h"
#ifdef MGAIL_WITH_MPI
#include "mpi/comm_mpi.h"
#endif

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void copy(char *to, size_t capacity, const char *from) {
  /* Library versions may come in several lines. */
  snprintf(to, capacity, "%.*s", (int)strcspn(from, "\n"), from);
}

static void describe_cpu(char *cpu, size_t capacity) {
  char line[256], name[200];
  copy(cpu, capacity, "unknown");
  FILE *info = fopen("/proc/cpuinfo", "re");
  if (!info) return;
  while (fgets(line, sizeof line, info)) {
    if (sscanf(line, "model name : %199[^\n]", name) != 1) continue;
    copy(cpu, capacity, name);
    break;
  }
  fclose(info);
}

mg_provenance mg_provenance_get(void) {
  mg_provenance p = {0};
  copy(p.program, sizeof p.program, "mgail " MGAIL_VERSION);
  copy(p.git, sizeof p.git, MGAIL_GIT);
  if (gethostname(p.host, sizeof p.host - 1) != 0) copy(p.host, sizeof p.host, "unknown");
  time_t now = time(NULL);
  struct tm utc;
  if (gmtime_r(&now, &utc)) strftime(p.started, sizeof p.started, "%Y-%m-%dT%H:%M:%SZ", &utc);
  copy(p.simulator, sizeof p.simulator, mg_env_simulator());
  mg_hdf5_describe(p.hdf5);
  snprintf(p.blas, sizeof p.blas, "OpenBLAS, kernels for %s%s%s", mg_blas_core(),
           *mg_kernels_describe() ? "; " : "", mg_kernels_describe());
#ifdef MGAIL_WITH_MPI
  copy(p.mpi, sizeof p.mpi, mg_comm_mpi_library());
#else
  copy(p.mpi, sizeof p.mpi, "none");
#endif
  describe_cpu(p.cpu, sizeof p.cpu);
  copy(p.compiler, sizeof p.compiler, __VERSION__);
  return p;
}
