/* What the discriminator's opinion is worth to the policy: c(l), l the logit, D = sigmoid(l).
 *
 * The sign of a form is a bias wherever episodes can end (Kostrikov et al. 2019):
 *   softplus >= 0: every further step pays, so a policy gains by surviving, whatever it does
 *   log_d    <= 0: every further step costs, so a policy gains by ending its episodes
 *   logit    of both signs, so none by the form itself (AIRL's, Fu et al. 2018); but as long as D
 *            tells the policy from the expert its pairs have l < 0, and ending them gains there
 * too. Where ending or surviving is the task (Acrobot, a hopper that must not fall) the bias helps
 * as much as it harms elsewhere; discriminator.updates = 0 shows how much it does alone. */
#ifndef MG_ALGO_REWARD_H
#define MG_ALGO_REWARD_H

#include "base/named.h"
#include "math/real.h"

/* Enumerator, name in configuration files. */
#define MG_REWARD_LIST(X)                                                                          \
  X(MG_REWARD_SOFTPLUS, "softplus") /* -log(1 - D) = softplus(l) >= 0 */                           \
  X(MG_REWARD_LOG_D, "log_d")       /* log D = -softplus(-l) <= 0: the MGAIL paper's form */       \
  X(MG_REWARD_LOGIT, "logit")       /* log D - log(1 - D) = l */

typedef enum mg_reward_form { MG_REWARD_LIST(MG_NAMED_ENUM) } mg_reward_form;

/* c(l) and c'(l) of B logits; dc Nullable. */
void mg_reward_of(mg_reward_form form, int B, const mg_real *l, mg_real *c, mg_real *dc);

#endif
