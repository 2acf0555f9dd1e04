#include "math/narrow.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

/* 64 bytes of scalars; the compiler splits it where registers are shorter, and the order of the
 * additions stays the same. `loose` may stand at any address of a scalar. */
enum { LANES = 64 / sizeof(mg_real) };
typedef mg_real lanes __attribute__((vector_size(64)));
typedef mg_real loose __attribute__((vector_size(64), aligned(sizeof(mg_real)), may_alias));

/* The narrow size is a constant in each copy, so that its loops unroll into registers. */
#define UNROLLED static inline __attribute__((always_inline)) void
#define BY_NARROW_SIZE(size, kernel, ...)                                                          \
  switch (size) {                                                                                  \
  case 1:                                                                                          \
    kernel(1, __VA_ARGS__);                                                                        \
    break;                                                                                         \
  case 2:                                                                                          \
    kernel(2, __VA_ARGS__);                                                                        \
    break;                                                                                         \
  case 3:                                                                                          \
    kernel(3, __VA_ARGS__);                                                                        \
    break;                                                                                         \
  case 4:                                                                                          \
    kernel(4, __VA_ARGS__);                                                                        \
    break;                                                                                         \
  default:                                                                                         \
    assert(!"narrow");                                                                             \
  }

UNROLLED nn(int K, int M, int N, const mg_real *A, const mg_real *restrict B, mg_real beta,
            mg_real *restrict C) {
  for (int m = 0; m < M; m++, A += K, C += N)
    for (int n = 0; n < N; n++) {
      mg_real sum = beta == 0 ? 0 : C[n];
      for (int k = 0; k < K; k++) sum += A[k] * B[k * N + n];
      C[n] = sum;
    }
}

void mg_narrow_nn(int M, int N, int K, const mg_real *A, const mg_real *B, mg_real beta,
                  mg_real *C) {
  BY_NARROW_SIZE(K, nn, M, N, A, B, beta, C)
}

static mg_real sum_lanes(const lanes *v) {
  mg_real x[LANES];
  memcpy(x, v, sizeof x);
  for (int half = LANES / 2; half > 0; half /= 2)
    for (int i = 0; i < half; i++) x[i] += x[i + half];
  return x[0];
}

UNROLLED nt(int N, int M, int K, const mg_real *A, const mg_real *B, mg_real beta, mg_real *C) {
  const int whole = K - K % LANES;
  for (int m = 0; m < M; m++, A += K, C += N) {
    lanes sum[MG_NARROW] = {{0}};
    mg_real rest[MG_NARROW] = {0};
    for (int k = 0; k < whole; k += LANES)
      for (int n = 0; n < N; n++)
        sum[n] += *(const loose *)(A + k) * *(const loose *)(B + n * K + k);
    for (int k = whole; k < K; k++)
      for (int n = 0; n < N; n++) rest[n] += A[k] * B[n * K + k];
    for (int n = 0; n < N; n++) C[n] = (beta == 0 ? 0 : C[n]) + (sum_lanes(&sum[n]) + rest[n]);
  }
}

void mg_narrow_nt(int M, int N, int K, const mg_real *A, const mg_real *B, mg_real beta,
                  mg_real *C){BY_NARROW_SIZE(N, nt, M, K, A, B, beta, C)}

/* `width` vectors of columns from column n on, all K rows; the columns before `from` are
 * another call's. */
UNROLLED tn_columns(int M, int width, int n, int from, int N, int K, const mg_real *A,
                    const mg_real *B, mg_real beta, mg_real *C) {
  lanes sum[MG_NARROW][4] = {{{0}}};
  for (int k = 0; k < K; k++)
    for (int j = 0; j < width; j++) {
      const lanes b = *(const loose *)(B + (size_t)k * (size_t)N + n + j * LANES);
      for (int m = 0; m < M; m++) sum[m][j] += A[k * M + m] * b;
    }
  for (int m = 0; m < M; m++)
    for (int j = 0; j < width; j++) {
      mg_real *c = C + m * N + n + j * LANES;
      for (int i = j == 0 ? from - n : 0; i < LANES; i++)
        c[i] = (beta == 0 ? 0 : c[i]) + sum[m][j][i];
    }
}

UNROLLED tn(int M, int N, int K, const mg_real *A, const mg_real *B, mg_real beta, mg_real *C) {
  int n = 0;
  for (; n + 4 * LANES <= N; n += 4 * LANES) tn_columns(M, 4, n, n, N, K, A, B, beta, C);
  for (; n + 2 * LANES <= N; n += 2 * LANES) tn_columns(M, 2, n, n, N, K, A, B, beta, C);
  for (; n + LANES <= N; n += LANES) tn_columns(M, 1, n, n, N, K, A, B, beta, C);
  if (n == N) return;
  if (N > LANES) { /* a whole vector that ends with the last column */
    tn_columns(M, 1, N - LANES, n, N, K, A, B, beta, C);
    return;
  }
  mg_real sum[MG_NARROW][LANES] = {{0}};
  for (int k = 0; k < K; k++)
    for (int m = 0; m < M; m++)
      for (int j = 0; j < N; j++) sum[m][j] += A[k * M + m] * B[(size_t)k * (size_t)N + j];
  for (int m = 0; m < M; m++)
    for (int j = 0; j < N; j++) C[m * N + j] = (beta == 0 ? 0 : C[m * N + j]) + sum[m][j];
}

void mg_narrow_tn(int M, int N, int K, const mg_real *A, const mg_real *B, mg_real beta,
                  mg_real *C) {
  BY_NARROW_SIZE(M, tn, N, K, A, B, beta, C)
}
