/* What a sweep's folder gets of its file, and what it may not lose. */
#include "app/config/config_checksum.h"
#include "app/sweep/sweep_expand.h"
#include "app/sweep/sweep_state.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Of a run that has begun only what --resume takes may change, and of one that is done nothing but
 * seeds and paths' like. */
static mg_status check_begun(const char *folder, const mg_sweep_run *run,
                             const mg_sweep_status *now, const mg_settings *settings) {
  char path[MG_FOLDER_PATH_MAX];
  mg_settings was = mg_config_defaults();
  MG_TRY(mg_sweep_path(folder, "settings", run->name, ".ini", path));
  MG_TRY(mg_config_check_seal(path));
  MG_TRY(mg_config_read_file(path, &was));
  for (const mg_config_row *row = mg_config_table; row->section; row++) {
    char before[MG_CONFIG_VALUE_MAX], after[MG_CONFIG_VALUE_MAX];
    const bool identity = strcmp(row->name, "run.seed") == 0;
    mg_config_format(row, &was, before);
    mg_config_format(row, settings, after);
    if (strcmp(before, after) == 0) continue;
    if (!identity && (now->state == MG_SWEEP_DONE ? row->incidental : row->resumable)) continue;
    return mg_fail(
        MG_ERR_CREATE,
        "%s/runs/%s: %s with %s = %s, the file says %s now; give the run another [sweep] "
        "name, the sweep another --output, or remove that folder",
        folder, run->name, now->state == MG_SWEEP_DONE ? "done" : "has begun", row->name, before,
        after);
  }
  return MG_OK;
}

static mg_status store_settings(const char *folder, const mg_sweep_run *run,
                                const mg_settings *settings) {
  char path[MG_FOLDER_PATH_MAX], text[MG_CONFIG_SEALED_MAX];
  MG_TRY(mg_sweep_path(folder, "settings", run->name, ".ini", path));
  mg_config_seal(settings, text);
  return mg_safe_write_text(path, text);
}

static bool same(const mg_sweep_run *a, const mg_sweep_run *b) {
  return a->ranks == b->ranks && a->minutes == b->minutes && a->pack == b->pack &&
         strcmp(a->sbatch, b->sbatch) == 0 && strcmp(a->axes, b->axes) == 0 &&
         strcmp(a->settings, b->settings) == 0;
}

/* Of each run: with `write` its settings are stored, without they are compared with what has begun.
 * So nothing is written before all of it is known to be right. */
static mg_status visit_runs(const mg_sweep_file *file, const char *folder,
                            const mg_manifest *manifest, const mg_manifest *before, bool write,
                            mg_log *log) {
  char last[1024] = "", missing[1024], said[sizeof manifest->run->settings];
  for (int i = 0; i < manifest->runs; i++) {
    const mg_sweep_run *run = &manifest->run[i];
    const mg_sweep_point point = mg_sweep_run_point(run);
    mg_settings settings;
    mg_sweep_status now = {0};
    MG_TRY(mg_sweep_settings(file, &point, &settings, said, sizeof said, missing));
    const bool known = mg_manifest_find(before, run->name) >= 0;
    if (known) MG_TRY(mg_sweep_status_read(folder, run->name, NULL, &now));
    if (!write && now.begun) MG_TRY(check_begun(folder, run, &now, &settings));
    if (!write && *missing && strcmp(missing, last) != 0) mg_log_warning(log, "%s", missing);
    snprintf(last, sizeof last, "%s", missing);
    if (write && now.state != MG_SWEEP_DONE) MG_TRY(store_settings(folder, run, &settings));
  }
  return MG_OK;
}

static mg_status make_rooms(const char *folder) {
  static const char *const rooms[] = {"settings", "runs", "state", "logs"};
  for (size_t k = 0; k < sizeof rooms / sizeof *rooms; k++) {
    char path[MG_FOLDER_PATH_MAX];
    MG_TRY(mg_run_folder_file(folder, rooms[k], path, sizeof path));
    MG_TRY(mg_make_folders(path, NULL));
  }
  return MG_OK;
}

/* The runs of before come first and in their order; those of the file that are new, behind them. */
static mg_status merge(const char *folder, const mg_manifest *before, const mg_manifest *now,
                       mg_manifest *merged, mg_sweep_changes *changes) {
  for (int i = 0; i < before->runs; i++) {
    const int k = mg_manifest_find(now, before->run[i].name);
    mg_sweep_status status;
    MG_TRY(mg_sweep_status_read(folder, before->run[i].name, NULL, &status));
    if (k < 0 && !status.begun) {
      changes->dropped++;
      continue;
    }
    if (k >= 0 && !same(&before->run[i], &now->run[k]))
      changes->changed++;
    else
      changes->kept++;
    MG_TRY(mg_manifest_add(merged, k < 0 ? &before->run[i] : &now->run[k]));
  }
  for (int k = 0; k < now->runs; k++) {
    if (mg_manifest_find(before, now->run[k].name) >= 0) continue;
    changes->added++;
    MG_TRY(mg_manifest_add(merged, &now->run[k]));
  }
  return MG_OK;
}

mg_status mg_sweep_store(const mg_sweep_file *file, const char *folder, mg_manifest *manifest,
                         mg_log *log, mg_sweep_changes *changes) {
  char path[MG_FOLDER_PATH_MAX];
  struct stat info;
  mg_manifest before = {0}, merged = {0};
  *changes = (mg_sweep_changes){0};
  MG_TRY(mg_run_folder_file(folder, "manifest.tsv", path, sizeof path));
  mg_status status = stat(path, &info) == 0 ? mg_manifest_read(folder, &before) : MG_OK;
  if (status == MG_OK) status = visit_runs(file, folder, manifest, &before, false, log);
  if (status == MG_OK) status = make_rooms(folder);
  if (status == MG_OK) status = merge(folder, &before, manifest, &merged, changes);
  if (status == MG_OK) status = visit_runs(file, folder, manifest, &before, true, log);
  if (status == MG_OK) status = mg_manifest_write(folder, &merged);
  mg_failure failure = {0};
  mg_failure_note(&failure, status);
  mg_manifest_free(&before);
  mg_manifest_free(manifest);
  *manifest = merged;
  return mg_failure_again(&failure);
}
