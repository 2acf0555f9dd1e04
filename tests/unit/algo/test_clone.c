/* The term of behavioural cloning beside an adversary, in double: its gradient by differences, its
 * value in closed form, which pairs are drawn, its weight over a run. */
#include "algo/cloning/clone.h"
#include "algo/expert.h"
#include "support/gradient_check.h"
#include "support/scratch_folder.h"
#include "support/tiny_run.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

typedef struct fixture {
  mg_settings settings;
  mg_comm comm;
  mg_log log;
  mg_context context;
  mg_adversary adversary;
  mg_policy policy;
  mg_clone clone;
  size_t n;
  mg_real *theta, *gradient, *claimed;
} fixture;

static const double BETA = 0.7;

static void make_folder(void) {
  cr_assert_not_null(scratch_make());
}
TestSuite(clone, .init = make_folder, .fini = scratch_remove);

static void set_up(fixture *f, const char *env_id, int loss, int batch, int ranks) {
  memset(f, 0, sizeof *f);
  const char *path = scratch_path("expert.h5");
  cr_assert_eq(tiny_expert(env_id, path), MG_OK, "%s", mg_status_message());
  f->settings = tiny_settings(env_id, path);
  f->settings.clone.loss = loss;
  f->settings.clone.batch = batch;
  f->comm = mg_comm_self();
  f->log = mg_log_open(NULL, 0);
  f->context = (mg_context){&f->settings, &f->comm, &f->log, mg_arena_create()};
  mg_env *env = NULL;
  cr_assert_eq(mg_env_create(env_id, &env), MG_OK);
  const mg_env_spec *spec = mg_env_get_spec(env);
  cr_assert_eq(mg_adversary_load(&f->adversary, &f->context, spec, false), MG_OK, "%s",
               mg_status_message());
  f->policy =
      mg_policy_make(f->adversary.S, f->adversary.A, spec->discrete, 1, (const int[]){5}, MG_TANH,
                     f->adversary.expert->actions.mean, f->adversary.expert->action_sd);
  mg_env_destroy(env);
  f->comm.size = ranks; /* the share alone depends on it */
  f->clone = mg_clone_make(&f->context, &f->adversary, &f->policy, 3, 1);
  f->comm.size = 1;
  f->n = mg_policy_size(&f->policy);
  f->theta = MG_NEW(f->context.arena, mg_real, f->n);
  f->gradient = MG_NEW(f->context.arena, mg_real, f->n);
  f->claimed = MG_NEW(f->context.arena, mg_real, f->n);
  mg_rng rng = mg_rng_at(3, MG_RNG_TEST, 0, 0);
  for (size_t i = 0; i < f->n; i++) f->theta[i] = 0.4 * mg_rng_normal(&rng);
}

static void tear_down(fixture *f) {
  mg_arena_destroy(f->context.arena);
}

/* beta L of the pairs drawn, the slow way. */
static double term(void *context) {
  const fixture *f = context;
  const int B = f->clone.batch, S = f->policy.state_size, A = f->policy.action_size;
  const bool squared = !f->policy.discrete && f->settings.clone.loss == MG_CLONE_SQUARED;
  mg_arena *arena = mg_arena_create();
  mg_mlp_tape tape = mg_mlp_tape_make(&f->policy.net, 1, arena);
  double sum = 0;
  for (int b = 0; b < B; b++) {
    mg_real head[32];
    const mg_real *a = f->clone.a + b * A;
    mg_policy_forward(&f->policy, 1, f->theta, f->clone.x + b * S, &tape, head);
    double normaliser = 0;
    for (int i = 0; i < A; i++) normaliser += exp(head[i]);
    for (int i = 0; i < A; i++) {
      const double log_sigma =
          f->policy.discrete ? 0 : f->theta[mg_policy_log_sigma_offset(&f->policy) + (size_t)i];
      if (f->policy.discrete) {
        sum -= a[i] * (head[i] - log(normaliser));
      } else if (squared) {
        sum += 0.5 * pow((head[i] - a[i]) * f->adversary.expert->actions.inverse[i], 2);
      } else {
        sum +=
            0.5 * pow((head[i] - a[i]) / exp(log_sigma), 2) + log_sigma + 0.5 * log(2 * acos(-1));
      }
    }
  }
  mg_arena_destroy(arena);
  return BETA * sum / B;
}

static void check_gradient(const char *env_id, int loss) {
  fixture f;
  set_up(&f, env_id, loss, 12, 1);
  mg_rng rng = mg_rng_at(1, MG_RNG_TEST, 0, 0);
  mg_clone_draw(&f.clone, &rng);
  const mg_clone_figures figures = mg_clone_gradient(&f.clone, f.theta, BETA, f.gradient);
  memcpy(f.claimed, f.gradient, f.n * sizeof *f.claimed);
  double square = 0;
  for (size_t i = 0; i < f.n; i++) square += f.claimed[i] * f.claimed[i];
  cr_expect_float_eq(figures.norm, sqrt(square), 1e-12);
  cr_expect_gt(figures.norm, 1e-3);
  cr_expect_float_eq(BETA * figures.loss, term(&f), 1e-10);
  gradient_report report = gradient_check(term, &f, f.n, f.theta, f.claimed);
  cr_expect(gradient_agrees(env_id, report, 1e-6));
  f.claimed[0] *= -1; /* a wrong sign must be seen */
  report = gradient_check(term, &f, f.n, f.theta, f.claimed);
  cr_expect(report.index == 0 && fabs(report.worst) > 1.9);
  f.claimed[0] *= -1;

  const mg_clone_figures alone = mg_clone_gradient(&f.clone, f.theta, BETA, NULL);
  cr_expect_float_eq(alone.loss, figures.loss, 1e-12, "the loss alone is the same");
  mg_clone_gradient(&f.clone, f.theta, BETA, f.gradient);
  for (size_t i = 0; i < f.n; i++)
    cr_expect_float_eq(f.gradient[i], 2 * f.claimed[i], 1e-12, "adds, not overwrites");
  if (loss == MG_CLONE_SQUARED && !f.policy.discrete)
    for (size_t i = mg_policy_log_sigma_offset(&f.policy); i < f.n; i++)
      cr_expect_eq(f.claimed[i], 0, "log_sigma is left alone");
  tear_down(&f);
}

Test(clone, gradient_of_the_squared_error) {
  check_gradient("Hopper-v4", MG_CLONE_SQUARED);
}
Test(clone, gradient_of_the_likelihood) {
  check_gradient("Hopper-v4", MG_CLONE_LIKELIHOOD);
}
Test(clone, gradient_of_the_cross_entropy) {
  check_gradient("CartPole-v0", MG_CLONE_SQUARED);
}

/* The pair that row b holds, or -1. */
static int which(const fixture *f, int b) {
  const int S = f->policy.state_size, A = f->policy.action_size, W = f->adversary.width;
  for (int e = 0; e < f->adversary.expert->train.count; e++) {
    const mg_real *xa = f->adversary.expert_xa + e * W;
    bool same = memcmp(xa, f->clone.x + b * S, (size_t)S * sizeof *xa) == 0;
    for (int i = 0; i < A; i++)
      same &= f->clone.a[b * A + i] == f->adversary.expert->train.actions[e * A + i];
    if (same) return e;
  }
  return -1;
}

Test(clone, pairs_are_the_experts_and_drawn_anew) {
  fixture f;
  set_up(&f, "Hopper-v4", MG_CLONE_SQUARED, 16, 1);
  mg_rng rng = mg_rng_at(1, MG_RNG_TEST, 0, 0);
  int seen[256] = {0}, distinct = 0;
  cr_assert(f.adversary.expert->train.count > 16 && f.adversary.expert->train.count <= 256);
  for (int draw = 0; draw < 40; draw++) {
    mg_clone_draw(&f.clone, &rng);
    for (int b = 0; b < f.clone.batch; b++) {
      const int e = which(&f, b);
      cr_assert_geq(e, 0, "row %d is no pair of the expert", b);
      distinct += seen[e]++ == 0;
    }
  }
  cr_expect_eq(distinct, f.adversary.expert->train.count, "%d of %d were drawn", distinct,
               f.adversary.expert->train.count);
  tear_down(&f);
}

Test(clone, all_pairs_are_used_where_there_are_no_more) {
  fixture f;
  set_up(&f, "Hopper-v4", MG_CLONE_SQUARED, 100000, 1);
  mg_rng rng = mg_rng_at(1, MG_RNG_TEST, 0, 0);
  cr_assert_eq(f.clone.batch, f.adversary.expert->train.count);
  mg_clone_draw(&f.clone, &rng);
  for (int b = 0; b < f.clone.batch; b++) cr_assert_eq(which(&f, b), b);
  tear_down(&f);
}

Test(clone, ranks_share_the_batch) {
  fixture f;
  set_up(&f, "Hopper-v4", MG_CLONE_SQUARED, 16, 4);
  cr_expect_eq(f.clone.batch, 4);
  tear_down(&f);
  set_up(&f, "Hopper-v4", MG_CLONE_SQUARED, 2, 4);
  cr_expect_eq(f.clone.batch, 1);
  tear_down(&f);
}

Test(clone, weight_moves_linearly_over_the_run) {
  fixture f;
  set_up(&f, "CartPole-v0", MG_CLONE_SQUARED, 4, 1);
  f.settings.run.steps = 1000;
  cr_expect_float_eq(mg_clone_weight(&f.clone, 0), 3, 1e-12);
  cr_expect_float_eq(mg_clone_weight(&f.clone, 250), 2.5, 1e-12);
  cr_expect_float_eq(mg_clone_weight(&f.clone, 2000), 1, 1e-12);
  const mg_clone none = mg_clone_make(&f.context, &f.adversary, &f.policy, 0, 1);
  cr_expect_eq(none.batch, 0, "no term at all");
  tear_down(&f);
}
