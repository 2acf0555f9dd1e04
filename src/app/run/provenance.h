/* What made a file: program, libraries, machine, time. For curves, results and --version. */
#ifndef MG_APP_PROVENANCE_H
#define MG_APP_PROVENANCE_H

typedef struct mg_provenance {
  char program[64]; /* "mgail 0.1.0" */
  char git[64];     /* git describe of the source, "unknown" without git */
  char host[64];
  char started[32];   /* ISO 8601, UTC */
  char simulator[64]; /* "MuJoCo 3.3.7" */
  char hdf5[32], blas[64], mpi[128], compiler[128];
  char cpu[64]; /* its name; "unknown" where the system does not tell */
} mg_provenance;

/* Of this process, now. */
mg_provenance mg_provenance_get(void);

#endif
