#include "app/export/export.h"

#include "base/nearest.h"
#include "files/safe_file.h"
#include "rollout/contained_step.h"
#include "rollout/evaluate.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const mg_export_format *const mg_export_formats[] = {
    &mg_export_h5, &mg_export_npz, &mg_export_safetensors, &mg_export_onnx, &mg_export_c, NULL};

static bool ends_in(const char *text, const char *ending) {
  const size_t n = strlen(text), m = strlen(ending);
  return n > m && strcmp(text + n - m, ending) == 0;
}

/* Without an ending, or with HDF5's longer one. */
static bool may_be_h5(const char *output) {
  const char *folder = strrchr(output, '/');
  return !strchr(folder ? folder : output, '.') || ends_in(output, ".hdf5");
}

mg_status mg_export_format_find(const char *name, const char *output,
                                const mg_export_format **format) {
  const mg_export_format *found = !name && may_be_h5(output) ? &mg_export_h5 : NULL;
  const char *near = NULL;
  for (const mg_export_format *const *f = mg_export_formats; *f; f++) {
    if (name ? strcmp(name, (*f)->name) == 0 : ends_in(output, (*f)->ending)) found = *f;
    if (name) mg_nearest_offer(name, (*f)->name, &near);
  }
  *format = found;
  if (!found && !name)
    return mg_fail(MG_ERR_USAGE,
                   "--output %s: expected a name that ends in .h5, .npz, .safetensors, .onnx or "
                   ".c, or --format",
                   output);
  if (!found)
    return mg_fail(MG_ERR_USAGE, "--format %s: expected h5, npz, safetensors, onnx or c%s%s%s",
                   name, near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
  if (found->second && !ends_in(output, found->ending))
    return mg_fail(MG_ERR_USAGE,
                   "--output %s: expected a name that ends in %s; %s is made beside it", output,
                   found->ending, found->second);
  return MG_OK;
}

/* ---- what it is compared in ---- */

enum { STATES = MG_EXPORT_STATES };
static const double TOLERANCE = 1e-5, SPREADS = 3;

typedef struct trial {
  mg_acting_file *file;
  mg_portable_states states;
  mg_mlp_tape tape;
  double *state;           /* [STATES,d] */
  double *heads, *other;   /* [STATES,A] of the policy, of the file */
  double *sigma;           /* [A] of the file */
  double *action, *random; /* [A], [S] */
  mg_real *x, *head, *noise, *a;
} trial;

static mg_status make_trial(mg_acting_file *file, trial *t) {
  const mg_policy *policy = &file->acting.policy;
  const size_t d = (size_t)file->spec.observation_size, A = (size_t)policy->action_size,
               S = (size_t)policy->state_size;
  mg_arena *arena = file->arena;
  *t = (trial){.file = file};
  t->tape = mg_mlp_tape_make(&policy->net, STATES, arena);
  t->state = MG_NEW(arena, double, (STATES * d));
  t->heads = MG_NEW(arena, double, (STATES * A));
  t->other = MG_NEW(arena, double, (STATES * A));
  t->sigma = MG_NEW(arena, double, A);
  t->action = MG_NEW(arena, double, A);
  t->random = MG_NEW(arena, double, S);
  t->x = MG_NEW(arena, mg_real, (STATES * S));
  t->head = MG_NEW(arena, mg_real, (STATES * A));
  t->noise = MG_NEW(arena, mg_real, A);
  t->a = MG_NEW(arena, mg_real, A);
  t->states = (mg_portable_states){STATES, (int)d, (int)A, t->state};
  return mg_arena_status(arena);
}

static void ask_policy(trial *t, int n, const double *states) {
  const mg_acting *acting = &t->file->acting;
  mg_normaliser_apply(&acting->normaliser, n, states, t->x);
  mg_policy_forward(&acting->policy, n, t->file->theta, t->x, &t->tape, t->head);
}

/* States of episodes with sampled actions. Every other one is moved: what is seen of it lies anywhere
 * within a few spreads of the mean, so that the limit of the normaliser is met too. */
static mg_status visit_states(trial *t) {
  const mg_acting *acting = &t->file->acting;
  const mg_normaliser *n = &acting->normaliser;
  const size_t d = (size_t)t->states.observations;
  mg_env *env;
  MG_TRY(mg_env_create_with(t->file->header.env, &t->file->settings.env, &env));
  mg_rng rng = mg_rng_at(1, MG_RNG_EVALUATE_ACTION, 0, 0);
  bool ended = true;
  double *next = t->state;
  for (int k = 0, episode = 0; k < STATES; k++) {
    double *state = t->state + (size_t)k * d;
    if (ended) mg_evaluate_reset(env, 1, episode++, state);
    ask_policy(t, 1, state);
    mg_policy_noise(&acting->policy, &rng, t->noise);
    mg_policy_act(&acting->policy, 1, t->file->theta, t->head, t->noise, t->a);
    mg_action_decode(mg_env_get_spec(env), t->a, t->action);
    if (k + 1 < STATES) next = state + d;
    if (k + 1 == STATES) break;
    const mg_env_outcome outcome = mg_env_step(env, t->action, next);
    ended = outcome.terminated || outcome.truncated || outcome.unstable;
  }
  mg_env_destroy(env);
  for (int k = 1; k < STATES; k += 2) {
    double *state = t->state + (size_t)k * d;
    for (int j = 0; j < n->size; j++)
      state[n->index[j]] = n->shift[j] + SPREADS * mg_rng_normal(&rng) / n->inverse[j];
  }
  return MG_OK;
}

/* NaN where either is. */
static double larger(double a, double b) {
  return a > b || isnan(a) ? a : b;
}

/* What the policy does, and how far the file's `other` and `sigma` are from it. */
static mg_status compare(trial *t, const char *output, double *difference) {
  const mg_policy *policy = &t->file->acting.policy;
  const int A = policy->action_size;
  const mg_real *log_sigma = t->file->theta + mg_policy_log_sigma_offset(policy);
  double largest = 1;
  *difference = 0;
  for (int i = 0; i < STATES * A; i++) {
    largest = larger(fabs(t->heads[i]), largest);
    *difference = larger(fabs(t->heads[i] - t->other[i]), *difference);
  }
  for (int i = 0; i < A && !policy->discrete; i++)
    *difference =
        larger(fabs((double)(mg_real)exp((double)log_sigma[i]) - t->sigma[i]), *difference);
  if (!isfinite(largest))
    return mg_fail(MG_ERR_DATA, "%s: is not written: the policy's actions are no finite numbers",
                   output);
  if (*difference <= TOLERANCE * largest) return MG_OK;
  return mg_fail(MG_ERR_INTERNAL,
                 "%s: is not written: acts otherwise than the policy, by %g; expected at most %g",
                 output, *difference, TOLERANCE * largest);
}

static mg_status check(const mg_export_format *format, const mg_export *e, const char *path,
                       double *difference) {
  trial t;
  MG_TRY(make_trial(e->file, &t));
  MG_TRY(visit_states(&t));
  ask_policy(&t, STATES, t.state);
  for (int i = 0; i < STATES * t.states.actions; i++) t.heads[i] = (double)t.head[i];
  MG_TRY(format->act(e, path, &t.states, t.other, t.sigma));
  return compare(&t, e->output, difference);
}

/* ---- whole or not at all ---- */

static mg_status refuse_taken(const char *path) {
  struct stat info;
  if (lstat(path, &info) != 0) return MG_OK;
  return mg_fail(MG_ERR_CREATE, "%s: exists; give another --output", path);
}

/* second [MG_PATH_MAX] <- output with the other ending; "" where there is none. */
static mg_status name_second(const mg_export_format *format, const char *output, char *second) {
  *second = '\0';
  if (!format->second) return MG_OK;
  const int stem = (int)(strlen(output) - strlen(format->ending));
  if (snprintf(second, MG_PATH_MAX, "%.*s%s", stem, output, format->second) >= MG_PATH_MAX)
    return mg_fail(MG_ERR_CREATE, "%.64s...: the name is too long", output);
  return refuse_taken(second);
}

mg_status mg_export_write(const mg_export_format *format, mg_acting_file *file, const char *output,
                          double *difference) {
  mg_export e = {.file = file, .output = output};
  char temporary[MG_PATH_MAX], second[MG_PATH_MAX], beside[MG_PATH_MAX] = "";
  MG_TRY(refuse_taken(output));
  MG_TRY(name_second(format, output, second));
  MG_TRY(mg_safe_temporary(output, temporary));
  if (*second) MG_TRY(mg_safe_temporary(second, beside));
  MG_TRY(mg_portable_make(file, &e.policy));
  mg_failure failure = {0};
  mg_status written = format->write(&e, temporary, *beside ? beside : NULL);
  if (written == MG_ERR_CREATE) /* speaks of the temporary name */
    written =
        mg_fail(MG_ERR_CREATE, "%s: cannot be created; expected a folder to write in", output);
  mg_failure_note(&failure, written);
  if (failure.status == MG_OK) mg_failure_note(&failure, check(format, &e, temporary, difference));
  if (failure.status == MG_OK && *second)
    mg_failure_note(&failure, mg_safe_commit(beside, second, false));
  if (failure.status == MG_OK) {
    mg_failure_note(&failure, mg_safe_commit(temporary, output, false));
    if (failure.status != MG_OK && *second) unlink(second);
  }
  if (failure.status != MG_OK) unlink(temporary);
  if (failure.status != MG_OK && *beside) unlink(beside);
  return mg_failure_again(&failure);
}
