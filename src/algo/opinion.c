#include "algo/opinion.h"

#include "algo/mgail/mgail.h"
#include "algo/on_policy/gail.h"
#include "math/vec.h"
#include "model/action_value.h"
#include "model/discriminator.h"
#include "model/value.h"
#include "nn/paramset.h"

#include <math.h>
#include <string.h>

/* Of both algorithms theta begins so: [policy | value | discriminator | ...]. */
static mg_slice find_slice(const mg_settings *s, const mg_policy *policy, const mg_mlp *net,
                           bool mgail) {
  const bool q = mgail && s->value.kind == MG_VALUE_Q;
  const mg_mlp value = mg_value_make(q ? net->width[0] : policy->state_size, s->value.hidden.count,
                                     s->value.hidden.width, (mg_activation)s->value.activation);
  const size_t size = q ? mg_action_value_size(&value) : mg_mlp_size(&value);
  mg_paramset set = {0};
  mg_paramset_add(&set, "policy", mg_policy_size(policy));
  mg_paramset_add(&set, "value", mgail && !s->mgail.terminal_value ? 0 : size);
  return set.slice[mg_paramset_add(&set, "discriminator", mg_mlp_size(net))];
}

static mg_status load_theta(mg_archive *archive, const mg_slice *slice, mg_arena *arena,
                            mg_opinion *o) {
  const size_t all = mg_archive_count(archive, "theta");
  if (all == 0)
    return mg_fail(MG_ERR_DATA,
                   "has no discriminator: it is an export; expected a run's checkpoint");
  if (all < slice->offset + slice->size)
    return mg_fail(MG_ERR_DATA, "theta has %zu entries; expected at least %zu", all,
                   slice->offset + slice->size);
  mg_real *theta = MG_NEW(arena, mg_real, all);
  MG_TRY(mg_arena_status(arena));
  mg_archive_shared(archive, "theta", MG_TYPE_REAL, theta, all);
  o->theta = theta + slice->offset;
  const size_t actions = (size_t)o->action_size;
  mg_archive_shared(archive, "actions/shift", MG_TYPE_F64, o->shift, actions);
  mg_archive_shared(archive, "actions/inverse", MG_TYPE_F64, o->inverse, actions);
  return mg_archive_status(archive);
}

mg_status mg_opinion_load(mg_archive *archive, const mg_settings *s, const mg_acting *acting,
                          mg_arena *arena, mg_opinion *o) {
  const bool mgail = strcmp(s->run.algorithm, "mgail") == 0;
  if (!mgail && strcmp(s->run.algorithm, "gail") != 0)
    return mg_fail(MG_ERR_CONFIG, "%s trains no discriminator; expected a run of mgail or gail",
                   s->run.algorithm);
  const mg_policy *policy = &acting->policy;
  *o = (mg_opinion){.states = &acting->normaliser,
                    .discrete = policy->discrete,
                    .absorbing = mgail ? s->mgail.episodes == MG_MGAIL_ABSORBING
                                       : s->gail.episodes == MG_GAIL_ABSORBING,
                    .action_size = policy->action_size};
  o->net = mg_discriminator_make(policy->state_size + o->absorbing, o->action_size,
                                 s->discriminator.hidden.count, s->discriminator.hidden.width,
                                 (mg_activation)s->discriminator.activation);
  o->tape = mg_mlp_tape_make(&o->net, 1, arena);
  o->pair = MG_NEW(arena, mg_real, (size_t)o->net.width[0]);
  o->shift = MG_NEW(arena, double, (size_t)o->action_size);
  o->inverse = MG_NEW(arena, double, (size_t)o->action_size);
  MG_TRY(mg_arena_status(arena));
  const mg_slice slice = find_slice(s, policy, &o->net, mgail);
  return load_theta(archive, &slice, arena, o);
}

double mg_opinion_of(mg_opinion *o, const double *observation, const double *action) {
  mg_real *a = o->pair + o->net.width[0] - o->action_size, logit;
  mg_vec_fill((size_t)o->net.width[0], 0, o->pair);
  mg_normaliser_apply(o->states, 1, observation, o->pair);
  if (o->discrete)
    a[(int)action[0]] = 1;
  else
    for (int i = 0; i < o->action_size; i++)
      a[i] = (mg_real)(((double)(mg_real)action[i] - o->shift[i]) * o->inverse[i]);
  mg_mlp_forward(&o->net, 1, o->theta, o->pair, &o->tape, &logit);
  return 1 / (1 + exp(-(double)logit));
}
