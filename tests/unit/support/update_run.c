#include "support/update_run.h"

#include "support/scratch_folder.h"
#include "support/tiny_run.h"

#include <criterion/criterion.h>
#include <string.h>

void update_start_with(update_run *r, const char *env_id, mg_mgail_episodes episodes, bool endings,
                       mg_value_kind kind) {
  memset(r, 0, sizeof *r);
  cr_assert_not_null(scratch_make());
  const char *path = scratch_path("expert.h5");
  mg_status status = tiny_expert(env_id, path);
  cr_assert_eq(status, MG_OK, "%s", mg_status_message());
  r->settings = tiny_settings(env_id, path);
  r->settings.mgail.episodes = episodes;
  r->settings.value.endings = endings;
  r->settings.value.kind = kind;
  r->settings.policy.clip = 0; /* clipping scales the gradient in place */
  r->comm = mg_comm_self();
  r->log = mg_log_open(NULL, 0);
  r->context = (mg_context){&r->settings, &r->comm, &r->log, mg_arena_create()};
  mg_algorithm *algorithm = NULL;
  status = mg_algorithm_create(&mg_mgail_class, &r->context, &algorithm);
  cr_assert_eq(status, MG_OK, "%s", mg_status_message());
  r->self = (mg_mgail *)algorithm;
  for (int i = 0; i < 7; i++) mg_algorithm_iterate(algorithm, &r->metrics);
  r->metrics = (mg_metrics){0};
  r->self->learner.metrics = &r->metrics;
  r->kept = MG_NEW(r->context.arena, mg_real, r->self->learner.set.size);
  r->forward_tape =
      mg_forward_tape_make(&r->self->forward_model, r->self->forward_batch, r->context.arena);
  memcpy(r->kept, r->self->learner.set.theta, r->self->learner.set.size * sizeof *r->kept);
}

void update_start(update_run *r, const char *env_id) {
  update_start_with(r, env_id, MG_MGAIL_AS_IS, false, MG_VALUE_V);
}

void update_stop(update_run *r) {
  mg_algorithm_destroy(&r->self->learner.base);
  mg_arena_destroy(r->context.arena);
  scratch_remove();
}

/* Back to the parameters that the gradient was computed at. */
mg_real *update_rewind(update_run *r, int slice) {
  memcpy(r->self->learner.set.theta, r->kept, r->self->learner.set.size * sizeof *r->kept);
  return mg_learner_theta(&r->self->learner, slice);
}

void update_expect_gradient(update_run *r, const char *what, int slice,
                            gradient_objective objective) {
  const size_t n = r->self->learner.set.slice[slice].size;
  const mg_real *claimed = mg_learner_gradient(&r->self->learner, slice);
  mg_real *theta = update_rewind(r, slice);
  cr_expect(gradient_agrees(what, gradient_check(objective, r, n, theta, claimed), 1e-5));
}

void update_expect_descent(update_run *r, const char *what, int slice, double before,
                           gradient_objective objective) {
  const double after = objective(r); /* at the parameters after the step */
  cr_expect_lt(after, before, "%s: from %.9g to %.9g", what, before, after);
  update_rewind(r, slice);
}

/* The batch is the newest segment, then older ones without repetition; its pairs are normalised as
 * the expert's are. */
void update_check_batch(const update_run *r) {
  const mg_mgail *self = r->self;
  const mg_mgail_batch *b = &self->batch;
  const int S = self->S, A = self->A, N = self->learner.environments, M = b->trajectories / N;
  const int newest = (int)((*self->adversary.collected - 1) % self->adversary.ring);
  int which[8] = {-1};
  cr_assert(M > 1 && M <= 8 && b->trajectories == M * N);
  for (int m = 0; m < M; m++) {
    which[m] = -1;
    for (int k = 0; k < self->adversary.ring; k++) {
      const mg_segment *s = &self->adversary.segment[k];
      if (memcmp(b->x + m * N * S, s->x, (size_t)(N * S) * sizeof(mg_real)) == 0) which[m] = k;
    }
    cr_expect_geq(which[m], 0, "columns %d.. are no segment", m * N);
    for (int j = 0; j < m; j++) cr_expect_neq(which[j], which[m], "segment %d twice", which[m]);
    const mg_segment *s = &self->adversary.segment[which[m] < 0 ? 0 : which[m]];
    for (int t = 0; t < b->steps; t++)
      for (int n = 0; n < N; n++) {
        const int to = t * b->trajectories + m * N + n, from = t * N + n;
        const mg_real *pair = b->xa + to * (S + A);
        cr_expect_eq(b->terminated[to], s->terminated[from]);
        cr_expect_eq(b->truncated[to], s->truncated[from]);
        for (int i = 0; i < S; i++) {
          cr_expect_eq(b->x[to * S + i], s->x[from * S + i]);
          cr_expect_eq(b->next_x[to * S + i], s->next_x[from * S + i]);
          cr_expect_eq(pair[i], s->x[from * S + i]);
        }
        for (int i = 0; i < A; i++) {
          const double a = s->a[from * A + i];
          const double mean =
              self->learner.base.policy.discrete ? 0 : self->adversary.expert->actions.shift[i];
          const double inverse =
              self->learner.base.policy.discrete ? 1 : self->adversary.expert->actions.inverse[i];
          cr_expect_eq(b->a[to * A + i], a);
          cr_expect_eq(b->noise[to * A + i], s->noise[from * A + i]);
          cr_expect_float_eq(pair[S + i], (a - mean) * inverse, 1e-12);
        }
      }
  }
  cr_expect_eq(which[0], newest);
}
