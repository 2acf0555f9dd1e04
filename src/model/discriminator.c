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
  const int rows = mg_mlp_block(batch, 0);
  const size_t R = (size_t)rows, I = (size_t)net->width[0];
  return (mg_discriminator_work){
      .batch = batch,
      .tape = mg_mlp_tape_make(net, rows, arena),
      .penalty = mg_mlp_penalty_make(net, rows, arena),
      .logit = MG_NEW(arena, mg_real, R),
      .dlogit = MG_NEW(arena, mg_real, R),
      .between = MG_NEW(arena, mg_real, R * I),
      .slope = MG_NEW(arena, mg_real, R * I),
      .v = MG_NEW(arena, mg_real, R * I),
  };
}

/* Mean cross-entropy of the B rows of x against one label, and the share of logits above 0. */
static double cross_entropy_gradient(const mg_mlp *net, const mg_real *theta, const mg_real *x,
                                     int label, mg_discriminator_work *work, mg_real *dtheta,
                                     double *above) {
  const int B = work->batch, I = net->width[0];
  double loss = 0;
  int positive = 0;
  for (int first = 0; first < B; first += MG_MLP_BLOCK) {
    const int rows = mg_mlp_block(B, first);
    const double share = (double)rows / B;
    mg_mlp_forward(net, rows, theta, x + (size_t)first * (size_t)I, &work->tape, work->logit);
    loss += share * mg_loss_bce(rows, work->logit, label, (mg_real)share, work->dlogit);
    for (int b = 0; b < rows; b++) positive += work->logit[b] > 0;
    mg_mlp_backward(net, rows, theta, &work->tape, work->dlogit, dtheta, NULL);
  }
  *above = (double)positive / B;
  return loss;
}

/* Points between rows of the policy and of the expert. */
static void mix_pairs(int rows, int I, const mg_real *policy, const mg_real *expert,
                      const mg_real *mix, mg_real *between) {
  for (int b = 0; b < rows; b++) {
    for (int i = 0; i < I; i++) {
      const size_t k = (size_t)b * (size_t)I + (size_t)i;
      between[k] = policy[k] + mix[b] * (expert[k] - policy[k]);
    }
  }
}

static double penalty_gradient(const mg_mlp *net, const mg_real *theta, const mg_real *pairs,
                               const mg_real *mix, double weight, double target,
                               mg_discriminator_work *work, mg_real *dtheta) {
  const int B = work->batch, I = net->width[0];
  double penalty = 0;
  for (int first = 0; first < B; first += MG_MLP_BLOCK) {
    const int rows = mg_mlp_block(B, first);
    const double share = (double)rows / B;
    const mg_real *policy = pairs + (size_t)first * (size_t)I;
    mix_pairs(rows, I, policy, policy + (size_t)B * (size_t)I, mix + first, work->between);
    mg_mlp_forward(net, rows, theta, work->between, &work->tape, work->logit);
    mg_vec_fill((size_t)rows, 1, work->dlogit);
    mg_mlp_backward_input(net, 0, rows, theta, &work->tape, work->dlogit, work->slope);
    penalty += share * mg_loss_gradient_penalty(rows, I, work->slope, (mg_real)target,
                                                (mg_real)(weight * share), work->v);
    mg_mlp_penalty_backward(net, rows, theta, &work->tape, work->v, &work->penalty, dtheta);
  }
  return penalty;
}

mg_discriminator_loss mg_discriminator_gradient(const mg_mlp *net, const mg_real *theta,
                                                const mg_real *pairs, const mg_real *mix,
                                                double penalty_weight, double penalty_target,
                                                mg_discriminator_work *work, mg_real *dtheta) {
  const mg_real *expert = pairs + (size_t)work->batch * (size_t)net->width[0];
  mg_discriminator_loss loss = {0};
  double above;
  loss.policy = cross_entropy_gradient(net, theta, pairs, 0, work, dtheta, &above);
  loss.policy_accuracy = 1 - above;
  loss.expert = cross_entropy_gradient(net, theta, expert, 1, work, dtheta, &above);
  loss.expert_accuracy = above;
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
