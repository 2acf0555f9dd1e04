/* mgail collect: many run folders in one file. */
#include "app/commands/collect.h"
#include "app/report/run_score.h"
#include "app/run/provenance.h"
#include "app/run/run_folder.h"
#include "base/log.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const mg_option options[] = {
    {"output", "FILE.h5", "what to write (required); replaced if it is there"},
    {"partial", NULL, "folders that were skipped are no failure, as long as a run is left"},
    {0},
};

/* ---- which folders ---- */

typedef struct folders {
  struct {
    char *path;
    const char *reason; /* Nullable: it is skipped, and this is why */
    dev_t device;
    ino_t inode;
  } * list;
  int count, capacity;
} folders;

static void free_folders(folders *f) {
  for (int i = 0; i < f->count; i++) free(f->list[i].path);
  free(f->list);
}

/* A folder that is there already, under whatever name, is one run and counts once. */
static mg_status add_folder(folders *f, const char *path, const char *reason) {
  struct stat info = {0};
  bool exists = !reason && stat(path, &info) == 0;
  for (int i = 0; exists && i < f->count; i++)
    if (f->list[i].inode == info.st_ino && f->list[i].device == info.st_dev) return MG_OK;
  if (f->count == f->capacity) {
    int capacity = f->capacity ? 2 * f->capacity : 64;
    void *larger = realloc(f->list, (size_t)capacity * sizeof *f->list);
    if (!larger) return mg_fail(MG_ERR_MEMORY, "out of memory for %d folders", capacity);
    f->list = larger, f->capacity = capacity;
  }
  char *copy = strdup(path);
  if (!copy) return mg_fail(MG_ERR_MEMORY, "out of memory for a folder's name");
  f->list[f->count].path = copy;
  f->list[f->count].reason = reason;
  f->list[f->count].device = info.st_dev;
  f->list[f->count++].inode = exists ? info.st_ino : 0;
  return MG_OK;
}

static bool holds(const char *folder, const char *name) {
  char path[MG_FOLDER_PATH_MAX];
  struct stat info;
  return mg_run_folder_file(folder, name, path, sizeof path) == MG_OK && stat(path, &info) == 0;
}

static bool is_run(const char *folder) {
  return holds(folder, "config.ini") || holds(folder, "curves.h5") || holds(folder, "result.json");
}

static int is_visible(const struct dirent *entry) {
  return entry->d_name[0] != '.';
}

/* A run folder, or one that holds run folders; what is neither is kept, to be named later. */
static mg_status add_word(folders *f, const char *word) {
  struct stat info;
  if (is_run(word) || stat(word, &info) != 0 || !S_ISDIR(info.st_mode))
    return add_folder(f, word, NULL);
  struct dirent **entries;
  int n = scandir(word, &entries, is_visible, alphasort);
  if (n < 0) return mg_fail(MG_ERR_NO_INPUT, "%s: %s", word, strerror(errno));
  mg_status status = MG_OK;
  int found = 0;
  for (int i = 0; i < n; i++) {
    char path[MG_FOLDER_PATH_MAX];
    if (status == MG_OK &&
        mg_run_folder_file(word, entries[i]->d_name, path, sizeof path) == MG_OK && is_run(path)) {
      status = add_folder(f, path, NULL);
      found++;
    }
    free(entries[i]);
  }
  free(entries);
  return status == MG_OK && found == 0 ? add_folder(f, word, NULL) : status;
}

/* ---- all runs ---- */

typedef struct counts {
  int finished, partial, skipped;
  mg_status last; /* of what was skipped */
} counts;

static mg_status collect_run(mg_app *app, mg_collection_writer *writer, const char *folder,
                             const char *reason, mg_run_known *k, counts *n) {
  mg_collected_run run;
  int64_t points;
  mg_curve_point *point;
  mg_status status = reason ? mg_fail(MG_ERR_NO_INPUT, "%s: %s", folder, reason)
                            : mg_run_score(folder, k, &run, &points, &point);
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
    mg_log_line(&app->log, "%s: partial, %lld of %lld steps", folder, (long long)run.steps,
                (long long)run.planned_steps);
  } else {
    n->finished++;
  }
  status = mg_collection_add(writer, &run, points, point);
  free(point);
  return status;
}

static mg_status collect(mg_app *app, const folders *f, const char *output, bool partial) {
  mg_provenance p = mg_provenance_get();
  mg_collection_writer *writer;
  MG_TRY(mg_collection_create(output, p.program, p.git, &writer));
  mg_run_known k = {0};
  counts n = {0};
  mg_status status = MG_OK;
  for (int i = 0; status == MG_OK && i < f->count; i++)
    status = collect_run(app, writer, f->list[i].path, f->list[i].reason, &k, &n);
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
  folders f = {0};
  mg_status status = MG_OK;
  for (int i = 0; status == MG_OK && i < words; i++) status = add_word(&f, word[i]);
  if (status == MG_OK) status = collect(app, &f, output, partial);
  free_folders(&f);
  return status;
}

mg_status mg_collect_folders(mg_app *app, int n, const mg_collect_folder *folder,
                             const char *output) {
  folders f = {0};
  mg_status status = MG_OK;
  for (int i = 0; status == MG_OK && i < n; i++)
    status = add_folder(&f, folder[i].path, folder[i].reason);
  if (status == MG_OK) status = collect(app, &f, output, true);
  free_folders(&f);
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
    .files = MG_ARGS_MAX,
    .run = run,
};
