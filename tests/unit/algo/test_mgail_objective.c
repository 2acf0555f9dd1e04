/* The whole MGAIL objective through D, f, pi, V and time, against central differences of the
 * objective computed the slow way: every trajectory is unrolled step by step with the states that
 * really move when the policy's parameters do. In double. */
#include "algo/mgail/mgail_objective.h"
#include "math/vec.h"
#include "nn/categorical.h"
#include "nn/gaussian.h"
#include "support/gradient_check.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

enum { H = 6, N = 5, S = 3, A = 2, R = H * N };

typedef struct problem {
  mg_arena *arena;
  mg_policy policy;
  mg_mlp discriminator, value, action_value;
  mg_forward_model model;
  mg_mgail_objective objective;
  mg_mgail_batch batch;
  mg_mgail_work work, row; /* row: one step at a time, for the slow way */
  mg_mgail_theta theta;
  mg_real *policy_theta, *taken_probability; /* the latter: softmax at the taken parameters [R,A] */
  mg_real xi[R * A];
} problem;

static const double ACTION_MEAN[A] = {0.3, -0.2}, ACTION_SD[A] = {0.8, 1.5},
                    ACTION_INVERSE[A] = {1.2, 0.6};
static mg_real DELTA_SCALE[S] = {0.3, 0.7, 0.5};
static const mg_real MARK = 0.4; /* what D's pairs have between state and action, if wider */

static mg_real *random_theta(mg_arena *arena, size_t n, mg_rng *rng) {
  mg_real *theta = MG_NEW(arena, mg_real, n);
  for (size_t i = 0; i < n; i++) theta[i] = 0.5 * mg_rng_normal(rng);
  return theta;
}

/* Actions, one-hot or Gaussian, of the current policy at the stored states, with stored noise. */
static void take_actions(problem *p) {
  mg_mgail_batch *b = &p->batch;
  mg_policy_forward(&p->policy, R, p->policy_theta, b->x, &p->work.policy, p->work.head);
  if (p->policy.discrete)
    mg_gumbel_choose(R, A, p->work.head, b->noise, b->a);
  else
    mg_policy_act(&p->policy, R, p->policy_theta, p->work.head, p->xi, b->a);
  for (int r = 0; r < R; r++) {
    mg_real *xa = b->xa + r * b->width;
    mg_vec_fill((size_t)b->width, MARK, xa);
    memcpy(xa, b->x + r * S, S * sizeof(mg_real));
    for (int i = 0; i < A; i++) {
      const mg_real a = b->a[r * A + i];
      xa[b->width - A + i] = p->policy.discrete ? a : (a - ACTION_MEAN[i]) * ACTION_INVERSE[i];
    }
  }
}

static void relaxed(const problem *p, const mg_real *logits, const mg_real *noise, mg_real *y) {
  double total = 0;
  for (int i = 0; i < A; i++) {
    y[i] = exp((logits[i] + noise[i]) / p->objective.temperature);
    total += y[i];
  }
  for (int i = 0; i < A; i++) y[i] /= total;
}

/* Which value closes a piece. */
typedef enum closing { NO_VALUE, STATE_VALUE, ACTION_VALUE } closing;

static problem make_problem(bool discrete, mg_reward_form reward, mg_forward_kind kind, int width) {
  problem p = {.arena = mg_arena_create()};
  mg_rng rng = mg_rng_at(7, MG_RNG_TEST, (uint64_t)reward, discrete);
  const int hidden[2] = {5, 4};
  p.policy = mg_policy_make(S, A, discrete, 2, hidden, MG_TANH, ACTION_MEAN, ACTION_SD);
  p.discriminator = mg_mlp_make(width, 2, hidden, 1, MG_TANH);
  p.value = mg_mlp_make(S, 1, hidden, 1, MG_TANH);
  p.action_value = mg_action_value_make(width, 1, hidden, MG_TANH);
  p.model = mg_forward_model_make(kind, S, A, 2, hidden, MG_SWISH);
  p.batch = mg_mgail_batch_make(H, N, S, A, width, p.arena);
  p.policy_theta = random_theta(p.arena, mg_policy_size(&p.policy), &rng);
  p.theta = (mg_mgail_theta){
      .policy = p.policy_theta,
      .discriminator = random_theta(p.arena, mg_mlp_size(&p.discriminator), &rng),
      .forward_model = random_theta(p.arena, mg_forward_model_size(&p.model), &rng),
      .value = random_theta(p.arena, mg_action_value_size(&p.action_value), &rng), /* V's or Q's */
  };
  p.taken_probability = MG_NEW(p.arena, mg_real, R * A);
  for (int i = 0; i < R * S; i++) p.batch.next_x[i] = mg_rng_normal(&rng);
  for (int i = 0; i < R * A; i++) p.xi[i] = mg_rng_normal(&rng);
  mg_gumbel_noise(R, A, &rng, p.batch.noise);
  /* Trajectory 1 ends truly, 2 at a time limit, 3 in both ways at once, 4 twice; 0 goes on. One
   * ends in the segment's last step. */
  p.batch.terminated[1 * N + 1] = 1;
  p.batch.truncated[2 * N + 2] = 1;
  p.batch.terminated[3 * N + 3] = p.batch.truncated[3 * N + 3] = 1;
  p.batch.truncated[0 * N + 4] = p.batch.terminated[(H - 1) * N + 4] = 1;
  for (int r = 0; r < R; r++) {
    const bool follows = r >= N && !p.batch.terminated[r - N] && !p.batch.truncated[r - N];
    for (int i = 0; i < S; i++)
      p.batch.x[r * S + i] = follows ? p.batch.next_x[(r - N) * S + i] : mg_rng_normal(&rng);
  }
  return p;
}

/* The objective points into the problem, so it is set once the problem has its place. */
static void place(problem *p, mg_reward_form reward, closing by, double entropy) {
  p->objective = (mg_mgail_objective){
      .policy = &p->policy,
      .discriminator = &p->discriminator,
      .forward_model = &p->model,
      .value = by == STATE_VALUE ? &p->value : NULL,
      .action_value = by == ACTION_VALUE ? &p->action_value : NULL,
      .reward = reward,
      .gamma = 0.9,
      .entropy = entropy,
      .temperature = 0.7,
      .action_inverse = p->policy.discrete ? NULL : ACTION_INVERSE,
      .delta_scale = DELTA_SCALE,
  };
  p->work = mg_mgail_work_make(&p->objective, R, p->arena);
  p->row = mg_mgail_work_make(&p->objective, 1, p->arena);
  cr_assert_eq(mg_arena_status(p->arena), MG_OK);
  take_actions(p);
  for (int r = 0; r < R; r++)
    relaxed(p, p->work.head + r * A, p->batch.noise + r * A, p->taken_probability + r * A);
}

static void predict(problem *p, const mg_real *xa, mg_real *next) {
  mg_forward_model_forward(&p->model, 1, p->theta.forward_model, DELTA_SCALE, xa,
                           &p->row.forward_model, next);
}

/* V(x), or the least Q of the mean action. */
static double value_of(problem *p, const mg_real *x) {
  mg_real v;
  if (p->objective.action_value) {
    const mg_mlp *net = p->objective.action_value;
    mg_real head[A], pair[S + A + 1] = {0}, least = INFINITY;
    mg_policy_forward(&p->policy, 1, p->policy_theta, x, &p->row.policy, head);
    memcpy(pair, x, S * sizeof *pair);
    for (int i = 0; i < A; i++)
      pair[net->width[0] - A + i] = (head[i] - ACTION_MEAN[i]) * ACTION_INVERSE[i];
    for (size_t k = 0; k < MG_ACTION_VALUES; k++) {
      mg_mlp_forward(net, 1, p->theta.value + k * mg_mlp_size(net), pair,
                     &p->row.action_value.tape[0], &v);
      least = fmin(least, v);
    }
    return least;
  }
  if (!p->objective.value) return 0;
  mg_mlp_forward(&p->value, 1, p->theta.value, x, &p->row.value, &v);
  return v;
}

static double reward_of(const problem *p, double l) {
  if (p->objective.reward == MG_REWARD_SOFTPLUS) return log1p(exp(l));
  if (p->objective.reward == MG_REWARD_LOG_D) return -log1p(exp(-l));
  return l;
}

/* As D sees it. */
static void pair_of(int width, const mg_real *xa, mg_real *pair) {
  mg_vec_fill((size_t)width, MARK, pair);
  memcpy(pair, xa, S * sizeof *pair);
  memcpy(pair + width - A, xa + S, A * sizeof *pair);
}

/* -J, unrolled. */
static double slow_objective(void *context) {
  problem *p = context;
  const mg_mgail_batch *b = &p->batch;
  double J = 0;
  for (int n = 0; n < N; n++) {
    mg_real x[S], xa[S + A], pair[S + A + 1], head[A], relax[A], moved[S], stored[S], l;
    double weight = 1;
    memcpy(x, b->x + n * S, sizeof x);
    for (int t = 0; t < H; t++) {
      const int r = t * N + n;
      mg_policy_forward(&p->policy, 1, p->policy_theta, x, &p->row.policy, head);
      memcpy(xa, x, sizeof x);
      if (p->policy.discrete) {
        relaxed(p, head, b->noise + r * A, relax);
        for (int i = 0; i < A; i++)
          xa[S + i] = b->a[r * A + i] + relax[i] - p->taken_probability[r * A + i];
      } else {
        const mg_real *log_sigma = p->policy_theta + mg_policy_log_sigma_offset(&p->policy);
        for (int i = 0; i < A; i++) {
          const double a = head[i] + exp(log_sigma[i]) * p->xi[r * A + i];
          xa[S + i] = (a - ACTION_MEAN[i]) * ACTION_INVERSE[i];
        }
      }
      pair_of(b->width, xa, pair);
      mg_mlp_forward(&p->discriminator, 1, p->theta.discriminator, pair, &p->row.discriminator, &l);
      double entropy;
      if (p->policy.discrete)
        entropy = mg_categorical_entropy(1, A, head, NULL, NULL);
      else
        entropy = mg_gaussian_entropy(A, p->policy_theta + mg_policy_log_sigma_offset(&p->policy));
      J += weight * (reward_of(p, l) + p->objective.entropy * entropy);
      weight *= p->objective.gamma;

      predict(p, xa, moved);
      memcpy(xa, b->xa + r * b->width, S * sizeof *xa);
      memcpy(xa + S, b->xa + (r + 1) * b->width - A, A * sizeof *xa);
      predict(p, xa, stored);
      for (int i = 0; i < S; i++) x[i] = b->next_x[r * S + i] + moved[i] - stored[i];
      const bool ended = b->terminated[r] || b->truncated[r];
      const bool by_value = !b->terminated[r] || p->objective.value_at_end;
      if (mg_mgail_has_value(&p->objective) && !by_value) J += weight * p->objective.ending;
      if (by_value && (ended || t == H - 1)) J += weight * value_of(p, x);
      if (ended && t < H - 1) {
        memcpy(x, b->x + (r + N) * S, sizeof x);
        weight = 1;
      }
    }
  }
  return -J / R;
}

static void check_wide(bool discrete, mg_reward_form reward, closing by, mg_forward_kind kind,
                       double entropy, int width, double ending, bool value_at_end) {
  problem p = make_problem(discrete, reward, kind, width);
  place(&p, reward, by, entropy);
  p.objective.ending = ending;
  p.objective.value_at_end = value_at_end;
  const size_t n = mg_policy_size(&p.policy);
  mg_real *gradient = MG_NEW(p.arena, mg_real, n),
          *xa = MG_NEW(p.arena, mg_real, (size_t)(R * width));
  memcpy(xa, p.batch.xa, (size_t)(R * width) * sizeof *xa);
  for (size_t i = 0; i < n; i++) gradient[i] = 10; /* backward adds */
  const double J = mg_mgail_policy_gradient(&p.objective, &p.theta, &p.batch, &p.work, gradient);
  for (size_t i = 0; i < n; i++) gradient[i] -= 10;
  cr_expect_eq(memcmp(xa, p.batch.xa, (size_t)(R * width) * sizeof *xa), 0, "inputs changed");
  cr_expect_float_eq(J, -slow_objective(&p), 1e-12, "J = %.15g, unrolled %.15g", J,
                     -slow_objective(&p));
  const gradient_report report = gradient_check(slow_objective, &p, n, p.policy_theta, gradient);
  cr_expect(gradient_agrees("MGAIL objective", report, 1e-5));
  mg_arena_destroy(p.arena);
}

static void check(bool discrete, mg_reward_form reward, closing by, mg_forward_kind kind,
                  double entropy) {
  check_wide(discrete, reward, by, kind, entropy, S + A, 0, false);
}

Test(mgail_objective, recipe) {
  check(false, MG_REWARD_SOFTPLUS, STATE_VALUE, MG_FORWARD_DELTA, 0);
}
Test(mgail_objective, paper_form) {
  check(false, MG_REWARD_LOG_D, NO_VALUE, MG_FORWARD_DELTA, 0);
}
Test(mgail_objective, logit_and_entropy) {
  check(false, MG_REWARD_LOGIT, STATE_VALUE, MG_FORWARD_DELTA, 0.1);
}
Test(mgail_objective, absorbing) {
  check_wide(false, MG_REWARD_LOGIT, STATE_VALUE, MG_FORWARD_DELTA, 0, S + 1 + A, -3, false);
  check_wide(true, MG_REWARD_LOGIT, STATE_VALUE, MG_FORWARD_PRODUCT, 0, S + 1 + A, -3, false);
}
/* V says what a true end is worth, and is followed into it; the constant is V's to learn. */
Test(mgail_objective, value_at_end) {
  check_wide(false, MG_REWARD_SOFTPLUS, STATE_VALUE, MG_FORWARD_DELTA, 0, S + A, 0, true);
  check_wide(true, MG_REWARD_LOGIT, STATE_VALUE, MG_FORWARD_DELTA, 0, S + 1 + A, -3, true);
}
/* Q of the mean action, through which the last state and the policy's own parameters move it; a true end is worth
 * a constant all the same. */
Test(mgail_objective, action_value) {
  check(false, MG_REWARD_SOFTPLUS, ACTION_VALUE, MG_FORWARD_DELTA, 0.1);
  check_wide(false, MG_REWARD_LOGIT, ACTION_VALUE, MG_FORWARD_PRODUCT, 0, S + 1 + A, -3, false);
}
Test(mgail_objective, product_model) {
  check(false, MG_REWARD_SOFTPLUS, STATE_VALUE, MG_FORWARD_PRODUCT, 0);
}
Test(mgail_objective, discrete) {
  check(true, MG_REWARD_SOFTPLUS, STATE_VALUE, MG_FORWARD_DELTA, 0);
}
Test(mgail_objective, discrete_paper_form_entropy) {
  check(true, MG_REWARD_LOG_D, NO_VALUE, MG_FORWARD_PRODUCT, 0.2);
}

/* The test itself can fail: each of these is a plausible mistake, made in the data that the
 * gradient is computed from, and must be seen. */
static double error_of(problem *p, const mg_real *gradient) {
  return fabs(
      gradient_check(slow_objective, p, mg_policy_size(&p->policy), p->policy_theta, gradient)
          .worst);
}

Test(mgail_objective, planted_mistakes_are_seen) {
  problem p = make_problem(false, MG_REWARD_SOFTPLUS, MG_FORWARD_DELTA, S + A);
  place(&p, MG_REWARD_SOFTPLUS, STATE_VALUE, 0);
  const size_t n = mg_policy_size(&p.policy);
  mg_real *gradient = MG_NEW(p.arena, mg_real, n);

  /* The adjoint goes on across a termination. */
  p.batch.terminated[1 * N + 1] = 0;
  mg_mgail_policy_gradient(&p.objective, &p.theta, &p.batch, &p.work, gradient);
  p.batch.terminated[1 * N + 1] = 1;
  cr_expect_gt(error_of(&p, gradient), 1e-3, "crossed an episode's end");

  /* dD/ds is dropped: a discriminator that sees actions only. */
  mg_real *blind = MG_NEW(p.arena, mg_real, mg_mlp_size(&p.discriminator));
  memcpy(blind, p.theta.discriminator, mg_mlp_size(&p.discriminator) * sizeof *blind);
  for (int o = 0; o < p.discriminator.width[1]; o++)
    for (int i = 0; i < S; i++) blind[o * (S + A) + i] = 0;
  mg_mgail_theta theta = p.theta;
  theta.discriminator = blind;
  mg_vec_fill(n, 0, gradient);
  mg_mgail_policy_gradient(&p.objective, &theta, &p.batch, &p.work, gradient);
  cr_expect_gt(error_of(&p, gradient), 1e-3, "dD/ds dropped");

  /* The forward model's Jacobian is dropped: a model that predicts no change. */
  mg_real *still = MG_NEW(p.arena, mg_real, mg_forward_model_size(&p.model));
  theta = p.theta;
  theta.forward_model = still;
  mg_vec_fill(n, 0, gradient);
  mg_mgail_policy_gradient(&p.objective, &theta, &p.batch, &p.work, gradient);
  cr_expect_gt(error_of(&p, gradient), 1e-3, "df/d(s,a) dropped");
  mg_arena_destroy(p.arena);
}
