/* The collective interface on MPI: the only code that includes mpi.h. */
#ifndef MG_MPI_COMM_MPI_H
#define MG_MPI_COMM_MPI_H

#include "base/comm.h"

/* MPI_Init, communicator on MPI_COMM_WORLD. MG_ERR_LAUNCH, before MPI starts where that can be known,
 * when the launcher's environment says that there are several ranks but MPI sees one (n singletons: a
 * launch without PMI), naming what was found; the program would otherwise train n times the same. One
 * process that Slurm's shell started itself does without MPI. What reproducibility and
 * oversubscription need is put into the environment before MPI starts, unless the user set it. */
mg_status mg_comm_mpi_create(int *argc, char ***argv, mg_comm **comm);

/* MPI_Finalize. NULL is a no-op. Collective. */
void mg_comm_mpi_destroy(mg_comm *comm);

/* This process' rank before MPI starts, as the launcher has it in the environment; 0 without one. */
int mg_comm_mpi_launched_rank(void);

/* "Open MPI v4.1.4 ..." */
const char *mg_comm_mpi_library(void);

#endif
