/* mgail collect: many run folders in one file. */
#include "app/commands/collect.h"
#include "app/commands/run_folders.h"
#include "app/report/run_score.h"
#include "app/run/provenance.h"
#include "app/run/run_read.h"
#include "base/log.h"
#include "files/collection/collection.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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

/* What is given: run folders, and collections that they join. */
typedef struct given {
  mg_run_folders folders;
  const char **collection;
  int collections;
} given;

/* Names what could not be read, and goes on. */
static mg_status skip(mg_app *app, mg_collection_writer *writer, const char *what, mg_status status,
                      counts *n) {
  mg_failure failure = {0};
  mg_failure_note(&failure, status);
  if (app) mg_log_warning(&app->log, "%s: skipped: %s", what, failure.sentence);
  n->skipped++;
  n->last = status;
  return mg_collection_skip(writer, what, failure.sentence);
}

static mg_status collect_run(mg_app *app, mg_collection_writer *writer, const char *folder,
                             const char *reason, mg_run_known *k, counts *n) {
  mg_collected_run run;
  int64_t points;
  mg_curve_point *point = NULL;
  char settings[MG_COLLECTION_SETTINGS];
  mg_status status = reason ? mg_fail(MG_ERR_NO_INPUT, "%s: %s", folder, reason)
                            : mg_run_settings(folder, settings);
  if (status == MG_OK) status = mg_run_score(folder, k, &run, &points, &point);
  if (status == MG_ERR_NO_INPUT || status == MG_ERR_DATA || status == MG_ERR_CREATE)
    return skip(reason ? NULL : app, writer, folder, status, n);
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

/* ---- of an earlier collection ---- */

static size_t without_slashes(const char *path) {
  size_t length = strlen(path);
  while (length > 1 && path[length - 1] == '/') length--;
  return length;
}

/* A folder that is read anew takes the place of what the collection has of it. */
static bool is_given(const mg_run_folders *f, const char *folder) {
  const size_t length = without_slashes(folder);
  for (int i = 0; i < f->count; i++)
    if (without_slashes(f->run[i].path) == length && strncmp(f->run[i].path, folder, length) == 0)
      return true;
  return false;
}

static const char *settings_of(const mg_collection *c, const mg_collected_run *run) {
  for (int i = 0; i < c->settings; i++)
    if (strcmp(c->setting[i].checksum, run->settings) == 0) return c->setting[i].text;
  return "";
}

static mg_status collect_again(const mg_collection *c, const mg_run_folders *f,
                               mg_collection_writer *writer, counts *n) {
  for (int i = 0; i < c->runs; i++) {
    const mg_collected_run *run = &c->run[i];
    if (is_given(f, run->folder)) continue;
    mg_curve_point *point;
    MG_TRY(mg_collection_read_points(c, run, &point));
    const mg_status status =
        mg_collection_add(writer, run, settings_of(c, run), run->evaluations, point);
    free(point);
    MG_TRY(status);
    *(strcmp(run->state, "finished") == 0 ? &n->finished : &n->partial) += 1;
  }
  for (int i = 0; i < c->skipped; i++)
    if (!is_given(f, c->skip[i][0]))
      MG_TRY(mg_collection_skip(writer, c->skip[i][0], c->skip[i][1]));
  return MG_OK;
}

/* MG_ERR_DATA, MG_ERR_NO_INPUT: it has no runs that could be taken, and none is. */
static mg_status read_collection(const char *path, mg_collection *c) {
  MG_TRY(mg_collection_check(path));
  MG_TRY(mg_collection_read(path, c));
  if (!c->former) return MG_OK;
  mg_collection_free(c);
  return mg_fail(MG_ERR_DATA,
                 "%s: is of release 0.1.0; expected a collection that names settings, as mgail "
                 "collect makes of run folders now",
                 path);
}

static mg_status join_collection(mg_app *app, const char *path, const mg_run_folders *f,
                                 mg_collection_writer *writer, counts *n) {
  mg_collection c;
  mg_status status = read_collection(path, &c);
  if (status == MG_ERR_DATA || status == MG_ERR_NO_INPUT) return skip(app, writer, path, status, n);
  MG_TRY(status);
  status = collect_again(&c, f, writer, n);
  mg_collection_free(&c);
  return status;
}

static mg_status collect(mg_app *app, const given *g, const char *output, bool partial) {
  const mg_run_folders *f = &g->folders;
  mg_provenance p = mg_provenance_get();
  mg_collection_writer *writer;
  MG_TRY(mg_collection_create(output, p.program, p.git, &writer));
  mg_run_known k = {0};
  counts n = {0};
  mg_status status = MG_OK;
  for (int i = 0; status == MG_OK && i < g->collections; i++)
    status = join_collection(app, g->collection[i], f, writer, &n);
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

static bool is_collection(const char *path) {
  const size_t length = strlen(path);
  struct stat info;
  return length > 3 && strcmp(path + length - 3, ".h5") == 0 && stat(path, &info) == 0 &&
         S_ISREG(info.st_mode);
}

mg_status mg_collect_runs(mg_app *app, int words, const char *const *word, bool partial,
                          const char *output) {
  given g = {.collection = malloc(((size_t)words + 1) * sizeof *g.collection)};
  mg_status status =
      g.collection ? MG_OK : mg_fail(MG_ERR_MEMORY, "out of memory for %d names", words);
  for (int i = 0; status == MG_OK && i < words; i++)
    if (is_collection(word[i]))
      g.collection[g.collections++] = word[i];
    else
      status = mg_run_folders_add(&g.folders, word[i]);
  if (status == MG_OK) status = collect(app, &g, output, partial);
  mg_run_folders_free(&g.folders);
  free(g.collection);
  return status;
}

mg_status mg_collect_folders(mg_app *app, int n, const mg_collect_folder *folder,
                             const char *output) {
  given g = {0};
  mg_status status = MG_OK;
  for (int i = 0; status == MG_OK && i < n; i++)
    status = mg_run_folders_put(&g.folders, folder[i].path, folder[i].reason);
  if (status == MG_OK) status = collect(app, &g, output, true);
  mg_run_folders_free(&g.folders);
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
    .usage = "RUN...|FILE.h5... --output FILE.h5",
    .description =
        "RUN: a run folder, or a folder of run folders. FILE.h5: a collection, whose runs come "
        "first, but for those whose folders are given, by the name that it has of them; it may be "
        "the output. Runs may be unfinished or at work: "
        "they are named and kept as partial. Folders that cannot be read are named and "
        "skipped; the others are written, and the exit code is 65 or 66 unless --partial is "
        "given.",
    .options = options,
    .words = "RUN",
    .files = MG_ARGS_MAX,
    .run = run,
};
