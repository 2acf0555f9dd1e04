/* What tests of whole trainers under mpirun begin with: an expert's file and an algorithm. */
#ifndef MG_TESTS_MPI_TRAINER_H
#define MG_TESTS_MPI_TRAINER_H

#include "algo/algorithm.h"
#include "check.h"
#include "support/scratch_folder.h"
#include "support/tiny_run.h"

/* The path of CartPole's expert, which only rank 0 opens, in a scratch folder that rank 0 removes
 * at the end; NULL on all ranks where one failed. Collective. */
static inline const char *trainer_expert(mg_checks *checks) {
  mg_status status = MG_OK;
  const char *expert = "on rank 0";
  if (checks->comm->rank == 0) {
    if (scratch_make()) expert = scratch_path("expert.h5");
    status = tiny_expert("CartPole-v0", expert);
  }
  status = mg_comm_agree(checks->comm, status);
  CHECK(checks, status == MG_OK);
  return status == MG_OK ? expert : NULL;
}

/* NULL on all ranks where one failed. The log, the arena and the settings stay the caller's.
 * Collective. */
static inline mg_algorithm *trainer_create(mg_checks *checks, const mg_algorithm_class *kind,
                                           const mg_settings *settings, mg_log *log,
                                           mg_arena *arena) {
  const mg_context context = {settings, checks->comm, log, arena};
  mg_algorithm *algorithm = NULL;
  const mg_status status =
      mg_comm_agree(checks->comm, mg_algorithm_create(kind, &context, &algorithm));
  CHECK(checks, status == MG_OK);
  return status == MG_OK ? algorithm : NULL;
}

#endif
