/* A policy as plain arrays and texts: what every format of an export holds, under the same names, so
 * that whoever reads one of them can read all.
 *
 *   x      = clip((s[observed] - observation_shift) * observation_scale, -limit, limit)
 *   h_0    = x, rounded to float32
 *   h_k    = f(weight_k h_{k-1} + bias_k)            k = 1 .. L - 1, f: the text "activation"
 *   y      = weight_L h_{L-1} + bias_L
 *   action = action_shift + action_scale * y         the mean action, rounded to float32
 *            + action_sigma * N(0, 1)                a sampled one
 *   choice = argmax(y, rounded to float32)           of discrete tasks; sampled: argmax(y + Gumbel)
 *
 * Training and `mgail evaluate` compute the layers in float32, where a sum's last bits depend on its
 * order, and a simulation that goes on for a thousand steps on those. Who computes them in float64
 * gets the same float32 actions whatever the order: `mgail evaluate --double`, NumPy, onnxruntime.
 *
 *   observed [S] int64; observation_shift, observation_scale [S], observation_limit [1] float64;
 *   weight_k [O,I], bias_k [O]; action_shift, action_scale, action_sigma [A] float32, not of discrete
 *   tasks. S entries of the observation are seen. Actions are in the task's units, and unclipped. */
#ifndef MG_APP_EXPORT_PORTABLE_H
#define MG_APP_EXPORT_PORTABLE_H

#include "app/run/acting_file.h"
#include "demos/numpy/npy.h"

enum { MG_PORTABLE_ARRAYS = 2 * MG_MLP_MAX_LAYERS + 7, MG_PORTABLE_FACTS = 20 };

typedef struct mg_portable_array {
  char name[32];
  mg_npy_type type; /* MG_NPY_I64, F64 or F32: of the file; here all are doubles */
  int rank;         /* 1 or 2 */
  uint64_t dims[2];
  double *values;
} mg_portable_array;

typedef struct mg_portable {
  int facts;
  struct {
    const char *key;
    char *text;
  } fact[MG_PORTABLE_FACTS];
  int arrays;
  mg_portable_array array[MG_PORTABLE_ARRAYS];
} mg_portable;

/* What a policy is asked about. */
typedef struct mg_portable_states {
  int n, observations, actions;
  const double *states; /* [n, observations] */
} mg_portable_states;

uint64_t mg_portable_values(const mg_portable_array *array);

/* Of the policy that `file` holds; memory is the file's arena. */
mg_status mg_portable_make(mg_acting_file *file, mg_portable *portable);

/* NULL where there is none. */
const mg_portable_array *mg_portable_find(const mg_portable *portable, const char *name);
const char *mg_portable_fact(const mg_portable *portable, const char *key);

/* Whole episodes with the formula above, as `mgail evaluate` runs them otherwise: episode e on rank e
 * mod size; returns, lengths [episodes] on every rank. Collective. */
mg_status mg_portable_evaluate(mg_acting_file *file, mg_comm *comm, int64_t episodes, int64_t *seed,
                               double **returns, double **lengths);

/* The formula above, not rounded at its end: heads [n,A], mean actions or the choices' values, and sigma
 * [A], 0 for discrete tasks. MG_ERR_DATA, naming `path`, if an array is missing or of another shape. */
mg_status mg_portable_act(const mg_portable *portable, const char *path,
                          const mg_portable_states *states, double *heads, double *sigma);

/* Names of activations by their number, NULL-terminated; z [n] <- f(z) of the one of this name, false
 * if there is none. */
extern const char *const mg_portable_activations[];
bool mg_portable_activate(const char *name, uint64_t n, double *z);

#endif
