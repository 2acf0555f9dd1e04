#include "nn/dense.h"

#include "math/blas.h"
#include "math/vec.h"

#include <math.h>

size_t mg_dense_size(mg_dense layer) {
  return (size_t)layer.out * (size_t)layer.in + (size_t)layer.out;
}

static size_t weights(mg_dense layer) {
  return (size_t)layer.out * (size_t)layer.in;
}

void mg_dense_init_normal(mg_dense layer, double scale, mg_rng *rng, mg_real *theta) {
  const double deviation = scale / sqrt(layer.in > 0 ? layer.in : 1);
  for (size_t i = 0; i < weights(layer); i++) theta[i] = (mg_real)(deviation * mg_rng_normal(rng));
  mg_vec_fill((size_t)layer.out, 0, theta + weights(layer));
}

/* Modified Gram-Schmidt, each vector twice: once more makes it orthogonal to rounding. */
static void orthonormalise(int count, int length, double *q) {
  for (int i = 0; i < count; i++) {
    double *v = q + (size_t)i * (size_t)length;
    for (int pass = 0; pass < 2; pass++)
      for (int j = 0; j < i; j++) {
        const double *u = q + (size_t)j * (size_t)length;
        double dot = 0;
        for (int k = 0; k < length; k++) dot += u[k] * v[k];
        for (int k = 0; k < length; k++) v[k] -= dot * u[k];
      }
    double square = 0;
    for (int k = 0; k < length; k++) square += v[k] * v[k];
    for (int k = 0; k < length; k++) v[k] /= sqrt(square);
  }
}

void mg_dense_init_orthogonal(mg_dense layer, double scale, mg_rng *rng, mg_real *theta,
                              double *scratch) {
  /* Only as many vectors as there is room for can be orthogonal: the shorter side's. */
  const int by_rows = layer.out <= layer.in;
  const int count = by_rows ? layer.out : layer.in, length = by_rows ? layer.in : layer.out;
  for (size_t i = 0; i < weights(layer); i++) scratch[i] = mg_rng_normal(rng);
  orthonormalise(count, length, scratch);
  for (int o = 0; o < layer.out; o++)
    for (int i = 0; i < layer.in; i++)
      theta[o * layer.in + i] =
          (mg_real)(scale * (by_rows ? scratch[o * length + i] : scratch[i * length + o]));
  mg_vec_fill((size_t)layer.out, 0, theta + weights(layer));
}

/* y [B,O] <- b in every row, by doubling: a call a row would cost more than the product when
 * narrow. */
static void repeat_row(size_t B, size_t O, const mg_real *b, mg_real *y) {
  mg_vec_copy(O, b, y);
  for (size_t done = 1; done < B; done *= 2)
    mg_vec_copy((B - done < done ? B - done : done) * O, y, y + done * O);
}

void mg_dense_forward(mg_dense layer, int B, const mg_real *theta, const mg_real *x, mg_real *y) {
  if (B == 0) return;
  /* The product adds to the biases: BLAS would otherwise clear y, which costs as much. */
  repeat_row((size_t)B, (size_t)layer.out, theta + weights(layer), y);
  mg_matmul_nt(B, layer.out, layer.in, x, theta, 1, y);
}

void mg_dense_product(mg_dense layer, int B, const mg_real *theta, const mg_real *x, mg_real *y) {
  mg_matmul_nt(B, layer.out, layer.in, x, theta, 0, y);
}

const mg_real *mg_dense_bias(mg_dense layer, const mg_real *theta) {
  return theta + weights(layer);
}

void mg_dense_backward_input(mg_dense layer, int B, const mg_real *theta, const mg_real *dy,
                             mg_real *dx) {
  mg_matmul_nn(B, layer.in, layer.out, dy, theta, 0, dx);
}

void mg_dense_backward_theta(mg_dense layer, int B, const mg_real *x, const mg_real *dy,
                             mg_real *dtheta) {
  /* Rows that stay in cache between the product and the column sums. */
  enum { BLOCK = 512 };
  for (int first = 0; first < B; first += BLOCK) {
    const int rows = B - first < BLOCK ? B - first : BLOCK;
    const mg_real *d = dy + (size_t)first * (size_t)layer.out;
    mg_matmul_tn(layer.out, layer.in, rows, d, x + (size_t)first * (size_t)layer.in, 1, dtheta);
    mg_vec_add_column_sums(rows, layer.out, d, dtheta + weights(layer));
  }
}
