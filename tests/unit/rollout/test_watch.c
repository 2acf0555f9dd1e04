#include "rollout/watch.h"

#include "support/task_policy.h"

#include <criterion/criterion.h>
#include <string.h>

typedef struct seen {
  int64_t steps;
  double total, last_z;
  bool began, moved;
  double qpos[6], qvel[6];
} seen;

static void look(void *self, const mg_glance *glance) {
  seen *s = self;
  cr_assert_eq(glance->t, s->began ? s->steps + 1 : 0, "in order, none left out");
  cr_assert_eq(glance->action == NULL, glance->t == 0);
  s->began = true;
  s->steps = glance->t;
  if (glance->t > 0) s->total += glance->outcome.reward;
  mg_env_get_qpos_qvel(glance->env, s->qpos, s->qvel);
  cr_assert_eq(s->qpos[1], glance->observation[0], "the environment stands where it is seen");
}

/* Episodes past the first wave, in any order, sampled and not: the returns of mg_evaluator_run. */
Test(watch, episodes_are_those_of_an_evaluation) {
  enum { EPISODES = 40 };
  task_policy f;
  task_policy_make(&f, "Hopper-v4", 1, (const int[]){16});
  mg_rng rng = mg_rng_at(2, MG_RNG_TEST, 0, 0);
  mg_policy_init(&f.policy, -1, &rng, f.theta);
  mg_comm comm = mg_comm_self();
  mg_evaluator *all = NULL, *one = NULL;
  cr_assert_eq(
      mg_evaluator_create("Hopper-v4", NULL, EPISODES, 5, &comm, &f.policy, &f.normaliser, &all),
      MG_OK);
  cr_assert_eq(mg_evaluator_create("Hopper-v4", NULL, 1, 5, &comm, &f.policy, &f.normaliser, &one),
               MG_OK);
  double returns[EPISODES], lengths[EPISODES];
  for (int stochastic = 0; stochastic < 2; stochastic++) {
    mg_evaluator_run(all, f.theta, stochastic, returns, lengths);
    for (int e = EPISODES - 1; e >= 0; e -= 3) {
      seen s = {0};
      mg_evaluator_watch(one, e, f.theta, stochastic, look, &s);
      cr_expect(s.total == returns[e], "episode %d: %.17g, not %.17g", e, s.total, returns[e]);
      cr_expect_eq((double)s.steps, lengths[e]);
    }
  }
  mg_evaluator_destroy(all);
  mg_evaluator_destroy(one);
  mg_arena_destroy(f.arena);
}
