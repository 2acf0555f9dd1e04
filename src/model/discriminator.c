#include "model/discriminator.h"

#include "math/vec.h"
#include "nn/loss.h"

mg_mlp mg_discriminator_make(int state_size, int action_size, int hidden_layers, const int *hidden,
                             mg_activation f) {
  return mg_mlp_make(state_size + action_size, hidden_layers, hidden, 1, f);
}

void mg_discriminator_init(const mg_mlp *net, mg_rng *rng, mg_real *theta) {
  mg_mlp_init_normal(net, 0.3, rng, theta);
}

mg_discriminator_work mg_discriminator_work_make(const mg_mlp *net, int batch, mg_arena *arena) {
  const size_t B = (size_t)batch, I = (size_t)net->width[0];
  return (mg_discriminator_work){
      .batch = batch,
      .tape = mg_mlp_tape_make(net, 2 * batch, arena),
      .penalty = mg_mlp_penalty_make(net, batch, arena),
      .logit = MG_NEW(arena, mg_real, 2 * B),
      .dlogit = MG_NEW(arena, mg_real, 2 * B),
      .between = MG_NEW(arena, mg_real, B * I),
      .slope = MG_NEW(arena, mg_real, B * I),
      .v = MG_NEW(arena, mg_real, B * I),
  };
}

static double share_above_zero(int B, const mg_real *l) {
  int above = 0;
  for (int b = 0; b < B; b++) above += l[b] > 0;
  return (double)above / B;
}

static double penalty_gradient(const mg_mlp *net, const mg_real *theta, const mg_real *pairs,
                               const mg_real *mix, double weight, double target,
                               mg_discriminator_work *work, mg_real *dtheta) {
  const int B = work->batch, I = net->width[0];
  const mg_real *expert = pairs + (size_t)B * (size_t)I;
  for (int b = 0; b < B; b++) {
    for (int i = 0; i < I; i++) {
      const size_t k = (size_t)b * (size_t)I + (size_t)i;
      work->between[k] = pairs[k] + mix[b] * (expert[k] - pairs[k]);
    }
  }
  mg_mlp_forward(net, B, theta, work->between, &work->tape, work->logit);
  mg_vec_fill((size_t)B, 1, work->dlogit);
  mg_mlp_backward_input(net, 0, B, theta, &work->tape, work->dlogit, work->slope);
  const double penalty =
      mg_loss_gradient_penalty(B, I, work->slope, (mg_real)target, (mg_real)weight, work->v);
  mg_mlp_penalty_backward(net, B, theta, &work->tape, work->v, &work->penalty, dtheta);
  return penalty;
}

mg_discriminator_loss mg_discriminator_gradient(const mg_mlp *net, const mg_real *theta,
                                                const mg_real *pairs, const mg_real *mix,
                                                double penalty_weight, double penalty_target,
                                                mg_discriminator_work *work, mg_real *dtheta) {
  const int B = work->batch;
  mg_real *l = work->logit, *dl = work->dlogit;
  mg_discriminator_loss loss = {0};
  mg_mlp_forward(net, 2 * B, theta, pairs, &work->tape, l);
  loss.policy = mg_loss_bce(B, l, 0, 1, dl);
  loss.expert = mg_loss_bce(B, l + B, 1, 1, dl + B);
  loss.policy_accuracy = 1 - share_above_zero(B, l);
  loss.expert_accuracy = share_above_zero(B, l + B);
  mg_mlp_backward(net, 2 * B, theta, &work->tape, dl, dtheta, NULL);
  if (penalty_weight > 0) {
    loss.penalty =
        penalty_gradient(net, theta, pairs, mix, penalty_weight, penalty_target, work, dtheta);
  }
  return loss;
}

double mg_discriminator_flops(const mg_mlp *net, int B, double penalty_weight) {
  double flops = mg_mlp_flops_forward(net, 2 * B) + mg_mlp_flops_backward_input(net, 2 * B, 0) +
                 mg_mlp_flops_backward_theta(net, 2 * B);
  if (penalty_weight > 0) {
    flops += mg_mlp_flops_forward(net, B) + mg_mlp_flops_backward_input(net, B, 1) +
             mg_mlp_flops_penalty(net, B);
  }
  return flops;
}
