/* The trainer on several ranks: after every iteration all ranks hold the same networks, in either
 * mode of averaging, and an unsynchronised parameter would be seen. */
#include "algo/mgail/mgail.h"
#include "trainer.h"

#include <math.h>
#include <string.h>

enum { ITERATIONS = 6 };

/* What follows from the averaged parameters has to agree as well, and the optimisers. */
static bool all_agree(const mg_mgail *self) {
  const mg_sync *sync = &self->learner.sync;
  bool agree = mg_sync_agrees(sync, self->learner.set.theta, self->learner.set.size);
  agree &= mg_sync_agrees(sync, mg_learner_theta(&self->learner, self->target_slice),
                          mg_mlp_size(&self->value));
  agree &=
      mg_sync_agrees(sync, self->learner.base.average, mg_policy_size(&self->learner.base.policy));
  for (int k = 0; k < self->learner.set.slices; k++) {
    const mg_adam *adam = &self->learner.adam[k];
    const mg_real steps[1] = {(mg_real)adam->steps};
    agree &= mg_sync_agrees(sync, adam->m, adam->n);
    agree &= mg_sync_agrees(sync, adam->v, adam->n);
    agree &= mg_sync_agrees(sync, steps, 1);
  }
  agree &= mg_sync_agrees(sync, self->delta_scale, (size_t)self->S);
  return agree;
}

/* Ranks have their own environments: what they saw last differs. Of one environment all have a copy. */
static bool experience_agrees(const mg_mgail *self) {
  const mg_segment *s =
      &self->adversary.segment[(*self->adversary.collected - 1) % self->adversary.ring];
  return mg_sync_agrees(&self->learner.sync, s->x, (size_t)s->environments * (size_t)s->state_size);
}

static void check_run(mg_checks *checks, const mg_settings *settings) {
  mg_comm *comm = checks->comm;
  mg_log log = mg_log_open(NULL, comm->rank);
  mg_arena *arena = mg_arena_create();
  mg_algorithm *algorithm = trainer_create(checks, &mg_mgail_class, settings, &log, arena);
  const int environments = settings->run.environments;
  if (algorithm) {
    mg_mgail *self = (mg_mgail *)algorithm;
    CHECK(checks, all_agree(self));
    mg_metrics report;
    for (int i = 0; i < ITERATIONS; i++) {
      CHECK(checks, mg_algorithm_iterate(algorithm, &report) == MG_OK);
      CHECK(checks, all_agree(self));
      CHECK(checks, experience_agrees(self) == (comm->size == 1 || environments == 1));
      CHECK(checks, self->learner.share.own || report.weight[MG_METRIC_EPISODE_RETURN] == 0);
    }
    CHECK(checks, algorithm->steps == ITERATIONS * environments * 6); /* of all ranks */

    /* The check can fail: one bit of one parameter of every network, on the last rank. */
    for (int k = 0; k < self->learner.set.slices; k++) {
      unsigned char *byte = (unsigned char *)(mg_learner_theta(&self->learner, k) + 1);
      if (comm->rank == comm->size - 1) *byte ^= 1;
      CHECK(checks, all_agree(self) == (comm->size == 1));
      if (comm->rank == comm->size - 1) *byte ^= 1;
    }
    mg_algorithm_destroy(algorithm);
  }
  mg_arena_destroy(arena);
}

/* run.overlap: whether a run waits after each iteration or not, its bits are the same, and so are its ranks' networks
 * whenever nothing is on its way; while it is, each rank has its own. */
static void check_overlap(mg_checks *checks, const mg_settings *settings) {
  mg_comm *comm = checks->comm;
  mg_log log = mg_log_open(NULL, comm->rank);
  mg_arena *arena = mg_arena_create();
  mg_metrics report;
  mg_algorithm *waits = trainer_create(checks, &mg_mgail_class, settings, &log, arena);
  mg_algorithm *hurries = trainer_create(checks, &mg_mgail_class, settings, &log, arena);
  if (waits && hurries) {
    const mg_mgail *self = (mg_mgail *)waits, *other = (mg_mgail *)hurries;
    for (int i = 0; i < ITERATIONS; i++) { /* one after the other: their sums would take turns */
      CHECK(checks, mg_algorithm_iterate(waits, &report) == MG_OK);
      mg_algorithm_settle(waits);
      CHECK(checks, all_agree(self));
    }
    for (int i = 0; i < ITERATIONS; i++) {
      CHECK(checks, mg_algorithm_iterate(hurries, &report) == MG_OK);
      CHECK(checks, other->learner.on_way);
    }
    mg_algorithm_settle(hurries);
    CHECK(checks, all_agree(other));
    CHECK(checks, memcmp(self->learner.set.theta, other->learner.set.theta,
                         self->learner.averaged * sizeof(mg_real)) == 0);
    CHECK(checks, memcmp(self->learner.acting, other->learner.acting,
                         mg_policy_size(&waits->policy) * sizeof(mg_real)) == 0);
    CHECK(checks, mg_sync_agrees(&self->learner.sync, self->learner.acting,
                                 mg_policy_size(&waits->policy)));
    CHECK(checks,
          mg_algorithm_iterate(hurries, &report) == MG_OK); /* destroyed with sums on their way */
  }
  mg_algorithm_destroy(waits);
  mg_algorithm_destroy(hurries);
  mg_arena_destroy(arena);
}

int main(int argc, char **argv) {
  mg_checks checks = {0};
  if (!checks_begin(&checks, &argc, &argv)) return 1;
  const char *expert = trainer_expert(&checks);
  if (expert) {
    mg_settings settings = tiny_settings("CartPole-v0", expert);
    for (int environments = 4; environments > 0; environments -= environments == 4 ? 1 : 2)
      for (int sync = MG_SYNC_PARAMETERS; sync <= MG_SYNC_GRADIENTS; sync++) { /* 4, 3, 1 of them */
        settings.run.environments = environments;
        settings.run.sync = sync;
        check_run(&checks, &settings);
      }
    settings.run.sync = MG_SYNC_PARAMETERS;
    settings.run.overlap = true;
    for (int environments = 3; environments > 0; environments -= 2) {
      settings.run.environments = environments;
      check_overlap(&checks, &settings);
    }
  }
  if (checks.comm->rank == 0) scratch_remove();
  return checks_finish(&checks);
}
