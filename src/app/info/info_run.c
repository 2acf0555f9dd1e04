#include "app/info/info.h"
#include "app/json.h"
#include "app/report/run_score.h"
#include "base/log.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

bool mg_info_is_run(const char *path) {
  char file[4096];
  struct stat info;
  int length = snprintf(file, sizeof file, "%s/config.ini", path);
  return length > 0 && (size_t)length < sizeof file && stat(file, &info) == 0;
}

static void print_data(const mg_collected_run *run) {
  char every[MG_EVERY_MAX];
  mg_every(run->subsample, "pair", every);
  if (run->trajectories > 0)
    printf("data          %" PRId64 " %s of %s, %s", run->trajectories,
           mg_plural(run->trajectories, "trajectory", "trajectories"), run->expert, every);
  else
    printf("data          all trajectories of %s, %s", run->expert, every);
  if (isfinite(run->data_return)) printf(", mean return %.2f", run->data_return);
  putchar('\n');
}

static void print_return(const char *name, double mean, double sd, double min) {
  if (isfinite(mean)) printf("%-12s %9.2f  sd %.2f  min %.2f\n", name, mean, sd, min);
}

static void print_score(const char *of, double value, double random_return, double one) {
  if (isfinite(value))
    printf("score        %9.3f  of the %s (0: random %.1f, 1: %s %.1f)\n", value, of, random_return,
           of, one);
}

static void print_result(const mg_collected_run *run) {
  const bool averaged = isfinite(run->average_mean);
  printf("final         %s policy, %" PRId64 " %s\n", averaged ? "average" : "raw", run->episodes,
         mg_plural(run->episodes, "episode", "episodes"));
  if (averaged) {
    print_return("mean action", run->average_mean, run->average_sd, run->average_min);
    print_return("sampled", run->average_stochastic_mean, run->average_stochastic_sd,
                 run->average_stochastic_min);
  } else {
    print_return("mean action", run->raw_mean, run->raw_sd, run->raw_min);
    print_return("sampled", run->raw_stochastic_mean, run->raw_stochastic_sd,
                 run->raw_stochastic_min);
  }
  print_score("data", run->score, run->random_return, run->data_return);
  print_score("reference", run->reference_score, run->random_return, run->reference_return);
}

static void print_text(const mg_collected_run *run, const mg_curve_point *last) {
  printf("%s: run, %s\n", run->folder, run->state);
  printf("made by       %s (%s), %" PRId64 " %s\n", run->program, run->git, run->ranks,
         mg_plural(run->ranks, "rank", "ranks"));
  printf("run           %s on %s, seed %" PRId64 "\n", run->method, run->task, run->seed);
  if (*run->expert && run->subsample > 0) print_data(run);
  printf("progress      ");
  if (run->planned_steps > 0)
    printf("%" PRId64 " of %" PRId64 " steps, ", run->steps, run->planned_steps);
  printf("%" PRId64 " %s, %.1f s\n", run->iterations,
         mg_plural(run->iterations, "iteration", "iterations"), run->seconds);
  if (last) {
    printf("evaluated     %.1f", last->raw);
    if (isfinite(last->average)) printf(", average policy %.1f", last->average);
    printf(", at %.0f steps\n", last->steps);
  }
  if (isfinite(run->steps_to_90))
    printf("score 0.9     of the data, first after %.0f steps\n", run->steps_to_90);
  if (strcmp(run->state, "finished") == 0) print_result(run);
}

/* The fields of a collection (collection.h), by their names there. */
#define ADD_TEXT(field) cJSON_AddStringToObject(json, #field, run->field)
#define ADD_I64(field)  mg_json_add_whole(json, #field, run->field)
#define ADD_F64(field)  cJSON_AddNumberToObject(json, #field, run->field)
#define ADD(kind, field, size, unit, help)                                                         \
  if (strcmp(#field, "first_evaluation") != 0) ADD_##kind(field);

/* last Nullable: there has been no evaluation yet. */
static mg_status print_json(const mg_collected_run *run, const mg_curve_point *last) {
  cJSON *json = cJSON_CreateObject();
  cJSON_AddStringToObject(json, "kind", "run");
  MG_COLLECTION_LIST(ADD)
  if (last) {
    mg_json_add_whole(json, "evaluated_steps", (int64_t)last->steps);
    cJSON_AddNumberToObject(json, "evaluated_raw", last->raw);
    cJSON_AddNumberToObject(json, "evaluated_average", last->average);
  }
  return mg_json_print(json);
}

mg_status mg_info_run(const char *path, bool json) {
  mg_run_known known = {0};
  mg_collected_run run;
  int64_t points;
  mg_curve_point *point;
  MG_TRY(mg_run_score(path, &known, &run, &points, &point));
  run.evaluations = points;
  const mg_curve_point *last = points > 0 ? &point[points - 1] : NULL;
  const mg_status status = json ? print_json(&run, last) : MG_OK;
  if (!json) print_text(&run, last);
  free(point);
  return status;
}
