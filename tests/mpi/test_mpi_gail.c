/* GAIL on several ranks: after every iteration all ranks hold the same networks, with either update
 * and either mode of averaging; and the trust-region step leaves them the same by itself. */
#include "algo/on_policy/gail.h"
#include "trainer.h"

#include <string.h>

enum { ITERATIONS = 5 };

static bool all_agree(const mg_on_policy *p) {
  bool agree = mg_sync_agrees(&p->learner.sync, p->learner.set.theta, p->learner.set.size);
  const mg_real factor = (mg_real)p->rate_factor, scale = (mg_real)p->reward_scale.inverse[0];
  agree = mg_sync_agrees(&p->learner.sync, &factor, 1) && agree; /* collective: never left out */
  agree = mg_sync_agrees(&p->learner.sync, &scale, 1) && agree;
  return agree & mg_sync_agrees(&p->learner.sync, p->learner.base.average,
                                mg_policy_size(&p->learner.base.policy));
}

static void check_run(mg_checks *checks, const mg_settings *settings) {
  mg_comm *comm = checks->comm;
  mg_log log = mg_log_open(NULL, comm->rank);
  mg_arena *arena = mg_arena_create();
  mg_algorithm *algorithm = trainer_create(checks, &mg_gail_class, settings, &log, arena);
  if (algorithm) {
    mg_on_policy *p = &((mg_gail *)algorithm)->on_policy;
    CHECK(checks, all_agree(p));
    mg_metrics report;
    for (int i = 0; i < ITERATIONS; i++) {
      CHECK(checks, mg_algorithm_iterate(algorithm, &report) == MG_OK);
      CHECK(checks, all_agree(p));
      /* Ranks have their own environments. */
      CHECK(checks, comm->size == 1 || !mg_sync_agrees(&p->learner.sync, p->segment.x, 4));
    }
    CHECK(checks, algorithm->steps == ITERATIONS * 4 * 16); /* of all ranks */
    unsigned char *byte = (unsigned char *)(p->learner.set.theta + 1);
    if (comm->rank == comm->size - 1) *byte ^= 1; /* the check can fail */
    CHECK(checks, all_agree(p) == (comm->size == 1));
    mg_algorithm_destroy(algorithm);
  }
  mg_arena_destroy(arena);
}

/* 3 environments of 16 steps: on 2 ranks the second one alone has fewer steps than minibatches. */
static void check_refusal(mg_checks *checks, const char *expert) {
  mg_settings settings = tiny_settings("CartPole-v0", expert);
  settings.run.environments = 3;
  settings.ppo.minibatches = 20;
  mg_log log = mg_log_open(NULL, checks->comm->rank);
  mg_arena *arena = mg_arena_create();
  const mg_context context = {&settings, checks->comm, &log, arena};
  mg_algorithm *algorithm = NULL;
  const mg_status status = mg_algorithm_create(&mg_gail_class, &context, &algorithm);
  CHECK(checks, status == (checks->comm->size == 1 ? MG_OK : MG_ERR_CONFIG));
  mg_algorithm_destroy(algorithm);
  mg_arena_destroy(arena);
}

int main(int argc, char **argv) {
  mg_checks checks = {0};
  if (!checks_begin(&checks, &argc, &argv)) return 1;
  const char *expert = trainer_expert(&checks);
  for (int k = 0; expert && k < 4; k++) {
    mg_settings settings = tiny_settings("CartPole-v0", expert);
    settings.run.sync = k % 2 ? MG_SYNC_GRADIENTS : MG_SYNC_PARAMETERS;
    settings.gail.update = k / 2 ? MG_GAIL_PPO : MG_GAIL_TRPO;
    settings.gail.episodes = k % 3; /* each once at least */
    settings.ppo.desired_kl = 0.01;
    check_run(&checks, &settings);
  }
  if (expert) check_refusal(&checks, expert);
  if (checks.comm->rank == 0) scratch_remove();
  return checks_finish(&checks);
}
