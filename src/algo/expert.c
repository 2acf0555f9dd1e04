#include "algo/expert.h"

#include "algo/demonstrated.h"
#include "algo/observed.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The recipe's normalisers. */
static const double STATE_LIMIT = 10, ACTION_EPSILON = 1e-3;

enum { FEW_PAIRS = 10 }; /* fewer are remarked */

/* Runs of following ids shortened: "0-3, 7". */
static void list_ids(const mg_dataset *data, char ids[MG_EXPERT_IDS_MAX]) {
  size_t used = 0;
  ids[0] = 0;
  for (int k = 0; k < data->trajectories;) {
    const int64_t first = data->trajectory[k].id;
    int64_t last = first;
    while (++k < data->trajectories && data->trajectory[k].id == last + 1) last++;
    char item[64];
    int n = snprintf(item, sizeof item, "%s%" PRId64, used ? ", " : "", first);
    if (last > first) snprintf(item + n, sizeof item - (size_t)n, "-%" PRId64, last);
    const bool ends = k == data->trajectories;
    if (used + strlen(item) + (ends ? 0 : strlen(", ...")) >= MG_EXPERT_IDS_MAX) {
      strcpy(ids + used, used ? ", ..." : "...");
      return;
    }
    strcpy(ids + used, item);
    used += strlen(item);
  }
}

/* NULL when memory is out. */
static const char *keep_text(const char *text, mg_arena *arena) {
  const size_t size = strlen(text) + 1;
  char *copy = MG_NEW(arena, char, size);
  return copy ? memcpy(copy, text, size) : NULL;
}

static mg_status summarise(const mg_dataset *data, mg_arena *arena, mg_expert *expert) {
  double *returns = MG_NEW(arena, double, (size_t)data->trajectories);
  MG_TRY(mg_arena_status(arena));
  for (int k = 0; k < data->trajectories; k++) {
    returns[k] = data->trajectory[k].total_reward;
    expert->steps += data->trajectory[k].steps;
    expert->terminated += data->trajectory[k].terminated;
  }
  expert->returns = mg_summarise(data->trajectories, returns);
  expert->available = data->available;
  expert->trajectories = data->trajectories;
  expert->skipped = data->skipped;
  list_ids(data, expert->ids);
  return MG_OK;
}

/* The index of a choice becomes a row with a 1 in its place. */
static mg_status make_one_hot(mg_pairs *pairs, int A, mg_arena *arena) {
  if (pairs->count == 0) return MG_OK;
  double *rows = MG_NEW(arena, double, (size_t)pairs->count *(size_t)A);
  MG_TRY(mg_arena_status(arena));
  for (int p = 0; p < pairs->count; p++)
    for (int i = 0; i < A; i++)
      rows[(size_t)p * (size_t)A + (size_t)i] = i == (int)pairs->actions[p];
  pairs->actions = rows;
  return MG_OK;
}

static void look_at_box(const mg_env_spec *spec, bool clip, mg_expert *expert) {
  const int A = spec->action_size;
  mg_pairs *part[2] = {&expert->train, &expert->validation};
  for (int k = 0; k < 2; k++) {
    expert->entries += (int64_t)part[k]->count * A;
    expert->outside += mg_pairs_count_outside(part[k], A, spec->action_low, spec->action_high);
    if (clip) mg_pairs_clip(part[k], A, spec->action_low, spec->action_high);
  }
  expert->clipped = clip;
}

/* On rank 0. Trajectories are in `whole`, what is used of them in the context's arena. */
static mg_status read_file(const mg_context *context, const mg_env_spec *spec, mg_arena *whole,
                           mg_expert *expert) {
  const mg_settings *s = context->settings;
  const uint64_t seed = (uint64_t)(s->data.seed >= 0 ? s->data.seed : s->run.seed);
  mg_demonstrated expected;
  mg_demonstrated_make(spec, &s->env, &expected);
  expected.task.any = s->data.any_task;
  const mg_dataset_options options = {
      .trajectories = s->data.trajectories,
      .choice = (mg_choice)s->data.choice,
      .minimum_length = s->data.minimum_length,
      .by_return = s->data.minimum_return > MG_ANY_RETURN,
      .minimum_return = s->data.minimum_return,
      .seed = seed,
      .max_bytes = (uint64_t)s->data.max_bytes,
      .task = &expected.task,
      .skip_bad = s->data.skip_bad,
      .mask = s->data.mask,
  };
  mg_arena *arena = context->arena;
  mg_dataset data;
  MG_TRY(mg_dataset_read(s->data.expert, &options, whole, &data));
  MG_TRY(mg_dataset_split(&data, s->data.subsample, s->data.validation, seed, arena, &expert->train,
                          &expert->validation));
  if (spec->discrete) {
    MG_TRY(make_one_hot(&expert->train, spec->action_size, arena));
    MG_TRY(make_one_hot(&expert->validation, spec->action_size, arena));
  } else {
    look_at_box(spec, s->data.clip_actions, expert);
  }
  expert->skipped_names = keep_text(data.skipped_names, arena);
  expert->remarks = keep_text(data.remarks, arena);
  MG_TRY(mg_arena_status(arena));
  return summarise(&data, whole, expert);
}

/* ---- from rank 0 to all ---- */

/* All figures; texts and pairs are memory of the same sizes, for what rank 0 has in its own. */
static mg_status copy_sizes(const mg_expert *from, const size_t length[2], mg_arena *arena,
                            mg_expert *to) {
  mg_expert made = *from;
  mg_pairs *const pairs[] = {&made.train, &made.validation};
  made.states = to->states, made.actions = to->actions, made.action_sd = to->action_sd;
  made.skipped_names = MG_NEW(arena, char, length[0]);
  made.remarks = MG_NEW(arena, char, length[1]);
  for (int k = 0; k < 2; k++) {
    const size_t count = (size_t)pairs[k]->count;
    pairs[k]->states = count ? MG_NEW(arena, double, count *(size_t)made.state_size) : NULL;
    pairs[k]->actions = count ? MG_NEW(arena, double, count *(size_t)made.action_size) : NULL;
  }
  *to = made;
  return mg_arena_status(arena);
}

static mg_status hand_round(const mg_context *context, mg_expert *expert) {
  mg_comm *comm = context->comm;
  size_t length[2] = {0};
  if (comm->rank == 0) {
    length[0] = strlen(expert->skipped_names) + 1;
    length[1] = strlen(expert->remarks) + 1;
  }
  mg_expert told = *expert;
  mg_comm_broadcast(comm, &told, sizeof told);
  mg_comm_broadcast(comm, length, sizeof length);
  mg_status status = MG_OK;
  if (comm->rank != 0) status = copy_sizes(&told, length, context->arena, expert);
  MG_TRY(mg_comm_agree(comm, status));
  mg_comm_broadcast(comm, (char *)expert->skipped_names, length[0]);
  mg_comm_broadcast(comm, (char *)expert->remarks, length[1]);
  const mg_pairs *const pairs[] = {&expert->train, &expert->validation};
  for (int k = 0; k < 2; k++) {
    const size_t n = (size_t)pairs[k]->count * sizeof(double);
    mg_comm_broadcast(comm, pairs[k]->states, n * (size_t)expert->state_size);
    mg_comm_broadcast(comm, pairs[k]->actions, n * (size_t)expert->action_size);
  }
  return MG_OK;
}

/* Trajectories stay on rank 0, and there no longer than this: of Humanoid's 250 MB 13 are used. A failure is the
 * same sentence on all ranks. */
static mg_status load(const mg_context *context, const mg_env_spec *spec, mg_expert *expert) {
  mg_failure failure = {0};
  if (context->comm->rank == 0) {
    mg_arena *whole = mg_arena_create();
    mg_failure_note(&failure, whole ? read_file(context, spec, whole, expert)
                                    : mg_fail(MG_ERR_MEMORY, "out of memory for demonstrations"));
    mg_arena_destroy(whole);
  }
  mg_comm_broadcast(context->comm, &failure, sizeof failure);
  MG_TRY(mg_failure_again(&failure));
  return hand_round(context, expert);
}

static void announce_remarks(const mg_expert *e, mg_log *log) {
  for (const char *line = e->remarks; *line; line += strspn(line, "\n")) {
    const int length = (int)strcspn(line, "\n");
    mg_log_line(log, "expert: remark: %.*s", length, line);
    line += length;
  }
  if (e->skipped > 0)
    mg_log_line(log, "expert: %" PRId64 " bad %s passed over (%s)", e->skipped,
                e->skipped == 1 ? "episode" : "episodes", e->skipped_names);
}

static void announce(const mg_expert *e, const mg_settings *s, mg_log *log) {
  announce_remarks(e, log);
  mg_log_line(log,
              "expert: %s, %d of %" PRId64 " %s (id %s), %" PRId64
              " %s, return %.1f (sd %.1f, min %.1f, max %.1f)",
              e->path, e->trajectories, e->available,
              mg_plural(e->available, "trajectory", "trajectories"), e->ids, e->steps,
              mg_plural(e->steps, "step", "steps"), e->returns.mean, e->returns.sd, e->returns.min,
              e->returns.max);
  char held[64] = "", box[128] = "", every[MG_EVERY_MAX];
  mg_every(s->data.subsample, "pair", every);
  if (e->validation.count > 0)
    snprintf(held, sizeof held, " to train on, %d for validation", e->validation.count);
  if (e->outside > 0)
    snprintf(box, sizeof box, "; %" PRId64 " of %" PRId64 " action entries outside of the box, %s",
             e->outside, e->entries, e->clipped ? "moved to its edge" : "left as they are");
  mg_log_line(log, "expert: %s: %d %s%s%s", every, e->train.count,
              mg_plural(e->train.count, "pair", "pairs"), held, box);
  if (e->train.count < FEW_PAIRS)
    mg_log_warning(
        log, "that is little to learn from: data.subsample = %d leaves %d %s of %" PRId64,
        s->data.subsample, e->train.count, mg_plural(e->train.count, "pair", "pairs"), e->steps);
}

/* Identities until the pairs are there. */
static mg_status make_normalisers(const mg_context *context, const mg_env_spec *spec,
                                  mg_expert *expert) {
  const mg_settings *s = context->settings;
  mg_arena *arena = context->arena;
  MG_TRY(
      mg_observed_normaliser(s, spec, s->data.state_epsilon, STATE_LIMIT, arena, &expert->states));
  expert->actions =
      mg_normaliser_make(spec->action_size, spec->discrete ? 0 : ACTION_EPSILON, 0, arena);
  expert->action_sd = MG_NEW(arena, double, (size_t)spec->action_size);
  return mg_arena_status(arena);
}

static void fit_normalisers(const mg_env_spec *spec, mg_expert *expert) {
  const mg_pairs *pairs = &expert->train;
  mg_normaliser_fit(&expert->states, (size_t)pairs->count, pairs->states);
  if (!spec->discrete) mg_normaliser_fit(&expert->actions, (size_t)pairs->count, pairs->actions);
  for (int i = 0; i < spec->action_size; i++)
    expert->action_sd[i] = 1 / expert->actions.inverse[i] - expert->actions.epsilon;
}

mg_status mg_expert_load(const mg_context *context, const mg_env_spec *spec, mg_expert **loaded) {
  const mg_settings *s = context->settings;
  mg_expert *expert = *loaded = MG_NEW(context->arena, mg_expert, 1);
  MG_TRY(mg_comm_agree(context->comm, mg_arena_status(context->arena)));
  *expert = (mg_expert){.state_size = spec->observation_size, .action_size = spec->action_size};
  MG_TRY(mg_comm_agree(context->comm, make_normalisers(context, spec, expert)));
  if (!s->data.expert[0])
    return mg_fail(MG_ERR_CONFIG, "data.expert is empty; expected a file of demonstrations");
  snprintf(expert->path, sizeof expert->path, "%s", s->data.expert);
  MG_TRY(mg_comm_agree(context->comm, load(context, spec, expert)));
  fit_normalisers(spec, expert);
  announce(expert, s, context->log);
  return MG_OK;
}
