/* Element-wise nonlinearities h = f(z), with first and second derivatives. */
#ifndef MG_NN_ACTIVATION_H
#define MG_NN_ACTIVATION_H

#include "base/named.h"
#include "math/real.h"

#include <stddef.h>

/* Enumerator, name in configuration files. */
#define MG_ACTIVATION_LIST(X)                                                                      \
  X(MG_IDENTITY, "identity")                                                                       \
  X(MG_TANH, "tanh")                                                                               \
  X(MG_RELU, "relu")                                                                               \
  X(MG_LEAKY_RELU, "leaky_relu") /* slope 0.01 below zero */                                       \
  X(MG_SWISH, "swish")           /* z * sigmoid(z) */                                              \
  X(MG_SIGMOID, "sigmoid")

typedef enum mg_activation { MG_ACTIVATION_LIST(MG_NAMED_ENUM) } mg_activation;

/* 1 where f' and f'' follow from h alone, so that h may take z's place: all but SWISH. */
int mg_activation_in_place(mg_activation f);

/* h [n] <- f(z). h may be z only where mg_activation_in_place; elsewhere z <- sigmoid(z), the gate
 * from which the derivatives follow. NaN passes through. */
void mg_activation_forward(mg_activation f, size_t n, mg_real *z, mg_real *h);

/* The same of z [rows,columns] + bias [columns], row by row while they are in the first cache. */
void mg_activation_forward_biased(mg_activation f, int rows, int columns, const mg_real *bias,
                                  mg_real *z, mg_real *h);

/* dz [n] <- dh * f'(z), from what the forward pass left; gate is not read where
 * mg_activation_in_place. dz may be dh. */
void mg_activation_backward(mg_activation f, size_t n, const mg_real *gate, const mg_real *h,
                            const mg_real *dh, mg_real *dz);

/* First and second derivative f'(z), f''(z) [n] each, for the gradient penalty; likewise. */
void mg_activation_derivatives(mg_activation f, size_t n, const mg_real *gate, const mg_real *h,
                               mg_real *first, mg_real *second);

#endif
