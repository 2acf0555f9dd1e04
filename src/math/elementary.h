/* exp, tanh, sigmoid, its gate and log(1 + e^x) of one number, without branches or calls in float, so that a
 * loop over any of them vectorises. In double they are libm's: only tests use them.
 *
 * Float: e^y = 2^k e^r with k = round(y / ln 2), r = y - k ln 2 in two parts, and
 *   e^r - 1 = r + r^2 q(r)          |r| <= ln2/2, relative error 2e-8
 *   log(1 + z) = 2 atanh(s), s = z / (2 + z), = s (2 + w l(w)), w = s^2 <= 1/9, error 5e-9
 * with q, l weighted minimax fits (Lawson's iteration) made for this project. NaN passes through;
 * comparisons are written so that a NaN operand keeps its value. */
#ifndef MG_MATH_ELEMENTARY_H
#define MG_MATH_ELEMENTARY_H

#include "math/real.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#ifdef MG_REAL_DOUBLE

static inline mg_real mg_one_exp(mg_real x) {
  return exp(x);
}
static inline mg_real mg_one_tanh(mg_real x) {
  return tanh(x);
}
static inline mg_real mg_one_sigmoid(mg_real x) {
  double z = exp(-fabs(x));
  return (x < 0 ? z : 1) / (1 + z);
}
static inline mg_real mg_one_gate(mg_real x) {
  return mg_one_sigmoid(x < -87 ? -87 : x);
}
static inline mg_real mg_one_softplus(mg_real x) {
  return (x < 0 ? 0 : x) + log1p(exp(-fabs(x)));
}
static inline mg_real mg_one_sqrt(mg_real x) {
  return sqrt(x);
}
static inline mg_real mg_one_fma(mg_real a, mg_real b, mg_real c) {
  return a * b + c;
}

#else

/* Fused only where the machine can: the library's fmaf in software would be slow. */
static inline float mg_one_fma(float a, float b, float c) {
#ifdef __FMA__
  return __builtin_fmaf(a, b, c);
#else
  return a * b + c;
#endif
}

static inline float mg_one_sqrt(float x) {
  return sqrtf(x);
}

static inline uint32_t mg_bits_of_float(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

static inline float mg_float_of_bits(uint32_t bits) {
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

/* e^r - 1 -> return; k, modulo 2^32 -> *k. For |y| < 2^20. */
static inline float mg_reduced_expm1(float y, uint32_t *k) {
  /* Adding 1.5 * 2^23 rounds to an integer, which then stands in the low bits. */
  const float magic = 12582912.0f;
  float t = mg_one_fma(y, 1.44269504f, magic);
  float rounded = t - magic;
  *k = mg_bits_of_float(t) - mg_bits_of_float(magic);
  float r = mg_one_fma(rounded, -0.693359375f, y);
  r = mg_one_fma(rounded, 2.12194440e-4f, r);
  float q = 1.388252131e-03f;
  q = mg_one_fma(q, r, 8.366520517e-03f);
  q = mg_one_fma(q, r, 4.166720062e-02f);
  q = mg_one_fma(q, r, 1.666654348e-01f);
  q = mg_one_fma(q, r, 4.999999702e-01f);
  return mg_one_fma(r * r, q, r);
}

static inline float mg_one_exp(float x) {
  x = x < -104.0f ? -104.0f : x;
  x = x > 89.0f ? 89.0f : x;
  uint32_t k;
  float p = 1.0f + mg_reduced_expm1(x, &k);
  /* 2^k as two factors: k runs from -150 (denormal results) to 128 (infinity). */
  uint32_t biased = k + 256u, half = biased >> 1;
  return p * mg_float_of_bits((half - 1u) << 23) * mg_float_of_bits((biased - half - 1u) << 23);
}

static inline float mg_one_tanh(float x) {
  float y = 2.0f * fabsf(x); /* tanh |x| = (e^y - 1) / (e^y + 1), which is 1 from y = 18.1 on */
  y = y > 20.0f ? 20.0f : y;
  uint32_t k;
  float p = mg_reduced_expm1(y, &k);
  float scale = mg_float_of_bits((k + 127u) << 23);
  float e = mg_one_fma(scale, p, scale - 1.0f);
  return copysignf(e / (e + 2.0f), x);
}

static inline float mg_one_sigmoid(float x) {
  float z = mg_one_exp(-fabsf(x));
  return (x < 0.0f ? z : 1.0f) / (1.0f + z);
}

/* sigmoid(x) for x >= -87, and from there down that of -87: two thirds of its cost, where what is
 * multiplied by 1e-38 does not matter. */
static inline float mg_one_gate(float x) {
  float y = -fabsf(x);
  y = y < -87.0f ? -87.0f : y;
  uint32_t k;
  float p = mg_reduced_expm1(y, &k);
  float scale = mg_float_of_bits((k + 127u) << 23); /* k >= -126 */
  float z = mg_one_fma(scale, p, scale);
  return (x < 0.0f ? z : 1.0f) / (1.0f + z);
}

static inline float mg_one_softplus(float x) {
  float z = mg_one_exp(-fabsf(x));
  float s = z / (2.0f + z), w = s * s;
  float l = 2.802445889e-01f;
  l = mg_one_fma(l, w, 2.799914181e-01f);
  l = mg_one_fma(l, w, 4.002169967e-01f);
  l = mg_one_fma(l, w, 6.666641235e-01f);
  return (x < 0.0f ? 0.0f : x) + s * mg_one_fma(w, l, 2.0f);
}

#endif
#endif
