#include "math/kernels.h"

#ifdef MGAIL_WITH_LIBXSMM

#include <libxsmm.h>
#include <stddef.h>
#include <stdio.h>

#ifdef MG_REAL_DOUBLE
typedef libxsmm_dmmfunction kernel;
#define DISPATCH libxsmm_dmmdispatch
#else
typedef libxsmm_smmfunction kernel;
#define DISPATCH libxsmm_smmdispatch
#endif

/* SMALL: longest side that a kernel takes at once. ROWS: of the long side, in cache together.
 * PANEL: columns whose weights are transposed at a time. */
enum { SMALL = 512, ROWS = 256, PANEL = 64 };

void mg_kernels_init(void) {
  libxsmm_init();
}

const char *mg_kernels_describe(void) {
  static _Thread_local char text[64];
  snprintf(text, sizeof text, "LIBXSMM %s for %s", LIBXSMM_VERSION, libxsmm_get_target_arch());
  return text;
}

/* The library's arrays are column by column: our C [M,N] is its C^T [N,M], so m and n change
 * places, and the first operand is our second. */
static kernel get(int m, int n, int k, int lda, int ldb, int ldc, int flags, mg_real beta) {
  const mg_real one = 1;
  return DISPATCH(m, n, k, &lda, &ldb, &ldc, &one, &beta, &flags, NULL);
}

/* The two kernels of a long side that is cut into pieces of ROWS: of a whole piece and of the rest. */
typedef struct cut {
  kernel whole, rest;
} cut;

static bool complete(cut c, int length) {
  return (length < ROWS || c.whole) && (length % ROWS == 0 || c.rest);
}

/* For C [M,n] with rows of length ldc <- A [M,K] B [K,n] + beta C, B with rows of length ldb. */
static cut by_rows(int M, int n, int K, int ldb, int ldc, mg_real beta) {
  const int rest = M % ROWS;
  return (cut){M >= ROWS ? get(n, ROWS, K, ldb, K, ldc, 0, beta) : NULL,
               rest ? get(n, rest, K, ldb, K, ldc, 0, beta) : NULL};
}

static void run_by_rows(cut c, int M, int K, const mg_real *A, const mg_real *B, mg_real *C,
                        int ldc) {
  for (int first = 0; first < M; first += ROWS)
    (M - first >= ROWS ? c.whole : c.rest)(B, A + (size_t)first * (size_t)K,
                                           C + (size_t)first * (size_t)ldc);
}

bool mg_kernel_nn(int M, int N, int K, const mg_real *A, const mg_real *B, mg_real beta,
                  mg_real *C) {
  if (N > SMALL || K > SMALL) return false;
  const cut c = by_rows(M, N, K, N, N, beta);
  if (!complete(c, M)) return false;
  run_by_rows(c, M, K, A, B, C, N);
  return true;
}

/* to [K,n] <- from [n,K] transposed. The library's way is the faster one from a vector's width on. */
static void transpose(int n, int K, const mg_real *from, mg_real *to) {
  enum { WIDE = 16 };
  if (n >= WIDE) {
    libxsmm_otrans(to, from, sizeof *to, (libxsmm_blasint)K, (libxsmm_blasint)n, (libxsmm_blasint)K,
                   (libxsmm_blasint)n);
  } else {
    for (int k = 0; k < K; k++)
      for (int j = 0; j < n; j++) to[k * n + j] = from[j * K + k];
  }
}

/* B [N,K] is transposed first, a panel of columns of the result at a time. */
bool mg_kernel_nt(int M, int N, int K, const mg_real *A, const mg_real *B, mg_real beta,
                  mg_real *C) {
  if (N > SMALL || K > SMALL) return false;
  const int narrow = N % PANEL;
  cut wide = {NULL, NULL}, last = {NULL, NULL};
  if (N >= PANEL && !complete(wide = by_rows(M, PANEL, K, PANEL, N, beta), M)) return false;
  if (narrow && !complete(last = by_rows(M, narrow, K, narrow, N, beta), M)) return false;
  mg_real panel[SMALL * PANEL]; /* [K,n] */
  for (int first = 0; first < N; first += PANEL) {
    const int n = N - first < PANEL ? N - first : PANEL;
    transpose(n, K, B + (size_t)first * (size_t)K, panel);
    run_by_rows(n == PANEL ? wide : last, M, K, A, panel, C + first, N);
  }
  return true;
}

/* Sums over pieces of the long side; only the first of them may begin C anew. */
bool mg_kernel_tn(int M, int N, int K, const mg_real *A, const mg_real *B, mg_real beta,
                  mg_real *C) {
  if (M > SMALL || N > SMALL) return false;
  const int flags = LIBXSMM_GEMM_FLAG_TRANS_B, head = K < ROWS ? K : ROWS, rest = K % ROWS;
  const kernel first = get(N, M, head, N, M, N, flags, beta);
  const cut c = {get(N, M, ROWS, N, M, N, flags, 1),
                 rest ? get(N, M, rest, N, M, N, flags, 1) : NULL};
  if (!first || !complete(c, K)) return false;
  first(B, A, C);
  for (int k = head; k < K; k += ROWS)
    (K - k >= ROWS ? c.whole : c.rest)(B + (size_t)k * (size_t)N, A + (size_t)k * (size_t)M, C);
  return true;
}

#else

void mg_kernels_init(void) {
}

const char *mg_kernels_describe(void) {
  return "";
}

#define NONE(name)                                                                                 \
  bool name(int M, int N, int K, const mg_real *A, const mg_real *B, mg_real beta, mg_real *C) {   \
    (void)M, (void)N, (void)K, (void)A, (void)B, (void)beta, (void)C;                              \
    return false;                                                                                  \
  }
NONE(mg_kernel_nn)
NONE(mg_kernel_nt)
NONE(mg_kernel_tn)

#endif
