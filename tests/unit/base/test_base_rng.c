#include "base/rng.h"

#include <criterion/criterion.h>
#include <math.h>

/* Random123's kat_vectors, philox4x32 with 10 rounds: counter, key, answer. */
static const uint32_t KNOWN[3][10] = {
    {0, 0, 0, 0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8},
    {0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0x408f276d, 0x41c83b0e,
     0xa20bc7c6, 0x6d5451fd},
    {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0, 0xd16cfe09, 0x94fdcceb,
     0x5001e420, 0x24126ea1},
};

Test(base_rng, philox_gives_the_published_answers) {
  for (int i = 0; i < 3; i++) {
    const uint32_t *k = KNOWN[i];
    mg_rng rng = {.counter = {k[0], k[1], k[2], k[3]}, .key = {k[4], k[5]}};
    for (int w = 0; w < 4; w++) cr_assert_eq(mg_rng_u32(&rng), k[6 + w]);
  }
}

/* Checkpoints and results of earlier runs depend on this packing. */
Test(base_rng, the_counter_holds_purpose_index_and_step) {
  mg_rng rng = mg_rng_at(0x1122334455667788, MG_RNG_RESET, 0xabcd00000005, 0xef00000007);
  cr_assert_eq(rng.key[0], 0x55667788);
  cr_assert_eq(rng.key[1], 0x11223344);
  cr_assert_eq(rng.counter[0], 0);
  cr_assert_eq(rng.counter[1], 5);
  cr_assert_eq(rng.counter[2], 0xef02abcd);
  cr_assert_eq(rng.counter[3], 7);
}

Test(base_rng, a_stream_is_a_value_and_goes_on_past_a_block) {
  mg_rng a = mg_rng_at(1, MG_RNG_TEST, 2, 3), all = a;
  uint32_t word[10];
  for (int i = 0; i < 10; i++) word[i] = mg_rng_u32(&all);
  for (int i = 0; i < 5; i++) cr_assert_eq(mg_rng_u32(&a), word[i]);
  mg_rng copy = a;
  for (int i = 5; i < 10; i++) {
    cr_assert_eq(mg_rng_u32(&a), word[i]);
    cr_assert_eq(mg_rng_u32(&copy), word[i]);
  }
  cr_assert_neq(word[0], word[4]);
}

/* Fixed seeds: the limits are 5 standard deviations of the estimate, and the outcome never varies.
 */
Test(base_rng, uniform_has_its_moments) {
  const int n = 1000000;
  mg_rng rng = mg_rng_at(7, MG_RNG_TEST, 0, 0);
  double sum = 0, square = 0, lag = 0, last = 0.5;
  for (int i = 0; i < n; i++) {
    double u = mg_rng_uniform(&rng), d = u - 0.5;
    cr_assert(u > 0 && u < 1);
    sum += d;
    square += d * d;
    lag += d * last;
    last = d;
  }
  cr_assert_float_eq(sum / n, 0, 5 * sqrt(1.0 / 12 / n));
  cr_assert_float_eq(square / n, 1.0 / 12, 5 * sqrt(1.0 / 180 / n));
  cr_assert_float_eq(lag / n, 0, 5.0 / 12 / sqrt(n));
}

Test(base_rng, uniform_stays_inside_at_the_extremes) {
  mg_rng lowest = {.left = 4}, highest = {.left = 4};
  for (int i = 0; i < 4; i++) highest.buffer[i] = UINT32_MAX;
  cr_assert_eq(mg_rng_uniform(&lowest), 0x1p-53);
  cr_assert_eq(mg_rng_uniform(&highest), 1 - 0x1p-53);
}

Test(base_rng, normal_has_its_moments) {
  const int n = 1000000;
  mg_rng rng = mg_rng_at(7, MG_RNG_TEST, 1, 0);
  double moment[5] = {0}, pairs = 0, last = 0;
  for (int i = 0; i < n; i++) {
    double x = mg_rng_normal(&rng), power = 1;
    cr_assert(isfinite(x));
    for (int k = 1; k <= 4; k++) moment[k] += (power *= x) / n;
    pairs += x * last / n;
    last = x;
  }
  cr_assert_float_eq(moment[1], 0, 5 * sqrt(1.0 / n));
  cr_assert_float_eq(moment[2], 1, 5 * sqrt(2.0 / n));
  cr_assert_float_eq(moment[3], 0, 5 * sqrt(15.0 / n));
  cr_assert_float_eq(moment[4], 3, 5 * sqrt(96.0 / n));
  cr_assert_float_eq(pairs, 0, 5 * sqrt(1.0 / n));
}

static double first_of(int purpose, uint64_t index, uint64_t step) {
  mg_rng rng = mg_rng_at(11, (mg_rng_purpose)purpose, index, step);
  return mg_rng_normal(&rng);
}

Test(base_rng, neighbouring_streams_are_independent) {
  const int n = 100000;
  double index = 0, step = 0, purpose = 0, seed = 0, mean = 0;
  for (uint64_t i = 0; i < (uint64_t)n; i++) {
    double x = first_of(MG_RNG_RESET, i, i % 13);
    mean += x;
    index += x * first_of(MG_RNG_RESET, i + 1, i % 13);
    step += x * first_of(MG_RNG_RESET, i, i % 13 + 1);
    purpose += x * first_of(MG_RNG_ACTION, i, i % 13);
    mg_rng other = mg_rng_at(12, MG_RNG_RESET, i, i % 13);
    seed += x * mg_rng_normal(&other);
  }
  const double limit = 5 / sqrt(n);
  cr_assert_float_eq(mean / n, 0, limit);
  cr_assert_float_eq(index / n, 0, limit);
  cr_assert_float_eq(step / n, 0, limit);
  cr_assert_float_eq(purpose / n, 0, limit);
  cr_assert_float_eq(seed / n, 0, limit);
}

Test(base_rng, below_covers_small_ranges_evenly) {
  const int n = 600000;
  mg_rng rng = mg_rng_at(7, MG_RNG_TEST, 2, 0);
  int count[6] = {0};
  for (int i = 0; i < n; i++) {
    cr_assert_eq(mg_rng_below(&rng, 1), 0);
    uint64_t value = mg_rng_below(&rng, 6);
    cr_assert_lt(value, 6);
    count[value]++;
  }
  double chi2 = 0;
  for (int k = 0; k < 6; k++) chi2 += pow(count[k] - n / 6.0, 2) / (n / 6.0);
  cr_assert_lt(chi2, 25.7, "5 degrees of freedom, p = 1e-4: %g", chi2);
}

/* Without rejection the remainders modulo 3 of n = 3 * 2^62 come as 2 : 1 : 1. */
Test(base_rng, below_is_unbiased_where_rejection_matters) {
  const int n = 300000;
  mg_rng rng = mg_rng_at(7, MG_RNG_TEST, 3, 0);
  int count[3] = {0};
  for (int i = 0; i < n; i++) count[mg_rng_below(&rng, UINT64_C(3) << 62) % 3]++;
  for (int k = 0; k < 3; k++) cr_assert_float_eq(count[k], n / 3.0, 5 * sqrt(n * 2.0 / 9));
}

/* The first number drawn decides who comes last. */
Test(base_rng, shuffle_goes_from_the_end) {
  mg_rng rng = mg_rng_at(7, MG_RNG_TEST, 4, 0), copy = rng;
  int order[9];
  for (int i = 0; i < 9; i++) order[i] = 10 + i;
  const int last = 10 + (int)mg_rng_below(&copy, 9);
  mg_rng_shuffle(&rng, 9, order);
  cr_assert_eq(order[8], last);
  int seen = 0;
  for (int i = 0; i < 9; i++) seen |= 1 << (order[i] - 10);
  cr_assert_eq(seen, 0x1ff, "each of them once");
  mg_rng_shuffle(&rng, 0, NULL);
}

Test(base_rng, shuffle_makes_all_orders_evenly) {
  const int n = 60000;
  int count[27] = {0};
  for (int k = 0; k < n; k++) {
    mg_rng rng = mg_rng_at(7, MG_RNG_TEST, 5, (uint64_t)k);
    int order[3] = {0, 1, 2};
    mg_rng_shuffle(&rng, 3, order);
    count[9 * order[0] + 3 * order[1] + order[2]]++;
  }
  int orders = 0;
  double chi2 = 0;
  for (int i = 0; i < 27; i++) {
    orders += count[i] > 0;
    if (count[i]) chi2 += pow(count[i] - n / 6.0, 2) / (n / 6.0);
  }
  cr_assert_eq(orders, 6);
  cr_assert_lt(chi2, 25.7, "5 degrees of freedom, p = 1e-4: %g", chi2);
}

/* The first number drawn decides who comes first, and only `wanted` are drawn. */
Test(base_rng, draw_goes_from_the_front_and_stops) {
  mg_rng rng = mg_rng_at(7, MG_RNG_TEST, 6, 0), copy = rng;
  int64_t all[7];
  for (int i = 0; i < 7; i++) all[i] = 10 + i;
  const int64_t first = 10 + (int64_t)mg_rng_below(&copy, 7);
  mg_rng_below(&copy, 6);
  mg_rng_draw(&rng, 7, 2, all);
  cr_assert_eq(all[0], first);
  cr_assert_eq(mg_rng_u32(&rng), mg_rng_u32(&copy), "two numbers were used");
  int seen = 0;
  for (int i = 0; i < 7; i++) seen |= 1 << (all[i] - 10);
  cr_assert_eq(seen, 0x7f, "each of them once");
}

Test(base_rng, draw_takes_all_pairs_evenly) {
  const int n = 60000;
  int count[4][4] = {{0}};
  for (int k = 0; k < n; k++) {
    mg_rng rng = mg_rng_at(7, MG_RNG_TEST, 7, (uint64_t)k);
    int64_t all[4] = {0, 1, 2, 3};
    mg_rng_draw(&rng, 4, 2, all);
    count[all[0]][all[1]]++;
  }
  double chi2 = 0;
  for (int i = 0; i < 4; i++)
    for (int j = 0; j < 4; j++)
      if (i == j)
        cr_assert_eq(count[i][j], 0);
      else
        chi2 += pow(count[i][j] - n / 12.0, 2) / (n / 12.0);
  cr_assert_lt(chi2, 37.4, "11 degrees of freedom, p = 1e-4: %g", chi2);
}
