#include "rollout/watch.h"

#include "rollout/evaluate_impl.h"

#include <assert.h>

void mg_evaluator_watch(mg_evaluator *e, int episode, const mg_real *theta, bool stochastic,
                        mg_watcher watcher, void *self) {
  mg_evaluator_idle(e);
  mg_evaluator_begin(e, 0, episode);
  mg_glance glance = {.env = e->env[0], .observation = mg_evaluator_observation(e, 0)};
  watcher(self, &glance);
  glance.action = e->action;
  while (!glance.outcome.terminated && !glance.outcome.truncated) {
    assert(glance.t < e->spec.max_episode_steps);
    mg_evaluator_choose(e, theta, stochastic);
    glance.outcome = mg_evaluator_step(e, 0);
    glance.t++;
    watcher(self, &glance);
  }
}
