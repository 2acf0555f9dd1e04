/* The trust-region step and its parts, in double: every derivative against central differences, and
 * the step against what it promises. */
#include "algo/on_policy/ppo_loss.h"
#include "algo/on_policy/trpo.h"
#include "math/conjugate_gradient.h"
#include "support/gradient_check.h"
#include "support/thread_comm.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

/* ---- conjugate gradients ---- */

enum { N = 4 };

/* Symmetric, eigenvalues all positive. */
static const double MATRIX[N][N] = {{4, 1, 0, -1}, {1, 3, 1, 0}, {0, 1, 5, 2}, {-1, 0, 2, 6}};

static void times_matrix(void *context, const mg_real *v, mg_real *out) {
  ++*(int *)context;
  for (int i = 0; i < N; i++) {
    out[i] = 0;
    for (int j = 0; j < N; j++) out[i] += MATRIX[i][j] * v[j];
  }
}

Test(conjugate_gradient, solves_a_known_system) {
  const mg_real known[N] = {1, -2, 3, 0.5};
  mg_real b[N], x[N], scratch[3 * N];
  int products = 0;
  times_matrix(&products, known, b);
  products = 0;
  const double residual =
      mg_conjugate_gradient(N, times_matrix, &products, b, 20, 1e-12, x, scratch);
  for (int i = 0; i < N; i++) cr_expect_float_eq(x[i], known[i], 1e-10, "x[%d] = %g", i, x[i]);
  cr_expect_leq(residual, 1e-12);
  cr_expect_leq(products, N + 1, "%d products", products);
}

/* One step from 0 goes down the line of b: x = b (b.b)/(b.Fb). */
Test(conjugate_gradient, stops_when_told) {
  const mg_real b[N] = {1, 2, 0, 1};
  mg_real x[N], image[N], scratch[3 * N];
  int products = 0;
  const double residual = mg_conjugate_gradient(N, times_matrix, &products, b, 1, 0, x, scratch);
  cr_expect_eq(products, 1);
  times_matrix(&products, b, image);
  double square = 0, curvature = 0, rest = 0;
  for (int i = 0; i < N; i++) square += b[i] * b[i], curvature += b[i] * image[i];
  for (int i = 0; i < N; i++) {
    cr_expect_float_eq(x[i], b[i] * square / curvature, 1e-12);
    rest += pow(b[i] - square / curvature * image[i], 2);
  }
  cr_expect_float_eq(residual, sqrt(rest / square), 1e-12);
}

Test(conjugate_gradient, nothing_to_solve) {
  const mg_real b[N] = {0};
  mg_real x[N] = {1, 1, 1, 1}, scratch[3 * N];
  int products = 0;
  cr_expect_eq(mg_conjugate_gradient(N, times_matrix, &products, b, 9, 0, x, scratch), 0);
  cr_expect(products == 0 && x[0] == 0 && x[N - 1] == 0);
}

/* ---- a policy and what it did ---- */

enum { B = 300, S = 4, A = 3, ROWS = 40 }; /* B: more than a block of rows */

typedef struct problem {
  mg_arena *arena;
  mg_policy policy;
  double mean[A], sd[A];
  size_t n;
  mg_real *theta, *gradient, *other, *v; /* [n] */
  mg_real x[B * S], a[B * A], head[B * A], dhead[B * A], old_lp[B], advantage[B];
  mg_mlp_tape tape;
  mg_trpo trpo;
  mg_trpo_batch batch;
} problem;

static void make_problem(problem *p, bool discrete, mg_activation f, int rows) {
  memset(p, 0, sizeof *p);
  p->arena = mg_arena_create();
  for (int k = 0; k < A; k++) p->mean[k] = 0.1 * k, p->sd[k] = 1 + 0.5 * k;
  p->policy = mg_policy_make(S, A, discrete, 2, (const int[]){6, 5}, f, p->mean, p->sd);
  p->n = mg_policy_size(&p->policy);
  p->theta = MG_NEW(p->arena, mg_real, p->n);
  p->gradient = MG_NEW(p->arena, mg_real, p->n);
  p->other = MG_NEW(p->arena, mg_real, p->n);
  p->v = MG_NEW(p->arena, mg_real, p->n);
  p->tape = mg_mlp_tape_make(&p->policy.net, B, p->arena);
  p->trpo = mg_trpo_make(&p->policy, B, p->arena);
  mg_rng rng = mg_rng_at(3, MG_RNG_TEST, discrete, 0);
  for (size_t i = 0; i < p->n; i++) {
    p->theta[i] = (mg_real)(0.4 * mg_rng_normal(&rng));
    p->v[i] = (mg_real)mg_rng_normal(&rng);
  }
  for (int i = 0; i < B * S; i++) p->x[i] = (mg_real)mg_rng_normal(&rng);
  mg_policy_forward(&p->policy, B, p->theta, p->x, &p->tape, p->head);
  for (int b = 0; b < B; b++) mg_policy_noise(&p->policy, &rng, p->dhead + b * A);
  mg_policy_act(&p->policy, B, p->theta, p->head, p->dhead, p->a);
  mg_ppo_log_probability(&p->policy, B, p->theta, p->head, p->a, p->old_lp);
  for (int b = 0; b < B; b++) p->advantage[b] = (mg_real)mg_rng_normal(&rng);
  p->batch = (mg_trpo_batch){.rows = rows,
                             .x = p->x,
                             .a = p->a,
                             .head = p->head,
                             .old_lp = p->old_lp,
                             .advantage = p->advantage};
}

static const mg_real *log_sigma_of(const problem *p, const mg_real *theta) {
  return theta + mg_policy_log_sigma_offset(&p->policy);
}

/* ---- derivatives ---- */

/* Entry by entry the difference quotient along v. */
static void check_tangent(mg_activation f) {
  problem p;
  make_problem(&p, true, f, B);
  const mg_mlp *net = &p.policy.net;
  mg_mlp_tangent work = mg_mlp_tangent_make(net, p.arena);
  mg_real *dy = MG_NEW(p.arena, mg_real, B * A), *plus = MG_NEW(p.arena, mg_real, B * A);
  mg_real *minus = MG_NEW(p.arena, mg_real, B * A);
  mg_mlp_forward(net, B, p.theta, p.x, &p.tape, plus);
  mg_mlp_tangent_forward(net, B, p.theta, &p.tape, p.v, &work, dy);
  const double step = 1e-5;
  for (size_t i = 0; i < p.n; i++) p.other[i] = p.theta[i] + step * p.v[i];
  mg_mlp_forward(net, B, p.other, p.x, &p.tape, plus);
  for (size_t i = 0; i < p.n; i++) p.other[i] = p.theta[i] - step * p.v[i];
  mg_mlp_forward(net, B, p.other, p.x, &p.tape, minus);
  double largest = 0;
  for (int i = 0; i < B * A; i++) {
    const double measured = (plus[i] - minus[i]) / (2 * step);
    cr_assert_float_eq(dy[i], measured, 1e-6 * (1 + fabs(measured)), "entry %d: %g, %g", i, dy[i],
                       measured);
    largest = fmax(largest, fabs(measured));
  }
  cr_expect_gt(largest, 0.1);
  mg_arena_destroy(p.arena);
}

Test(mlp_tangent, in_place_activation) {
  check_tangent(MG_TANH);
}
Test(mlp_tangent, activation_that_keeps_its_input) {
  check_tangent(MG_SWISH);
}

static double surrogate(void *context) {
  problem *p = context;
  return -mg_trpo_surrogate_gradient(&p->trpo, 0.03, &p->batch, p->theta, NULL, NULL);
}

/* At the old policy and away from it. */
static void check_surrogate(bool discrete) {
  problem p;
  make_problem(&p, discrete, MG_TANH, ROWS);
  for (int away = 0; away < 2; away++) {
    for (size_t i = 0; away && i < p.n; i++) p.theta[i] += 0.02 * p.v[i];
    memset(p.gradient, 0, p.n * sizeof *p.gradient);
    mg_trpo_surrogate_gradient(&p.trpo, 0.03, &p.batch, p.theta, NULL, p.gradient);
    const gradient_report report = gradient_check(surrogate, &p, p.n, p.theta, p.gradient);
    cr_expect(gradient_agrees("surrogate", report, 1e-6));
  }
  mg_arena_destroy(p.arena);
}

Test(trpo, surrogate_of_the_gaussian_policy) {
  check_surrogate(false);
}
Test(trpo, surrogate_of_the_categorical_policy) {
  check_surrogate(true);
}

static double divergence(void *context) {
  problem *p = context;
  mg_real head[ROWS * A];
  mg_policy_forward(&p->policy, ROWS, p->other, p->x, &p->tape, head);
  return mg_trpo_divergence(&p->policy, ROWS, p->head, log_sigma_of(p, p->theta), head,
                            log_sigma_of(p, p->other));
}

static void softmax(const mg_real *logits, double *probability) {
  double sum = 0;
  for (int k = 0; k < A; k++) sum += exp(logits[k]);
  for (int k = 0; k < A; k++) probability[k] = exp(logits[k]) / sum;
}

/* p->gradient <- slope of the divergence at p->other, by the closed form of its slope at the head
 * and the tested backward pass. */
static void divergence_slope(problem *p) {
  mg_real head[ROWS * A], dhead[ROWS * A];
  const size_t offset = mg_policy_log_sigma_offset(&p->policy);
  memset(p->gradient, 0, p->n * sizeof *p->gradient);
  mg_policy_forward(&p->policy, ROWS, p->other, p->x, &p->tape, head);
  for (int b = 0; b < ROWS; b++) {
    double old[A], new[A];
    softmax(p->head + b * A, old);
    softmax(head + b * A, new);
    for (int k = 0; k < A; k++) {
      const int i = b * A + k;
      if (p->policy.discrete) {
        dhead[i] = (new[k] - old[k]) / ROWS;
        continue;
      }
      const double s = p->theta[offset + (size_t)k], t = p->other[offset + (size_t)k];
      const double d = head[i] - p->head[i];
      dhead[i] = d * exp(-2 * t) / ROWS;
      p->gradient[offset + (size_t)k] += (1 - (exp(2 * s) + d * d) * exp(-2 * t)) / ROWS;
    }
  }
  mg_policy_backward_input(&p->policy, 0, ROWS, p->other, &p->tape, dhead, NULL);
  mg_policy_backward_theta(&p->policy, ROWS, &p->tape, p->gradient);
}

static double slope_along_v(void *context) {
  problem *p = context;
  divergence_slope(p);
  double sum = 0;
  for (size_t i = 0; i < p->n; i++) sum += p->v[i] * p->gradient[i];
  return sum;
}

static void check_fisher(bool discrete, mg_activation f) {
  problem p;
  make_problem(&p, discrete, f, ROWS);
  /* The divergence, its slope, */
  for (size_t i = 0; i < p.n; i++) p.other[i] = p.theta[i] + 0.1 * p.v[i];
  mg_real *claimed = MG_NEW(p.arena, mg_real, p.n);
  cr_expect_gt(divergence(&p), 1e-3);
  divergence_slope(&p);
  memcpy(claimed, p.gradient, p.n * sizeof *claimed);
  cr_expect(
      gradient_agrees("divergence", gradient_check(divergence, &p, p.n, p.other, claimed), 1e-6));
  /* and at the old policy, where both are 0, the slope of its slope along v. */
  memcpy(p.other, p.theta, p.n * sizeof *p.other);
  cr_expect_float_eq(divergence(&p), 0, 1e-14);
  mg_trpo_surrogate_gradient(&p.trpo, 0, &p.batch, p.theta, NULL, NULL);
  for (size_t i = 0; i < p.n; i++) claimed[i] = 7; /* overwritten */
  mg_trpo_fisher_product(&p.trpo, ROWS, p.theta, p.v, claimed);
  gradient_report report = gradient_check(slope_along_v, &p, p.n, p.other, claimed);
  cr_expect(gradient_agrees(discrete ? "categorical" : "gaussian", report, 1e-5));
  claimed[p.n - 1] *= -1; /* a wrong sign must be seen */
  report = gradient_check(slope_along_v, &p, p.n, p.other, claimed);
  cr_expect(report.index == p.n - 1 && fabs(report.worst) > 1.9);
  mg_arena_destroy(p.arena);
}

Test(trpo, fisher_product_of_the_gaussian_policy) {
  check_fisher(false, MG_TANH);
}
Test(trpo, fisher_product_of_the_categorical_policy) {
  check_fisher(true, MG_SWISH);
}

/* ---- the step ---- */

static const mg_trpo_options OPTIONS = {
    .max_kl = 0.01, .damping = 0.01, .entropy = 0.01, .cg_iterations = 30, .backtracks = 10};

/* Measured apart from the step: with log-probabilities and, for the divergence, one expectation. */
static void measure(problem *p, const mg_real *theta, double *L, double *kl) {
  mg_real *head = MG_NEW(p->arena, mg_real, B * A), lp[B];
  mg_policy_forward(&p->policy, p->batch.rows, theta, p->x, &p->tape, head);
  mg_ppo_log_probability(&p->policy, p->batch.rows, theta, head, p->a, lp);
  *L = 0;
  double entropy = 0;
  for (int b = 0; b < p->batch.rows; b++) {
    *L += exp(lp[b] - p->old_lp[b]) * p->advantage[b] / p->batch.rows;
    double probability[A];
    softmax(head + b * A, probability);
    for (int k = 0; k < A; k++)
      if (p->policy.discrete)
        entropy -= probability[k] * log(probability[k]) / p->batch.rows;
      else
        entropy += log_sigma_of(p, theta)[k] / p->batch.rows;
  }
  *L += OPTIONS.entropy * entropy;
  memcpy(p->other, theta, p->n * sizeof *theta);
  *kl = mg_trpo_divergence(&p->policy, p->batch.rows, p->head, log_sigma_of(p, p->theta), head,
                           log_sigma_of(p, theta));
}

static void check_step(bool discrete) {
  problem p;
  make_problem(&p, discrete, MG_TANH, B);
  mg_comm comm = mg_comm_self();
  const mg_sync sync = mg_sync_of(&comm, MG_SYNC_PARAMETERS);
  mg_real *theta = MG_NEW(p.arena, mg_real, p.n);
  memcpy(theta, p.theta, p.n * sizeof *theta);
  double seconds = 0, before, after, kl;
  const mg_trpo_result result = mg_trpo_step(&p.trpo, &OPTIONS, &p.batch, &sync, theta, &seconds);
  cr_assert(result.accepted && result.backtracks < 5, "%d backtracks", result.backtracks);
  measure(&p, p.theta, &before, &kl);
  cr_expect_float_eq(kl, 0, 1e-12);
  measure(&p, theta, &after, &kl);
  cr_expect_gt(after, before);
  cr_expect_leq(kl, OPTIONS.max_kl);
  cr_expect_gt(kl, 0.3 * OPTIONS.max_kl, "a step of %g", kl); /* and uses its room */
  cr_expect_float_eq(result.surrogate, after - before, 1e-10);
  cr_expect_float_eq(result.kl, kl, 1e-12);
  cr_expect_lt(result.residual, 0.1);

  /* Of all steps of this length in KL the natural gradient's is the best: the plain gradient's,
   * brought to the same divergence, gains less. */
  memset(p.gradient, 0, p.n * sizeof *p.gradient);
  mg_trpo_surrogate_gradient(&p.trpo, OPTIONS.entropy, &p.batch, p.theta, NULL, p.gradient);
  double low = 0, high = 10, plain = 0, reached = 0;
  for (int k = 0; k < 60; k++) {
    const double length = (low + high) / 2;
    for (size_t i = 0; i < p.n; i++) theta[i] = p.theta[i] - length * p.gradient[i];
    measure(&p, theta, &plain, &reached);
    if (reached > kl)
      high = length;
    else
      low = length;
  }
  cr_expect_float_eq(reached, kl, 1e-6);
  cr_expect_gt(after - before, plain - before, "%g, plain %g", after - before, plain - before);
  mg_arena_destroy(p.arena);
}

/* A clone that holds fixed pairs, and no adversary to draw them from. */
static mg_clone make_clone(problem *p, mg_settings *settings, mg_adversary *adversary,
                           double *inverse) {
  mg_clone clone = {.policy = &p->policy, .adversary = adversary, .settings = settings, .batch = 9};
  for (int i = 0; i < A; i++) inverse[i] = 1 + i;
  adversary->expert = MG_NEW(p->arena, mg_expert, 1);
  adversary->expert->actions.inverse = inverse;
  clone.work = mg_bc_work_make(&p->policy, clone.batch, p->arena);
  clone.x = p->x;
  clone.a = MG_NEW(p->arena, mg_real, (size_t)clone.batch * A);
  for (int k = 0; k < clone.batch * A; k++) clone.a[k] = 2 - (k % 5);
  clone.gradient = MG_NEW(p->arena, mg_real, p->n);
  return clone;
}

/* The line search compares, and the gain is of, the objective with the clone's loss in it; with
 * more weight the step gives more for the clone than with least. */
Test(trpo, step_with_a_clone) {
  double loss_before = 0, least_weight = INFINITY;
  for (int k = 0; k < 3; k++) {
    problem p;
    make_problem(&p, false, MG_TANH, B);
    mg_settings settings = {0};
    mg_adversary adversary = {0};
    double inverse[A], seconds = 0, before, after, kl;
    mg_clone clone = make_clone(&p, &settings, &adversary, inverse);
    mg_comm comm = mg_comm_self();
    const mg_sync sync = mg_sync_of(&comm, MG_SYNC_PARAMETERS);
    mg_trpo_options options = OPTIONS;
    options.clone = &clone;
    options.beta = 0.05 * pow(20, k);
    mg_real *theta = MG_NEW(p.arena, mg_real, p.n);
    memcpy(theta, p.theta, p.n * sizeof *theta);
    const mg_trpo_result result = mg_trpo_step(&p.trpo, &options, &p.batch, &sync, theta, &seconds);
    cr_assert(result.accepted);
    loss_before = mg_clone_gradient(&clone, p.theta, 1, NULL).loss;
    const double loss = mg_clone_gradient(&clone, theta, 1, NULL).loss;
    measure(&p, p.theta, &before, &kl);
    measure(&p, theta, &after, &kl);
    cr_expect_float_eq(result.surrogate, after - before - options.beta * (loss - loss_before),
                       1e-10);
    cr_expect_float_eq(result.clone.loss, loss_before, 1e-12);
    cr_expect_gt(result.clone.norm, 0);
    cr_expect_leq(kl, options.max_kl);
    cr_expect_lt(loss, least_weight, "weight %g: %g, %g", options.beta, loss, least_weight);
    if (k == 0) least_weight = loss;
    if (k > 0) cr_expect_lt(loss, loss_before);
    mg_arena_destroy(p.arena);
  }
}

Test(trpo, step_of_the_gaussian_policy) {
  check_step(false);
}
Test(trpo, step_of_the_categorical_policy) {
  check_step(true);
}

/* A bound far beyond where the quadratic model holds: the line search has to come back. */
Test(trpo, comes_back_from_too_far) {
  problem p;
  make_problem(&p, false, MG_TANH, ROWS);
  mg_comm comm = mg_comm_self();
  const mg_sync sync = mg_sync_of(&comm, MG_SYNC_PARAMETERS);
  mg_trpo_options options = OPTIONS;
  options.max_kl = 5;
  options.backtracks = 30;
  mg_real *theta = MG_NEW(p.arena, mg_real, p.n);
  memcpy(theta, p.theta, p.n * sizeof *theta);
  double seconds = 0, before, after, kl;
  mg_trpo_result result = mg_trpo_step(&p.trpo, &options, &p.batch, &sync, theta, &seconds);
  cr_assert(result.accepted && result.backtracks > 0, "%d backtracks", result.backtracks);
  measure(&p, p.theta, &before, &kl);
  measure(&p, theta, &after, &kl);
  cr_expect(after > before && kl <= 5);
  /* And with no way back it stays where it was. */
  options.backtracks = result.backtracks - 1;
  memcpy(theta, p.theta, p.n * sizeof *theta);
  result = mg_trpo_step(&p.trpo, &options, &p.batch, &sync, theta, &seconds);
  cr_expect_not(result.accepted);
  cr_expect_eq(memcmp(theta, p.theta, p.n * sizeof *theta), 0);
  mg_arena_destroy(p.arena);
}

/* Other advantages, other directions: where the full step gains and is a little too far all the
 * same, it is the bound that shortens it. */
static int count_shortened(bool discrete) {
  problem p;
  make_problem(&p, discrete, MG_TANH, ROWS);
  mg_comm comm = mg_comm_self();
  const mg_sync sync = mg_sync_of(&comm, MG_SYNC_PARAMETERS);
  mg_trpo_options options = OPTIONS;
  options.damping = 1e-3;
  mg_real *theta = MG_NEW(p.arena, mg_real, p.n);
  mg_rng rng = mg_rng_at(5, MG_RNG_TEST, discrete, 0);
  int shortened = 0;
  for (int k = 0; k < 30; k++) {
    for (int b = 0; b < ROWS; b++) p.advantage[b] = (mg_real)mg_rng_normal(&rng);
    memcpy(theta, p.theta, p.n * sizeof *theta);
    double seconds = 0, L, kl;
    const mg_trpo_result result = mg_trpo_step(&p.trpo, &options, &p.batch, &sync, theta, &seconds);
    measure(&p, theta, &L, &kl);
    cr_expect_leq(kl, options.max_kl, "draw %d", k);
    shortened += result.accepted && result.backtracks > 0;
  }
  mg_arena_destroy(p.arena);
  return shortened;
}

Test(trpo, the_bound_shortens_steps_that_gain) {
  const int gaussian = count_shortened(false), categorical = count_shortened(true);
  cr_expect(gaussian > 0 && categorical > 0, "%d, %d of 30", gaussian, categorical);
}

Test(trpo, stays_where_nothing_is_to_gain) {
  problem p;
  make_problem(&p, true, MG_TANH, ROWS);
  mg_comm comm = mg_comm_self();
  const mg_sync sync = mg_sync_of(&comm, MG_SYNC_PARAMETERS);
  mg_trpo_options options = OPTIONS;
  options.entropy = 0;
  memset(p.advantage, 0, sizeof p.advantage);
  mg_real *theta = MG_NEW(p.arena, mg_real, p.n);
  memcpy(theta, p.theta, p.n * sizeof *theta);
  double seconds = 0;
  cr_expect_not(mg_trpo_step(&p.trpo, &options, &p.batch, &sync, theta, &seconds).accepted);
  cr_expect_eq(memcmp(theta, p.theta, p.n * sizeof *theta), 0);
  p.advantage[3] = NAN;
  cr_expect_not(mg_trpo_step(&p.trpo, &options, &p.batch, &sync, theta, &seconds).accepted);
  cr_expect_eq(memcmp(theta, p.theta, p.n * sizeof *theta), 0);
  mg_arena_destroy(p.arena);
}

/* ---- several ranks ---- */

enum { RANKS = 2 };

typedef struct ranks {
  int mode;
  mg_real theta[RANKS][256];
  mg_trpo_result result[RANKS];
} ranks;

/* Each has half of the rows. Few steps of conjugate gradients: many would amplify the rounding of
 * sums that are taken in another order. */
static const mg_trpo_options FEW = {
    .max_kl = 0.01, .damping = 0.01, .entropy = 0.01, .cg_iterations = 5, .backtracks = 10};

static void on_rank(mg_comm *comm, void *user) {
  ranks *all = user;
  problem p;
  make_problem(&p, false, MG_TANH, B / RANKS);
  const size_t skip = (size_t)(comm->rank * (B / RANKS));
  p.batch.x += skip * S;
  p.batch.a += skip * A;
  p.batch.head += skip * A;
  p.batch.old_lp += skip;
  p.batch.advantage += skip;
  const mg_sync sync = mg_sync_of(comm, (mg_sync_mode)all->mode);
  double seconds = 0;
  all->result[comm->rank] = mg_trpo_step(&p.trpo, &FEW, &p.batch, &sync, p.theta, &seconds);
  memcpy(all->theta[comm->rank], p.theta, p.n * sizeof *p.theta);
  mg_arena_destroy(p.arena);
}

Test(trpo, two_ranks_take_the_step_of_one) {
  problem p;
  make_problem(&p, false, MG_TANH, B);
  cr_assert_leq(p.n, 256);
  mg_comm comm = mg_comm_self();
  const mg_sync sync = mg_sync_of(&comm, MG_SYNC_PARAMETERS);
  double seconds = 0;
  mg_real before[256];
  memcpy(before, p.theta, p.n * sizeof *before);
  const mg_trpo_result one = mg_trpo_step(&p.trpo, &FEW, &p.batch, &sync, p.theta, &seconds);
  cr_assert(one.accepted);
  for (int mode = 0; mode < 2; mode++) {
    static ranks all;
    memset(&all, 0, sizeof all);
    all.mode = mode;
    run_ranks(RANKS, on_rank, &all);
    cr_expect_eq(memcmp(all.theta[0], all.theta[1], p.n * sizeof *before), 0, "mode %d", mode);
    cr_expect(all.result[0].accepted && all.result[0].backtracks == one.backtracks);
    cr_expect_float_eq(all.result[1].kl, one.kl, 1e-9);
    double moved = 0, off = 0;
    for (size_t i = 0; i < p.n; i++) {
      moved = fmax(moved, fabs(p.theta[i] - before[i]));
      off = fmax(off, fabs(p.theta[i] - all.theta[0][i]));
    }
    cr_expect_lt(off, 1e-4 * moved, "moved by %g, off by %g", moved, off);
  }
  mg_arena_destroy(p.arena);
}
