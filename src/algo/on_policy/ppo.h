/* Proximal policy optimisation (Schulman et al. 2017) on the task's own reward: makes experts.
 *
 * What is said in on_policy.h, with rewards from the task, where a termination is worth nothing.
 * Observations are normalised with running statistics of all ranks, merged at the iteration's end;
 * the first segment only serves to set them.
 *
 * A sparse reward may be shaped with the task's potential (ppo.shaping; rollout/collector.h); the
 * returns reported are the true ones.
 *
 * The struct is internal. */
#ifndef MG_ALGO_PPO_H
#define MG_ALGO_PPO_H

#include "algo/on_policy/on_policy.h"

extern const mg_algorithm_class mg_ppo_class;

typedef struct mg_ppo {
  mg_on_policy on_policy;
  mg_normaliser normaliser; /* of observations */
} mg_ppo;

#endif
