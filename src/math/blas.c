#include "math/blas.h"

#include "math/kernels.h"
#include "math/narrow.h"

#include <assert.h>
#include <cblas.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>

#ifdef MG_REAL_DOUBLE
#define GEMM cblas_dgemm
#else
#define GEMM cblas_sgemm
#endif

void mg_blas_init(void) {
  openblas_set_num_threads(1);
  mg_kernels_init();
}

mg_status mg_blas_reserve(void) {
  /* Its buffer for one thread is 128 MB; a product of this size is in no build without it. */
  enum { N = 160, BYTES = 144 << 20 };
  static const mg_real A[N * N];
  static mg_real C[N * N];
  void *room = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (room == MAP_FAILED)
    return mg_fail(MG_ERR_MEMORY, "out of memory: OpenBLAS needs %d MB of addresses to work in",
                   BYTES >> 20);
  munmap(room, BYTES);
  mg_matmul_library(MG_PRODUCT_NN, N, N, N, A, A, 0, C);
  return MG_OK;
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

void mg_matmul_library(mg_product which, int M, int N, int K, const mg_real *A, const mg_real *B,
                       mg_real beta, mg_real *C) {
  const bool turn_A = which == MG_PRODUCT_TN, turn_B = which == MG_PRODUCT_NT;
  GEMM(CblasRowMajor, turn_A ? CblasTrans : CblasNoTrans, turn_B ? CblasTrans : CblasNoTrans, M, N,
       K, 1, A, turn_A ? M : K, B, turn_B ? K : N, beta, C, N);
}

void mg_matmul_nn(int M, int N, int K, const mg_real *A, const mg_real *B, mg_real beta,
                  mg_real *C) {
  if (is_empty(M, N, K, beta, C)) return;
  if (K > 1 && mg_kernel_nn(M, N, K, A, B, beta, C)) return;
  if (K <= MG_NARROW)
    mg_narrow_nn(M, N, K, A, B, beta, C);
  else
    mg_matmul_library(MG_PRODUCT_NN, M, N, K, A, B, beta, C);
}

void mg_matmul_nt(int M, int N, int K, const mg_real *A, const mg_real *B, mg_real beta,
                  mg_real *C) {
  if (is_empty(M, N, K, beta, C)) return;
  if (N > 1 && mg_kernel_nt(M, N, K, A, B, beta, C)) return;
  if (N <= MG_NARROW)
    mg_narrow_nt(M, N, K, A, B, beta, C);
  else
    mg_matmul_library(MG_PRODUCT_NT, M, N, K, A, B, beta, C);
}

void mg_matmul_tn(int M, int N, int K, const mg_real *A, const mg_real *B, mg_real beta,
                  mg_real *C) {
  if (is_empty(M, N, K, beta, C)) return;
  if (M > 1 && mg_kernel_tn(M, N, K, A, B, beta, C)) return;
  if (M <= MG_NARROW)
    mg_narrow_tn(M, N, K, A, B, beta, C);
  else
    mg_matmul_library(MG_PRODUCT_TN, M, N, K, A, B, beta, C);
}

double mg_matmul_flops(int M, int N, int K) {
  return 2.0 * M * N * K;
}
