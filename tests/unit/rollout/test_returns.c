#include "rollout/returns.h"

#include "base/rng.h"

#include <criterion/criterion.h>
#include <math.h>

#define NEAR(a, b, tolerance)                                                                      \
  cr_assert(fabs((double)(a) - (double)(b)) <= (tolerance), "%.9g, expected %.9g", (double)(a),    \
            (double)(b))

enum { H = 7, N = 3, R = H * N };

typedef struct data {
  mg_real reward[R], value[R], next_value[R];
  uint8_t terminated[R], truncated[R];
} data;

/* Random numbers; ends of both kinds inside the segment and at its end, one step with both flags.
 */
static data make_data(void) {
  data d = {0};
  mg_rng rng = mg_rng_at(3, MG_RNG_TEST, 0, 0);
  for (int i = 0; i < R; i++) {
    d.reward[i] = (mg_real)mg_rng_normal(&rng);
    d.value[i] = (mg_real)mg_rng_normal(&rng);
    d.next_value[i] = (mg_real)mg_rng_normal(&rng);
  }
  d.terminated[2 * N + 0] = 1;
  d.truncated[4 * N + 0] = 1;
  d.truncated[3 * N + 1] = d.terminated[3 * N + 1] = 1;
  d.terminated[6 * N + 1] = 1;
  d.truncated[6 * N + 2] = 1;
  return d;
}

/* n-step return from step t of environment n over k steps (it must not cross an end before its last
 * step), bootstrapped unless that step terminated. */
static double k_step_return(const data *d, int t, int n, int k, double gamma) {
  double sum = 0, discount = 1;
  for (int j = 0; j < k; j++, discount *= gamma)
    sum += discount * (double)d->reward[(t + j) * N + n];
  int last = (t + k - 1) * N + n;
  return d->terminated[last] ? sum : sum + discount * (double)d->next_value[last];
}

/* Steps from t until the episode or the segment ends. */
static int remaining(const data *d, int t, int n) {
  int k = 1;
  while (t + k < H && !d->terminated[(t + k - 1) * N + n] && !d->truncated[(t + k - 1) * N + n])
    k++;
  return k;
}

/* The definition: (1-lambda) sum_k lambda^(k-1) G^(k) + lambda^(K-1) G^(K) (Sutton and
 * Barto, 12.3). */
static double definition(const data *d, int t, int n, double gamma, double lambda) {
  int K = remaining(d, t, n);
  double sum = 0, weight = 1;
  for (int k = 1; k < K; k++, weight *= lambda)
    sum += (1 - lambda) * weight * k_step_return(d, t, n, k, gamma);
  return sum + weight * k_step_return(d, t, n, K, gamma);
}

/* The recursion replaces V of a state inside the episode by next_value of the step before, and GAE
 * by value of the state itself; they are the same where value = next_value of the step before. */
static void make_consistent(data *d) {
  for (int t = 0; t + 1 < H; t++)
    for (int n = 0; n < N; n++)
      if (!d->terminated[t * N + n] && !d->truncated[t * N + n])
        d->value[(t + 1) * N + n] = d->next_value[t * N + n];
}

Test(returns, td_lambda_is_its_definition) {
  data d = make_data();
  double lambdas[] = {0, 0.5, 0.95, 1};
  for (int l = 0; l < 4; l++) {
    mg_real returns[R];
    mg_returns_td_lambda(H, N, d.reward, d.next_value, d.terminated, d.truncated, 0.9, lambdas[l],
                         returns);
    for (int t = 0; t < H; t++)
      for (int n = 0; n < N; n++)
        NEAR(returns[t * N + n], definition(&d, t, n, 0.9, lambdas[l]), 2e-6);
  }
}

/* The definition (Munos et al. 2016, 3): Q(x_t, a_t) and the temporal differences after it, each times the
 * traces between. */
Test(returns, retrace_is_its_definition) {
  const double gamma = 0.9, lambda = 0.8;
  data d = make_data();
  mg_real trace[R], returns[R];
  mg_rng rng = mg_rng_at(4, MG_RNG_TEST, 0, 0);
  for (int i = 0; i < R; i++) trace[i] = (mg_real)mg_rng_uniform(&rng);
  mg_returns_retrace(H, N, d.reward, d.next_value, d.value, trace, d.terminated, d.truncated, gamma,
                     lambda, returns);
  for (int t = 0; t < H; t++) {
    for (int n = 0; n < N; n++) {
      double sum = (double)d.value[t * N + n], weight = 1;
      for (int k = 0; k < remaining(&d, t, n); k++) {
        const int i = (t + k) * N + n;
        if (k > 0) weight *= gamma * lambda * (double)trace[i];
        const double next = d.terminated[i] ? 0 : (double)d.next_value[i];
        sum += weight * ((double)d.reward[i] + gamma * next - (double)d.value[i]);
      }
      NEAR(returns[t * N + n], sum, 1e-6);
    }
  }
}

/* Nothing is cut and the action taken is worth what the policy's would be: TD(lambda). */
Test(returns, retrace_of_the_policy_itself_is_td_lambda) {
  data d = make_data();
  mg_real trace[R], returns[R], expected[R];
  make_consistent(&d);
  for (int i = 0; i < R; i++) trace[i] = 1;
  mg_returns_retrace(H, N, d.reward, d.next_value, d.value, trace, d.terminated, d.truncated, 0.95,
                     0.7, returns);
  mg_returns_td_lambda(H, N, d.reward, d.next_value, d.terminated, d.truncated, 0.95, 0.7,
                       expected);
  for (int i = 0; i < R; i++) NEAR(returns[i], expected[i], 1e-6);
}

Test(returns, advantage_is_the_return_less_the_value) {
  data d = make_data();
  make_consistent(&d);
  mg_real returns[R], advantage[R];
  mg_returns_td_lambda(H, N, d.reward, d.next_value, d.terminated, d.truncated, 0.99, 0.8, returns);
  mg_returns_gae(H, N, d.reward, d.value, d.next_value, d.terminated, d.truncated, 0.99, 0.8,
                 advantage);
  for (int i = 0; i < R; i++) NEAR(advantage[i], returns[i] - d.value[i], 2e-6);
}

Test(returns, a_termination_does_not_bootstrap_and_a_time_limit_does) {
  mg_real reward[1] = {1}, value[1] = {3}, next_value[1] = {10}, out[1];
  uint8_t yes[1] = {1}, no[1] = {0};
  mg_returns_td_lambda(1, 1, reward, next_value, yes, no, 0.5, 0.9, out);
  NEAR(out[0], 1, 0);
  mg_returns_td_lambda(1, 1, reward, next_value, yes, yes, 0.5, 0.9, out);
  NEAR(out[0], 1, 0);
  mg_returns_td_lambda(1, 1, reward, next_value, no, yes, 0.5, 0.9, out);
  NEAR(out[0], 6, 0);
  mg_returns_gae(1, 1, reward, value, next_value, yes, no, 0.5, 0.9, out);
  NEAR(out[0], -2, 0);
  mg_returns_gae(1, 1, reward, value, next_value, no, yes, 0.5, 0.9, out);
  NEAR(out[0], 3, 0);
}

Test(returns, nothing_passes_back_across_an_episodes_end) {
  data d = make_data();
  mg_real before[R], after[R];
  mg_returns_gae(H, N, d.reward, d.value, d.next_value, d.terminated, d.truncated, 0.9, 0.9,
                 before);
  for (int t = 5; t < H; t++) d.reward[t * N] += 100; /* behind the time limit of environment 0 */
  mg_returns_gae(H, N, d.reward, d.value, d.next_value, d.terminated, d.truncated, 0.9, 0.9, after);
  for (int t = 0; t < H; t++) {
    NEAR(after[t * N + 1], before[t * N + 1], 0);
    if (t < 5)
      NEAR(after[t * N], before[t * N], 0);
    else
      cr_assert(after[t * N] > before[t * N] + 50);
  }
}
