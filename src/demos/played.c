#include "demos/played.h"

#include "demos/demo_file.h"
#include "demos/locate.h"
#include "files/guard.h"
#include "files/safe_file.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

/* Through the child's pipe: a status, and if that is well a header and the arrays: observations,
 * actions, rewards, qpos. */
typedef struct header {
  int64_t available, id, steps, states;
  int32_t terminated, truncated, final_observation, rewards;
  int32_t observation_size, action_size;
  double total_reward;
} header;

typedef struct request {
  const char *path;
  int file;
  int64_t k;
  const mg_dataset_task *task;
  int qpos_size;
} request;

static const uint64_t EPISODE_BYTES = UINT64_C(1) << 31;

/* ---- in the child ---- */

/* The states of an episode of T steps, if there are such: rows of qpos. */
static const mg_extra *find_states(const request *r, const mg_extras *extras, int64_t steps) {
  const mg_extra *qpos = mg_extras_find(extras, "infos/qpos", NULL);
  if (!qpos || qpos->group || qpos->rank != 2 || qpos->dims[1] != (uint64_t)r->qpos_size)
    return NULL;
  if (qpos->type != MG_FLOAT32 && qpos->type != MG_FLOAT64) return NULL;
  const uint64_t rows = qpos->dims[0];
  return rows == (uint64_t)steps || rows == (uint64_t)steps + 1 ? qpos : NULL;
}

static void send_states(int pipe, const mg_extra *qpos) {
  for (uint64_t i = 0; qpos && i < qpos->count; i++) {
    const double value = qpos->type == MG_FLOAT64 ? ((const double *)qpos->values)[i]
                                                  : (double)((const float *)qpos->values)[i];
    mg_guard_write(pipe, &value, sizeof value);
  }
}

static void send_episode(int pipe, const request *r, const mg_dataset_file *f,
                         const mg_trajectory *t, const mg_extras *extras) {
  const mg_episode *e = &f->episode[r->k];
  const mg_extra *qpos = find_states(r, extras, t->steps);
  const size_t T = (size_t)t->steps, d = (size_t)f->form.observation_size;
  const size_t m = f->form.discrete || r->task->discrete ? 1 : (size_t)f->form.action_size;
  const header h = {.available = f->episodes,
                    .id = e->id,
                    .steps = t->steps,
                    .states = qpos ? (int64_t)qpos->dims[0] : 0,
                    .terminated = e->terminated,
                    .truncated = e->truncated,
                    .final_observation = f->form.final_observation,
                    .rewards = f->form.rewards,
                    .observation_size = (int32_t)d,
                    .action_size = (int32_t)m,
                    .total_reward = e->total_reward};
  mg_guard_write(pipe, &h, sizeof h);
  mg_guard_write(pipe, t->observations, (T + 1) * d * sizeof(double));
  mg_guard_write(pipe, t->actions, T * m * sizeof(double));
  mg_guard_write(pipe, t->rewards, T * sizeof(double));
  send_states(pipe, qpos);
}

static mg_status load(const request *r, mg_dataset_file *f, mg_trajectory *t, mg_extras *extras) {
  const mg_dataset_access access = {
      .task = r->task, .max_bytes = UINT64_C(1) << 50, .max_episode_bytes = EPISODE_BYTES};
  MG_TRY(mg_dataset_file_open(r->file, r->path, &access, f));
  if (r->k >= f->episodes)
    return mg_fail(MG_ERR_USAGE,
                   "--episode %" PRIi64 ": %s has %" PRIi64 "; expected 0 to %" PRIi64, r->k,
                   r->path, f->episodes, f->episodes - 1);
  MG_TRY(mg_trajectory_allocate(f, t));
  MG_TRY(mg_dataset_file_load(f, r->k, t));
  mg_task_index_choices(f, t);
  return mg_dataset_file_episode_extras(f, r->k, extras);
}

static void child(int pipe, void *user) {
  const request *r = user;
  mg_dataset_file f;
  mg_trajectory t = {0};
  mg_extras extras = {.max_bytes = EPISODE_BYTES};
  const mg_status status = load(r, &f, &t, &extras);
  mg_guard_tell(pipe, status);
  if (status == MG_OK) send_episode(pipe, r, &f, &t, &extras);
}

/* ---- in the parent ---- */

/* Even if the file took the child over. */
static bool is_plausible(const header *h, const mg_dataset_task *task) {
  const int actions = task->discrete ? 1 : task->action_size;
  return h->available > 0 && h->steps > 0 && h->observation_size == task->observation_size &&
         h->action_size == actions &&
         (uint64_t)h->steps <
             EPISODE_BYTES / sizeof(double) / (uint64_t)(h->observation_size + 1) &&
         (h->states == 0 || h->states == h->steps || h->states == h->steps + 1);
}

static bool read_array(mg_guard *guard, double *to, size_t count) {
  return mg_guard_read(guard, to, count * sizeof *to);
}

/* *complete: the child said all that it had to say, or there is no memory to take it. */
static mg_status receive(mg_guard *guard, const request *r, mg_arena *arena, mg_played *played,
                         bool *complete) {
  header h;
  mg_status told;
  *complete = false;
  if (!mg_guard_hear(guard, &told)) return MG_OK;
  *complete = told != MG_OK;
  if (told != MG_OK || !mg_guard_read(guard, &h, sizeof h) || !is_plausible(&h, r->task))
    return told;
  const size_t T = (size_t)h.steps, d = (size_t)h.observation_size, m = (size_t)h.action_size;
  const size_t states = (size_t)h.states * (size_t)r->qpos_size;
  mg_trajectory *t = &played->trajectory;
  *t = (mg_trajectory){.id = h.id,
                       .steps = h.steps,
                       .observations = MG_NEW(arena, double, (T + 1) * d),
                       .actions = MG_NEW(arena, double, T *m),
                       .rewards = MG_NEW(arena, double, T),
                       .terminated = h.terminated != 0,
                       .truncated = h.truncated != 0,
                       .total_reward = h.total_reward};
  played->available = h.available;
  played->final_observation = h.final_observation != 0;
  played->rewards = h.rewards != 0;
  played->states = h.states;
  played->qpos = MG_NEW(arena, double, states);
  const mg_status status = mg_arena_status(arena);
  *complete =
      status != MG_OK ||
      (read_array(guard, t->observations, (T + 1) * d) && read_array(guard, t->actions, T * m) &&
       read_array(guard, t->rewards, T) && read_array(guard, played->qpos, states));
  return status;
}

mg_status mg_played_read(const char *path, int64_t k, const mg_dataset_task *task, int qpos_size,
                         mg_arena *arena, mg_played *played) {
  char file[MG_PATH_MAX];
  *played = (mg_played){0};
  MG_TRY(mg_demonstrations_locate(path, file));
  request r = {.path = file, .k = k, .task = task, .qpos_size = qpos_size};
  mg_guard guard;
  MG_TRY(mg_safe_open_input(file, &r.file));
  /* One episode as doubles, what stands beside it, and room for the library itself. */
  const mg_guard_limits limits = mg_guard_limits_for(lseek(r.file, 0, SEEK_END), 3 * EPISODE_BYTES);
  mg_status status = mg_guard_start(&guard, file, &limits, child, &r);
  close(r.file);
  MG_TRY(status);
  bool complete;
  status = receive(&guard, &r, arena, played, &complete);
  MG_TRY(mg_guard_end(&guard, complete));
  return status;
}
