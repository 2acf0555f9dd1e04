/* What holds for every rigid-body task of the registry. */
#include "envs/mujoco_env.h"

#include <criterion/criterion.h>
#include <math.h>

enum { MOST = 1000 };

/* frame_skip simulation steps a step: the simulated time moves on by the step's dt, and the
 * simulator is given the action as it is, to clamp by itself. */
Test(mujoco, a_step_takes_its_time_and_the_raw_action) {
  int tasks = 0;
  for (const char *const *id = mg_env_ids(); *id; id++) {
    mg_env *env = NULL;
    double observation[MOST], action[MOST];
    cr_assert_eq(mg_env_create(*id, &env), MG_OK);
    const mg_env_spec *spec = mg_env_get_spec(env);
    const mjData *d = mg_mujoco_get_data(env);
    if (d) {
      tasks++;
      cr_assert(spec->observation_size <= MOST && spec->action_size <= MOST);
      mg_rng rng = mg_rng_at(1, MG_RNG_TEST, 0, 0);
      mg_env_reset(env, &rng, observation);
      const double start = d->time;
      for (int t = 1; t <= 3; t++) {
        for (int i = 0; i < spec->action_size; i++)
          action[i] = 1.5 * spec->action_high[i] * cos(i + t);
        mg_env_step(env, action, observation);
        cr_expect_float_eq(d->time - start, t * spec->dt, 1e-12, "%s: %g s after %d steps", *id,
                           d->time - start, t);
        for (int i = 0; i < spec->action_size; i++) cr_expect_eq(d->ctrl[i], action[i], "%s", *id);
      }
    }
    mg_env_destroy(env);
  }
  cr_expect_gt(tasks, 0);
}
