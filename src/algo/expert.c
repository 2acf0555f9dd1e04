#include "algo/expert.h"

#include <inttypes.h>
#include <stdio.h>

/* The index of a choice becomes a row with a 1 in its place. */
static mg_status make_one_hot(mg_pairs *pairs, int A, mg_arena *arena) {
  if (pairs->count == 0) return MG_OK;
  double *rows = MG_NEW(arena, double, (size_t)pairs->count *(size_t)A);
  MG_TRY(mg_arena_status(arena));
  for (int p = 0; p < pairs->count; p++) {
    for (int i = 0; i < A; i++)
      rows[(size_t)p * (size_t)A + (size_t)i] = i == (int)pairs->actions[p];
  }
  pairs->actions = rows;
  return MG_OK;
}

static void announce(const mg_expert *expert, const mg_dataset *data, const mg_settings *s,
                     mg_log *log) {
  double mean = 0;
  for (int k = 0; k < data->trajectories; k++) mean += data->trajectory[k].total_reward;
  char held[64] = "";
  if (expert->validation.count > 0)
    snprintf(held, sizeof held, " to train on, %d for validation", expert->validation.count);
  mg_log_line(log,
              "expert: %s, %d of %" PRId64 " trajectories, return %.1f, every %d. pair: %d pairs%s",
              s->data.expert, data->trajectories, data->available, mean / data->trajectories,
              s->data.subsample, expert->train.count, held);
}

static mg_status load(const mg_context *context, const mg_env_spec *spec, mg_expert *expert) {
  const mg_settings *s = context->settings;
  const uint64_t seed = (uint64_t)(s->data.seed >= 0 ? s->data.seed : s->run.seed);
  const mg_dataset_options options = {
      .trajectories = s->data.trajectories,
      .choice = (mg_choice)s->data.choice,
      .minimum_length = s->data.minimum_length,
      .seed = seed,
      .max_bytes = (uint64_t)s->data.max_bytes,
  };
  mg_arena *arena = context->arena;
  mg_dataset data;
  MG_TRY(mg_dataset_read_all(s->data.expert, &options, context->comm, arena, &data));
  MG_TRY(mg_dataset_check(&data, s->data.expert, spec->id, spec->observation_size,
                          spec->action_size, spec->discrete));
  MG_TRY(mg_dataset_split(&data, s->data.subsample, s->data.validation, seed, arena, &expert->train,
                          &expert->validation));
  for (int k = 0; k < data.trajectories; k++) expert->terminated += data.trajectory[k].terminated;
  if (spec->discrete) {
    MG_TRY(make_one_hot(&expert->train, spec->action_size, arena));
    MG_TRY(make_one_hot(&expert->validation, spec->action_size, arena));
  }
  announce(expert, &data, s, context->log);
  return MG_OK;
}

mg_status mg_expert_load(const mg_context *context, const mg_env_spec *spec, mg_expert *expert) {
  *expert = (mg_expert){.state_size = spec->observation_size, .action_size = spec->action_size};
  if (!context->settings->data.expert[0]) {
    return mg_fail(MG_ERR_CONFIG, "data.expert is empty; expected a file of demonstrations");
  }
  return mg_comm_agree(context->comm, load(context, spec, expert));
}
