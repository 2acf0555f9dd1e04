/* What a run folder holds, as a row of a collection. Local.
 *
 * All reading happens in a child process, for HDF5 1.10 can be made to crash by a damaged file. */
#ifndef MG_APP_RUN_READ_H
#define MG_APP_RUN_READ_H

#include "files/collection/collection.h"

/* *run and *point [*points], to be freed, from config.ini, curves.h5 and, where the run has ended,
 * result.json. What only a task or the demonstrations can tell (random_return,
 * reference_return, scores, steps_to_90, expert_checksum) is left for the caller (run_score.h). MG_ERR_NO_INPUT: no such folder, or a
 * file is missing; MG_ERR_DATA: one of them is not what it should be. */
mg_status mg_run_read(const char *folder, mg_collected_run *run, int64_t *points,
                      mg_curve_point **point);

/* Its settings, of which run.settings is the checksum: lines "section.key=value\n". Errors as above. */
mg_status mg_run_settings(const char *folder, char settings[MG_COLLECTION_SETTINGS]);

#endif
