#include "base/rng.h"

#include <assert.h>
#include <math.h>
#include <Random123/philox.h>

mg_rng mg_rng_at(uint64_t seed, mg_rng_purpose purpose, uint64_t index, uint64_t step) {
  assert(index >> 48 == 0 && step >> 40 == 0);
  assert((unsigned)purpose < 256);
  /*  word 0  block
   *  word 1  index, bits 0..31
   *  word 2  index, bits 32..47 | purpose, 8 bits | step, bits 32..39
   *  word 3  step, bits 0..31 */
  mg_rng rng = {
      .key = {(uint32_t)seed, (uint32_t)(seed >> 32)},
      .counter = {0, (uint32_t)index,
                  (uint32_t)(index >> 32) | (uint32_t)purpose << 16 | (uint32_t)(step >> 32) << 24,
                  (uint32_t)step},
  };
  return rng;
}

uint32_t mg_rng_u32(mg_rng *rng) {
  if (rng->left == 0) {
    philox4x32_ctr_t counter = {
        {rng->counter[0], rng->counter[1], rng->counter[2], rng->counter[3]}};
    philox4x32_key_t key = {{rng->key[0], rng->key[1]}};
    philox4x32_ctr_t block = philox4x32_R(10, counter, key);
    for (int i = 0; i < 4; i++) rng->buffer[i] = block.v[i];
    rng->counter[0]++;
    rng->left = 4;
  }
  return rng->buffer[4 - rng->left--];
}

static uint64_t next_u64(mg_rng *rng) {
  uint64_t low = mg_rng_u32(rng);
  return low | (uint64_t)mg_rng_u32(rng) << 32;
}

double mg_rng_uniform(mg_rng *rng) {
  /* (k + 1/2) / 2^52: exact, never 0 or 1. With 53 bits of k the half would be rounded, up to 1. */
  return ((double)(next_u64(rng) >> 12) + 0.5) * 0x1p-52;
}

double mg_rng_normal(mg_rng *rng) {
  if (rng->has_spare) {
    rng->has_spare = 0;
    return rng->spare;
  }
  double radius = sqrt(-2.0 * log(mg_rng_uniform(rng)));
  double angle = 6.283185307179586476925 * mg_rng_uniform(rng);
  rng->spare = radius * sin(angle);
  rng->has_spare = 1;
  return radius * cos(angle);
}

__extension__ typedef unsigned __int128 uint128;

uint64_t mg_rng_below(mg_rng *rng, uint64_t n) {
  assert(n >= 1);
  uint128 product = (uint128)next_u64(rng) * n;
  if ((uint64_t)product < n) {
    /* The first 2^64 mod n low halves are one too many; draw those again. */
    uint64_t excess = (0 - n) % n;
    while ((uint64_t)product < excess) product = (uint128)next_u64(rng) * n;
  }
  return (uint64_t)(product >> 64);
}

void mg_rng_shuffle(mg_rng *rng, int n, int *order) {
  for (int i = n - 1; i > 0; i--) {
    int j = (int)mg_rng_below(rng, (uint64_t)i + 1), swapped = order[i];
    order[i] = order[j];
    order[j] = swapped;
  }
}

void mg_rng_draw(mg_rng *rng, int64_t n, int64_t wanted, int64_t *all) {
  assert(0 <= wanted && wanted <= n);
  for (int64_t i = 0; i < wanted; i++) {
    int64_t j = i + (int64_t)mg_rng_below(rng, (uint64_t)(n - i)), swapped = all[i];
    all[i] = all[j];
    all[j] = swapped;
  }
}
