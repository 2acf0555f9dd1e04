#include "app/config/config_table.h"

#include "algo/cloning/clone.h"
#include "algo/mgail/mgail.h"
#include "algo/on_policy/gail.h"
#include "algo/reward.h"
#include "demos/dataset.h"
#include "model/forward_model.h"
#include "model/value.h"
#include "mpi/sync.h"
#include "nn/activation.h"

#include <string.h>

/* The last arguments of each are the help and, if need be, further fields of the row. */
#define ROW(SECTION, KEY, TYPE, FALLBACK, MIN, MAX, UNIT, ...)                                     \
  {.section = #SECTION,                                                                            \
   .key = #KEY,                                                                                    \
   .name = #SECTION "." #KEY,                                                                      \
   .type = TYPE,                                                                                   \
   .offset = offsetof(mg_settings, SECTION.KEY),                                                   \
   .fallback = FALLBACK,                                                                           \
   .min = MIN,                                                                                     \
   .max = MAX,                                                                                     \
   .unit = UNIT,                                                                                   \
   .help = __VA_ARGS__},
#define INT(section, key, fallback, min, max, unit, ...)                                           \
  ROW(section, key, MG_CONFIG_INT, fallback, min, max, unit, __VA_ARGS__)
#define INT64(section, key, fallback, min, max, unit, ...)                                         \
  ROW(section, key, MG_CONFIG_INT64, fallback, min, max, unit, __VA_ARGS__)
#define NUMBER(section, key, fallback, min, max, unit, ...)                                        \
  ROW(section, key, MG_CONFIG_NUMBER, fallback, min, max, unit, __VA_ARGS__)
#define SWITCH(section, key, fallback, ...)                                                        \
  ROW(section, key, MG_CONFIG_SWITCH, fallback, 0, 1, "", __VA_ARGS__)
#define LAYERS(section, key, fallback, ...)                                                        \
  ROW(section, key, MG_CONFIG_LAYERS, fallback, 1, 65536, "units", __VA_ARGS__)
#define TEXT(section, key, fallback, ...)                                                          \
  ROW(section, key, MG_CONFIG_TEXT, fallback, 0, sizeof(((mg_settings *)NULL)->section.key), "",   \
      __VA_ARGS__)
#define ARGUMENT(kind, key, help) ROW(env, key, MG_CONFIG_ARGUMENT, "", 0, 0, "", help)
/* LIST: of named.h */
#define CHOICE(section, key, fallback, LIST, ...)                                                  \
  ROW(section, key, MG_CONFIG_CHOICE, fallback, 0, 0, "", __VA_ARGS__,                             \
      .choices = (const char *const[]){LIST(MG_NAMED_TEXT) NULL})
/* What every network has. */
#define NETWORK(section, hidden_, activation_, rate, final_rate)                                   \
  LAYERS(section, hidden, hidden_, "hidden layers")                                                \
  CHOICE(section, activation, activation_, MG_ACTIVATION_LIST, "of the hidden layers")             \
  NUMBER(section, learning_rate, rate, 0, RATE_MAX, "", "Adam's, at the start")                    \
  NUMBER(section, final_learning_rate, final_rate, 0, RATE_MAX, "",                                \
         "at the end of the run; linear between")

/* Bounds that only keep nonsense and overflow out. */
#define MANY     1e9
#define MOST     9007199254740992.0 /* 2^53 */
#define SECONDS  1e9
#define RATE_MAX 10

/* clang-format off */
const mg_config_row mg_config_table[] = {
  TEXT  (run, algorithm, "mgail", "mgail, gail and bc imitate; ppo makes experts", .option = "NAME")
  TEXT  (run, env, "Hopper-v4", "task, by Gymnasium's name", .option = "ID")
  INT64 (run, seed, "1", 0, MOST, "", "of everything random: same seed, same ranks, same bits", .option = "N", .incidental = true)
  INT64 (run, steps, "5e5", 1, MOST, "steps", "environment steps, all ranks together", .option = "N", .resumable = true)
  INT64 (run, pause, "0", 0, MOST, "steps", "environment steps (bc: epochs) after which the run stops with a checkpoint, exit code 75, and goes on by --resume; 0: never", .resumable = true, .incidental = true)
  INT   (run, environments, "32", 1, 1e6, "", "simulated side by side, all ranks together, which share them as evenly as whole ones allow; of fewer than there are ranks several ranks hold the same one and share its updates")
  CHOICE(run, shares, "even", MG_SHARES_LIST, "of ranks in the environments, and so in all work: even, or by their speed, which they measure at the start; for nodes of several kinds: the bits are then those of the shares that were measured", .resumable = true)
  TEXT  (run, observe, "motion", "entries of the observation that the networks see: motion (positions and velocities), all, or ranges such as 0-21,30")
  CHOICE(run, sync, "parameters", MG_SYNC_LIST, "what ranks average: parameters once an iteration, or every gradient")
  SWITCH(run, overlap, "off", "mgail with run.sync = parameters: ranks do not wait for their average, but collect the next segment while it is on its way, with the policy of the average before it; so no rank stops the others until it is a whole rollout late", .resumable = true)
  INT   (run, check_drift_every, "100", 0, MANY, "iterations", "check that all ranks hold the same parameters; 0: never", .resumable = true)
  NUMBER(run, checkpoint_seconds, "60", 0, SECONDS, "s", "between checkpoints; 0: only at the end", .resumable = true, .incidental = true)
  CHOICE(run, checkpoint_replay, "running", MG_KEEP_REPLAY_LIST, "whether checkpoints hold the forward model's replay: on, off (smaller; a resumed run then has other bits), or running: all but the last one of a finished run", .resumable = true, .incidental = true)
  NUMBER(run, watchdog, "300", 0, SECONDS, "s", "a rank that waits so long for others names those that are late and ends the run (exit code 69); 0: waits for ever. Nothing watches a run of one rank", .resumable = true, .incidental = true)

  MG_ENV_ARGUMENT_LIST(ARGUMENT)

  INT64 (evaluate, every, "20000", 0, MOST, "steps", "environment steps between evaluations; 0: only at the end", .resumable = true)
  INT   (evaluate, episodes, "10", 1, 1e6, "episodes", "of an evaluation during training")
  INT   (evaluate, final_episodes, "50", 1, 1e6, "episodes", "of the evaluation at the end", .resumable = true)

  TEXT  (data, expert, "", "demonstrations to imitate; in a settings file relative to that", .option = "FILE", .resumable = true, .incidental = true, .path = true)
  INT   (data, trajectories, "4", 0, MANY, "", "expert trajectories used; 0: all", .option = "N")
  CHOICE(data, choice, "random", MG_CHOICE_LIST, "which of the file's trajectories")
  TEXT  (data, mask, "", "only episodes that the file lists by this name (robomimic's mask/train, ...); empty: all")
  SWITCH(data, skip_bad, "off", "bad episodes are passed over, counted and named; off: the file is refused")
  SWITCH(data, any_task, "off", "takes a file that names another task, if the sizes fit")
  INT64 (data, minimum_length, "0", 0, MOST, "steps", "shorter trajectories are passed over")
  NUMBER(data, minimum_return, "-1e9", MG_ANY_RETURN, MANY, "return", "trajectories below it are passed over, whatever the choice; -1e9: none")
  INT   (data, subsample, "20", 1, MANY, "", "every so many pairs of a trajectory one is used", .option = "N")
  NUMBER(data, validation, "0", 0, 0.9, "", "share of the pairs held out of training: whole trajectories, or single pairs where that is less than one")
  SWITCH(data, clip_actions, "off", "training sees actions outside of the task's box at its edge; off: as they are")
  INT64 (data, seed, "-1", -1, MOST, "", "of choice, offsets and what is held out; -1: run.seed", .incidental = true)
  INT64 (data, max_bytes, "4e9", 1, MOST, "bytes", "larger data are refused")
  NUMBER(data, state_epsilon, "1e-3", 1e-9, MANY, "state", "added to the expert's spread when states are normalised; larger for an expert that hardly moves")

  NETWORK(policy, "128,128", "tanh", "3e-4", "1e-5")
  NUMBER(policy, log_sigma, "-1", -20, 5, "", "initial log of the action noise")
  NUMBER(policy, clip, "1", 0, MANY, "", "largest norm of the gradient; 0: no limit")
  NUMBER(policy, average_steps, "4e4", 0, MANY, "steps", "environment steps that the running average of the parameters looks back; 0: none")
  NUMBER(policy, average_share, "0.2", 0, 1, "", "it looks back at most this share of the steps so far; 0: no such limit")
  NUMBER(policy, entropy, "0", 0, MANY, "", "weight of the policy's entropy")

  NUMBER(clone, weight, "3", 0, MANY, "", "beta of mgail's objective J - beta L at the start of the run; 0: no such term at all")
  NUMBER(clone, final_weight, "1", 0, MANY, "", "at the end of the run; linear between")
  CHOICE(clone, loss, "squared", MG_CLONE_LOSS_LIST, "squared: error of the mean action in the expert's spreads; likelihood: -log pi(a|s); discrete actions: cross-entropy")
  INT   (clone, batch, "1024", 1, 1e7, "pairs", "of the expert, drawn anew each policy step, all ranks together; all of them where there are no more")

  CHOICE(value, kind, "v", MG_VALUE_LIST, "v: V(s), by TD(lambda) returns; q, of mgail and continuous actions: the least of two Q(s,a), by returns that are cut short where the policy acts otherwise by now, so that it may learn from older segments")
  NETWORK(value, "128,128", "tanh", "1e-3", "1e-3")
  NUMBER(value, clip, "1", 0, MANY, "", "largest norm of the gradient; 0: no limit")
  INT   (value, updates, "8", 0, MANY, "", "optimiser steps a round")
  SWITCH(value, redraw, "off", "each of them on other segments, drawn from value.memory; off: all on the policy's")
  INT   (value, memory, "0", 0, 1e6, "segments", "of which it is redrawn: the last so many; 0: mgail.memory")
  SWITCH(value, endings, "off", "it also learns the states in which the task ended an episode, and the policy follows its slope there; off: an end passes no gradient")
  NUMBER(value, tau, "0.05", 0, 1, "", "share of V that its target copy takes over each round")
  NUMBER(value, lambda, "0.95", 0, 1, "", "of the targets")

  NETWORK(discriminator, "100,100", "tanh", "3e-4", "6e-5")
  NUMBER(discriminator, clip, "0", 0, MANY, "", "largest norm of the gradient; 0: no limit")
  NUMBER(discriminator, weight_decay, "0", 0, MANY, "", "decoupled: share of the parameters taken off a step, times the rate")
  INT   (discriminator, updates, "1", 0, MANY, "", "optimiser steps a round (gail: an iteration)")
  INT   (discriminator, batch, "1024", 1, 1e7, "pairs", "of the policy, and as many of the expert; all ranks together")
  NUMBER(discriminator, penalty, "4", 0, MANY, "", "weight of the gradient penalty")
  NUMBER(discriminator, penalty_target, "0", 0, MANY, "", "norm of the gradient that the penalty asks for")
  INT   (discriminator, segments, "16", 1, 1e6, "", "the policy's pairs come from the last so many segments")

  CHOICE(forward_model, kind, "delta", MG_FORWARD_LIST, "delta: change of the state; product: of embeddings, as published")
  NETWORK(forward_model, "256,256", "swish", "1e-3", "1e-4")
  NUMBER(forward_model, clip, "1", 0, MANY, "", "largest norm of the gradient; 0: no limit")
  INT   (forward_model, updates, "4", 0, MANY, "", "optimiser steps a round")
  INT   (forward_model, batch, "256", 1, 1e7, "transitions", "of a step, all ranks together")
  INT64 (forward_model, replay, "200000", 1, 1e11, "transitions", "kept, all ranks together; rounded up to as many of each environment")

  INT   (mgail, horizon, "10", 1, 1e5, "steps", "of a segment")
  NUMBER(mgail, gamma, "0.99", 0, 1, "", "discount")
  INT   (mgail, updates, "8", 1, 1e6, "", "rounds of steps of discriminator, forward model, policy and value an iteration")
  INT   (mgail, segments, "2", 1, 1e5, "", "of a policy step: the newest, the others drawn from older ones")
  INT   (mgail, memory, "10", 1, 1e6, "", "policy and value steps draw from the last so many segments")
  CHOICE(mgail, reward, "softplus", MG_REWARD_LIST, "of the logit l: log(1+e^l) = -log(1-D), log D, or l")
  CHOICE(mgail, episodes, "as_is", MG_MGAIL_EPISODES_LIST, "an episode that the task ends is worth 0 from there on (as_is), or what D pays its absorbing state (absorbing), which signed rewards ask for")
  SWITCH(mgail, terminal_value, "on", "a learned value ends the sum over a segment; off: the published form")
  NUMBER(mgail, clip, "1", 0, MANY, "", "largest norm of J's gradient, before the clone's is added to it; 0: no limit")
  INT   (mgail, warmup, "10", 0, MANY, "iterations", "in which the policy does not move")
  NUMBER(mgail, pull, "0", 0, MANY, "", "of the running average on the policy: whenever the average goes a share of the way to the policy, the policy then goes so many times that share of the way back; 0: none")
  NUMBER(mgail, final_log_sigma, "5", -20, 5, "", "most that log sigma may be at the end of the run; the bound falls linearly from policy.log_sigma, and is none where it would rise")
  NUMBER(mgail, temperature, "1", 1e-3, 1e3, "", "of the Gumbel-softmax (discrete actions)")

  INT   (ppo, horizon, "128", 1, 1e6, "steps", "of a segment")
  NUMBER(ppo, gamma, "0.99", 0, 1, "", "discount")
  NUMBER(ppo, lambda, "0.95", 0, 1, "", "of the generalised advantages")
  INT   (ppo, epochs, "10", 1, 1e5, "", "passes over a segment")
  INT   (ppo, minibatches, "32", 1, 1e6, "", "of a pass")
  NUMBER(ppo, clip_ratio, "0.2", 0, 10, "", "how far the probability ratio may leave 1")
  NUMBER(ppo, final_clip_ratio, "0.2", 0, 10, "", "at the end of the run")
  NUMBER(ppo, desired_kl, "0", 0, MANY, "nat", "the policy's rate is adapted to it; 0: never")
  NUMBER(ppo, target_kl, "0.03", 0, MANY, "nat", "passes stop above this divergence; 0: never")
  NUMBER(ppo, shaping, "0", 0, MANY, "", "weight w of the task's potential: w (gamma Phi(s') - Phi(s)) joins the reward; 0: off")
  SWITCH(ppo, scale_reward, "on", "rewards are divided by the spread of their discounted sum")

  CHOICE(gail, update, "trpo", MG_GAIL_UPDATE_LIST, "of the policy: a trust-region step, or ppo's passes; both take scale_reward from [ppo], and the value its epochs and minibatches")
  CHOICE(gail, reward, "softplus", MG_REWARD_LIST, "of the logit l: -log(1-D) >= 0 favours long episodes, log D <= 0 short ones, their sum l neither by its form, but short ones as long as D tells the policy")
  CHOICE(gail, episodes, "as_is", MG_GAIL_EPISODES_LIST, "an episode that the task ends is worth 0 from there on (as_is), what D pays its absorbing state (absorbing), or goes on by the value of its last state (fixed)")
  INT   (gail, horizon, "0", 0, 1e5, "steps", "of a segment; 0: ppo.horizon")
  NUMBER(gail, gamma, "0", 0, 1, "", "discount; 0: ppo.gamma")
  NUMBER(gail, lambda, "-1", -1, 1, "", "of the generalised advantages; below 0: ppo.lambda")
  NUMBER(gail, clone_weight, "0", 0, MANY, "", "beta of gail's objective, whose term of behavioural cloning has the form of [clone]; 0: none")
  NUMBER(gail, max_kl, "0.01", 0, MANY, "nat", "trpo: how far a step may go from the policy before it")
  NUMBER(gail, final_max_kl, "0.01", 0, MANY, "nat", "at the end of the run; linear between")
  NUMBER(gail, damping, "0.1", 0, MANY, "", "trpo: added to the Fisher matrix's diagonal")
  INT   (gail, cg_iterations, "10", 1, 1e4, "", "trpo: of conjugate gradients, at most")
  INT   (gail, backtracks, "10", 0, 1000, "", "trpo: times that a step is shortened by 0.8, at most")

  INT   (bc, epochs, "1000", 1, MANY, "epochs", "passes over the expert's pairs, at most", .resumable = true)
  INT   (bc, batch, "128", 1, 1e7, "pairs", "of an optimiser step, all ranks together")
  INT   (bc, patience, "200", 0, MANY, "epochs", "the run ends after so many without a lower validation loss; 0: never, nor without data.validation", .resumable = true)
  INT   (bc, evaluate_every, "100", 0, MANY, "epochs", "between evaluations; 0: only at the end", .resumable = true)
  NUMBER(bc, sigma_floor, "0.01", 1e-9, MANY, "", "least sigma of the policy, in the expert's spreads of the action")
  {0}
};
/* clang-format on */

const mg_config_row *mg_config_find(const char *section, const char *key) {
  for (const mg_config_row *row = mg_config_table; row->section; row++)
    if (strcmp(row->section, section) == 0 && strcmp(row->key, key) == 0) return row;
  return NULL;
}

const char *mg_config_section_help(const char *section) {
  static const char *const help[][2] = {
      {"run", "what is trained, on what, for how long"},
      {"env", "Gymnasium's arguments of the task"},
      {"evaluate", "episodes of the policy's mean action, beside the training"},
      {"data", "expert demonstrations, by the papers' protocol"},
      {"policy", "pi(a|s)"},
      {"clone", "behavioural cloning beside the adversary; gail's weight is gail.clone_weight"},
      {"value", "V(s), or Q(s,a)"},
      {"discriminator", "D(s,a)"},
      {"forward_model", "f(s,a) -> next state"},
      {"mgail", "the policy's objective over a segment"},
      {"ppo", "proximal policy optimisation of the task's own reward"},
      {"gail",
       "generative adversarial imitation without a model: D's reward, a policy-gradient step"},
      {"bc", "behavioural cloning: maximum likelihood of the expert's actions"},
  };
  for (size_t i = 0; i < sizeof help / sizeof *help; i++)
    if (strcmp(help[i][0], section) == 0) return help[i][1];
  return "";
}
