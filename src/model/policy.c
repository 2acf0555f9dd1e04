#include "model/policy.h"

#include "nn/categorical.h"
#include "nn/gaussian.h"

#include <string.h>

mg_policy mg_policy_make(int state_size, int action_size, bool discrete, int hidden_layers,
                         const int *hidden, mg_activation f, const double *action_mean,
                         const double *action_sd) {
  return (mg_policy){
      .net = mg_mlp_make(state_size, hidden_layers, hidden, action_size, f),
      .discrete = discrete,
      .state_size = state_size,
      .action_size = action_size,
      .action_mean = discrete ? NULL : action_mean,
      .action_sd = discrete ? NULL : action_sd,
  };
}

size_t mg_policy_log_sigma_offset(const mg_policy *policy) {
  return mg_mlp_size(&policy->net);
}

size_t mg_policy_size(const mg_policy *policy) {
  return mg_mlp_size(&policy->net) + (policy->discrete ? 0 : (size_t)policy->action_size);
}

void mg_policy_init(const mg_policy *policy, double log_sigma, mg_rng *rng, mg_real *theta) {
  mg_mlp_init_normal(&policy->net, 0.1, rng, theta);
  const size_t offset = mg_policy_log_sigma_offset(policy);
  for (size_t i = offset; i < mg_policy_size(policy); i++) theta[i] = (mg_real)log_sigma;
}

void mg_policy_forward(const mg_policy *policy, int B, const mg_real *theta, const mg_real *x,
                       mg_mlp_tape *tape, mg_real *head) {
  mg_mlp_forward(&policy->net, B, theta, x, tape, head);
  if (policy->discrete) return;
  const int A = policy->action_size;
  for (int b = 0; b < B; b++) {
    mg_real *row = head + (size_t)b * (size_t)A;
    for (int i = 0; i < A; i++)
      row[i] = (mg_real)policy->action_mean[i] + (mg_real)policy->action_sd[i] * row[i];
  }
}

void mg_policy_backward_input(const mg_policy *policy, int first, int rows, const mg_real *theta,
                              mg_mlp_tape *tape, mg_real *dhead, mg_real *dx) {
  if (!policy->discrete) {
    const int A = policy->action_size;
    for (int b = 0; b < rows; b++) {
      mg_real *row = dhead + (size_t)b * (size_t)A;
      for (int i = 0; i < A; i++) row[i] *= (mg_real)policy->action_sd[i];
    }
  }
  mg_mlp_backward_input(&policy->net, first, rows, theta, tape, dhead, dx);
}

void mg_policy_backward_theta(const mg_policy *policy, int B, const mg_mlp_tape *tape,
                              mg_real *dtheta) {
  mg_mlp_backward_theta(&policy->net, B, tape, dtheta);
}

void mg_policy_noise(const mg_policy *policy, mg_rng *rng, mg_real *noise) {
  if (policy->discrete)
    mg_gumbel_noise(1, policy->action_size, rng, noise);
  else
    for (int i = 0; i < policy->action_size; i++) noise[i] = (mg_real)mg_rng_normal(rng);
}

void mg_policy_act(const mg_policy *policy, int B, const mg_real *theta, const mg_real *head,
                   const mg_real *noise, mg_real *a) {
  const size_t n = (size_t)B * (size_t)policy->action_size;
  if (policy->discrete) {
    mg_gumbel_choose(B, policy->action_size, head, noise, a);
  } else if (noise) {
    mg_gaussian_sample(B, policy->action_size, head, theta + mg_policy_log_sigma_offset(policy),
                       noise, a);
  } else {
    memcpy(a, head, n * sizeof *a);
  }
}
