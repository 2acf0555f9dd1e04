#include "app/export/portable.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const mg_portable_activations[] = {MG_ACTIVATION_LIST(MG_NAMED_TEXT) NULL};

bool mg_portable_activate(const char *name, uint64_t n, double *z) {
  const char *const *names = mg_portable_activations;
  int f = 0;
  while (names[f] && strcmp(names[f], name) != 0) f++;
  for (uint64_t i = 0; names[f] && i < n; i++) {
    const double sigmoid = 1 / (1 + exp(-z[i]));
    switch ((mg_activation)f) {
    case MG_IDENTITY:
      break;
    case MG_TANH:
      z[i] = tanh(z[i]);
      break;
    case MG_RELU:
      z[i] = z[i] < 0 ? 0 : z[i];
      break;
    case MG_LEAKY_RELU:
      z[i] = z[i] < 0 ? 0.01 * z[i] : z[i];
      break;
    case MG_SWISH:
      z[i] *= sigmoid;
      break;
    case MG_SIGMOID:
      z[i] = sigmoid;
      break;
    }
  }
  return names[f] != NULL;
}

/* values <- of an array of rows [x columns, 0: rank 1]. */
static mg_status get(const mg_portable *p, const char *path, const char *name, uint64_t rows,
                     uint64_t columns, const double **values) {
  const mg_portable_array *a = mg_portable_find(p, name);
  *values = a ? a->values : NULL;
  if (a && a->dims[0] == rows && (columns ? a->rank == 2 && a->dims[1] == columns : a->rank == 1))
    return MG_OK;
  char shape[64];
  if (columns)
    snprintf(shape, sizeof shape, "%" PRIu64 ",%" PRIu64, rows, columns);
  else
    snprintf(shape, sizeof shape, "%" PRIu64, rows);
  return mg_fail(MG_ERR_DATA, "%s: expected an array %s [%s]", path, name, shape);
}

/* x [n,S] <- what the network sees. */
static mg_status normalise(const mg_portable *p, const char *path, const mg_portable_states *s,
                           uint64_t S, double *x) {
  const double *observed, *shift, *scale, *limit;
  MG_TRY(get(p, path, "observed", S, 0, &observed));
  MG_TRY(get(p, path, "observation_shift", S, 0, &shift));
  MG_TRY(get(p, path, "observation_scale", S, 0, &scale));
  MG_TRY(get(p, path, "observation_limit", 1, 0, &limit));
  for (uint64_t j = 0; j < S; j++) {
    if (!(observed[j] >= 0 && observed[j] < s->observations))
      return mg_fail(MG_ERR_DATA, "%s: observed has %g; expected one of %d entries", path,
                     observed[j], s->observations);
    for (int i = 0; i < s->n; i++) {
      const double value = s->states[(size_t)i * (size_t)s->observations + (size_t)observed[j]];
      const double z = fmin(fmax((value - shift[j]) * scale[j], -*limit), *limit);
      x[(size_t)i * S + j] = (double)(float)z;
    }
  }
  return MG_OK;
}

/* y [n,out] <- x [n,in] W^T + b */
static void dense(int n, uint64_t in, uint64_t out, const double *weight, const double *bias,
                  const double *x, double *y) {
  for (int b = 0; b < n; b++, x += in, y += out) {
    for (uint64_t o = 0; o < out; o++) {
      y[o] = bias[o];
      for (uint64_t i = 0; i < in; i++) y[o] += weight[o * in + i] * x[i];
    }
  }
}

/* *x [n,width], to be freed, is replaced by what the layers make of it, [n,A]. */
static mg_status go_forward(const mg_portable *p, const char *path, const mg_portable_states *s,
                            uint64_t width, double **x) {
  const char *layers = mg_portable_fact(p, "layers"), *f = mg_portable_fact(p, "activation");
  const int L = layers ? atoi(layers) : 0;
  for (int k = 1; k <= L; k++) {
    char name[32];
    const double *weight, *bias;
    snprintf(name, sizeof name, "bias_%d", k);
    const mg_portable_array *a = mg_portable_find(p, name);
    const uint64_t out = k == L ? (uint64_t)s->actions : a ? a->dims[0] : 0;
    MG_TRY(get(p, path, name, out, 0, &bias));
    snprintf(name, sizeof name, "weight_%d", k);
    MG_TRY(get(p, path, name, out, width, &weight));
    double *y = malloc((size_t)s->n * out * sizeof *y);
    if (!y) return mg_fail(MG_ERR_MEMORY, "%s: no memory", path);
    dense(s->n, width, out, weight, bias, *x, y);
    free(*x);
    *x = y, width = out;
    if (k < L && (!f || !mg_portable_activate(f, (uint64_t)s->n * out, y)))
      return mg_fail(MG_ERR_DATA, "%s: activation '%s' is none", path, f ? f : "");
  }
  if (L > 0) return MG_OK;
  return mg_fail(MG_ERR_DATA, "%s: expected a number of layers", path);
}

mg_status mg_portable_act(const mg_portable *p, const char *path, const mg_portable_states *s,
                          double *heads, double *sigma) {
  const mg_portable_array *observed = mg_portable_find(p, "observed");
  const char *kind = mg_portable_fact(p, "kind");
  const uint64_t S = observed ? observed->dims[0] : 0, A = (uint64_t)s->actions;
  double *x = malloc((size_t)s->n * (S + 1) * sizeof *x);
  if (!x) return mg_fail(MG_ERR_MEMORY, "%s: no memory", path);
  mg_status status = normalise(p, path, s, S, x);
  if (status == MG_OK) status = go_forward(p, path, s, S, &x);
  if (status == MG_OK) memcpy(heads, x, (size_t)s->n * A * sizeof *x);
  free(x);
  MG_TRY(status);
  memset(sigma, 0, A * sizeof *sigma);
  if (kind && strcmp(kind, "discrete") == 0) return MG_OK;
  const double *shift, *scale, *from;
  MG_TRY(get(p, path, "action_shift", A, 0, &shift));
  MG_TRY(get(p, path, "action_scale", A, 0, &scale));
  MG_TRY(get(p, path, "action_sigma", A, 0, &from));
  for (uint64_t i = 0; i < A; i++) sigma[i] = from[i];
  for (uint64_t i = 0; i < (uint64_t)s->n * A; i++)
    heads[i] = shift[i % A] + scale[i % A] * heads[i];
  return MG_OK;
}
