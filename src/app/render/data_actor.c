#include "algo/demonstrated.h"
#include "app/render/actor.h"
#include "demos/played.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct data_actor {
  mg_actor base;
  const char *path;
  mg_demonstrated_file file;
  mg_arena *arena; /* of the last play */
  mg_log *log;
  bool told; /* where the states come from */
} data_actor;

/* The states in the file, or else what the observations tell of them. */
static mg_status take_states(data_actor *a, const mg_played *played, mg_take *take) {
  const mg_env_spec *spec = mg_env_get_spec(a->file.env);
  const size_t nq = (size_t)spec->qpos_size, d = (size_t)spec->observation_size;
  const size_t rows = (size_t)take->steps + 1;
  memcpy(take->qpos, played->qpos, (size_t)played->states * nq * sizeof *take->qpos);
  /* One row short: the last state was not recorded, and repeats the one before. */
  if (played->states == take->steps)
    memcpy(take->qpos + (rows - 1) * nq, take->qpos + (rows - 2) * nq, nq * sizeof *take->qpos);
  for (size_t t = played->states > 0 ? rows : 0; t < rows; t++) {
    double *qpos = take->qpos + t * nq;
    if (!mg_pose_of_observation(spec, t > 0 ? qpos - nq : NULL,
                                played->trajectory.observations + t * d, qpos))
      return mg_fail(MG_ERR_DATA, "%s: holds no states, and observations of %s do not tell them",
                     a->path, spec->id);
  }
  if (!a->told)
    mg_log_line(a->log, "%s: %s", a->path,
                played->states > 0 ? "states as recorded (infos/qpos)"
                                   : "no states are recorded; positions from observations, the way "
                                     "travelled from speeds");
  a->told = true;
  return MG_OK;
}

static mg_status play(mg_actor *self, int64_t episode) {
  data_actor *a = (data_actor *)self;
  const mg_env_spec *spec = mg_env_get_spec(a->file.env);
  mg_arena_destroy(a->arena);
  a->arena = mg_arena_create();
  if (!a->arena) return mg_fail(MG_ERR_MEMORY, "%s: out of memory", a->path);
  mg_played played;
  MG_TRY(
      mg_played_read(a->path, episode, &a->file.expected.task, spec->qpos_size, a->arena, &played));
  const mg_trajectory *t = &played.trajectory;
  mg_take *take = &self->take;
  *take = mg_take_make(t->steps, spec->qpos_size, false, a->arena);
  MG_TRY(mg_arena_status(a->arena));
  if (!played.rewards) take->returns = NULL;
  for (int64_t i = 0; played.rewards && i < take->steps; i++)
    take->returns[i + 1] = take->returns[i] + t->rewards[i];
  take->terminated = t->terminated;
  return take_states(a, &played, take);
}

static void destroy(mg_actor *self) {
  data_actor *a = (data_actor *)self;
  mg_demonstrated_close(&a->file);
  mg_arena_destroy(a->arena);
  free(a);
}

static const mg_actor_class data_class = {.play = play, .destroy = destroy};

static mg_status open_task(data_actor *a, const char *env_id) {
  MG_TRY(mg_demonstrated_open(a->path, env_id, &a->file));
  const char *named = a->file.env_id;
  if (env_id && !mg_same_task(named, env_id))
    return mg_fail(MG_ERR_USAGE, "render: --env %s, but %s says %s", env_id, a->path, named);
  if (a->file.env) return MG_OK;
  if (!*named) return mg_fail(MG_ERR_DATA, "%s: names no task; expected it as --env ID", a->path);
  return mg_fail(MG_ERR_DATA,
                 "%s: is of %s, which is no task of mgail's; expected a version of it as "
                 "--env ID",
                 a->path, named);
}

mg_status mg_data_actor_open(const char *path, const char *env_id, mg_app *app, mg_actor **actor) {
  data_actor *a = calloc(1, sizeof *a);
  if (!a) return mg_fail(MG_ERR_MEMORY, "%s: out of memory", path);
  a->base.class_ = &data_class;
  a->path = path;
  a->log = &app->log;
  snprintf(a->base.label, sizeof a->base.label, "data");
  const mg_status status = open_task(a, env_id);
  if (status != MG_OK) {
    destroy(&a->base);
    return status;
  }
  a->base.env = a->file.env;
  *actor = &a->base;
  return MG_OK;
}
