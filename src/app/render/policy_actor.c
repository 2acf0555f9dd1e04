#include "algo/opinion.h"
#include "app/render/actor.h"
#include "app/run/acting_file.h"
#include "rollout/watch.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct policy_actor {
  mg_actor base;
  mg_acting_file file;
  mg_env *env;
  mg_evaluator *evaluator;
  bool stochastic;
  mg_opinion opinion;
  double *before;  /* [d] the observation of the step before */
  mg_take longest; /* arrays for an episode up to the time limit */
  const mg_env_spec *spec;
  double *qvel;
} policy_actor;

static void see(void *self, const mg_glance *glance) {
  policy_actor *a = self;
  mg_take *take = &a->base.take;
  const size_t t = (size_t)glance->t, d = (size_t)a->spec->observation_size;
  mg_env_get_qpos_qvel(glance->env, take->qpos + t * (size_t)a->spec->qpos_size, a->qvel);
  take->returns[t] = t > 0 ? take->returns[t - 1] + glance->outcome.reward : 0;
  if (a->base.judged && t > 0)
    take->opinion[t] = mg_opinion_of(&a->opinion, a->before, glance->action);
  memcpy(a->before, glance->observation, d * sizeof(double));
  take->steps = glance->t;
  take->terminated = glance->outcome.terminated;
}

static mg_status play(mg_actor *self, int64_t episode) {
  policy_actor *a = (policy_actor *)self;
  self->take = a->longest;
  mg_evaluator_watch(a->evaluator, (int)episode, a->file.theta, a->stochastic, see, a);
  return MG_OK;
}

static void destroy(mg_actor *self) {
  policy_actor *a = (policy_actor *)self;
  mg_evaluator_destroy(a->evaluator);
  mg_env_destroy(a->env);
  mg_acting_file_close(&a->file);
  free(a);
}

static const mg_actor_class policy_class = {.play = play, .destroy = destroy};

/* The sentence says which file it is about. */
static mg_status load_opinion(policy_actor *a, bool or_none, mg_app *app) {
  mg_run_header header;
  mg_settings settings;
  mg_archive *archive = NULL;
  MG_TRY(mg_run_header_open(a->file.path, app->comm, &archive, &header, &settings));
  mg_failure failure = {0};
  const mg_status status =
      mg_opinion_load(archive, &settings, &a->file.acting, a->file.arena, &a->opinion);
  a->base.judged = status == MG_OK;
  if (status != MG_OK && !(status == MG_ERR_CONFIG && or_none)) {
    mg_failure told = {0};
    mg_failure_note(&told, status);
    mg_failure_note(&failure, mg_fail(status, "--overlay: %s: %s", a->file.path, told.sentence));
  }
  mg_checkpoint_close(archive);
  return mg_failure_again(&failure);
}

static void name(policy_actor *a, const char *label) {
  snprintf(a->base.label, sizeof a->base.label, "%s", label ? label : a->file.header.algorithm);
  for (char *c = a->base.label; !label && *c; c++) *c = (char)toupper((unsigned char)*c);
}

static mg_status build(policy_actor *a, const mg_policy_request *r, mg_app *app) {
  MG_TRY(mg_acting_file_open_path(r->checkpoint, r->policy, app, &a->file));
  const mg_run_header *header = &a->file.header;
  const mg_settings *s = &a->file.settings;
  MG_TRY(mg_env_create_with(header->env, &s->env, &a->env));
  a->base.env = a->env;
  a->spec = mg_env_get_spec(a->env);
  a->stochastic = r->stochastic;
  name(a, r->label);
  if (r->opinion) MG_TRY(load_opinion(a, r->or_none, app));
  a->longest =
      mg_take_make(a->spec->max_episode_steps, a->spec->qpos_size, a->base.judged, a->file.arena);
  a->before = MG_NEW(a->file.arena, double, (size_t)a->spec->observation_size);
  a->qvel = MG_NEW(a->file.arena, double, (size_t)a->spec->qvel_size);
  MG_TRY(mg_arena_status(a->file.arena));
  return mg_evaluator_create(header->env, &s->env, 1,
                             (uint64_t)(r->seed < 0 ? s->run.seed : r->seed), app->comm,
                             &a->file.acting.policy, &a->file.acting.normaliser, &a->evaluator);
}

mg_status mg_policy_actor_open(const mg_policy_request *request, mg_app *app, mg_actor **actor) {
  policy_actor *a = calloc(1, sizeof *a);
  if (!a) return mg_fail(MG_ERR_MEMORY, "%s: out of memory", request->checkpoint);
  a->base.class_ = &policy_class;
  const mg_status status = build(a, request, app);
  if (status == MG_OK)
    *actor = &a->base;
  else
    destroy(&a->base);
  return status;
}
