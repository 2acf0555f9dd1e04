/* From a sweep file to runs: every combination of the axes' values that is not excluded. Local. */
#ifndef MG_APP_SWEEP_EXPAND_H
#define MG_APP_SWEEP_EXPAND_H

#include "algo/settings.h"
#include "app/sweep/manifest.h"
#include "app/sweep/sweep_file.h"
#include "base/log.h"

/* All settings of the run at a point, as train would have them from the same preset and settings:
 * paths absolute. said [capacity], for people: the preset, and what is set besides. missing
 * [1024] <- the sentence about demonstrations that are not there yet, "" if they are. */
mg_status mg_sweep_settings(const mg_sweep_file *file, const mg_sweep_point *point,
                            mg_settings *settings, char *said, size_t capacity, char *missing);

/* manifest <- the runs, checked: MG_ERR_CONFIG for settings that train would refuse, for two runs with
 * one folder, and where nothing is left. */
mg_status mg_sweep_expand(const mg_sweep_file *file, mg_manifest *manifest);

typedef struct mg_sweep_changes {
  int added, kept, changed, dropped;
} mg_sweep_changes;

/* Writes the runs into the folder, the manifest last. Where it holds a sweep already: what has begun
 * stays as it is, and is refused to be other (MG_ERR_CREATE, naming run and key); what has not begun is
 * what the file says now, and dropped where that has it no more. Missing demonstrations are a warning. */
mg_status mg_sweep_store(const mg_sweep_file *file, const char *folder, mg_manifest *manifest,
                         mg_log *log, mg_sweep_changes *changes);

#endif
