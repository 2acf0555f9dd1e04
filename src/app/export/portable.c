#include "app/export/portable.h"

#include "app/run/provenance.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

uint64_t mg_portable_values(const mg_portable_array *a) {
  return a->rank == 2 ? a->dims[0] * a->dims[1] : a->dims[0];
}

const mg_portable_array *mg_portable_find(const mg_portable *p, const char *name) {
  for (int i = 0; i < p->arrays; i++)
    if (strcmp(p->array[i].name, name) == 0) return &p->array[i];
  return NULL;
}

const char *mg_portable_fact(const mg_portable *p, const char *key) {
  for (int i = 0; i < p->facts; i++)
    if (strcmp(p->fact[i].key, key) == 0) return p->fact[i].text;
  return NULL;
}

/* ---- texts ---- */

__attribute__((format(printf, 4, 5))) static void tell(mg_portable *p, mg_arena *arena,
                                                       const char *key, const char *format, ...) {
  char text[1024];
  va_list arguments;
  va_start(arguments, format);
  const int length = vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  char *copy = MG_NEW(arena, char, (size_t)length + 1);
  if (copy) snprintf(copy, (size_t)length + 1, "%s", text);
  p->fact[p->facts].key = key;
  p->fact[p->facts++].text = copy;
}

static mg_status tell_facts(mg_acting_file *file, mg_portable *p) {
  const mg_run_header *h = &file->header;
  const mg_policy *policy = &file->acting.policy;
  mg_arena *arena = file->arena;
  const mg_provenance made = mg_provenance_get();
  char arguments[1024];
  MG_TRY(mg_env_options_to_json(&file->settings.env, sizeof arguments, arguments));
  tell(p, arena, "format", "mgail policy");
  tell(p, arena, "format_version", "1");
  tell(p, arena, "task", "%s", h->env);
  tell(p, arena, "arguments", "%s", arguments);
  tell(p, arena, "observations", "%d", file->acting.normaliser.raw_size);
  tell(p, arena, "actions", "%d", policy->action_size);
  tell(p, arena, "kind", "%s", policy->discrete ? "discrete" : "continuous");
  tell(p, arena, "layers", "%d", policy->net.layers);
  tell(p, arena, "activation", "%s", mg_portable_activations[policy->net.activation]);
  tell(p, arena, "algorithm", "%s", h->algorithm);
  tell(p, arena, "parameters", "%s", file->parameters);
  tell(p, arena, "steps", "%" PRId64, h->steps);
  tell(p, arena, "trained_by", "%s (%s)", h->program, h->git);
  tell(p, arena, "exported_by", "%s (%s)", made.program, made.git);
  if (h->measured_episodes > 0)
    tell(p, arena, "return", "%.10g over %" PRId64 " episodes, mean action", h->measured[0],
         h->measured_episodes);
  return mg_arena_status(arena);
}

/* ---- arrays ---- */

static mg_portable_array *add(mg_portable *p, mg_arena *arena, const char *name, mg_npy_type type,
                              uint64_t rows, uint64_t columns) {
  mg_portable_array *a = &p->array[p->arrays++];
  *a = (mg_portable_array){.type = type, .rank = columns ? 2 : 1, .dims = {rows, columns}};
  snprintf(a->name, sizeof a->name, "%s", name);
  a->values = MG_NEW(arena, double, (size_t)mg_portable_values(a));
  return a;
}

static void add_normaliser(const mg_normaliser *n, mg_arena *arena, mg_portable *p) {
  const uint64_t S = (uint64_t)n->size;
  mg_portable_array *observed = add(p, arena, "observed", MG_NPY_I64, S, 0);
  mg_portable_array *shift = add(p, arena, "observation_shift", MG_NPY_F64, S, 0);
  mg_portable_array *scale = add(p, arena, "observation_scale", MG_NPY_F64, S, 0);
  mg_portable_array *limit = add(p, arena, "observation_limit", MG_NPY_F64, 1, 0);
  if (mg_arena_status(arena) != MG_OK) return;
  for (uint64_t j = 0; j < S; j++) observed->values[j] = (double)n->index[j];
  memcpy(shift->values, n->shift, S * sizeof(double));
  memcpy(scale->values, n->inverse, S * sizeof(double));
  limit->values[0] = n->limit > 0 ? n->limit : DBL_MAX;
}

/* values <- float32 theta [n]; returns what follows them. */
static const mg_real *take(mg_portable_array *a, const mg_real *theta) {
  const uint64_t n = mg_portable_values(a);
  for (uint64_t i = 0; a->values && i < n; i++) a->values[i] = (double)theta[i];
  return theta + n;
}

static void add_network(const mg_policy *policy, const mg_real *theta, mg_arena *arena,
                        mg_portable *p) {
  const mg_mlp *net = &policy->net;
  for (int k = 1; k <= net->layers; k++) {
    const uint64_t in = (uint64_t)net->width[k - 1], out = (uint64_t)net->width[k];
    char name[32];
    snprintf(name, sizeof name, "weight_%d", k);
    theta = take(add(p, arena, name, MG_NPY_F32, out, in), theta);
    snprintf(name, sizeof name, "bias_%d", k);
    theta = take(add(p, arena, name, MG_NPY_F32, out, 0), theta);
  }
  if (policy->discrete) return;
  const uint64_t A = (uint64_t)policy->action_size;
  mg_portable_array *shift = add(p, arena, "action_shift", MG_NPY_F32, A, 0);
  mg_portable_array *scale = add(p, arena, "action_scale", MG_NPY_F32, A, 0);
  mg_portable_array *sigma = add(p, arena, "action_sigma", MG_NPY_F32, A, 0);
  if (mg_arena_status(arena) != MG_OK) return;
  for (uint64_t i = 0; i < A; i++) {
    shift->values[i] = (double)(float)policy->action_mean[i];
    scale->values[i] = (double)(float)policy->action_sd[i];
    sigma->values[i] = (double)(float)exp((double)theta[i]);
  }
}

mg_status mg_portable_make(mg_acting_file *file, mg_portable *p) {
  *p = (mg_portable){0};
  MG_TRY(tell_facts(file, p));
  add_normaliser(&file->acting.normaliser, file->arena, p);
  add_network(&file->acting.policy, file->theta, file->arena, p);
  return mg_arena_status(file->arena);
}
