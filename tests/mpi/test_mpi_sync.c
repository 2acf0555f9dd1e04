/* Averaging: with plain SGD and one step an iteration, P ranks with batches of b under either mode
 * take the steps of one rank with a batch of P b. And drift of a single bit is seen. */
#include "base/rng.h"
#include "check.h"
#include "mpi/sync.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { D = 37, BATCH = 8, ITERATIONS = 40 };

#ifdef MG_REAL_DOUBLE
static const double EPSILON = DBL_EPSILON;
#else
static const double EPSILON = FLT_EPSILON;
#endif

/* Linear regression on random rows: x [D] and the noisy value y of a row. */
static double sample(uint64_t iteration, uint64_t row, mg_real *x) {
  mg_rng rng = mg_rng_at(3, MG_RNG_TEST, row, iteration);
  double y = 0;
  for (int i = 0; i < D; i++) {
    x[i] = (mg_real)mg_rng_normal(&rng);
    y += x[i] * (i % 5 - 2);
  }
  return y + 0.1 * mg_rng_normal(&rng);
}

/* gradient <- mean over rows first .. first+rows-1 of the gradient of (theta . x - y)^2 / 2 */
static void gradient_of(const mg_real *theta, uint64_t iteration, int first, int rows,
                        mg_real *gradient) {
  memset(gradient, 0, D * sizeof *gradient);
  for (int row = first; row < first + rows; row++) {
    mg_real x[D];
    double error = -sample(iteration, (uint64_t)row, x);
    for (int i = 0; i < D; i++) error += (double)theta[i] * x[i];
    for (int i = 0; i < D; i++) gradient[i] += (mg_real)(error / rows) * x[i];
  }
}

static void train(const mg_sync *sync, int first, int rows, mg_real *theta) {
  memset(theta, 0, D * sizeof *theta);
  for (uint64_t t = 0; t < ITERATIONS; t++) {
    mg_real gradient[D];
    gradient_of(theta, t, first, rows, gradient);
    mg_sync_gradient(sync, gradient, D);
    for (int i = 0; i < D; i++) theta[i] -= (mg_real)0.05 * gradient[i];
    mg_sync_parameters(sync, theta, D);
  }
}

static double distance(const mg_real *a, const mg_real *b) {
  double largest = 0;
  for (int i = 0; i < D; i++) largest = fmax(largest, fabs((double)a[i] - (double)b[i]));
  return largest;
}

static void check_equivalence(mg_checks *checks) {
  mg_comm *comm = checks->comm, self = mg_comm_self();
  const mg_sync parameters = mg_sync_of(comm, MG_SYNC_PARAMETERS);
  const mg_sync gradients = mg_sync_of(comm, MG_SYNC_GRADIENTS);
  const mg_sync alone = mg_sync_of(&self, MG_SYNC_PARAMETERS);
  mg_real by_parameters[D], by_gradients[D], by_one[D], by_own[D];
  train(&parameters, comm->rank * BATCH, BATCH, by_parameters);
  train(&gradients, comm->rank * BATCH, BATCH, by_gradients);
  train(&alone, 0, comm->size * BATCH, by_one);
  train(&alone, comm->rank * BATCH, BATCH, by_own);
  const double tolerance = 100 * EPSILON;
  CHECK(checks, distance(by_parameters, by_one) < tolerance);
  CHECK(checks, distance(by_gradients, by_one) < tolerance);
  CHECK(checks, mg_sync_agrees(&parameters, by_parameters, D));
  CHECK(checks, mg_sync_agrees(&gradients, by_gradients, D));
  /* The data do tell ranks apart: without averaging the result is another. */
  CHECK(checks, comm->size == 1 || distance(by_own, by_one) > 1e-3);
  CHECK(checks, fabs((double)by_one[0] + 2) < 0.5 && fabs((double)by_one[4] - 2) < 0.5);
}

static void check_modes(mg_checks *checks) {
  mg_comm *comm = checks->comm;
  const mg_sync parameters = mg_sync_of(comm, MG_SYNC_PARAMETERS);
  const mg_sync gradients = mg_sync_of(comm, MG_SYNC_GRADIENTS);
  const mg_real mine = (mg_real)(comm->rank + 1), mean = (mg_real)(comm->size + 1) / 2;
  mg_real x[3] = {mine, 2 * mine, 3 * mine};
  mg_sync_gradient(&parameters, x, 3);
  mg_sync_parameters(&gradients, x, 3);
  CHECK(checks, x[0] == mine && x[1] == 2 * mine && x[2] == 3 * mine);
  mg_sync_gradient(&gradients, x, 2);
  CHECK(checks, x[0] == mean && x[1] == 2 * mean && x[2] == 3 * mine);
  x[0] = mine;
  mg_sync_parameters(&parameters, x, 1);
  CHECK(checks, x[0] == mean && x[1] == 2 * mean);

  /* Rank r of weight 0.5 r is r (r + 1) / 2 of the sum. */
  mg_sync weighted = parameters;
  weighted.weight = 0.5 * comm->rank;
  x[0] = mine;
  mg_sync_parameters(&weighted, x, 1);
  double sum = 0;
  for (int r = 0; r < comm->size; r++) sum += 0.5 * r * (r + 1);
  CHECK(checks, comm->size == 1 || fabs((double)x[0] - sum / comm->size) < 1e-6);
}

static void check_drift(mg_checks *checks) {
  mg_comm *comm = checks->comm;
  const mg_sync sync = mg_sync_of(comm, MG_SYNC_PARAMETERS);
  enum { N = 5000 };
  static mg_real theta[N];
  for (int i = 0; i < N; i++) theta[i] = (mg_real)sin(i);
  CHECK(checks, mg_sync_agrees(&sync, theta, N));
  for (int rank = 0; rank < comm->size; rank++) {
    unsigned char *byte = (unsigned char *)&theta[N - 1 - rank];
    if (comm->rank == rank) *byte ^= 1;
    CHECK(checks, mg_sync_agrees(&sync, theta, N) == (comm->size == 1));
    if (comm->rank == rank) *byte ^= 1;
  }
  CHECK(checks, mg_sync_agrees(&sync, theta, N));
  theta[7] = (mg_real)NAN; /* not a number, and yet the same */
  CHECK(checks, mg_sync_agrees(&sync, theta, N));
  CHECK(checks, mg_sync_agrees(&sync, theta, 0));
}

int main(int argc, char **argv) {
  mg_checks checks = {0};
  if (!checks_begin(&checks, &argc, &argv)) return 1;
  check_equivalence(&checks);
  check_modes(&checks);
  check_drift(&checks);
  return checks_finish(&checks);
}
