#include "demos/dataset.h"

#include "demos/choose.h"
#include "demos/demo_file.h"
#include "demos/judge/survey.h"
#include "demos/locate.h"
#include "files/guard.h"
#include "files/safe_file.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A data set travels between ranks as a header, one record a trajectory, and one block of doubles:
 * [observations | actions | rewards] of each in turn. Through the child's pipe the same come as a
 * status and a header, then for each trajectory a frame and its values, then a last frame, what was
 * remarked and a status: so an episode is read once, and one that turns out to be bad later still
 * refuses the file. */
typedef struct header {
  char env_id[64];
  int32_t observation_size, action_size, discrete, final_observation, rewards, padding;
  int64_t available, trajectories;
  uint64_t doubles;
} header;

typedef struct record {
  int64_t id, steps;
  int32_t terminated, truncated;
  double total_reward;
} record;

typedef struct frame {
  int64_t last; /* no trajectory follows */
  record record;
} frame;

enum { REMARKS_MAX = 8192 };

/* What was seen on the way. */
typedef struct remarks {
  int64_t skipped;
  char skipped_names[MG_SKIPPED_MAX];
  char text[REMARKS_MAX]; /* a line each; what does not fit is not told */
} remarks;

typedef struct request {
  const char *path;
  int file;
  const mg_dataset_options *options;
  uint64_t max_bytes;
} request;

static uint64_t doubles_of(const header *h, int64_t steps) {
  return (uint64_t)(steps + 1) * (uint64_t)h->observation_size +
         (uint64_t)steps * (uint64_t)h->action_size + (uint64_t)steps;
}

/* ---- in the child ---- */

static void keep_remark(void *user, mg_note_kind kind, const char *sentence) {
  remarks *seen = user;
  const size_t used = strlen(seen->text), length = strlen(sentence);
  if (kind == MG_NOTE_REMARK && used + length + sizeof "\n" <= REMARKS_MAX)
    snprintf(seen->text + used, REMARKS_MAX - used, "%s%s", used ? "\n" : "", sentence);
}

static mg_status open_and_allocate(const request *r, remarks *seen, mg_dataset_file *f, header *h,
                                   mg_trajectory *t) {
  const mg_dataset_options *o = r->options;
  const mg_dataset_access access = {.max_bytes = r->max_bytes,
                                    .max_steps = o->max_steps,
                                    .task = o->task,
                                    .mask = o->mask,
                                    .skip_bad = o->skip_bad,
                                    .hint = "data.skip_bad = on leaves such episodes out",
                                    .found = keep_remark,
                                    .user = seen};
  MG_TRY(mg_dataset_file_open(r->file, r->path, &access, f));
  MG_TRY(mg_trajectory_allocate(f, t));
  MG_TRY(mg_dataset_file_leave_out(f, t));
  const bool choices = f->form.discrete || (f->task && f->task->discrete);
  h->observation_size = f->form.observation_size;
  h->action_size = choices ? 1 : f->form.action_size;
  h->discrete = choices;
  h->final_observation = f->form.final_observation, h->rewards = f->form.rewards;
  h->available = f->episodes;
  memcpy(h->env_id, f->form.env_id, sizeof h->env_id);
  return MG_OK;
}

/* Returns are known once all episodes were loaded; a choice that needs none is made before. */
static mg_status choose(const request *r, mg_dataset_file *f, header *h, mg_trajectory *t,
                        int64_t **chosen) {
  if (r->options->choice == MG_CHOICE_BEST || r->options->by_return) {
    if (!f->form.rewards)
      return mg_fail(MG_ERR_DATA,
                     "%s: has no rewards, so there are no best trajectories; expected another "
                     "choice",
                     r->path);
    for (int64_t k = 0; k < f->episodes; k++) MG_TRY(mg_dataset_file_load(f, k, t));
  }
  *chosen = calloc((size_t)f->episodes, sizeof **chosen);
  if (!*chosen) return mg_fail(MG_ERR_MEMORY, "%s: no memory", r->path);
  MG_TRY(mg_dataset_choose(f, r->options, *chosen, &h->trajectories));
  for (int64_t i = 0; i < h->trajectories; i++)
    h->doubles += doubles_of(h, f->episode[(*chosen)[i]].steps);
  return MG_OK;
}

static void send_trajectory(int pipe, const header *h, const mg_episode *e,
                            const mg_trajectory *t) {
  size_t steps = (size_t)t->steps, d = (size_t)h->observation_size, m = (size_t)h->action_size;
  const frame sent = {.record = {e->id, e->steps, e->terminated, e->truncated, e->total_reward}};
  mg_guard_write(pipe, &sent, sizeof sent);
  mg_guard_write(pipe, t->observations, (steps + 1) * d * sizeof(double));
  mg_guard_write(pipe, t->actions, steps * m * sizeof(double));
  mg_guard_write(pipe, t->rewards, steps * sizeof(double));
}

/* Holds one trajectory at a time. Every episode is read and checked, whichever are chosen. */
static mg_status send_all(int pipe, const header *h, mg_dataset_file *f, const int64_t *chosen,
                          mg_trajectory *t) {
  mg_survey *survey;
  int64_t next = 0;
  mg_status status = mg_survey_create(f, &survey);
  for (int64_t k = 0; k < f->episodes && status == MG_OK; k++) {
    status = mg_dataset_file_load(f, k, t);
    if (status != MG_OK || next == h->trajectories || chosen[next] != k) continue;
    mg_survey_add(survey, f, k, t);
    mg_task_index_choices(f, t);
    send_trajectory(pipe, h, &f->episode[k], t);
    next++;
  }
  if (status == MG_OK) mg_survey_tell(survey, f);
  mg_survey_destroy(survey);
  return status;
}

static void child(int pipe, void *user) {
  const request *r = user;
  remarks seen = {0};
  header h = {0};
  mg_dataset_file f;
  mg_trajectory t = {0};
  int64_t *chosen = NULL;
  mg_status status = open_and_allocate(r, &seen, &f, &h, &t);
  if (status == MG_OK) status = choose(r, &f, &h, &t, &chosen);
  mg_guard_tell(pipe, status);
  if (status != MG_OK) return;
  mg_guard_write(pipe, &h, sizeof h);
  status = send_all(pipe, &h, &f, chosen, &t);
  seen.skipped = f.skipped;
  memcpy(seen.skipped_names, f.skipped_names, sizeof seen.skipped_names);
  mg_guard_write(pipe, &(frame){.last = true}, sizeof(frame));
  mg_guard_write(pipe, &seen, sizeof seen);
  mg_guard_tell(pipe, status);
}

/* ---- in the parent ---- */

typedef struct parcel {
  header head;
  record *records; /* [trajectories] */
  double *values;  /* [doubles] */
  remarks *seen;
} parcel;

static mg_status allocate(parcel *p, mg_arena *arena) {
  p->records = MG_NEW(arena, record, (size_t)p->head.trajectories);
  p->values = MG_NEW(arena, double, (size_t)p->head.doubles);
  p->seen = MG_NEW(arena, remarks, 1);
  return p->records && p->values && p->seen ? MG_OK : mg_arena_status(arena);
}

/* What the child says is plausible and within the limit, even if the file took it over. */
static bool is_plausible(const header *h, uint64_t max_bytes) {
  return h->observation_size > 0 && h->action_size > 0 && h->available > 0 && h->trajectories > 0 &&
         h->trajectories <= h->available && h->trajectories <= INT32_MAX &&
         (uint64_t)h->trajectories <= h->doubles && h->doubles <= max_bytes / sizeof(double) &&
         memchr(h->env_id, 0, sizeof h->env_id);
}

/* Printable, even if the file took the child over. */
static bool receive_remarks(mg_guard *guard, remarks *seen) {
  if (!mg_guard_read(guard, seen, sizeof *seen)) return false;
  seen->text[REMARKS_MAX - 1] = 0, seen->skipped_names[MG_SKIPPED_MAX - 1] = 0;
  mg_make_printable(seen->skipped_names);
  for (char *line = seen->text; line;) {
    char *end = strchr(line, '\n');
    if (end) *end = 0;
    mg_make_printable(line);
    if (end) *end++ = '\n';
    line = end;
  }
  return true;
}

/* All trajectories, the last frame, the remarks and what the child says of it all. */
static mg_status receive_trajectories(mg_guard *guard, parcel *p, bool *complete) {
  const header *h = &p->head;
  uint64_t used = 0;
  frame f;
  for (int64_t i = 0;; i++) {
    if (!mg_guard_read(guard, &f, sizeof f)) return MG_OK;
    if (f.last) {
      mg_status told;
      const bool heard = receive_remarks(guard, p->seen) && mg_guard_hear(guard, &told);
      if (!heard) return MG_OK;
      *complete = told != MG_OK || (i == h->trajectories && used == h->doubles);
      return told;
    }
    const int64_t steps = f.record.steps;
    if (i == h->trajectories || steps < 1 || (uint64_t)steps > h->doubles) return MG_OK;
    uint64_t doubles = doubles_of(h, steps);
    if (doubles > h->doubles - used) return MG_OK;
    p->records[i] = f.record;
    if (!mg_guard_read(guard, p->values + used, (size_t)doubles * sizeof(double))) return MG_OK;
    used += doubles;
  }
}

/* *complete: the child said all that it had to say, or there is no memory to take it. */
static mg_status receive(mg_guard *guard, const request *r, mg_arena *arena, parcel *p,
                         bool *complete) {
  header *h = &p->head;
  mg_status status;
  *complete = false;
  if (!mg_guard_hear(guard, &status)) return MG_OK;
  if (status == MG_OK) {
    if (!mg_guard_read(guard, h, sizeof *h) || !is_plausible(h, r->max_bytes)) return MG_OK;
    status = allocate(p, arena);
  }
  *complete = status != MG_OK;
  return status == MG_OK ? receive_trajectories(guard, p, complete) : status;
}

static mg_status read_parcel(const char *path, const mg_dataset_options *options, mg_arena *arena,
                             parcel *p) {
  char file[MG_PATH_MAX];
  MG_TRY(mg_demonstrations_locate(path, file));
  request r = {.path = file,
               .options = options,
               .max_bytes = options->max_bytes ? options->max_bytes : UINT64_C(4) << 30};
  mg_guard guard;
  MG_TRY(mg_safe_open_input(file, &r.file));
  /* One episode as doubles, one as the library's chunks, and room for the library itself. */
  const mg_guard_limits limits = mg_guard_limits_for(
      lseek(r.file, 0, SEEK_END),
      r.max_bytes > UINT64_MAX / 8 ? UINT64_MAX : 2 * r.max_bytes + (256 << 20));
  mg_status status = mg_guard_start(&guard, file, &limits, child, &r);
  close(r.file);
  MG_TRY(status);
  bool complete;
  status = receive(&guard, &r, arena, p, &complete);
  MG_TRY(mg_guard_end(&guard, complete));
  return status;
}

static mg_status unpack(const parcel *p, mg_arena *arena, mg_dataset *dataset) {
  const header *h = &p->head;
  *dataset = (mg_dataset){.observation_size = h->observation_size,
                          .action_size = h->action_size,
                          .discrete = h->discrete != 0,
                          .final_observation = h->final_observation != 0,
                          .rewards = h->rewards != 0,
                          .available = h->available,
                          .trajectories = (int)h->trajectories,
                          .skipped = p->seen->skipped,
                          .skipped_names = p->seen->skipped_names,
                          .remarks = p->seen->text};
  memcpy(dataset->env_id, h->env_id, sizeof dataset->env_id);
  dataset->trajectory = MG_NEW(arena, mg_trajectory, (size_t)h->trajectories);
  if (!dataset->trajectory) return mg_arena_status(arena);
  double *values = p->values;
  for (int64_t i = 0; i < h->trajectories; i++) {
    const record *e = &p->records[i];
    mg_trajectory *t = &dataset->trajectory[i];
    *t = (mg_trajectory){.id = e->id,
                         .steps = e->steps,
                         .terminated = e->terminated != 0,
                         .truncated = e->truncated != 0,
                         .total_reward = e->total_reward};
    t->observations = values, values += (size_t)(e->steps + 1) * (size_t)h->observation_size;
    t->actions = values, values += (size_t)e->steps * (size_t)h->action_size;
    t->rewards = values, values += e->steps;
  }
  return MG_OK;
}

mg_status mg_dataset_read(const char *path, const mg_dataset_options *options, mg_arena *arena,
                          mg_dataset *dataset) {
  parcel p = {0};
  MG_TRY(read_parcel(path, options, arena, &p));
  return unpack(&p, arena, dataset);
}
