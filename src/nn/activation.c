#include "nn/activation.h"

#include "math/elementary.h"
#include "math/vec.h"

#include <assert.h>

static const mg_real LEAK = (mg_real)0.01;

int mg_activation_in_place(mg_activation f) {
  return f != MG_SWISH;
}

/* Comparisons below keep a NaN: whatever is not below zero passes. */
void mg_activation_forward(mg_activation f, size_t n, mg_real *z, mg_real *h) {
  assert(h != z || mg_activation_in_place(f));
  switch (f) {
  case MG_IDENTITY:
    mg_vec_copy(n, z, h);
    break;
  case MG_TANH:
    mg_vec_tanh(n, z, h);
    break;
  case MG_SIGMOID:
    mg_vec_sigmoid(n, z, h);
    break;
  case MG_RELU:
    for (size_t i = 0; i < n; i++) h[i] = z[i] < 0 ? 0 : z[i];
    break;
  case MG_LEAKY_RELU:
    for (size_t i = 0; i < n; i++) h[i] = z[i] < 0 ? LEAK * z[i] : z[i];
    break;
  case MG_SWISH:
    for (size_t i = 0; i < n; i++) {
      const mg_real gate = mg_one_gate(z[i]);
      h[i] = z[i] * gate;
      z[i] = gate;
    }
    break;
  }
}

void mg_activation_forward_biased(mg_activation f, int rows, int columns, const mg_real *bias,
                                  mg_real *z, mg_real *h) {
  /* As many rows as leave no vector of f's loop half full, whatever the number of columns. */
  enum { TOGETHER = 16 };
  const size_t n = (size_t)columns;
  for (int first = 0; first < rows; first += TOGETHER) {
    const int last = rows - first < TOGETHER ? rows : first + TOGETHER;
    const size_t at = (size_t)first * n;
    for (int b = first; b < last; b++)
      for (size_t i = 0; i < n; i++) z[(size_t)b * n + i] += bias[i];
    mg_activation_forward(f, (size_t)(last - first) * n, z + at, h + at);
  }
}

void mg_activation_backward(mg_activation f, size_t n, const mg_real *gate, const mg_real *h,
                            const mg_real *dh, mg_real *dz) {
  switch (f) {
  case MG_IDENTITY:
    mg_vec_copy(n, dh, dz);
    break;
  case MG_TANH:
    for (size_t i = 0; i < n; i++) dz[i] = dh[i] * (1 - h[i] * h[i]);
    break;
  case MG_SIGMOID:
    for (size_t i = 0; i < n; i++) dz[i] = dh[i] * (h[i] * (1 - h[i]));
    break;
  case MG_RELU:
    for (size_t i = 0; i < n; i++) dz[i] = h[i] <= 0 ? 0 : dh[i];
    break;
  case MG_LEAKY_RELU:
    for (size_t i = 0; i < n; i++) dz[i] = h[i] <= 0 ? LEAK * dh[i] : dh[i];
    break;
  case MG_SWISH:
    for (size_t i = 0; i < n; i++) dz[i] = dh[i] * (gate[i] + h[i] * (1 - gate[i]));
    break;
  }
}

void mg_activation_derivatives(mg_activation f, size_t n, const mg_real *gate, const mg_real *h,
                               mg_real *first, mg_real *second) {
  switch (f) {
  case MG_IDENTITY:
    mg_vec_fill(n, 1, first);
    mg_vec_fill(n, 0, second);
    break;
  case MG_TANH:
    for (size_t i = 0; i < n; i++) {
      const mg_real slope = 1 - h[i] * h[i];
      first[i] = slope;
      second[i] = -2 * h[i] * slope;
    }
    break;
  case MG_SIGMOID:
    for (size_t i = 0; i < n; i++) {
      const mg_real slope = h[i] * (1 - h[i]);
      first[i] = slope;
      second[i] = slope * (1 - 2 * h[i]);
    }
    break;
  case MG_RELU:
    for (size_t i = 0; i < n; i++) first[i] = h[i] <= 0 ? 0 : 1;
    mg_vec_fill(n, 0, second);
    break;
  case MG_LEAKY_RELU:
    for (size_t i = 0; i < n; i++) first[i] = h[i] <= 0 ? LEAK : 1;
    mg_vec_fill(n, 0, second);
    break;
  case MG_SWISH:
    for (size_t i = 0; i < n; i++) {
      const mg_real g = gate[i], one_minus = 1 - g;
      first[i] = g + h[i] * one_minus;
      second[i] = one_minus * (2 * g + h[i] * (one_minus - g));
    }
    break;
  }
}
