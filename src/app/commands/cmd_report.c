/* mgail report: the paper's table over collected runs. */
#include "app/commands/collect.h"
#include "app/report/report.h"
#include "app/report/run_tables.h"
#include "app/run/run_folder.h"

#include <sys/stat.h>
#include <unistd.h>

static const mg_option options[] = {
    {"output", "DIR", "gets report.md, report.html and the figures"},
    {"films", NULL,
     "films an episode of the expert and of each method's middle run, for each task"},
    {"tensorboard", "DIR", "gets all curves of the runs as event files: tensorboard --logdir DIR"},
    {"csv", "DIR", "gets runs.csv, evaluations.csv and curves.csv"},
    {"paper", "FILE.csv", "the published results (default: those that come with the program)"},
    {"resamples", "N", "of the bootstrap (default 2000)"},
    {"seed", "N", "of the bootstrap (default 1)"},
    {0},
};

/* The file that was given, or runs.h5 of the report's folder, made of the run folders given. */
static mg_status find_collection(mg_app *app, const mg_args *args, const char *folder,
                                 char path[MG_FOLDER_PATH_MAX]) {
  struct stat info;
  const bool folders = stat(args->file[0], &info) == 0 && S_ISDIR(info.st_mode);
  if (folders) {
    MG_TRY(mg_run_folder_file(folder, "runs.h5", path, MG_FOLDER_PATH_MAX));
    bool made;
    MG_TRY(mg_make_folders(folder, &made));
    const mg_status status = mg_collect_runs(app, args->files, args->file, true, path);
    if (status != MG_OK && made) rmdir(folder); /* empty, if nothing is collected */
    return status;
  }
  if (args->files > 1)
    return mg_fail(MG_ERR_USAGE, "report: %s: expected run folders, or one collected file",
                   args->file[0]);
  if (snprintf(path, MG_FOLDER_PATH_MAX, "%s", args->file[0]) < MG_FOLDER_PATH_MAX) return MG_OK;
  return mg_fail(MG_ERR_NO_INPUT, "report: path of more than %d bytes", MG_FOLDER_PATH_MAX - 1);
}

static mg_status read_collection(const char *path, mg_collection *collection) {
  MG_TRY(mg_collection_check(path));
  return mg_collection_read(path, collection);
}

static mg_status write_all(mg_app *app, mg_report *report, bool films) {
  mg_failure failure = {0}; /* of films: the rest is written without them */
  MG_TRY(mg_report_fill(report));
  MG_TRY(mg_make_folders(report->folder, NULL));
  if (films) mg_failure_note(&failure, mg_report_film(app, report));
  if (failure.status == MG_ERR_STOPPED) return mg_failure_again(&failure);
  MG_TRY(mg_report_print(report, stdout));
  MG_TRY(mg_report_draw(report, &app->log));
  MG_TRY(mg_report_write(report, &app->log));
  printf("\n%s/report.md and %s/report.html are written\n", report->folder, report->folder);
  return mg_failure_again(&failure);
}

mg_status mg_report_make(mg_app *app, const char *collected, const char *folder) {
  mg_collection collection;
  mg_report report = {.folder = folder,
                      .collection = &collection,
                      .resamples = MG_STAT_RESAMPLES,
                      .seed = 1,
                      .most = MG_REPORT_BYTES};
  MG_TRY(mg_paper_read(NULL, &report.paper));
  MG_TRY(read_collection(collected, &collection));
  const mg_status status = write_all(app, &report, false);
  mg_report_free(&report);
  mg_collection_free(&collection);
  return status;
}

static mg_status write_report(mg_app *app, const mg_args *args, const char *folder) {
  mg_report report = {.folder = folder, .most = MG_REPORT_BYTES};
  int64_t resamples = MG_STAT_RESAMPLES, seed = 1;
  MG_TRY(mg_args_int(args, "resamples", 1, 1000000, &resamples));
  MG_TRY(mg_args_int(args, "seed", 0, INT64_C(1) << 53, &seed));
  report.resamples = (int)resamples;
  report.seed = (uint64_t)seed;
  MG_TRY(mg_paper_read(mg_args_text(args, "paper"), &report.paper));
  mg_collection collection;
  char collected[MG_FOLDER_PATH_MAX];
  MG_TRY(find_collection(app, args, report.folder, collected));
  MG_TRY(read_collection(collected, &collection));
  report.collection = &collection;
  mg_status status = write_all(app, &report, mg_args_has(args, "films"));
  mg_report_free(&report);
  mg_collection_free(&collection);
  return status;
}

/* What other programs read: of the runs themselves, for a collection has evaluations alone. */
static mg_status write_curves(mg_app *app, const mg_args *args, const char *events,
                              const char *csv) {
  struct stat info;
  mg_run_folders f = {0};
  mg_status status = MG_OK;
  for (int i = 0; status == MG_OK && i < args->files; i++) {
    status = mg_run_folders_add(&f, args->file[i]);
    if (stat(args->file[i], &info) == 0 && !S_ISDIR(info.st_mode))
      status = mg_fail(MG_ERR_USAGE, "report: %s: --%s is of run folders; expected those",
                       args->file[i], events ? "tensorboard" : "csv");
  }
  if (status == MG_OK && events) status = mg_write_events(&f, events, &app->log);
  if (status == MG_OK && events) printf("%s: tensorboard --logdir %s\n", events, events);
  if (status == MG_OK && csv) status = mg_write_csv(&f, csv, &app->log);
  if (status == MG_OK && csv) printf("%s: runs.csv, evaluations.csv and curves.csv\n", csv);
  mg_run_folders_free(&f);
  return status;
}

static mg_status run(mg_app *app, const mg_args *args) {
  const char *folder = mg_args_text(args, "output"), *events = mg_args_text(args, "tensorboard"),
             *csv = mg_args_text(args, "csv");
  if (!folder && !events && !csv)
    return mg_fail(MG_ERR_USAGE,
                   "report: --output, --tensorboard or --csv is required; see mgail report --help");
  if ((folder && !*folder) || (events && !*events) || (csv && !*csv))
    return mg_fail(MG_ERR_USAGE, "report: the name of a folder is empty; expected one");
  if (!folder && mg_args_has(args, "films"))
    return mg_fail(MG_ERR_USAGE, "report: --films is for the page of --output; expected that, too");
  if (args->files == 0)
    return mg_fail(MG_ERR_USAGE,
                   "report: expected run folders, or a file that mgail collect has written");
  if (events || csv) MG_TRY(write_curves(app, args, events, csv));
  return folder ? write_report(app, args, folder) : MG_OK;
}

const mg_command mg_command_report = {
    .name = "report",
    .summary = "The table of collected runs beside the published one, with learning curves",
    .usage = "RUN...|FILE.h5 [--output DIR [--films]] [--tensorboard DIR] [--csv DIR] [OPTION...]",
    .description =
        "RUN: a run folder, or a folder of run folders; FILE.h5: what mgail collect writes, "
        "which is done into DIR/runs.h5 for run folders. Prints the table of task, "
        "trajectories and method, with the environment steps to a score of 0.9; DIR gets it as "
        "Markdown and as one page of HTML that holds all "
        "it shows: learning curves over steps and over time, performance profiles, worst runs, "
        "settings that differ, why runs failed. Figures need gnuplot, films what render needs; "
        "what would make the page larger than 5 MB stands beside it. --tensorboard and --csv "
        "write all curves of run folders for other programs.",
    .options = options,
    .words = "RUN|FILE.h5",
    .files = MG_ARGS_MAX,
    .run = run,
};
