/* What the launcher says and what MPI must be told, both through the environment. No MPI here. */
#ifndef MG_MPI_LAUNCH_H
#define MG_MPI_LAUNCH_H

#include "base/status.h"

/* Before MPI starts: settings of Open MPI that reproducibility and oversubscription need. What the
 * user has set (mpirun --mca, OMPI_MCA_...) stays. */
void mg_launch_prepare(void);

/* After MPI started with one rank: MG_ERR_LAUNCH if a launcher's variables tell of several ranks,
 * naming the variable and `library`. Variables, nearest launcher first: OMPI_COMM_WORLD_SIZE,
 * PMI_SIZE, PMIX_RANK, then Slurm's of a job step (a batch script itself is no step). */
mg_status mg_launch_check_single(const char *library);

/* Before MPI starts: this process' rank as the nearest launcher has it in the environment; 0 where
 * there is none. Variables: OMPI_COMM_WORLD_RANK, PMI_RANK, PMIX_RANK, SLURM_PROCID of a step. */
int mg_launch_rank(void);

#endif
