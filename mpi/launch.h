/* What the launcher says and what MPI must be told, both through the environment. No MPI here. */
#ifndef MG_MPI_LAUNCH_H
#define MG_MPI_LAUNCH_H

#include "base/status.h"

#include <stdbool.h>

/* Before MPI starts: settings of Open MPI that reproducibility and oversubscription need. What the
 * user has set (mpirun --mca, OMPI_MCA_...) stays. */
void mg_launch_prepare(void);

/* What the launcher's variables say, read before MPI starts, which sets some of them itself. */
typedef struct mg_launch {
  const char *variable; /* of the nearest launcher, NULL: none */
  long value, ranks;    /* of the variable; that it tells of, at least */
  bool alone;           /* one process of a Slurm job that no launcher started: MPI would end it */
} mg_launch;

/* MG_ERR_LAUNCH if there are to be several ranks and nothing is set by which they could find each
 * other (PMIx, PMI): each would train alone. Variables, nearest launcher first:
 * OMPI_COMM_WORLD_SIZE, PMI_SIZE, PMIX_RANK, then Slurm's of a job step (a batch script itself is no
 * step). `library` is for the sentence. */
mg_status mg_launch_look(const char *library, mg_launch *launch);

/* After MPI started with `ranks`: MG_ERR_LAUNCH if that is one and there are to be several. */
mg_status mg_launch_check(const char *library, const mg_launch *launch, int ranks);

/* Before MPI starts: this process' rank as the nearest launcher has it in the environment; 0 where
 * there is none. Variables: OMPI_COMM_WORLD_RANK, PMI_RANK, PMIX_RANK, SLURM_PROCID of a step. */
int mg_launch_rank(void);

#endif
