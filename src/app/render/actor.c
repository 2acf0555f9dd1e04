#include "app/render/actor.h"

#include <math.h>
#include <string.h>

mg_status mg_actor_play(mg_actor *actor, int64_t episode) {
  return actor->class_->play(actor, episode);
}

void mg_actor_destroy(mg_actor *actor) {
  if (actor) actor->class_->destroy(actor);
}

mg_take mg_take_make(int64_t steps, int qpos_size, bool opinion, mg_arena *arena) {
  const size_t rows = (size_t)steps + 1;
  return (mg_take){.steps = steps,
                   .qpos = MG_NEW(arena, double, rows *(size_t)qpos_size),
                   .returns = MG_NEW(arena, double, rows),
                   .opinion = opinion ? MG_NEW(arena, double, rows) : NULL};
}

/* Acrobot's observation has cosine and sine of both angles in their place. */
static void angles_of(const double *observation, double *qpos) {
  for (int i = 0; i < 2; i++) qpos[i] = atan2(observation[2 * i + 1], observation[2 * i]);
  qpos[2] = observation[4];
  qpos[3] = observation[5];
}

bool mg_pose_of_observation(const mg_env_spec *spec, const double *before,
                            const double *observation, double *qpos) {
  if (spec->qvel_size == 0) { /* classic */
    if (spec->observation_size == spec->qpos_size)
      memcpy(qpos, observation, (size_t)spec->qpos_size * sizeof *qpos);
    else if (spec->observation_size == 6 && spec->qpos_size == 4)
      angles_of(observation, qpos);
    else
      return false;
    return true;
  }
  const int shown = spec->motion_size - spec->qvel_size, hidden = spec->qpos_size - shown;
  if (hidden < 0 || shown < 0) return false;
  const double *velocity = observation + shown;
  for (int i = 0; i < hidden; i++) qpos[i] = before ? before[i] + spec->dt * velocity[i] : 0;
  memcpy(qpos + hidden, observation, (size_t)shown * sizeof *qpos);
  return true;
}
