/* The folder of a sweep, and its manifest: the truth about what was to run. Local.
 *
 *   manifest.tsv      one line a run: folder, resources, axes, settings; never changed by runs
 *   settings/NAME.ini all settings of a run, behind a checksum
 *   runs/NAME/        its run folder
 *   state/NAME        how it fares (sweep_state.h), and its lock
 *   logs/NAME.log     what it printed
 *   runs.h5 report/   by mgail sweep collect
 *   slurm/            of slurm/sweep.sh: what was submitted, and logs
 *
 * The manifest's first line has its version, the number of runs and a checksum. */
#ifndef MG_APP_MANIFEST_H
#define MG_APP_MANIFEST_H

#include "app/run/run_folder.h"
#include "app/sweep/sweep_values.h"

enum { MG_SWEEP_NAME_MAX = 128, MG_SWEEP_RUNS_MAX = 20000, MG_SWEEP_SBATCH_MAX = 256 };

typedef struct mg_sweep_run {
  char name[MG_SWEEP_NAME_MAX]; /* of its folder below runs/ */
  int ranks, minutes, pack;     /* pack: so many runs side by side in one task of a batch system */
  char sbatch[MG_SWEEP_SBATCH_MAX]; /* further options of that system */
  char axes[512];                   /* "task=hopper method=bc run.seed=1" */
  char settings[1024];              /* for people: the preset, and what is set besides */
} mg_sweep_run;

typedef struct mg_manifest {
  int runs, capacity;
  mg_sweep_run *run;
} mg_manifest;

/* MG_ERR_DATA for another version, and for a file that is not what was written; MG_ERR_NO_INPUT with
 * what makes one. To be freed whatever is returned. */
mg_status mg_manifest_read(const char *folder, mg_manifest *manifest);
mg_status mg_manifest_write(const char *folder, const mg_manifest *manifest);
void mg_manifest_free(mg_manifest *manifest);

mg_status mg_manifest_add(mg_manifest *manifest, const mg_sweep_run *run);
/* Its place; < 0: there is none of this name. */
int mg_manifest_find(const mg_manifest *manifest, const char *name);

/* The axes as a point. */
mg_sweep_point mg_sweep_run_point(const mg_sweep_run *run);

/* "<folder>/<room>/<name><ending>". MG_ERR_CREATE if it is too long. */
mg_status mg_sweep_path(const char *folder, const char *room, const char *name, const char *ending,
                        char path[MG_FOLDER_PATH_MAX]);

#endif
