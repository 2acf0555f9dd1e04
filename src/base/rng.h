/* Random numbers as a function of where they are used, not of what was drawn before.
 *
 * Philox4x32-10 (Salmon et al. 2011, Random123) keyed by the run's seed; the counter is
 * (purpose, index, step, block). So what environment i does at step t depends on
 * (seed, purpose, i, t) only: not on the number of ranks, not on the order of calls, and there is
 * no generator state to save. A stream is a value; copy it freely. */
#ifndef MG_BASE_RNG_H
#define MG_BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

typedef enum mg_rng_purpose {
  MG_RNG_INIT = 1,      /* index = which network, step = layer */
  MG_RNG_RESET,         /* index = global environment, step = episode */
  MG_RNG_ACTION,        /* index = global environment, step = environment step */
  MG_RNG_EXPERT,        /* choice of trajectories, subsampling offsets, minibatches of the expert */
  MG_RNG_DISCRIMINATOR, /* index = rank, step = iteration; MGAIL: round */
  MG_RNG_FORWARD_MODEL, /* the same */
  MG_RNG_POLICY,        /* the same; behavioural cloning: index = 0 on all ranks */
  MG_RNG_EVALUATE_RESET = 9, /* index = episode (8 is free) */
  MG_RNG_EVALUATE_ACTION,    /* index = episode, step = environment step */
  MG_RNG_BENCH,
  MG_RNG_TEST,
  MG_RNG_BOOTSTRAP, /* step = resample */
  MG_RNG_CLONE,     /* index = rank, step = iteration */
} mg_rng_purpose;

typedef struct mg_rng {
  uint32_t key[2];
  uint32_t counter[4]; /* counter[0] is the block */
  uint32_t buffer[4];
  int left;      /* words of buffer not yet handed out */
  int has_spare; /* Box-Muller's second normal */
  double spare;
} mg_rng;

/* index and step below 2^48 and 2^40; the purpose takes the remaining bits. A stream has 2^34 words
 * before it repeats. */
mg_rng mg_rng_at(uint64_t seed, mg_rng_purpose purpose, uint64_t index, uint64_t step);

uint32_t mg_rng_u32(mg_rng *rng);

/* Uniform on the open interval (0,1): the odd multiples of 2^-53. */
double mg_rng_uniform(mg_rng *rng);

/* Standard normal, Box-Muller in double. */
double mg_rng_normal(mg_rng *rng);

/* Uniform on 0..n-1 without bias (Lemire 2019); n >= 1. */
uint64_t mg_rng_below(mg_rng *rng, uint64_t n);

/* order [n] in another order, each of the n! as likely: Fisher and Yates, from the end. */
void mg_rng_shuffle(mg_rng *rng, int n, int *order);

/* `wanted` of all [n] come first, drawn without replacement, in random order; the others follow in
 * no order. Fisher and Yates from the front, stopped there. */
void mg_rng_draw(mg_rng *rng, int64_t n, int64_t wanted, int64_t *all);

#endif
