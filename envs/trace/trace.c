#include "envs/trace/trace.h"

#include "envs/env.h"
#include "envs/trace/trace_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *mg_trace_field_name(mg_trace_field field) {
  static const char *const names[] = {
#define MG_TRACE_NAME(name, text) text,
      MG_TRACE_FIELDS(MG_TRACE_NAME)
#undef MG_TRACE_NAME
  };
  return names[field];
}

static double difference(double a, double b) {
  if (isnan(a) || isnan(b)) return isnan(a) && isnan(b) ? 0 : INFINITY;
  return a == b ? 0 : fabs(a - b); /* infinities of one sign are equal */
}

/* Where in the trace, and what it collects. */
typedef struct comparison {
  mg_trace_maximum *field; /* [MG_TRACE_FIELD_COUNT] of the episode */
  int episode, step;
} comparison;

static void compare(const comparison *c, mg_trace_field field, int n, const double *got,
                    const double *recorded) {
  mg_trace_maximum *maximum = &c->field[field];
  for (int i = 0; i < n; i++) {
    double x = difference(got[i], recorded[i]);
    if (x > maximum->difference) *maximum = (mg_trace_maximum){x, c->episode, c->step, i};
  }
}

static void clear(mg_trace_maximum *field) {
  for (int i = 0; i < MG_TRACE_FIELD_COUNT; i++) field[i] = (mg_trace_maximum){0, -1, -1, -1};
}

/* observation [d], qpos, qvel: scratch. */
static void replay(mg_env *env, const mg_trace_episode *e, int k, double *observation, double *qpos,
                   double *qvel, mg_trace_episode_report *report) {
  const mg_env_spec *spec = mg_env_get_spec(env);
  int d = spec->observation_size, m = spec->discrete ? 1 : spec->action_size;
  int nq = spec->qpos_size, nv = spec->qvel_size;
  comparison c = {.field = report->field, .episode = k, .step = 0};
  mg_env_reset_to(env, e->init_qpos, e->init_qvel, observation);
  compare(&c, MG_TRACE_INITIAL_OBSERVATION, d, observation, e->init_observation);
  for (int t = 0; t < e->steps; t++) {
    c.step = t;
    mg_env_outcome o = mg_env_step(env, e->actions + (size_t)t * (size_t)m, observation);
    double terminated = o.terminated, truncated = o.truncated;
    mg_env_get_qpos_qvel(env, qpos, qvel);
    compare(&c, MG_TRACE_OBSERVATION, d, observation, e->observations + (size_t)t * (size_t)d);
    compare(&c, MG_TRACE_REWARD, 1, &o.reward, e->rewards + t);
    compare(&c, MG_TRACE_QPOS, nq, qpos, e->qpos + (size_t)t * (size_t)nq);
    if (nv) compare(&c, MG_TRACE_QVEL, nv, qvel, e->qvel + (size_t)t * (size_t)nv);
    compare(&c, MG_TRACE_TERMINATED, 1, &terminated, e->terminated + t);
    compare(&c, MG_TRACE_TRUNCATED, 1, &truncated, e->truncated + t);
  }
}

static mg_status check_size(const mg_trace_file *file, const char *what, int found, int expected) {
  if (found == expected) return MG_OK;
  return mg_fail(MG_ERR_DATA, "%s: %s is %d, but %s has %d", file->path, what, found, file->id,
                 expected);
}

static mg_status check_sizes(const mg_trace_file *file, const mg_env_spec *spec) {
  if (file->classic != spec->discrete)
    return mg_fail(MG_ERR_DATA, "%s: kind is '%s', but %s is not", file->path,
                   file->classic ? "classic" : "mujoco", file->id);
  MG_TRY(check_size(file, "obs_dim", file->observation_size, spec->observation_size));
  MG_TRY(check_size(file, file->classic ? "num_actions" : "act_dim", file->action_size,
                    spec->action_size));
  MG_TRY(check_size(file, "max_episode_steps", file->max_episode_steps, spec->max_episode_steps));
  MG_TRY(
      check_size(file, file->classic ? "size of state" : "nq", file->qpos_size, spec->qpos_size));
  return check_size(file, "nv", file->qvel_size, spec->qvel_size);
}

static mg_status verify_episode(mg_trace_file *file, int k, const mg_trace_episode *episode,
                                mg_trace_report *report) {
  mg_env *env;
  mg_env_options options;
  mg_status understood = mg_env_options_from_json(episode->kwargs, &options);
  if (understood == MG_OK) understood = mg_env_create_with(file->id, &options, &env);
  if (understood != MG_OK)
    return mg_fail(understood, "%s: episode_%d: %s", file->path, k, mg_status_message());
  const mg_env_spec *spec = mg_env_get_spec(env);
  mg_status status = check_sizes(file, spec);
  if (status == MG_OK) {
    size_t d = (size_t)spec->observation_size, nq = (size_t)spec->qpos_size;
    double *scratch = calloc(d + nq + (size_t)spec->qvel_size, sizeof(double));
    if (scratch)
      replay(env, episode, k, scratch, scratch + d, scratch + d + nq, &report->episodes[k]);
    else
      status = mg_fail(MG_ERR_MEMORY, "%s: no memory for scratch", file->path);
    free(scratch);
  }
  mg_env_destroy(env);
  return status;
}

static mg_status verify_file(mg_trace_file *file, mg_trace_report *report) {
  report->episodes = calloc((size_t)file->episodes, sizeof *report->episodes);
  if (!report->episodes)
    return mg_fail(MG_ERR_MEMORY, "%s: no memory for %d episodes", file->path, file->episodes);
  report->episode_count = file->episodes;
  for (int k = 0; k < file->episodes; k++) {
    mg_trace_episode episode;
    clear(report->episodes[k].field);
    mg_status status = mg_trace_file_read(file, k, &episode);
    if (status == MG_OK) status = verify_episode(file, k, &episode, report);
    report->episodes[k].steps = episode.steps;
    mg_trace_episode_free(&episode);
    MG_TRY(status);
    report->steps += report->episodes[k].steps;
    for (int i = 0; i < MG_TRACE_FIELD_COUNT; i++)
      if (report->episodes[k].field[i].difference > report->field[i].difference)
        report->field[i] = report->episodes[k].field[i];
  }
  return MG_OK;
}

mg_status mg_trace_verify(const char *path, mg_trace_report *report) {
  memset(report, 0, sizeof *report);
  clear(report->field);
  mg_trace_file file;
  mg_status status = mg_trace_file_open(path, &file);
  if (status == MG_OK) {
    memcpy(report->id, file.id, sizeof report->id);
    memcpy(report->recorded_mujoco, file.mujoco_version, sizeof report->recorded_mujoco);
    memcpy(report->recorded_gymnasium, file.gymnasium_version, sizeof report->recorded_gymnasium);
    status = verify_file(&file, report);
  }
  mg_trace_file_close(&file);
  return status;
}

void mg_trace_report_free(mg_trace_report *report) {
  free(report->episodes);
  memset(report, 0, sizeof *report);
}

double mg_trace_report_worst(const mg_trace_report *report) {
  double worst = 0;
  for (int i = 0; i < MG_TRACE_FIELD_COUNT; i++)
    if (report->field[i].difference > worst) worst = report->field[i].difference;
  return worst;
}
