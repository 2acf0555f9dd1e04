#include "nn/mlp.h"

#include "math/blas.h"
#include "math/vec.h"
#include "nn/dense.h"

#include <assert.h>
#include <stdlib.h>

static mg_dense layer_of(const mg_mlp *net, int k) {
  return (mg_dense){net->width[k - 1], net->width[k]};
}

static const mg_real *theta_of(const mg_mlp *net, int k, const mg_real *theta) {
  for (int j = 1; j < k; j++) theta += mg_dense_size(layer_of(net, j));
  return theta;
}

/* Row `row` of a [.., width[k]] array. */
static mg_real *row_of(const mg_mlp *net, int k, mg_real *array, int row) {
  return array + (size_t)row * (size_t)net->width[k];
}

mg_mlp mg_mlp_make(int in, int hidden_layers, const int *hidden, int out, mg_activation f) {
  assert(in > 0 && out > 0);
  assert(hidden_layers >= 0 && hidden_layers < MG_MLP_MAX_LAYERS);
  mg_mlp net = {.layers = hidden_layers + 1, .activation = f};
  net.width[0] = in;
  for (int k = 0; k < hidden_layers; k++) {
    assert(hidden[k] > 0);
    net.width[k + 1] = hidden[k];
  }
  net.width[net.layers] = out;
  return net;
}

size_t mg_mlp_size(const mg_mlp *net) {
  size_t size = 0;
  for (int k = 1; k <= net->layers; k++) size += mg_dense_size(layer_of(net, k));
  return size;
}

mg_mlp_tape mg_mlp_tape_make(const mg_mlp *net, int capacity, mg_arena *arena) {
  assert(capacity >= 0);
  mg_mlp_tape tape = {.capacity = capacity};
  const size_t rows = (size_t)capacity;
  for (int k = 0; k < net->layers; k++) {
    const size_t n = rows * (size_t)net->width[k];
    tape.h[k] = MG_NEW(arena, mg_real, n);
    if (k == 0) continue;
    tape.gate[k] = mg_activation_in_place(net->activation) ? tape.h[k] : MG_NEW(arena, mg_real, n);
    tape.delta[k] = MG_NEW(arena, mg_real, n);
  }
  tape.dy = MG_NEW(arena, mg_real, rows * (size_t)net->width[net->layers]);
  return tape;
}

void mg_mlp_init_normal(const mg_mlp *net, double last_scale, mg_rng *rng, mg_real *theta) {
  for (int k = 1; k <= net->layers; k++) {
    mg_dense_init_normal(layer_of(net, k), k == net->layers ? last_scale : 1, rng, theta);
    theta += mg_dense_size(layer_of(net, k));
  }
}

mg_status mg_mlp_init_orthogonal(const mg_mlp *net, double hidden_scale, double last_scale,
                                 mg_rng *rng, mg_real *theta) {
  size_t largest = 0;
  for (int k = 1; k <= net->layers; k++) {
    const size_t n = (size_t)net->width[k - 1] * (size_t)net->width[k];
    largest = n > largest ? n : largest;
  }
  double *scratch = malloc(largest * sizeof *scratch);
  if (!scratch)
    return mg_fail(MG_ERR_MEMORY, "out of memory: %zu bytes to initialise a layer",
                   largest * sizeof *scratch);
  for (int k = 1; k <= net->layers; k++) {
    mg_dense_init_orthogonal(layer_of(net, k), k == net->layers ? last_scale : hidden_scale, rng,
                             theta, scratch);
    theta += mg_dense_size(layer_of(net, k));
  }
  free(scratch);
  return MG_OK;
}

static void forward_block(const mg_mlp *net, int first, int rows, const mg_real *theta,
                          mg_mlp_tape *tape, mg_real *y) {
  const int L = net->layers;
  for (int k = 1; k <= L; k++) {
    const mg_dense layer = layer_of(net, k);
    const mg_real *in = row_of(net, k - 1, tape->h[k - 1], first);
    mg_real *z = row_of(net, k, k < L ? tape->gate[k] : y, first);
    if (k < L) {
      mg_dense_product(layer, rows, theta, in, z);
      mg_activation_forward_biased(net->activation, rows, layer.out, mg_dense_bias(layer, theta), z,
                                   row_of(net, k, tape->h[k], first));
    } else {
      mg_dense_forward(layer, rows, theta, in, z);
    }
    theta += mg_dense_size(layer);
  }
}

void mg_mlp_forward(const mg_mlp *net, int B, const mg_real *theta, const mg_real *x,
                    mg_mlp_tape *tape, mg_real *y) {
  assert(0 <= B && B <= tape->capacity);
  mg_vec_copy((size_t)B * (size_t)net->width[0], x, tape->h[0]);
  for (int first = 0; first < B; first += MG_MLP_BLOCK)
    forward_block(net, first, mg_mlp_block(B, first), theta, tape, y);
}

static void backward_block(const mg_mlp *net, int first, int rows, const mg_real *theta,
                           mg_mlp_tape *tape, mg_real *dx) {
  const int L = net->layers;
  for (int k = L; k >= 1; k--) {
    const mg_real *dz = row_of(net, k, k == L ? tape->dy : tape->delta[k], first);
    const mg_real *W = theta_of(net, k, theta);
    if (k == 1) {
      if (dx) mg_dense_backward_input(layer_of(net, k), rows, W, dz, dx);
      return;
    }
    mg_real *delta = row_of(net, k - 1, tape->delta[k - 1], first);
    mg_dense_backward_input(layer_of(net, k), rows, W, dz, delta);
    mg_activation_backward(net->activation, (size_t)rows * (size_t)net->width[k - 1],
                           row_of(net, k - 1, tape->gate[k - 1], first),
                           row_of(net, k - 1, tape->h[k - 1], first), delta, delta);
  }
}

void mg_mlp_backward_input(const mg_mlp *net, int first, int rows, const mg_real *theta,
                           mg_mlp_tape *tape, const mg_real *dy, mg_real *dx) {
  assert(0 <= first && 0 <= rows && first + rows <= tape->capacity);
  mg_vec_copy((size_t)rows * (size_t)net->width[net->layers], dy,
              row_of(net, net->layers, tape->dy, first));
  for (int done = 0; done < rows; done += MG_MLP_BLOCK)
    backward_block(net, first + done, mg_mlp_block(rows, done), theta, tape,
                   dx ? row_of(net, 0, dx, done) : NULL);
}

void mg_mlp_backward_theta(const mg_mlp *net, int B, const mg_mlp_tape *tape, mg_real *dtheta) {
  assert(0 <= B && B <= tape->capacity);
  for (int k = 1; k <= net->layers; k++) {
    mg_dense_backward_theta(layer_of(net, k), B, tape->h[k - 1],
                            k == net->layers ? tape->dy : tape->delta[k], dtheta);
    dtheta += mg_dense_size(layer_of(net, k));
  }
}

void mg_mlp_backward(const mg_mlp *net, int B, const mg_real *theta, mg_mlp_tape *tape,
                     const mg_real *dy, mg_real *dtheta, mg_real *dx) {
  mg_mlp_backward_input(net, 0, B, theta, tape, dy, dx);
  if (dtheta) mg_mlp_backward_theta(net, B, tape, dtheta);
}

double mg_mlp_flops_forward(const mg_mlp *net, int B) {
  double flops = 0;
  for (int k = 1; k <= net->layers; k++)
    flops += mg_matmul_flops(B, net->width[k], net->width[k - 1]);
  return flops;
}

double mg_mlp_flops_backward_input(const mg_mlp *net, int B, int with_dx) {
  const double first = mg_matmul_flops(B, net->width[1], net->width[0]);
  return mg_mlp_flops_forward(net, B) - (with_dx ? 0 : first);
}

double mg_mlp_flops_backward_theta(const mg_mlp *net, int B) {
  return mg_mlp_flops_forward(net, B);
}

double mg_mlp_flops_training(const mg_mlp *net, int B) {
  return mg_mlp_flops_forward(net, B) + mg_mlp_flops_backward_input(net, B, 0) +
         mg_mlp_flops_backward_theta(net, B);
}
