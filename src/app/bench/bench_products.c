/* Every matrix product of a round of MGAIL's updates, at the settings' sizes: by what the program
 * chooses for the shape, beside OpenBLAS alone. */
#include "app/bench/bench.h"
#include "base/timer.h"
#include "envs/env.h"
#include "math/blas.h"
#include "model/value.h"

#include <math.h>

typedef struct shape {
  const char *net;
  int rows, in, out; /* of one layer */
} shape;

enum { SHAPES = 16, KINDS = 3 };

typedef struct operands {
  mg_real *a, *b, *c;
} operands;

/* y = x W^T, dx = dy W, dW += dy^T x. */
static const char *const KIND_NAMES[KINDS] = {"forward", "back to the input", "weights"};
static const mg_product KINDS_OF[KINDS] = {MG_PRODUCT_NT, MG_PRODUCT_NN, MG_PRODUCT_TN};

static int add_net(shape *list, int count, const char *net, int rows, int in,
                   const mg_layers *hidden, int out) {
  for (int k = 0; k <= hidden->count && count < SHAPES; k++) {
    const int to = k < hidden->count ? hidden->width[k] : out;
    list[count++] = (shape){net, rows, in, to};
    in = to;
  }
  return count;
}

static int shapes_of(const mg_settings *s, const mg_env_spec *spec, shape *list) {
  const int S = spec->motion_size, A = spec->action_size;
  const int rows = s->mgail.horizon * s->run.environments * s->mgail.segments;
  int count = add_net(list, 0, "policy", rows, S, &s->policy.hidden, A);
  count = add_net(list, count, "value", rows, s->value.kind == MG_VALUE_Q ? S + A : S,
                  &s->value.hidden, 1);
  count = add_net(list, count, "discriminator", 2 * s->discriminator.batch, S + A,
                  &s->discriminator.hidden, 1);
  return add_net(list, count, "forward model", s->forward_model.batch, S + A,
                 &s->forward_model.hidden, S);
}

static void multiply(bool library, int kind, const shape *s, const operands *o) {
  const int M = kind == 2 ? s->out : s->rows, N = kind == 0 ? s->out : s->in;
  const int K = kind == 0 ? s->in : kind == 1 ? s->out : s->rows;
  const mg_real beta = kind == 2;
  if (library)
    mg_matmul_library(KINDS_OF[kind], M, N, K, o->a, o->b, beta, o->c);
  else if (kind == 0)
    mg_matmul_nt(M, N, K, o->a, o->b, beta, o->c);
  else if (kind == 1)
    mg_matmul_nn(M, N, K, o->a, o->b, beta, o->c);
  else
    mg_matmul_tn(M, N, K, o->a, o->b, beta, o->c);
}

/* Floating-point operations a second; as often as the clock needs. */
static double rate(bool library, int kind, const shape *s, const operands *o) {
  enum { TIMES = 20 };
  const double began = mg_bench_now();
  for (int k = 0; k < TIMES; k++) multiply(library, kind, s, o);
  return TIMES * mg_matmul_flops(s->rows, s->in, s->out) / (mg_bench_now() - began);
}

static mg_status make_operands(const shape *list, int count, mg_arena *arena, operands *o) {
  size_t most = 0;
  for (int k = 0; k < count; k++) {
    const size_t in = (size_t)list[k].in, out = (size_t)list[k].out, rows = (size_t)list[k].rows;
    const size_t largest =
        fmax((double)(rows * in), fmax((double)(rows * out), (double)(in * out)));
    most = largest > most ? largest : most;
  }
  o->a = MG_NEW(arena, mg_real, most);
  o->b = MG_NEW(arena, mg_real, most);
  o->c = MG_NEW(arena, mg_real, most);
  MG_TRY(mg_arena_status(arena));
  for (size_t i = 0; i < most; i++) {
    o->a[i] = (mg_real)(i % 17) / 17;
    o->b[i] = (mg_real)(i % 19) / 1900;
  }
  return MG_OK;
}

mg_status mg_bench_products(const mg_bench *bench, mg_bench_result *result) {
  mg_env *env = NULL;
  shape list[SHAPES];
  operands o = {0};
  mg_status status = mg_env_create_with(bench->settings->run.env, &bench->settings->env, &env);
  const int count = status == MG_OK ? shapes_of(bench->settings, mg_env_get_spec(env), list) : 0;
  mg_env_destroy(env);
  if (status == MG_OK) status = make_operands(list, count, bench->arena, &o);
  mg_samples *samples = MG_NEW(bench->arena, mg_samples, SHAPES * KINDS * 3);
  if (status == MG_OK) status = mg_arena_status(bench->arena);
  MG_TRY(mg_comm_agree(bench->app->comm, status));
  const double began = mg_timer_now();
  for (; mg_bench_goes_on(bench, began, result->rounds); result->rounds++)
    for (int k = 0; k < count * KINDS; k++) {
      const double bare = rate(true, k % KINDS, &list[k / KINDS], &o);
      const double own = rate(false, k % KINDS, &list[k / KINDS], &o);
      mg_samples_push(&samples[3 * k], own);
      mg_samples_push(&samples[3 * k + 1], bare);
      mg_samples_push(&samples[3 * k + 2], own / bare);
    }
  result->title = "matrix products of MGAIL's updates, per second of processor time";
  result->bare = "the same by OpenBLAS alone";
  for (int k = 0; k < count * KINDS; k++) {
    const shape *s = &list[k / KINDS];
    mg_bench_add(result, "GFLOP/s", mg_samples_median(&samples[3 * k]) / 1e9,
                 mg_samples_median(&samples[3 * k + 1]) / 1e9,
                 mg_samples_median(&samples[3 * k + 2]), "%s %d x %d x %d, %s", s->net, s->rows,
                 s->in, s->out, KIND_NAMES[k % KINDS]);
  }
  return MG_OK;
}
