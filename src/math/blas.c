#include "math/blas.h"

#include "math/narrow.h"

#include <assert.h>
#include <cblas.h>
#include <stdbool.h>
#include <string.h>

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

/* Checks the sizes; true if nothing is left to do: no product, or one of no terms. */
static bool is_empty(int M, int N, int K, mg_real beta, mg_real *C) {
  assert(M >= 0 && N >= 0 && K >= 0);
  assert(beta == 0 || beta == 1);
  if (M == 0 || N == 0) return true;
  if (K == 0 && beta == 0) memset(C, 0, (size_t)M * (size_t)N * sizeof *C);
  return K == 0;
}

static void general(enum CBLAS_TRANSPOSE of_A, enum CBLAS_TRANSPOSE of_B, int M, int N, int K,
                    const mg_real *A, const mg_real *B, mg_real beta, mg_real *C) {
  GEMM(CblasRowMajor, of_A, of_B, M, N, K, 1, A, of_A == CblasNoTrans ? K : M, B,
       of_B == CblasNoTrans ? N : K, beta, C, N);
}

void mg_matmul_nn(int M, int N, int K, const mg_real *A, const mg_real *B, mg_real beta,
                  mg_real *C) {
  if (is_empty(M, N, K, beta, C)) return;
  if (K <= MG_NARROW)
    mg_narrow_nn(M, N, K, A, B, beta, C);
  else
    general(CblasNoTrans, CblasNoTrans, M, N, K, A, B, beta, C);
}

void mg_matmul_nt(int M, int N, int K, const mg_real *A, const mg_real *B, mg_real beta,
                  mg_real *C) {
  if (is_empty(M, N, K, beta, C)) return;
  if (N <= MG_NARROW)
    mg_narrow_nt(M, N, K, A, B, beta, C);
  else
    general(CblasNoTrans, CblasTrans, M, N, K, A, B, beta, C);
}

void mg_matmul_tn(int M, int N, int K, const mg_real *A, const mg_real *B, mg_real beta,
                  mg_real *C) {
  if (is_empty(M, N, K, beta, C)) return;
  if (M <= MG_NARROW)
    mg_narrow_tn(M, N, K, A, B, beta, C);
  else
    general(CblasTrans, CblasNoTrans, M, N, K, A, B, beta, C);
}

double mg_matmul_flops(int M, int N, int K) {
  return 2.0 * M * N * K;
}
