#include "math/blas.h"

#include "math/narrow.h"

#include <assert.h>
#include <cblas.h>

#ifdef MG_REAL_DOUBLE
#define GEMM cblas_dgemm
#else
#define GEMM cblas_sgemm
#endif

void mg_blas_init(void) {
  openblas_set_num_threads(1);
}

const char *mg_blas_core(void) {
  return openblas_get_corename();
}

static void check(int M, int N, int K, mg_real beta) {
  assert(M >= 0 && N >= 0 && K >= 0);
  assert(beta == 0 || beta == 1);
  (void)M, (void)N, (void)K, (void)beta;
}

void mg_matmul_nn(int M, int N, int K, const mg_real *A, const mg_real *B, mg_real beta,
                  mg_real *C) {
  check(M, N, K, beta);
  if (M == 0 || N == 0) return;
  if (K <= MG_NARROW)
    mg_narrow_nn(M, N, K, A, B, beta, C);
  else
    GEMM(CblasRowMajor, CblasNoTrans, CblasNoTrans, M, N, K, 1, A, K, B, N, beta, C, N);
}

void mg_matmul_nt(int M, int N, int K, const mg_real *A, const mg_real *B, mg_real beta,
                  mg_real *C) {
  check(M, N, K, beta);
  if (M == 0 || N == 0) return;
  if (N <= MG_NARROW || K == 0)
    mg_narrow_nt(M, N, K, A, B, beta, C);
  else
    GEMM(CblasRowMajor, CblasNoTrans, CblasTrans, M, N, K, 1, A, K, B, K, beta, C, N);
}

void mg_matmul_tn(int M, int N, int K, const mg_real *A, const mg_real *B, mg_real beta,
                  mg_real *C) {
  check(M, N, K, beta);
  if (M == 0 || N == 0) return;
  if (M <= MG_NARROW || K == 0)
    mg_narrow_tn(M, N, K, A, B, beta, C);
  else
    GEMM(CblasRowMajor, CblasTrans, CblasNoTrans, M, N, K, 1, A, M, B, N, beta, C, N);
}

double mg_matmul_flops(int M, int N, int K) {
  return 2.0 * M * N * K;
}
