#include "model/value.h"

#include "nn/loss.h"

mg_mlp mg_value_make(int state_size, int hidden_layers, const int *hidden, mg_activation f) {
  return mg_mlp_make(state_size, hidden_layers, hidden, 1, f);
}

void mg_value_init(const mg_mlp *net, mg_rng *rng, mg_real *theta) {
  mg_mlp_init_normal(net, 0.1, rng, theta);
}

double mg_value_gradient(const mg_mlp *net, int B, const mg_real *theta, const mg_real *x,
                         const mg_real *target, mg_mlp_tape *tape, mg_real *out, mg_real *dtheta) {
  mg_real *v = out, *dv = out + B;
  mg_mlp_forward(net, B, theta, x, tape, v);
  const double loss = mg_loss_mse(B, 1, v, target, dv);
  mg_mlp_backward(net, B, theta, tape, dv, dtheta, NULL);
  return loss;
}
