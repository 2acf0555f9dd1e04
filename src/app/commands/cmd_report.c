/* mgail report: the paper's table over collected runs. */
#include "app/commands/command.h"
#include "app/report/report.h"

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

static mg_status write_all(mg_app *app, mg_report *report) {
  MG_TRY(mg_report_fill(report));
  if (mkdir(report->folder, 0777) != 0 && errno != EEXIST)
    return mg_fail(MG_ERR_CREATE, "%s: %s", report->folder, strerror(errno));
  MG_TRY(mg_report_print(report, stdout));
  MG_TRY(mg_report_draw(report, &app->log));
  MG_TRY(mg_report_write(report));
  printf("\n%s/report.md and %s/report.html are written\n", report->folder, report->folder);
  return MG_OK;
}

static mg_status run(mg_app *app, const mg_args *args) {
  mg_report report = {0};
  int64_t resamples = MG_STAT_RESAMPLES, seed = 1;
  MG_TRY(mg_args_require(args, "report", "output", &report.folder));
  MG_TRY(mg_args_int(args, "resamples", 1, 1000000, &resamples));
  MG_TRY(mg_args_int(args, "seed", 0, INT64_C(1) << 53, &seed));
  if (args->files == 0)
    return mg_fail(MG_ERR_USAGE, "report: expected a file that mgail collect has written");
  report.resamples = (int)resamples;
  report.seed = (uint64_t)seed;
  MG_TRY(mg_paper_read(mg_args_text(args, "paper"), &report.paper));
  mg_collection collection;
  MG_TRY(mg_collection_read(args->file[0], &collection));
  report.collection = &collection;
  mg_status status = write_all(app, &report);
  mg_report_free(&report);
  mg_collection_free(&collection);
  return status;
}

const mg_command mg_command_report = {
    .name = "report",
    .summary = "The table of collected runs beside the published one, with learning curves",
    .usage = "FILE.h5 --output DIR [OPTION...]",
    .description =
        "FILE.h5 is what mgail collect writes. Prints the table of task, trajectories and method; "
        "DIR gets it\nas Markdown and as one page of HTML with the figures in it. Figures need "
        "gnuplot.",
    .options = options,
    .files = 1,
    .run = run,
};
