/* mgail collect: many run folders in one file. */
#include "app/commands/collect.h"
#include "app/commands/run_folders.h"
#include "app/report/run_score.h"
#include "app/run/provenance.h"
#include "app/run/run_read.h"
#include "base/log.h"

#include <stdlib.h>
#include <string.h>

static const mg_option options[] = {
    {"output", "FILE.h5", "what to write (required); replaced if it is there"},
    {"partial", NULL, "folders that were skipped are no failure, as long as a run is left"},
    {0},
};

/* ---- all runs ---- */

typedef struct counts {
  int finished, partial, skipped;
  mg_status last; /* of what was skipped */
} counts;

static mg_status collect_run(mg_app *app, mg_collection_writer *writer, const char *folder,
                             const char *reason, mg_run_known *k, counts *n) {
  mg_collected_run run;
  int64_t points;
  mg_curve_point *point = NULL;
  char settings[MG_COLLECTION_SETTINGS];
  mg_status status = reason ? mg_fail(MG_ERR_NO_INPUT, "%s: %s", folder, reason)
                            : mg_run_settings(folder, settings);
  if (status == MG_OK) status = mg_run_score(folder, k, &run, &points, &point);
  if (status == MG_ERR_NO_INPUT || status == MG_ERR_DATA || status == MG_ERR_CREATE) {
    mg_failure failure = {0};
    mg_failure_note(&failure, status);
    if (!reason) mg_log_warning(&app->log, "%s: skipped: %s", folder, failure.sentence);
    n->skipped++;
    n->last = status;
    return mg_collection_skip(writer, folder, failure.sentence);
  }
  MG_TRY(status);
  if (strcmp(run.state, "partial") == 0) {
    n->partial++;
    mg_log_line(&app->log, "%s: partial, %lld of %lld steps: %s", folder, (long long)run.steps,
                (long long)run.planned_steps, run.reason);
  } else {
    n->finished++;
  }
  status = mg_collection_add(writer, &run, settings, points, point);
  free(point);
  return status;
}

static mg_status collect(mg_app *app, const mg_run_folders *f, const char *output, bool partial) {
  mg_provenance p = mg_provenance_get();
  mg_collection_writer *writer;
  MG_TRY(mg_collection_create(output, p.program, p.git, &writer));
  mg_run_known k = {0};
  counts n = {0};
  mg_status status = MG_OK;
  for (int i = 0; status == MG_OK && i < f->count; i++)
    status = collect_run(app, writer, f->run[i].path, f->run[i].reason, &k, &n);
  int runs = n.finished + n.partial;
  if (status == MG_OK && runs == 0)
    status = mg_fail(n.last == MG_ERR_NO_INPUT ? MG_ERR_NO_INPUT : MG_ERR_DATA,
                     "collect: no run could be read of %d %s; %s is not written", n.skipped,
                     mg_plural(n.skipped, "folder", "folders"), output);
  mg_failure failure = {0};
  mg_failure_note(&failure, status);
  mg_failure_note(&failure, mg_collection_close(writer, status == MG_OK));
  MG_TRY(mg_failure_again(&failure));
  printf("%s: %d %s, %d finished, %d partial; %d %s skipped\n", output, runs,
         mg_plural(runs, "run", "runs"), n.finished, n.partial, n.skipped,
         mg_plural(n.skipped, "folder", "folders"));
  if (n.skipped == 0 || partial) return MG_OK;
  return mg_fail(n.last == MG_ERR_NO_INPUT ? MG_ERR_NO_INPUT : MG_ERR_DATA,
                 "collect: %d of %d folders skipped, see above; %s has the others (with --partial "
                 "that is no failure)",
                 n.skipped, f->count, output);
}

mg_status mg_collect_runs(mg_app *app, int words, const char *const *word, bool partial,
                          const char *output) {
  mg_run_folders f = {0};
  mg_status status = MG_OK;
  for (int i = 0; status == MG_OK && i < words; i++) status = mg_run_folders_add(&f, word[i]);
  if (status == MG_OK) status = collect(app, &f, output, partial);
  mg_run_folders_free(&f);
  return status;
}

mg_status mg_collect_folders(mg_app *app, int n, const mg_collect_folder *folder,
                             const char *output) {
  mg_run_folders f = {0};
  mg_status status = MG_OK;
  for (int i = 0; status == MG_OK && i < n; i++)
    status = mg_run_folders_put(&f, folder[i].path, folder[i].reason);
  if (status == MG_OK) status = collect(app, &f, output, true);
  mg_run_folders_free(&f);
  return status;
}

static mg_status run(mg_app *app, const mg_args *args) {
  const char *output;
  MG_TRY(mg_args_require(args, "collect", "output", &output));
  if (args->files == 0) return mg_fail(MG_ERR_USAGE, "collect: expected run folders");
  return mg_collect_runs(app, args->files, args->file, mg_args_has(args, "partial"), output);
}

const mg_command mg_command_collect = {
    .name = "collect",
    .summary = "Gather run folders into one file: an index and learning curves on common grids",
    .usage = "RUN... --output FILE.h5",
    .description =
        "RUN: a run folder, or a folder of run folders. Runs may be unfinished or at work: "
        "they are named and kept as partial. Folders that cannot be read are named and "
        "skipped; the others are written, and the exit code is 65 or 66 unless --partial is "
        "given.",
    .options = options,
    .words = "RUN",
    .files = MG_ARGS_MAX,
    .run = run,
};
