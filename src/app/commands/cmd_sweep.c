/* mgail sweep: many runs from one file. */
#include "app/commands/collect.h"
#include "app/report/report.h"
#include "app/sweep/run_process.h"
#include "app/sweep/sweep_expand.h"
#include "app/sweep/sweep_run.h"
#include "app/sweep/sweep_show.h"

#include <stdlib.h>
#include <string.h>

static const mg_option options[] = {
    {"output", "DIR", "expand: the sweep's folder (required)"},
    {"set", "SECTION.KEY=VALUE", "expand: for every run, over the file; may be repeated"},
    {"dry-run", NULL, "expand: print the runs, write nothing"},
    {"jobs", "N", "run: so many runs at a time (default: as many as the processors have room for)"},
    {"launch", "COMMAND",
     "run: what stands in front of the program, with {ranks} for their number, such as \"srun -n "
     "{ranks}\" (default: mpirun where a run has more than one rank)"},
    {"only", "NAME", "run: this run; may be repeated"},
    {"patience", "SECONDS", "run: before the second try, then doubled (default 5)"},
    {"job", "ID", "run: a job of a batch system, over whose restarts tries are counted"},
    {"json", NULL, "status: as JSON"},
    {"queue", "FILE", "status, plan, collect: lines NAME, JOB, STATE, LAST LINE between tabs"},
    {"failed", NULL, "plan: start failed runs, too"},
    {0},
};

/* ---- expand ---- */

static void print_runs(const mg_sweep_view *view) {
  for (int i = 0; i < view->runs; i++) {
    const mg_sweep_run *run = view->run[i];
    printf("%-8s  %s  %d %s, %d min  %s\n", mg_sweep_state_name(view->status[i].state), run->name,
           run->ranks, mg_plural(run->ranks, "rank", "ranks"), run->minutes, run->settings);
  }
}

static mg_status store(mg_app *app, const mg_sweep_file *file, const char *output, bool dry,
                       mg_manifest *manifest) {
  mg_sweep_view view = {0};
  mg_sweep_changes changes = {0};
  mg_status status = dry ? MG_OK : mg_sweep_store(file, output, manifest, &app->log, &changes);
  if (status == MG_OK)
    status = mg_sweep_view_create(output, manifest, 0, NULL, 0, NULL, NULL, &view);
  if (status == MG_OK) print_runs(&view);
  if (status == MG_OK && !dry)
    printf("%s/manifest.tsv: %d %s: %d new, %d changed, %d as before; %d dropped\n", output,
           manifest->runs, mg_plural(manifest->runs, "run", "runs"), changes.added, changes.changed,
           changes.kept, changes.dropped);
  mg_sweep_view_free(&view);
  return status;
}

static mg_status expand(mg_app *app, const mg_args *args) {
  const char *output;
  MG_TRY(mg_args_require(args, "sweep expand", "output", &output));
  if (args->files != 2) return mg_fail(MG_ERR_USAGE, "sweep expand: expected one sweep file");
  mg_sweep_file *file = calloc(1, sizeof *file);
  if (!file) return mg_fail(MG_ERR_MEMORY, "out of memory for a sweep file");
  mg_manifest manifest = {0};
  mg_status status = MG_OK;
  for (int i = 0; i < args->count && status == MG_OK; i++)
    if (strcmp(args->given[i].name, "set") == 0)
      status = mg_sweep_file_set(file, args->given[i].value);
  if (status == MG_OK) status = mg_sweep_file_read(args->file[1], file);
  if (status == MG_OK) status = mg_sweep_expand(file, &manifest);
  if (status == MG_OK) status = store(app, file, output, mg_args_has(args, "dry-run"), &manifest);
  mg_manifest_free(&manifest);
  mg_sweep_file_free(file);
  free(file);
  return status;
}

/* ---- the others, on a sweep's folder ---- */

static mg_status run_all(mg_app *app, const mg_args *args, const mg_sweep_view *view) {
  int most = 1;
  for (int i = 0; i < view->runs; i++)
    if (view->run[i]->ranks > most) most = view->run[i]->ranks;
  int64_t jobs = mg_processors() / most > 1 ? mg_processors() / most : 1;
  mg_sweep_order order = {.folder = view->folder,
                          .runs = view->runs,
                          .run = view->run,
                          .launch = mg_args_text(args, "launch"),
                          .job = mg_args_text(args, "job"),
                          .patience = 5};
  MG_TRY(mg_args_int(args, "jobs", 1, MG_SWEEP_RUNS_MAX, &jobs));
  MG_TRY(mg_args_number(args, "patience", 0, 86400, &order.patience));
  order.jobs = (int)jobs;
  mg_sweep_outcome outcome;
  const mg_status status = mg_sweep_run_all(app, &order, &outcome);
  mg_log_line(&app->log, "%s: %d done, %d failed, %d left", view->folder, outcome.done,
              outcome.failed, outcome.left);
  app->difference = outcome.failed > 0;
  return status;
}

static mg_status show(mg_app *app, const mg_args *args, const mg_sweep_view *view) {
  (void)app;
  if (mg_args_has(args, "json")) return mg_sweep_print_json(view);
  mg_sweep_print(view);
  return MG_OK;
}

static mg_status plan(mg_app *app, const mg_args *args, const mg_sweep_view *view) {
  (void)app;
  return mg_sweep_print_plan(view, mg_args_has(args, "failed"));
}

/* What has begun and not failed is collected as far as it is; all others are named with the reason. */
static mg_status gather(mg_app *app, const mg_sweep_view *view, const char *output) {
  typedef char text[MG_FOLDER_PATH_MAX];
  text *path = calloc((size_t)view->runs, sizeof *path);
  text *reason = calloc((size_t)view->runs, sizeof *reason);
  mg_collect_folder *folder = calloc((size_t)view->runs, sizeof *folder);
  mg_status status = path && reason && folder
                         ? MG_OK
                         : mg_fail(MG_ERR_MEMORY, "out of memory for %d runs", view->runs);
  for (int i = 0; i < view->runs && status == MG_OK; i++) {
    const mg_sweep_status *s = &view->status[i];
    const char *name = view->run[i]->name;
    status = mg_sweep_path(view->folder, "runs", name, "", path[i]);
    snprintf(reason[i], sizeof *reason, "%s%s%.900s", mg_sweep_state_name(s->state),
             *s->why ? ": " : "", s->why);
    const bool readable = s->state != MG_SWEEP_FAILED && mg_sweep_has_begun(view->folder, name);
    folder[i] = (mg_collect_folder){.path = path[i], .reason = readable ? NULL : reason[i]};
  }
  if (status == MG_OK) status = mg_collect_folders(app, view->runs, folder, output);
  free(path);
  free(reason);
  free(folder);
  return status;
}

static mg_status collect(mg_app *app, const mg_args *args, const mg_sweep_view *view) {
  char output[MG_FOLDER_PATH_MAX], report[MG_FOLDER_PATH_MAX];
  (void)args;
  mg_sweep_print(view);
  app->difference = view->of[MG_SWEEP_DONE] < view->runs;
  MG_TRY(mg_run_folder_file(view->folder, "runs.h5", output, sizeof output));
  MG_TRY(mg_run_folder_file(view->folder, "report", report, sizeof report));
  MG_TRY(gather(app, view, output));
  return mg_report_make(app, output, report);
}

/* ---- the command ---- */

static const struct {
  const char *name;
  mg_status (*act)(mg_app *app, const mg_args *args, const mg_sweep_view *view);
} actions[] = {{"run", run_all}, {"status", show}, {"plan", plan}, {"collect", collect}};

static mg_status look(const mg_args *args, const char *folder, const mg_manifest *manifest,
                      mg_sweep_view *view) {
  const char *names[MG_ARGS_MAX], *path = mg_args_text(args, "queue");
  int named = 0;
  mg_sweep_queue queue = {0};
  if (path) MG_TRY(mg_sweep_queue_read(path, &queue));
  for (int i = 0; i < args->count; i++)
    if (strcmp(args->given[i].name, "only") == 0) names[named++] = args->given[i].value;
  mg_status status = mg_sweep_view_create(folder, manifest, args->files - 2, args->file + 2, named,
                                          names, &queue, view);
  mg_sweep_queue_free(&queue);
  if (status == MG_OK && view->runs == 0 && named == 0)
    status = mg_fail(MG_ERR_NO_INPUT, "%s: no run is of all these values", folder);
  return status;
}

static mg_status run(mg_app *app, const mg_args *args) {
  const char *verb = args->files ? args->file[0] : "";
  size_t k = 0;
  if (strcmp(verb, "expand") == 0) return expand(app, args);
  while (k < sizeof actions / sizeof *actions && strcmp(actions[k].name, verb) != 0) k++;
  if (k == sizeof actions / sizeof *actions)
    return mg_fail(MG_ERR_USAGE, "sweep: '%s': expected expand, run, status, plan or collect",
                   verb);
  if (args->files < 2) return mg_fail(MG_ERR_USAGE, "sweep %s: expected the sweep's folder", verb);
  mg_manifest manifest = {0};
  mg_sweep_view view = {0};
  mg_status status = mg_manifest_read(args->file[1], &manifest);
  if (status == MG_OK) status = look(args, args->file[1], &manifest, &view);
  if (status == MG_OK) status = actions[k].act(app, args, &view);
  mg_sweep_view_free(&view);
  mg_manifest_free(&manifest);
  return status;
}

const mg_command mg_command_sweep = {
    .name = "sweep",
    .summary = "Many runs from one file: expand it, run them, say how they fare, collect them",
    .usage = "expand FILE --output DIR | run|status|plan|collect DIR [AXIS=VALUES...] [OPTION...]",
    .description =
        "expand makes DIR/manifest.tsv of a sweep file, a line a run: every combination of the "
        "values "
        "of its axes. run runs what is not done and goes on with what has begun; what a little "
        "patience may mend is tried again. SIGUSR1, SIGTERM and Ctrl-C ask all runs for a "
        "checkpoint "
        "(exit code 75). status names every run: done, running, waiting, or failed with exit code, "
        "node and last line. plan prints which tasks would start the rest, for slurm/sweep.sh and "
        "scripts of other batch systems. collect writes DIR/runs.h5 and DIR/report. AXIS=VALUES, "
        "such "
        "as method=bc run.seed=1..3, chooses runs. Exit code 1: some runs failed (run), or are not "
        "done (collect). slurm/README.md describes sweep files.",
    .options = options,
    .verbs = "expand|run|status|plan|collect",
    .words = "FILE|DIR",
    .files = MG_ARGS_MAX,
    .stops = true,
    .run = run,
};
