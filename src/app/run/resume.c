/* What `train --resume` finds in a folder, and whether it can go on from there. */
#include "app/config/config_checksum.h"
#include "app/run/demonstrations.h"
#include "app/run/run_header.h"
#include "app/run/train.h"
#include "files/checkpoint/checkpoint.h"
#include "files/curves/run_curve.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* An export opens as a checkpoint does, and has too little to go on from. */
static mg_status refuse_export(const mg_run_header *header, const char *path,
                               mg_archive **archive) {
  if (!*header->exported) return MG_OK;
  mg_checkpoint_close(*archive);
  *archive = NULL;
  return mg_fail(MG_ERR_DATA,
                 "%s: an export, which holds what acting needs and nothing to go on training from; "
                 "resume the folder of the run itself",
                 path);
}

/* What ranks had then cannot be divided anew. */
static mg_status refuse_by_rank(const mg_run_header *header, const char *path,
                                mg_archive **archive) {
  if (!(*archive)->by_rank) return MG_OK;
  mg_checkpoint_close(*archive);
  *archive = NULL;
  return mg_fail(
      MG_ERR_DATA,
      "%s: a checkpoint of an earlier release (%s, %s), which can be evaluated, recorded from "
      "and exported, but not gone on with; resume it with that release",
      path, header->program, header->git);
}

static mg_status expect_folder(mg_comm *comm, const char *folder) {
  struct stat info;
  mg_status status = MG_OK;
  if (comm->rank == 0 && stat(folder, &info) == 0 && !S_ISDIR(info.st_mode)) {
    status = mg_fail(MG_ERR_NO_INPUT,
                     "%s: a file; --resume goes on in the folder of a run, and not from a "
                     "checkpoint or an export alone",
                     folder);
  }
  return mg_comm_agree(comm, status);
}

/* A run without a checkpoint has done nothing that could be gone on with, or has lost it. */
static mg_status expect_no_rows(const char *folder) {
  char path[MG_FOLDER_PATH_MAX];
  mg_run_curve curve;
  MG_TRY(mg_run_folder_file(folder, "curves.h5", path, sizeof path));
  const bool readable = mg_run_curve_read(path, &curve) == MG_OK;
  free(curve.point);
  if (!readable || curve.iterations == 0) return MG_OK;
  return mg_fail(MG_ERR_NO_INPUT,
                 "%s: its curves reach iteration %" PRId64
                 ", but its checkpoint is gone; expected checkpoint.h5 or checkpoint.h5.previous",
                 folder, curve.iterations);
}

/* The settings that a run had which was stopped before its first checkpoint, as far as it came. */
static mg_status read_config(const char *folder, mg_settings *settings) {
  char path[MG_FOLDER_PATH_MAX];
  struct stat info;
  MG_TRY(expect_no_rows(folder));
  MG_TRY(mg_run_folder_file(folder, "config.ini", path, sizeof path));
  if (stat(path, &info) != 0) return MG_OK;
  MG_TRY(mg_config_check_seal(path));
  return mg_config_read_file(path, settings);
}

/* *found: the folder is of such a run. */
static mg_status begin_anew(mg_comm *comm, const char *folder, mg_settings *settings, bool *found) {
  *settings = mg_config_defaults();
  *found = comm->rank == 0 && mg_run_folder_is_new(folder);
  mg_comm_broadcast(comm, found, sizeof *found);
  if (!*found) return MG_OK;
  MG_TRY(mg_comm_agree(comm, comm->rank == 0 ? read_config(folder, settings) : MG_OK));
  mg_comm_broadcast(comm, settings, sizeof *settings);
  return MG_OK;
}

/* ---- what a checkpoint was made by, and from ---- */

mg_origin mg_origin_get(const mg_train *train) {
  const mg_provenance *p = &train->provenance;
  const mg_expert *expert = train->algorithm->expert;
  mg_origin origin = {0};
  snprintf(origin.simulator, sizeof origin.simulator, "%s", p->simulator);
  snprintf(origin.blas, sizeof origin.blas, "%s", p->blas);
  snprintf(origin.cpu, sizeof origin.cpu, "%s", p->cpu);
  mg_demonstrations_checksum(expert, origin.checksum);
  char *absolute = expert ? realpath(expert->path, NULL) : NULL;
  if (absolute && strlen(absolute) < sizeof origin.demonstrations)
    strcpy(origin.demonstrations, absolute);
  free(absolute);
  return origin;
}

void mg_origin_visit(mg_origin *origin, mg_archive *archive) {
  const struct {
    const char *name;
    char *text;
    size_t capacity;
  } fields[] = {
      {"made_by/simulator", origin->simulator, sizeof origin->simulator},
      {"made_by/blas", origin->blas, sizeof origin->blas},
      {"made_by/cpu", origin->cpu, sizeof origin->cpu},
      {"made_from/demonstrations", origin->demonstrations, sizeof origin->demonstrations},
      {"made_from/checksum", origin->checksum, sizeof origin->checksum},
  };
  for (size_t k = 0; k < sizeof fields / sizeof *fields; k++) {
    if (mg_archive_is_loading(archive)) {
      fields[k].text[0] = '\0';
      if (!mg_archive_has(archive, fields[k].name)) continue;
    }
    mg_archive_text(archive, fields[k].name, fields[k].text, fields[k].capacity);
  }
}

/* The first thing by which other bits are to be expected. */
static void warn_of_other_bits(mg_log *log, size_t n, const char *const (*thing)[3]) {
  for (size_t k = 0; k < n; k++) {
    const char *was = thing[k][1], *now = thing[k][2];
    if (!*was || strcmp(was, now) == 0) continue;
    mg_log_warning(log,
                   "the checkpoint was made by another %s (%s, this is %s): the run goes on, but "
                   "not with the bits that it would have had",
                   thing[k][0], was, now);
    return;
  }
}

mg_status mg_train_check_origin(const mg_train *train, const char *program, const char *git,
                                const mg_origin *was) {
  const mg_origin now = mg_origin_get(train);
  const mg_provenance *p = &train->provenance;
  const char *const things[][3] = {
      {"version", program, p->program},
      {"commit", git, p->git},
      {"simulator", was->simulator, now.simulator},
      {"set of kernels", was->blas, now.blas},
      {"kind of processor", was->cpu, now.cpu},
  };
  warn_of_other_bits(&train->app->log, sizeof things / sizeof *things, things);
  if (!*was->checksum || strcmp(was->checksum, now.checksum) == 0) return MG_OK;
  const char *file = train->settings->data.expert;
  if (!train->any_demonstrations) {
    return mg_fail(
        MG_ERR_DATA,
        "%s: not the demonstrations that the run began with (%s of %s, this is %s); give "
        "these by --expert, or insist with --changed-demonstrations",
        file, was->checksum, was->demonstrations, now.checksum);
  }
  mg_log_warning(&train->app->log,
                 "%s: not the demonstrations that the run began with, as asked for", file);
  return MG_OK;
}

/* Where the path as it was given leads nowhere from here, the one that it stood for. */
static mg_status find_demonstrations(mg_app *app, mg_archive **archive, mg_settings *settings) {
  mg_origin origin;
  mg_origin_visit(&origin, *archive);
  if (mg_archive_status(*archive) != MG_OK) {
    mg_status status = mg_checkpoint_close(*archive);
    *archive = NULL;
    return status;
  }
  char *path = settings->data.expert;
  if (app->comm->rank == 0 && *origin.demonstrations && access(path, R_OK) != 0)
    snprintf(path, sizeof settings->data.expert, "%s", origin.demonstrations);
  mg_comm_broadcast(app->comm, path, sizeof settings->data.expert);
  return MG_OK;
}

/* ---- the checkpoint of a folder ---- */

mg_status mg_train_open_checkpoint(mg_app *app, const char *folder, mg_archive **archive,
                                   mg_settings *settings) {
  char path[MG_FOLDER_PATH_MAX];
  mg_run_header header;
  bool anew;
  *archive = NULL;
  MG_TRY(expect_folder(app->comm, folder));
  MG_TRY(begin_anew(app->comm, folder, settings, &anew));
  if (anew) return MG_OK;
  MG_TRY(mg_run_header_open_last(folder, &app->log, app->comm, archive, &header, settings, path));
  MG_TRY(refuse_export(&header, path, archive));
  MG_TRY(refuse_by_rank(&header, path, archive));
  return find_demonstrations(app, archive, settings);
}

/* "run.steps, ...": what may change. */
static void list_resumable(char *text, size_t capacity) {
  size_t used = 0;
  for (const mg_config_row *row = mg_config_table; row->section; row++) {
    if (!row->resumable || used >= capacity) continue;
    used += (size_t)snprintf(text + used, capacity - used, "%s%s", used ? ", " : "", row->name);
  }
}

mg_status mg_train_check_resumed(const mg_settings *saved, const mg_settings *changed) {
  for (const mg_config_row *row = mg_config_table; row->section; row++) {
    char before[MG_CONFIG_VALUE_MAX], after[MG_CONFIG_VALUE_MAX], free_keys[512];
    mg_config_format(row, saved, before);
    mg_config_format(row, changed, after);
    if (row->resumable || strcmp(before, after) == 0) continue;
    list_resumable(free_keys, sizeof free_keys);
    return mg_fail(MG_ERR_CONFIG,
                   "%s = '%s', but the run that is resumed has '%s'; only these may change: %s",
                   row->name, after, before, free_keys);
  }
  return MG_OK;
}
