/* Generative adversarial imitation learning (Ho, Ermon 2016): the same adversary as MGAIL's
 * (adversary.h), and a policy that learns from its opinion as from any reward, without a model.
 *
 * An iteration: collect a segment; discriminator.updates steps of D on it and older ones against
 * the expert; rewards c(l) of the segment's pairs (reward.h says which form favours what);
 * advantages as in on_policy.h; a step of the policy, trpo.h (the paper's) or PPO's passes; passes
 * of the value. The task's own reward is reported and never learned from.
 *
 * Episodes that the task ends (gail.episodes), T the step that ended one:
 *   as_is      what follows is worth 0. With rewards of one sign that alone tells the policy to live
 *              long (softplus) or to end soon (log_d), whatever the expert did.
 *   absorbing  what follows is the absorbing state for ever, whose reward r_a D gives (adversary.h;
 *              Kostrikov et al. 2019): worth r_a / (1 - gamma), the exact solution of
 *              V = r_a + gamma V under the present D, so that no value has to be learned for it.
 *              Needs gamma < 1.
 *   fixed      the episode is taken to go on: V(s_{T+1}), as at a time limit. Ending is then neither
 *              rewarded nor punished, by D either.
 *
 * discriminator.updates = 0 is the control: D = 1/2, the rewards are exactly constant, and what is
 * learned is what survival (softplus), haste (log_d) or nothing (logit) are worth in the task.
 *
 * With gail.clone_weight the policy's objective has a term of behavioural cloning beside it
 * (clone.h).
 *
 * Observations are normalised with the expert's statistics, actions likewise for D. Over ranks:
 * trpo averages what it decides from whatever run.sync is; the rest is as in on_policy.h.
 *
 * The struct is internal. */
#ifndef MG_ALGO_GAIL_H
#define MG_ALGO_GAIL_H

#include "algo/adversary.h"
#include "algo/on_policy/on_policy.h"
#include "algo/on_policy/trpo.h"
#include "base/named.h"

extern const mg_algorithm_class mg_gail_class;

/* Enumerator, name in configuration files. */
#define MG_GAIL_UPDATE_LIST(X)                                                                     \
  X(MG_GAIL_TRPO, "trpo")                                                                          \
  X(MG_GAIL_PPO, "ppo")

typedef enum mg_gail_update { MG_GAIL_UPDATE_LIST(MG_NAMED_ENUM) } mg_gail_update;

/* Enumerator, name in configuration files. */
#define MG_GAIL_EPISODES_LIST(X)                                                                   \
  X(MG_GAIL_AS_IS, "as_is")                                                                        \
  X(MG_GAIL_ABSORBING, "absorbing")                                                                \
  X(MG_GAIL_FIXED, "fixed")

typedef enum mg_gail_episodes { MG_GAIL_EPISODES_LIST(MG_NAMED_ENUM) } mg_gail_episodes;

/* With trpo the metric policy_loss is minus the step's gain, kl is exact, and skipped counts the
 * steps that the line search refused. */
typedef struct mg_gail {
  mg_on_policy on_policy;
  mg_adversary adversary;
  mg_clone clone; /* the term of behavioural cloning */
  mg_trpo trpo;   /* only if gail.update asks for it */
} mg_gail;

#endif
