#include "algo/acting.h"

#include <math.h>
#include <string.h>

/* Entries of acting/shape. */
enum {
  SHAPE_LAYERS,
  SHAPE_WIDTH, /* MG_MLP_MAX_LAYERS + 1 of them */
  SHAPE_ACTIVATION = SHAPE_WIDTH + MG_MLP_MAX_LAYERS + 1,
  SHAPE_DISCRETE,
  SHAPE_AVERAGE, /* 1: there is a running average */
  MG_ACTING_SHAPE
};
enum { WIDEST = 1 << 16 };

static void shape_of(const mg_policy *policy, bool average, int64_t *shape) {
  const mg_mlp *net = &policy->net;
  memset(shape, 0, MG_ACTING_SHAPE * sizeof *shape);
  shape[SHAPE_LAYERS] = net->layers;
  for (int k = 0; k <= net->layers; k++) shape[SHAPE_WIDTH + k] = net->width[k];
  shape[SHAPE_ACTIVATION] = net->activation;
  shape[SHAPE_DISCRETE] = policy->discrete;
  shape[SHAPE_AVERAGE] = average;
}

/* Which entries of the observation are seen: for those who have only the file. A run that goes on
 * has them from run.observe, and does not read them. */
static void save_observed(const mg_normaliser *n, mg_archive *archive) {
  int64_t observations = n->raw_size;
  mg_archive_shared(archive, "acting/observations", MG_TYPE_I64, &observations, 1);
  mg_archive_shared(archive, "acting/observed", MG_TYPE_I64, n->index, (size_t)n->size);
}

/* Fields that both directions and both kinds of reader share. */
static void visit_normaliser(mg_normaliser *n, mg_archive *archive) {
  size_t size = (size_t)n->size;
  double form[2] = {n->epsilon, n->limit};
  mg_archive_shared(archive, "acting/normaliser_form", MG_TYPE_F64, form, 2);
  n->epsilon = form[0];
  n->limit = form[1];
  mg_archive_shared(archive, "acting/normaliser_count", MG_TYPE_F64, n->count, 1);
  mg_archive_shared(archive, "acting/normaliser_mean", MG_TYPE_F64, n->mean, size);
  mg_archive_shared(archive, "acting/normaliser_m2", MG_TYPE_F64, n->m2, size);
  /* Derived, yet stored: a fresh normaliser is the identity, which no moments give. */
  mg_archive_shared(archive, "acting/normaliser_shift", MG_TYPE_F64, n->shift, size);
  mg_archive_shared(archive, "acting/normaliser_inverse", MG_TYPE_F64, n->inverse, size);
}

static void visit_scaling(const mg_policy *policy, mg_archive *archive) {
  if (policy->discrete) return;
  const size_t actions = (size_t)policy->action_size;
  mg_archive_shared(archive, "acting/action_mean", MG_TYPE_F64, (double *)policy->action_mean,
                    actions);
  mg_archive_shared(archive, "acting/action_sd", MG_TYPE_F64, (double *)policy->action_sd, actions);
}

void mg_acting_visit(mg_algorithm *self, mg_archive *archive) {
  int64_t mine[MG_ACTING_SHAPE], shape[MG_ACTING_SHAPE];
  shape_of(&self->policy, self->average != NULL, mine);
  memcpy(shape, mine, sizeof shape);
  mg_archive_shared(archive, "acting/shape", MG_TYPE_I64, shape, MG_ACTING_SHAPE);
  /* Another shape shows below as a field of another size, which the archive refuses by name. */

  mg_policy *policy = &self->policy;
  size_t size = mg_policy_size(policy);
  mg_archive_shared(archive, "acting/theta", MG_TYPE_REAL, mg_paramset_theta(self->set, 0), size);
  if (self->average)
    mg_archive_shared(archive, "acting/average", MG_TYPE_REAL, self->average, size);
  visit_scaling(policy, archive);
  mg_normaliser *n = self->normaliser;
  if (!mg_archive_is_loading(archive)) save_observed(n, archive);
  visit_normaliser(n, archive);
}

void mg_acting_save(const mg_acting *acting, const mg_real *theta, mg_archive *archive) {
  int64_t shape[MG_ACTING_SHAPE];
  mg_normaliser normaliser = acting->normaliser; /* the visit sets epsilon and limit, to the same */
  shape_of(&acting->policy, false, shape);
  mg_archive_shared(archive, "acting/shape", MG_TYPE_I64, shape, MG_ACTING_SHAPE);
  mg_archive_shared(archive, "acting/theta", MG_TYPE_REAL, (mg_real *)theta,
                    mg_policy_size(&acting->policy));
  visit_scaling(&acting->policy, archive);
  save_observed(&normaliser, archive);
  visit_normaliser(&normaliser, archive);
}

static mg_status check_shape(const int64_t *shape) {
  int64_t layers = shape[SHAPE_LAYERS];
  bool sound = layers >= 1 && layers <= MG_MLP_MAX_LAYERS &&
               shape[SHAPE_ACTIVATION] >= MG_IDENTITY && shape[SHAPE_ACTIVATION] <= MG_SIGMOID;
  for (int k = 0; sound && k <= layers; k++)
    sound = shape[SHAPE_WIDTH + k] >= 1 && shape[SHAPE_WIDTH + k] <= WIDEST;
  if (sound) return MG_OK;
  return mg_fail(MG_ERR_DATA, "checkpoint: acting/shape describes no policy network");
}

/* The normaliser of `states` entries, an identity, over the entries that the file names. */
static mg_status load_observed(mg_archive *archive, int states, mg_arena *arena,
                               mg_normaliser *normaliser) {
  /* A file without these fields is of a program whose networks saw all entries. */
  const bool named = mg_archive_has(archive, "acting/observed");
  int64_t observations = states;
  if (named) mg_archive_shared(archive, "acting/observations", MG_TYPE_I64, &observations, 1);
  MG_TRY(mg_archive_status(archive));
  bool sound = observations >= states && observations <= WIDEST;
  if (sound) {
    *normaliser = mg_normaliser_make_of((int)observations, states, NULL, 0, 0, arena);
    MG_TRY(mg_arena_status(arena));
    if (named)
      mg_archive_shared(archive, "acting/observed", MG_TYPE_I64, normaliser->index, (size_t)states);
    MG_TRY(mg_archive_status(archive));
    for (int j = 0; sound && j < states; j++) {
      const int64_t least = j == 0 ? 0 : normaliser->index[j - 1] + 1;
      sound = normaliser->index[j] >= least && normaliser->index[j] < observations;
    }
  }
  if (sound) return MG_OK;
  return mg_fail(MG_ERR_DATA, "checkpoint: acting/observed names no %d of %lld observations",
                 states, (long long)observations);
}

mg_status mg_acting_load(mg_archive *archive, mg_arena *arena, mg_acting *acting) {
  int64_t shape[MG_ACTING_SHAPE] = {0};
  mg_archive_shared(archive, "acting/shape", MG_TYPE_I64, shape, MG_ACTING_SHAPE);
  MG_TRY(mg_archive_status(archive));
  MG_TRY(check_shape(shape));

  int layers = (int)shape[SHAPE_LAYERS], hidden[MG_MLP_MAX_LAYERS];
  for (int k = 1; k < layers; k++) hidden[k - 1] = (int)shape[SHAPE_WIDTH + k];
  int states = (int)shape[SHAPE_WIDTH], actions = (int)shape[SHAPE_WIDTH + layers];
  bool discrete = shape[SHAPE_DISCRETE] != 0;
  double *mean = MG_NEW(arena, double, (size_t)actions);
  double *sd = MG_NEW(arena, double, (size_t)actions);
  MG_TRY(mg_arena_status(arena));
  acting->policy = mg_policy_make(states, actions, discrete, layers - 1, hidden,
                                  (mg_activation)shape[SHAPE_ACTIVATION], discrete ? NULL : mean,
                                  discrete ? NULL : sd);
  MG_TRY(load_observed(archive, states, arena, &acting->normaliser));
  size_t size = mg_policy_size(&acting->policy);
  acting->theta = MG_NEW(arena, mg_real, size);
  acting->average = shape[SHAPE_AVERAGE] ? MG_NEW(arena, mg_real, size) : NULL;
  MG_TRY(mg_arena_status(arena));

  mg_archive_shared(archive, "acting/theta", MG_TYPE_REAL, acting->theta, size);
  if (acting->average)
    mg_archive_shared(archive, "acting/average", MG_TYPE_REAL, acting->average, size);
  visit_scaling(&acting->policy, archive);
  visit_normaliser(&acting->normaliser, archive);
  return mg_archive_status(archive);
}
