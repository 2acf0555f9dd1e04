/* Losses in double: closed forms, gradients, extreme logits. */
#include "nn/loss.h"
#include "support/gradient_check.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

enum { B = 7, O = 3 };
static const double TOLERANCE = 1e-7;
static mg_real x[B * O], target[B * O], dx[B * O], unused[B * O];
static int label;
static double centre;

static void setup(void) {
  for (int i = 0; i < B * O; i++) {
    x[i] = (mg_real)(2 * sin(1 + i));
    target[i] = (mg_real)cos(3 * i);
    dx[i] = 99; /* gradients overwrite */
  }
}

static double bce(void *context) {
  return *(double *)context * mg_loss_bce(B, x, label, 1, unused);
}

static double mse(void *context) {
  return *(double *)context * mg_loss_mse(B, O, x, target, unused);
}

static double penalty(void *context) {
  return *(double *)context * mg_loss_gradient_penalty(B, O, x, (mg_real)centre, 1, unused);
}

Test(losses, bce_gradient_and_weight, .init = setup) {
  double weight = 2.5;
  for (label = 0; label <= 1; label++) {
    const double mean = mg_loss_bce(B, x, label, 2.5, dx);
    cr_expect_float_eq(mean * weight, bce(&weight), 1e-15, "the mean is without the weight");
    cr_expect(gradient_agrees("bce", gradient_check(bce, &weight, B, x, dx), TOLERANCE));
    for (int i = 0; i < B; i++) dx[i] = -dx[i];
    cr_expect_gt(fabs(gradient_check(bce, &weight, B, x, dx).worst), 1);
  }
}

Test(losses, bce_closed_form) {
  const mg_real zero[2] = {0, 0}, sure[2] = {1000, -1000};
  mg_real dl[2];
  cr_expect_float_eq(mg_loss_bce(2, zero, 1, 1, dl), log(2), 1e-15);
  cr_expect_float_eq(dl[0], -0.25, 1e-15);
  cr_expect_float_eq(mg_loss_bce(2, zero, 0, 1, dl), log(2), 1e-15);
  cr_expect_float_eq(dl[1], 0.25, 1e-15);
  /* Right and wrong without doubt: 0 and 1000, slopes 0 and -1/2. */
  cr_expect_float_eq(mg_loss_bce(2, sure, 1, 1, dl), 500, 1e-12);
  cr_expect_eq(dl[0], 0);
  cr_expect_eq(dl[1], -0.5);
  cr_expect_float_eq(mg_loss_bce(2, sure, 0, 1, dl), 500, 1e-12);
  cr_expect_eq(dl[0], 0.5);
  cr_expect_eq(mg_loss_bce(0, sure, 0, 1, dl), 0);
}

Test(losses, mse_gradient, .init = setup) {
  double weight = 1, sum = 0;
  for (int i = 0; i < B * O; i++) sum += (x[i] - target[i]) * (x[i] - target[i]);
  cr_expect_float_eq(mg_loss_mse(B, O, x, target, dx), sum / (B * O), 1e-14);
  cr_expect(gradient_agrees("mse", gradient_check(mse, &weight, B * O, x, dx), TOLERANCE));
  cr_expect_eq(mg_loss_mse(0, O, x, target, dx), 0);
}

Test(losses, gradient_penalty, .init = setup) {
  double weight = 3;
  for (int t = 0; t <= 2; t++) {
    centre = t * 0.75;
    const double mean = mg_loss_gradient_penalty(B, O, x, (mg_real)centre, 3, dx);
    double sum = 0;
    for (int b = 0; b < B; b++) {
      const double norm =
          sqrt(x[b * O] * x[b * O] + x[b * O + 1] * x[b * O + 1] + x[b * O + 2] * x[b * O + 2]);
      sum += (norm - centre) * (norm - centre);
    }
    cr_expect_float_eq(mean, sum / B, 1e-14);
    cr_expect(
        gradient_agrees("penalty", gradient_check(penalty, &weight, B * O, x, dx), TOLERANCE));
  }
}

Test(losses, gradient_penalty_at_zero) {
  const mg_real g[2] = {0, 0};
  mg_real v[2] = {9, 9};
  cr_expect_eq(mg_loss_gradient_penalty(1, 2, g, 1, 1, v), 1);
  cr_expect_eq(v[0], 0);
  cr_expect_eq(v[1], 0);
  cr_expect_eq(mg_loss_gradient_penalty(1, 2, g, 0, 1, v), 0);
  cr_expect_eq(v[0], 0);
}

Test(losses, inputs_are_left_alone, .init = setup) {
  mg_real kept[B * O];
  memcpy(kept, x, sizeof x);
  mg_loss_bce(B, x, 1, 1, dx);
  mg_loss_mse(B, O, x, target, dx);
  mg_loss_gradient_penalty(B, O, x, 1, 1, dx);
  cr_expect_eq(memcmp(kept, x, sizeof x), 0);
}
