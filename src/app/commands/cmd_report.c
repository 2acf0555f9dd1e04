/* mgail report: the paper's table over collected runs. */
#include "app/commands/collect.h"
#include "app/report/report.h"
#include "app/run/run_folder.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static const mg_option options[] = {
    {"output", "DIR", "gets report.md, report.html and the figures (required)"},
    {"paper", "FILE.csv", "the published results (default: those that come with the program)"},
    {"resamples", "N", "of the bootstrap (default 2000)"},
    {"seed", "N", "of the bootstrap (default 1)"},
    {0},
};

static mg_status make_folder(const char *path) {
  if (mkdir(path, 0777) == 0 || errno == EEXIST) return MG_OK;
  return mg_fail(MG_ERR_CREATE, "%s: %s", path, strerror(errno));
}

/* The file that was given, or runs.h5 of the report's folder, made of the run folders given. */
static mg_status find_collection(mg_app *app, const mg_args *args, const char *folder,
                                 char path[MG_FOLDER_PATH_MAX]) {
  struct stat info;
  const bool folders = stat(args->file[0], &info) == 0 && S_ISDIR(info.st_mode);
  if (folders) {
    MG_TRY(mg_run_folder_file(folder, "runs.h5", path, MG_FOLDER_PATH_MAX));
    MG_TRY(make_folder(folder));
    return mg_collect_runs(app, args->files, args->file, true, path);
  }
  if (args->files > 1)
    return mg_fail(MG_ERR_USAGE, "report: %s: expected run folders, or one collected file",
                   args->file[0]);
  if (snprintf(path, MG_FOLDER_PATH_MAX, "%s", args->file[0]) < MG_FOLDER_PATH_MAX) return MG_OK;
  return mg_fail(MG_ERR_NO_INPUT, "report: path of more than %d bytes", MG_FOLDER_PATH_MAX - 1);
}

static mg_status write_all(mg_app *app, mg_report *report) {
  MG_TRY(mg_report_fill(report));
  MG_TRY(make_folder(report->folder));
  MG_TRY(mg_report_print(report, stdout));
  MG_TRY(mg_report_draw(report, &app->log));
  MG_TRY(mg_report_write(report));
  printf("\n%s/report.md and %s/report.html are written\n", report->folder, report->folder);
  return MG_OK;
}

mg_status mg_report_make(mg_app *app, const char *collected, const char *folder) {
  mg_collection collection;
  mg_report report = {
      .folder = folder, .collection = &collection, .resamples = MG_STAT_RESAMPLES, .seed = 1};
  MG_TRY(mg_paper_read(NULL, &report.paper));
  MG_TRY(mg_collection_read(collected, &collection));
  const mg_status status = write_all(app, &report);
  mg_report_free(&report);
  mg_collection_free(&collection);
  return status;
}

static mg_status run(mg_app *app, const mg_args *args) {
  mg_report report = {0};
  int64_t resamples = MG_STAT_RESAMPLES, seed = 1;
  MG_TRY(mg_args_require(args, "report", "output", &report.folder));
  MG_TRY(mg_args_int(args, "resamples", 1, 1000000, &resamples));
  MG_TRY(mg_args_int(args, "seed", 0, INT64_C(1) << 53, &seed));
  if (args->files == 0)
    return mg_fail(MG_ERR_USAGE,
                   "report: expected run folders, or a file that mgail collect has written");
  report.resamples = (int)resamples;
  report.seed = (uint64_t)seed;
  MG_TRY(mg_paper_read(mg_args_text(args, "paper"), &report.paper));
  mg_collection collection;
  char collected[MG_FOLDER_PATH_MAX];
  MG_TRY(find_collection(app, args, report.folder, collected));
  MG_TRY(mg_collection_read(collected, &collection));
  report.collection = &collection;
  mg_status status = write_all(app, &report);
  mg_report_free(&report);
  mg_collection_free(&collection);
  return status;
}

const mg_command mg_command_report = {
    .name = "report",
    .summary = "The table of collected runs beside the published one, with learning curves",
    .usage = "RUN...|FILE.h5 --output DIR [OPTION...]",
    .description =
        "RUN: a run folder, or a folder of run folders; FILE.h5: what mgail collect writes, "
        "which is done into DIR/runs.h5 for run folders. Prints the table of task, "
        "trajectories and method; DIR gets it as Markdown and as one page of HTML with the "
        "figures in it. Figures need gnuplot.",
    .options = options,
    .files = MG_ARGS_MAX,
    .run = run,
};
