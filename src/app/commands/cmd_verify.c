/* mgail verify: do the environments return what was recorded? */
#include "app/commands/command.h"
#include "app/number.h"
#include "envs/trace/trace.h"

#include <math.h>

static const mg_option options[] = {
    {"tolerance", "X", "largest difference that passes (default 0)"},
    {"episodes", NULL, "a table row for every episode too"},
    {0},
};

static void print_maximum(const char *label, const mg_trace_maximum *m) {
  printf("  %-22s %12.3g", label, m->difference);
  if (m->episode >= 0) printf("   episode %d, step %d, entry %d", m->episode, m->step, m->entry);
  putchar('\n');
}

static void print_trace(const char *path, const mg_trace_report *trace, bool episodes) {
  printf("%s: %s, %d %s, %lld steps, recorded with Gymnasium %s%s%s\n", path, trace->id,
         trace->episode_count, mg_plural(trace->episode_count, "episode", "episodes"), trace->steps,
         trace->recorded_gymnasium, *trace->recorded_mujoco ? ", MuJoCo " : "",
         trace->recorded_mujoco);
  for (int k = 0; k < MG_TRACE_FIELD_COUNT; k++)
    print_maximum(mg_trace_field_name((mg_trace_field)k), &trace->field[k]);
  for (int e = 0; episodes && e < trace->episode_count; e++) {
    printf("  episode %d, %d steps\n", e, trace->episodes[e].steps);
    for (int k = 0; k < MG_TRACE_FIELD_COUNT; k++)
      print_maximum(mg_trace_field_name((mg_trace_field)k), &trace->episodes[e].field[k]);
  }
}

static mg_status run(mg_app *app, const mg_args *args) {
  double tolerance = 0, worst = 0;
  MG_TRY(mg_args_number(args, "tolerance", 0, 1e300, &tolerance));
  if (args->files == 0) return mg_fail(MG_ERR_USAGE, "verify: expected files of recorded traces");
  for (int i = 0; i < args->files; i++) {
    mg_trace_report trace = {0};
    mg_status status = mg_trace_verify(args->file[i], &trace);
    if (status == MG_OK) {
      print_trace(args->file[i], &trace, mg_args_has(args, "episodes"));
      worst = fmax(worst, mg_trace_report_worst(&trace));
    }
    mg_trace_report_free(&trace);
    MG_TRY(status);
  }
  printf("largest difference %.3g, tolerance %.3g: %s\n", worst, tolerance,
         worst <= tolerance ? "agrees" : "DIFFERS");
  app->difference = !(worst <= tolerance);
  return MG_OK;
}

const mg_command mg_command_verify = {
    .name = "verify",
    .summary = "Replay recorded traces through the environments and compare",
    .usage = "FILE.h5... [OPTION...]",
    .description =
        "Prints the largest difference of every field; exit code 1 if one is larger than "
        "the tolerance.",
    .options = options,
    .words = "FILE.h5",
    .files = MG_ARGS_MAX,
    .run = run,
};
