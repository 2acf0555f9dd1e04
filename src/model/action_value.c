#include "model/action_value.h"

#include "math/vec.h"
#include "model/value.h"

#include <stdbool.h>

mg_mlp mg_action_value_make(int width, int hidden_layers, const int *hidden, mg_activation f) {
  return mg_mlp_make(width, hidden_layers, hidden, 1, f);
}

size_t mg_action_value_size(const mg_mlp *net) {
  return MG_ACTION_VALUES * mg_mlp_size(net);
}

void mg_action_value_init(const mg_mlp *net, mg_rng *rng, mg_real *theta) {
  for (size_t k = 0; k < MG_ACTION_VALUES; k++)
    mg_value_init(net, rng, theta + k * mg_mlp_size(net));
}

mg_action_value_work mg_action_value_work_make(const mg_mlp *net, int rows, mg_arena *arena) {
  mg_action_value_work work = {0};
  for (int k = 0; k < MG_ACTION_VALUES; k++) {
    work.tape[k] = mg_mlp_tape_make(net, rows, arena);
    work.q[k] = MG_NEW(arena, mg_real, (size_t)rows);
  }
  work.dq = MG_NEW(arena, mg_real, (size_t)rows);
  work.dxa = MG_NEW(arena, mg_real, (size_t)rows * (size_t)net->width[0]);
  return work;
}

void mg_action_value_least(const mg_mlp *net, int B, const mg_real *theta, const mg_real *xa,
                           mg_action_value_work *work, mg_real *q) {
  for (size_t k = 0; k < MG_ACTION_VALUES; k++)
    mg_mlp_forward(net, B, theta + k * mg_mlp_size(net), xa, &work->tape[k], work->q[k]);
  for (int b = 0; b < B; b++) q[b] = work->q[1][b] < work->q[0][b] ? work->q[1][b] : work->q[0][b];
}

void mg_action_value_backward_input(const mg_mlp *net, int B, const mg_real *theta,
                                    mg_action_value_work *work, const mg_real *dq, mg_real *dxa) {
  for (int k = 0; k < MG_ACTION_VALUES; k++) {
    for (int b = 0; b < B; b++) {
      const bool second = work->q[1][b] < work->q[0][b];
      work->dq[b] = second == (k == 1) ? dq[b] : 0;
    }
    mg_mlp_backward_input(net, 0, B, theta + (size_t)k * mg_mlp_size(net), &work->tape[k], work->dq,
                          k == 0 ? dxa : work->dxa);
  }
  mg_vec_axpy((size_t)B * (size_t)net->width[0], 1, work->dxa, dxa);
}

double mg_action_value_gradient(const mg_mlp *net, int B, const mg_real *theta, const mg_real *xa,
                                const mg_real *target, mg_mlp_tape *tape, mg_real *out,
                                mg_real *dtheta) {
  double loss = 0;
  for (size_t k = 0; k < MG_ACTION_VALUES; k++) {
    const size_t at = k * mg_mlp_size(net);
    loss += mg_value_gradient(net, B, theta + at, xa, target, tape, out, dtheta + at);
  }
  return loss;
}
