/* Every product at every small shape, where the narrow paths and their tails are, on integers: the
 * result is exact, whatever the order of additions. */
#include "math/blas.h"
#include "math/kernels.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

enum { MOST = 320 };
static mg_real A[MOST * MOST], B[MOST * MOST], C[MOST * MOST + 1];

typedef void (*product)(int, int, int, const mg_real *, const mg_real *, mg_real, mg_real *);

/* A is read at [m,k] as A[m * am + k * ak], B at [k,n] likewise. */
static void compare(const char *name, product multiply, int M, int N, int K, int am, int ak, int bk,
                    int bn) {
  for (int beta = 0; beta <= 1; beta++) {
    for (int i = 0; i < M * N; i++) C[i] = beta ? (mg_real)(i % 3) : (mg_real)NAN;
    C[M * N] = 55;
    multiply(M, N, K, A, B, (mg_real)beta, C);
    for (int m = 0; m < M; m++)
      for (int n = 0; n < N; n++) {
        double sum = beta ? (m * N + n) % 3 : 0;
        for (int k = 0; k < K; k++) sum += (double)A[m * am + k * ak] * (double)B[k * bk + n * bn];
        cr_assert_eq((double)C[m * N + n], sum, "%s %dx%dx%d beta %d at %d,%d: %g not %g", name, M,
                     N, K, beta, m, n, (double)C[m * N + n], sum);
      }
    cr_assert_eq(C[M * N], 55, "%s writes past the end", name);
  }
}

static void compare_all(int M, int N, int K) {
  compare("nn", mg_matmul_nn, M, N, K, K, 1, N, 1);
  compare("nt", mg_matmul_nt, M, N, K, K, 1, 1, K);
  compare("tn", mg_matmul_tn, M, N, K, 1, M, N, 1);
}

Test(blas, every_small_shape) {
  static const int sizes[] = {0, 1, 2, 3, 4, 5, 7, 8, 11, 15, 16, 17, 31, 33, 40};
  enum { COUNT = sizeof sizes / sizeof *sizes };
  mg_blas_init();
  for (int i = 0; i < MOST * MOST; i++) A[i] = (mg_real)(i % 13 - 6), B[i] = (mg_real)(i % 7 - 2);
  for (int m = 0; m < COUNT; m++)
    for (int n = 0; n < COUNT; n++)
      for (int k = 0; k < COUNT; k++) compare_all(sizes[m], sizes[n], sizes[k]);
}

/* Those of minibatches and layers: whole pieces and rests of every side that kernels cut. */
Test(blas, shapes_that_kernels_are_made_for) {
  static const int rows[] = {64, 65, 255, 256, 300}, sides[] = {11, 17, 64, 100, 128, 129};
  mg_blas_init();
  for (int i = 0; i < MOST * MOST; i++) A[i] = (mg_real)(i % 13 - 6), B[i] = (mg_real)(i % 7 - 2);
  for (int r = 0; r < 5; r++)
    for (int n = 0; n < 6; n++)
      for (int k = 0; k < 6; k++) {
        compare_all(rows[r], sides[n], sides[k]);
        compare_all(sides[n], sides[k], rows[r]);
      }
  compare_all(17, 11, 600); /* terms in several whole pieces */
}

/* A shape that is refused goes another, slower way, and nothing else would show it. */
Test(blas, kernels_refuse_no_small_shape) {
  static const int sizes[] = {1, 3, 11, 17, 45, 64, 100, 128, 129};
  enum { COUNT = sizeof sizes / sizeof *sizes };
  mg_blas_init();
  if (!*mg_kernels_describe()) cr_skip_test("built without kernels");
  for (int m = 0; m < COUNT; m++)
    for (int n = 0; n < COUNT; n++)
      for (int k = 0; k < COUNT; k++) {
        const int M = sizes[m], N = sizes[n], K = sizes[k];
        cr_expect(mg_kernel_nn(M, N, K, A, B, 0, C), "nn %dx%dx%d", M, N, K);
        cr_expect(mg_kernel_nt(M, N, K, A, B, 0, C), "nt %dx%dx%d", M, N, K);
        cr_expect(mg_kernel_tn(M, N, K, A, B, 0, C), "tn %dx%dx%d", M, N, K);
      }
}

/* Too long a side for any kernel. */
Test(blas, shapes_of_the_library) {
  enum { LONG = 700 };
  static mg_real a[3 * LONG], b[LONG * LONG], c[3 * LONG];
  for (int i = 0; i < 3 * LONG; i++) a[i] = (mg_real)(i % 5 - 2);
  for (int i = 0; i < LONG * LONG; i++) b[i] = (mg_real)(i % 3 - 1);
  mg_matmul_nn(3, LONG, LONG, a, b, 0, c);
  for (int n = 0; n < LONG; n += 97) {
    double sum = 0;
    for (int k = 0; k < LONG; k++) sum += (double)a[LONG + k] * (double)b[k * LONG + n];
    cr_assert_eq((double)c[LONG + n], sum);
  }
}

Test(blas, wide_narrow_products) {
  /* More columns than one sweep of the narrow kernel takes. */
  static mg_real x[30 * 131], w[131], y[131];
  for (int i = 0; i < 30 * 131; i++) x[i] = (mg_real)(i % 9 - 4);
  for (int i = 0; i < 30; i++) w[i] = (mg_real)(i % 4);
  mg_matmul_tn(1, 131, 30, w, x, 0, y);
  for (int n = 0; n < 131; n++) {
    double sum = 0;
    for (int k = 0; k < 30; k++) sum += (double)w[k] * (double)x[k * 131 + n];
    cr_assert_eq((double)y[n], sum);
  }
}

Test(blas, flops_and_core) {
  cr_expect_eq(mg_matmul_flops(3, 5, 7), 210);
  cr_expect_gt(strlen(mg_blas_core()), 0);
}
