/* Element-wise functions against libm of the next precision, over the whole range; reductions. */
#include "math/vec.h"

#include "math/elementary.h"

#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#ifdef MG_REAL_DOUBLE
typedef long double wide;
typedef uint64_t word;
enum { DIGITS = DBL_MANT_DIG, LEAST = DBL_MIN_EXP, PATTERNS = 600011 };
#define REFERENCE(f) f##l
#define REAL_MAX     DBL_MAX
#define TRUE_MIN     DBL_TRUE_MIN
#else
typedef double wide;
typedef uint32_t word;
enum { DIGITS = FLT_MANT_DIG, LEAST = FLT_MIN_EXP, PATTERNS = 6000011 };
#define REFERENCE(f) f
#define REAL_MAX     FLT_MAX
#define TRUE_MIN     FLT_TRUE_MIN
#endif

typedef void (*vector_function)(size_t, const mg_real *, mg_real *);
typedef wide (*wide_function)(wide);

static void all_exp(size_t n, const mg_real *x, mg_real *y) {
  for (size_t i = 0; i < n; i++) y[i] = mg_one_exp(x[i]);
}

static void all_gate(size_t n, const mg_real *x, mg_real *y) {
  for (size_t i = 0; i < n; i++) y[i] = mg_one_gate(x[i]);
}

static wide wide_exp(wide x) {
  return REFERENCE(exp)(x);
}
static wide wide_tanh(wide x) {
  return REFERENCE(tanh)(x);
}
static wide wide_sigmoid(wide x) {
  wide z = REFERENCE(exp)(-REFERENCE(fabs)(x));
  return (x < 0 ? z : 1) / (1 + z);
}
static wide wide_gate(wide x) {
  return wide_sigmoid(x < -87 ? -87 : x);
}
static wide wide_softplus(wide x) {
  return REFERENCE(fmax)(x, 0) + REFERENCE(log1p)(REFERENCE(exp)(-REFERENCE(fabs)(x)));
}

static const struct {
  const char *name;
  vector_function vector;
  wide_function wide;
} FUNCTIONS[] = {{"exp", all_exp, wide_exp},
                 {"tanh", mg_vec_tanh, wide_tanh},
                 {"sigmoid", mg_vec_sigmoid, wide_sigmoid},
                 {"gate", all_gate, wide_gate},
                 {"softplus", mg_vec_softplus, wide_softplus}};
enum { COUNT = sizeof FUNCTIONS / sizeof *FUNCTIONS, CHUNK = 4096 };

static mg_real real_of(word bits) {
  mg_real x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

/* Distance in units of the last place of the correctly rounded result. */
static double ulps(mg_real got, wide expected) {
  if (isnan(expected)) return isnan(got) ? 0 : INFINITY;
  const mg_real rounded = (mg_real)expected;
  if (isinf(rounded)) return got == rounded ? 0 : INFINITY;
  int exponent;
  REFERENCE(frexp)(expected, &exponent);
  if (exponent < LEAST) exponent = LEAST;
  return (double)(REFERENCE(fabs)((wide)got - expected) / REFERENCE(ldexp)(1, exponent - DIGITS));
}

static double worst_ulps(int f, size_t n, const mg_real *x, mg_real *where) {
  static mg_real y[CHUNK];
  double worst = 0;
  FUNCTIONS[f].vector(n, x, y);
  for (size_t i = 0; i < n; i++) {
    const double error = ulps(y[i], FUNCTIONS[f].wide((wide)x[i]));
    if (error > worst) worst = error, *where = x[i];
  }
  return worst;
}

Test(vec, below_four_ulp_over_all_bit_patterns) {
  static mg_real x[CHUNK];
  const word stride = (word)-1 / PATTERNS; /* through every exponent and sign */
  for (int f = 0; f < COUNT; f++) {
    double worst = 0;
    mg_real where = 0;
    word bits = 0;
    for (int chunk = 0; chunk < PATTERNS / CHUNK; chunk++) {
      for (int i = 0; i < CHUNK; i++, bits += stride) x[i] = real_of(bits);
      const double error = worst_ulps(f, CHUNK, x, &where);
      worst = error > worst ? error : worst;
    }
    cr_log_info("%s: %.3f ulp over all exponents", FUNCTIONS[f].name, worst);
    cr_expect_lt(worst, 4, "%s is off by %g ulp, at %a", FUNCTIONS[f].name, worst, (double)where);
  }
}

Test(vec, below_four_ulp_where_it_matters) {
  static mg_real x[CHUNK];
  for (int f = 0; f < COUNT; f++) {
    double worst = 0;
    mg_real where = 0;
    for (int chunk = 0; chunk < 500; chunk++) {
      for (int i = 0; i < CHUNK; i++)
        x[i] = (mg_real)(-110 + 210.0 * (chunk * CHUNK + i) / (500.0 * CHUNK));
      if (chunk % 2)
        for (int i = 0; i < CHUNK; i++) x[i] /= 50;
      const double error = worst_ulps(f, CHUNK, x, &where);
      worst = error > worst ? error : worst;
    }
    cr_expect_lt(worst, 4, "%s is off by %g ulp, at %a", FUNCTIONS[f].name, worst, (double)where);
  }
}

static mg_real one(vector_function f, mg_real x) {
  mg_real many[40], y[40];
  for (int i = 0; i < 40; i++) many[i] = x;
  f(40, many, y);
  for (int i = 1; i < 40; i++)
    cr_expect_eq(memcmp(&y[i], &y[0], sizeof *y), 0, "lane %d differs at %g", i, (double)x);
  return y[0];
}

Test(vec, special_values) {
  const mg_real tiny = TRUE_MIN, huge = REAL_MAX, inf = (mg_real)INFINITY;
  for (int f = 0; f < COUNT; f++)
    cr_expect(isnan(one(FUNCTIONS[f].vector, (mg_real)NAN)), "%s(NaN)", FUNCTIONS[f].name);
  const struct {
    vector_function f;
    mg_real x, y;
  } cases[] = {
      {all_exp, 0, 1},
      {all_exp, -(mg_real)0.0, 1},
      {all_exp, inf, inf},
      {all_exp, -inf, 0},
      {all_exp, huge, inf},
      {all_exp, -huge, 0},
      {all_exp, tiny, 1},
      {mg_vec_tanh, 0, 0},
      {mg_vec_tanh, inf, 1},
      {mg_vec_tanh, -inf, -1},
      {mg_vec_tanh, huge, 1},
      {mg_vec_tanh, -huge, -1},
      {mg_vec_tanh, tiny, tiny},
      {mg_vec_tanh, -tiny, -tiny},
      {mg_vec_sigmoid, inf, 1},
      {mg_vec_sigmoid, -inf, 0},
      {mg_vec_sigmoid, huge, 1},
      {mg_vec_sigmoid, -huge, 0},
      {mg_vec_softplus, inf, inf},
      {mg_vec_softplus, -inf, 0},
      {mg_vec_softplus, huge, huge},
      {mg_vec_softplus, -huge, 0},
      {mg_vec_sigmoid, 0, (mg_real)0.5},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const mg_real y = one(cases[i].f, cases[i].x);
    cr_expect_eq(y, cases[i].y, "case %zu: f(%a) = %a, not %a", i, (double)cases[i].x, (double)y,
                 (double)cases[i].y);
  }
  cr_expect(signbit(one(mg_vec_tanh, -(mg_real)0.0)), "tanh(-0) is -0");
  cr_expect(!signbit(one(mg_vec_tanh, 0)), "tanh(0) is 0");
}

/* The same bits at every alignment, length and place in the array, and in place. */
Test(vec, bits_do_not_depend_on_place) {
  mg_real x[64], y[80], whole[64];
  for (int i = 0; i < 64; i++) x[i] = (mg_real)(0.37 * i - 9.1);
  for (int f = 0; f < COUNT; f++) {
    FUNCTIONS[f].vector(64, x, whole);
    for (int from = 0; from < 17; from++)
      for (int n = 0; n <= 64 - from; n++) {
        y[n + from % 5] = 77;
        FUNCTIONS[f].vector((size_t)n, x + from, y + from % 5);
        cr_assert_eq(memcmp(y + from % 5, whole + from, (size_t)n * sizeof *y), 0, "%s %d %d",
                     FUNCTIONS[f].name, from, n);
        cr_assert_eq(y[n + from % 5], 77, "%s writes past the end", FUNCTIONS[f].name);
      }
    memcpy(y, x, sizeof x);
    FUNCTIONS[f].vector(64, y, y);
    cr_expect_eq(memcmp(y, whole, sizeof whole), 0, "%s in place", FUNCTIONS[f].name);
  }
}

Test(vec, simple_loops) {
  mg_real x[37], y[37];
  for (int i = 0; i < 37; i++) x[i] = (mg_real)i;
  mg_vec_fill(37, 2, y);
  mg_vec_axpy(37, 3, x, y);
  mg_vec_scale(36, 2, y);
  for (int i = 0; i < 37; i++) cr_expect_eq(y[i], (mg_real)((i < 36 ? 2 : 1) * (2 + 3 * i)));
  mg_vec_copy(37, x, y);
  cr_expect_eq(memcmp(x, y, sizeof x), 0);
  mg_vec_copy(0, NULL, NULL);
}

Test(vec, track_moves_a_share_of_the_way) {
  const mg_real x[3] = {1, -2, 4};
  mg_real y[3] = {0, 2, 4};
  mg_vec_track(3, 0, x, y);
  cr_expect(y[0] == 0 && y[1] == 2 && y[2] == 4);
  mg_vec_track(3, (mg_real)0.25, x, y);
  cr_expect(y[0] == (mg_real)0.25 && y[1] == 1 && y[2] == 4);
  mg_vec_track(3, 1, x, y);
  cr_expect_eq(memcmp(y, x, sizeof y), 0);
}

Test(vec, argmax_is_the_first_of_the_largest) {
  const mg_real x[6] = {-3, 2, 7, -9, 7, 6};
  cr_expect_eq(mg_vec_argmax(6, x), 2);
  cr_expect_eq(mg_vec_argmax(2, x), 1);
  cr_expect_eq(mg_vec_argmax(1, x), 0);
  cr_expect_eq(mg_vec_argmax(1, x + 3), 0, "below zero too");
}

Test(vec, log_sum_exp_and_softmax_have_their_closed_forms) {
  const double close = sizeof(mg_real) == 4 ? 1e-6 : 1e-14;
  const mg_real even[4] = {2, 2, 2, 2}, one[1] = {-7},
                odds[3] = {0, (mg_real)log(2), (mg_real)log(5)};
  mg_real y[4];
  cr_expect_float_eq(mg_vec_log_sum_exp(4, even), 2 + log(4), 1e-14);
  cr_expect_eq(mg_vec_log_sum_exp(1, one), -7);
  cr_expect_float_eq(mg_vec_log_sum_exp(3, odds), log(8), close);
  mg_vec_softmax(3, odds, y);
  for (int i = 0; i < 3; i++)
    cr_expect_float_eq((double)y[i], (i == 0 ? 1 : i == 1 ? 2 : 5) / 8.0, close);
  memcpy(y, even, sizeof y);
  mg_vec_softmax(4, y, y);
  for (int i = 0; i < 4; i++) cr_expect_float_eq((double)y[i], 0.25, close, "in place");
}

/* e^5000 is infinite in double, and e^-5000 zero. */
Test(vec, log_sum_exp_and_softmax_do_not_overflow) {
  const mg_real high[3] = {-5000, 5000, 0}, low[2] = {-5000, -5000};
  mg_real y[3];
  cr_expect_eq(mg_vec_log_sum_exp(3, high), 5000);
  cr_expect_float_eq(mg_vec_log_sum_exp(2, low), -5000 + log(2), 1e-12);
  mg_vec_softmax(3, high, y);
  cr_expect(y[0] == 0 && y[1] == 1 && y[2] == 0);
  cr_expect(isnan(mg_vec_log_sum_exp(2, (const mg_real[]){1, (mg_real)NAN})));
}

Test(vec, reductions_are_exact_on_integers) {
  mg_real x[100], y[100];
  for (int n = 0; n <= 100; n++) {
    double sum = 0, dot = 0, square = 0;
    for (int i = 0; i < n; i++) {
      x[i] = (mg_real)(i % 7 - 3), y[i] = (mg_real)(i % 5 + 1);
      sum += x[i], dot += x[i] * y[i], square += x[i] * x[i];
    }
    cr_expect_eq(mg_vec_sum((size_t)n, x), sum);
    cr_expect_eq(mg_vec_dot((size_t)n, x, y), dot);
    cr_expect_eq(mg_vec_norm((size_t)n, x), sqrt(square));
  }
}

/* A float sum would lose the ones: 1e8 + 1 = 1e8. */
Test(vec, sum_is_accumulated_in_double) {
  static mg_real x[4097];
  for (int i = 0; i < 4096; i++) x[i + 1] = 1;
  x[0] = (mg_real)1e8;
  cr_expect_eq(mg_vec_sum(4097, x), 1e8 + 4096);
}

Test(vec, all_finite_finds_one_bad_entry_anywhere) {
  mg_real x[50];
  const mg_real bad[] = {(mg_real)NAN, (mg_real)INFINITY, -(mg_real)INFINITY};
  for (int i = 0; i < 50; i++) x[i] = i % 2 ? REAL_MAX : -TRUE_MIN;
  cr_expect(mg_vec_all_finite(50, x));
  cr_expect(mg_vec_all_finite(0, x));
  for (int i = 0; i < 50; i++)
    for (int k = 0; k < 3; k++) {
      const mg_real kept = x[i];
      x[i] = bad[k];
      cr_expect_not(mg_vec_all_finite(50, x), "entry %d kind %d", i, k);
      cr_expect(mg_vec_all_finite((size_t)i, x));
      x[i] = kept;
    }
}

Test(vec, column_sums_add) {
  static mg_real x[600 * 23];
  mg_real b[23];
  const int rows[] = {0, 1, 5, 255, 256, 257, 600};
  for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
    for (int O = 1; O <= 23; O++) {
      for (int i = 0; i < rows[r] * O; i++) x[i] = (mg_real)(i % 11 - 5);
      for (int o = 0; o < O; o++) b[o] = (mg_real)(100 * o);
      mg_vec_add_column_sums(rows[r], O, x, b);
      for (int o = 0; o < O; o++) {
        double sum = 100 * o;
        for (int i = 0; i < rows[r]; i++) sum += (double)x[i * O + o];
        cr_assert_eq((double)b[o], sum, "%d rows, column %d of %d", rows[r], o, O);
      }
    }
}
