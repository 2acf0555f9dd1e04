#include "demos/demo_file.h"

#include "base/arena.h"
#include "demos/layouts/layout.h"
#include "demos/numpy/npz.h"
#include "files/h5_cause.h"
#include "files/h5_util.h"

#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- problems ---- */

static void tell(mg_dataset_file *f, mg_note_kind kind, const char *sentence) {
  if (f->access.found) f->access.found(f->access.user, kind, sentence);
}

bool mg_dataset_goes_on(const mg_dataset_file *f) {
  return f->access.collect || (f->access.skip_bad && f->at);
}

/* Of an episode that is passed over only the first problem is told. */
static mg_status take_problem(mg_dataset_file *f, const char *sentence) {
  if (!mg_dataset_goes_on(f)) return mg_fail(MG_ERR_DATA, "%s: %s", f->path, sentence);
  if (f->access.collect)
    tell(f, MG_NOTE_PROBLEM, sentence);
  else if (!f->at->left_out)
    mg_dataset_remark(f, "%s is passed over: %s", f->at->name, sentence);
  if (f->access.skip_bad && f->at) f->at->left_out = true;
  return MG_OK;
}

mg_status mg_dataset_wrong(mg_dataset_file *f, const char *format, ...) {
  char sentence[900];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(sentence, sizeof sentence, format, arguments);
  va_end(arguments);
  return take_problem(f, sentence);
}

mg_status mg_dataset_forward(mg_dataset_file *f, mg_status status) {
  if (status != MG_ERR_DATA || !mg_dataset_goes_on(f)) return status;
  /* The file is named once, above all sentences. */
  const char *sentence = mg_status_message();
  size_t length = strlen(f->path);
  if (strncmp(sentence, f->path, length) == 0 && strncmp(sentence + length, ": ", 2) == 0)
    sentence += length + 2;
  return take_problem(f, sentence);
}

void mg_dataset_begin(mg_dataset_file *f, mg_episode *episode) {
  f->at = episode;
  mg_h5_forget();
}

/* Whoever wrote the first so wrote all of them so: leaving some out helps nothing. */
static bool is_of_all_episodes(const mg_dataset_file *f, mg_h5_cause cause) {
  return f->at == f->episode && (cause == MG_H5_NEWER || cause == MG_H5_STORAGE);
}

mg_status mg_dataset_end(mg_dataset_file *f, mg_status status) {
  status = mg_dataset_forward(f, status);
  const bool hopeless = is_of_all_episodes(f, mg_h5_last_cause());
  f->at = NULL;
  if (status != MG_ERR_DATA || !f->access.hint || hopeless) return status;
  return mg_fail(status, "%s (%s)", mg_status_message(), f->access.hint);
}

void mg_dataset_remark(mg_dataset_file *f, const char *format, ...) {
  char sentence[900];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(sentence, sizeof sentence, format, arguments);
  va_end(arguments);
  tell(f, MG_NOTE_REMARK, sentence);
}

/* ---- opening ---- */

mg_episode *mg_dataset_new_episode(mg_dataset_file *f) {
  if (f->episodes == f->capacity) {
    int64_t capacity = f->capacity ? 2 * f->capacity : 64;
    mg_episode *grown = mg_memory_grow(f->episode, (size_t)capacity * sizeof *grown);
    if (!grown) return NULL;
    f->episode = grown, f->capacity = capacity;
  }
  mg_episode *e = &f->episode[f->episodes++];
  *e = (mg_episode){0};
  return e;
}

mg_status mg_dataset_add_rows(mg_dataset_file *f, int64_t first, int64_t steps) {
  mg_episode *e = mg_dataset_new_episode(f);
  if (!e) return mg_fail(MG_ERR_DATA, "%s: too many episodes for the memory allowed", f->path);
  e->id = f->episodes - 1, e->place = first, e->steps = steps;
  snprintf(e->name, sizeof e->name, "row %" PRIi64, first);
  return mg_dataset_count_episode(f, e);
}

uint64_t mg_dataset_most_bytes(const mg_dataset_file *f) {
  return f->access.max_episode_bytes ? f->access.max_episode_bytes : f->max_bytes;
}

mg_status mg_dataset_count_episode(mg_dataset_file *f, mg_episode *e) {
  if (e->steps < 1) {
    e->broken = true;
    return mg_dataset_wrong(f, "%s has no steps", e->name);
  }
  uint64_t row = (uint64_t)f->form.observation_size + (uint64_t)f->form.action_size + 1;
  uint64_t values = mg_h5_product((uint64_t)e->steps, row);
  uint64_t bytes = values > UINT64_MAX / 16
                       ? UINT64_MAX
                       : (values + (uint64_t)f->form.observation_size) * sizeof(double);
  uint64_t most = mg_dataset_most_bytes(f);
  if (bytes > most || bytes > f->max_bytes - f->bytes)
    return mg_fail(MG_ERR_DATA,
                   "%s: up to %s the episodes need more than the limit of %" PRIu64 " bytes",
                   f->path, e->name, bytes > most ? most : f->max_bytes);
  f->bytes += bytes;
  if (e->steps > f->longest) f->longest = e->steps;
  return MG_OK;
}

mg_status mg_dataset_check_choices(mg_dataset_file *f, const mg_episode *e, const char *name,
                                   const double *actions) {
  for (int64_t i = 0; f->form.discrete && i < e->steps; i++)
    if (actions[i] < 0 || actions[i] > INT32_MAX)
      return mg_dataset_wrong(f, "%s/%s[%" PRIi64 "] is %.0f; expected a choice from 0", e->name,
                              name, i, actions[i]);
  return MG_OK;
}

/* "minari (groups episode_0, ...), d4rl (...), ..." of this kind of file. */
static void list_signs(bool hdf5, char *text, size_t capacity) {
  text[0] = 0;
  for (const mg_layout *const *l = mg_layouts; *l; l++) {
    size_t length = strlen(text);
    if ((*l)->hdf5 == hdf5)
      snprintf(text + length, capacity - length, "%s%s (%s)", length ? ", " : "", (*l)->name,
               (*l)->signs);
  }
}

static mg_status recognise(mg_dataset_file *f, bool hdf5) {
  for (const mg_layout *const *l = mg_layouts; *l; l++)
    if ((*l)->hdf5 == hdf5 && (*l)->read->recognise(f)) {
      f->layout = *l;
      return MG_OK;
    }
  char signs[800];
  list_signs(hdf5, signs, sizeof signs);
  return mg_fail(MG_ERR_DATA, "%s: no demonstrations in a known layout; looked for %s", f->path,
                 signs);
}

static bool is_zip(int descriptor) {
  char start[4];
  return pread(descriptor, start, sizeof start, 0) == sizeof start &&
         (memcmp(start, "PK\3\4", 4) == 0 || memcmp(start, "PK\5\6", 4) == 0);
}

static int by_id(const void *a, const void *b) {
  int64_t x = ((const mg_episode *)a)->id, y = ((const mg_episode *)b)->id;
  return (x > y) - (x < y);
}

static mg_status sort(mg_dataset_file *f) {
  qsort(f->episode, (size_t)f->episodes, sizeof *f->episode, by_id);
  for (int64_t k = 1; k < f->episodes; k++)
    if (f->episode[k].id == f->episode[k - 1].id)
      MG_TRY(mg_dataset_wrong(f, "%s and %s have the same attribute id %" PRIi64,
                              f->episode[k - 1].name, f->episode[k].name, f->episode[k].id));
  return MG_OK;
}

/* ---- which of them count ---- */

/* Behind those that are there, with a comma between; cut with an ellipsis. */
static void add_name(char names[MG_SKIPPED_MAX], const char *name) {
  const size_t used = strlen(names), length = strlen(name);
  if (used + length + sizeof ", , ..." <= MG_SKIPPED_MAX)
    snprintf(names + used, MG_SKIPPED_MAX - used, "%s%s", used ? ", " : "", name);
  else if (used >= 3 && strcmp(names + used - 3, "...") != 0)
    snprintf(names + used, MG_SKIPPED_MAX - used, ", ...");
}

/* Takes off the list what the mask does not name, and bad ones that are passed over. */
static mg_status take_out(mg_dataset_file *f) {
  int64_t kept = 0;
  for (int64_t k = 0; k < f->episodes; k++) {
    const mg_episode *e = &f->episode[k];
    if (!e->unlisted && !e->left_out) {
      f->episode[kept++] = *e;
    } else if (!e->unlisted) {
      f->skipped++;
      add_name(f->skipped_names, e->name);
    }
  }
  f->episodes = kept;
  if (kept > 0) return MG_OK;
  return mg_fail(MG_ERR_DATA, "%s: none of its %" PRIi64 " episodes is left", f->path,
                 f->available);
}

static mg_status apply_mask(mg_dataset_file *f) {
  const char *mask = f->access.mask;
  if (!mask || !*mask) return MG_OK;
  if (!f->layout->read->mask)
    return mg_fail(MG_ERR_DATA,
                   "%s: has no mask '%s', for it is no robomimic file; expected "
                   "data.mask to be empty",
                   f->path, mask);
  return f->layout->read->mask(f, mask);
}

static void remark_long(mg_dataset_file *f) {
  const int64_t limit = f->access.max_steps;
  int64_t many = 0;
  for (int64_t k = 0; k < f->episodes; k++) many += limit > 0 && f->episode[k].steps > limit;
  if (many == 1)
    mg_dataset_remark(f, "1 episode is longer than the task's time limit of %" PRIi64 " steps",
                      limit);
  if (many > 1)
    mg_dataset_remark(
        f, "%" PRIi64 " episodes are longer than the task's time limit of %" PRIi64 " steps", many,
        limit);
}

mg_status mg_dataset_file_leave_out(mg_dataset_file *f, mg_trajectory *scratch) {
  if (!f->access.skip_bad) return MG_OK;
  for (int64_t k = 0; k < f->episodes; k++) MG_TRY(mg_dataset_file_load(f, k, scratch));
  return take_out(f);
}

/* ---- opening ---- */

static mg_status open_hdf5(mg_dataset_file *f) {
  mg_h5_quiet();
  char name[64]; /* of the very file that was checked */
  snprintf(name, sizeof name, "/proc/self/fd/%d", f->descriptor);
  bool access_ok = faccessat(AT_FDCWD, name, R_OK, 0) == 0;
  f->file = mg_h5_open_file(access_ok ? name : f->path);
  return f->file >= 0 ? MG_OK : mg_h5_open_failed(f->path);
}

/* What is wrong with the archive itself is said here. */
static mg_status check_archive(const mg_dataset_file *f) {
  mg_npz *npz;
  MG_TRY(mg_npz_open(f->descriptor, f->path, f->max_bytes, &npz));
  mg_npz_close(npz);
  return MG_OK;
}

static mg_status open_layout(mg_dataset_file *f) {
  const mg_layout_reader *read = f->layout->read;
  if (read->state > 0) {
    f->state = calloc(1, read->state);
    if (!f->state) return mg_fail(MG_ERR_MEMORY, "%s: no memory", f->path);
  }
  MG_TRY(read->open(f));
  f->available = f->episodes;
  return f->episodes > 0 ? MG_OK : mg_fail(MG_ERR_DATA, "%s: holds no episodes", f->path);
}

mg_status mg_dataset_file_open(int descriptor, const char *path, const mg_dataset_access *access,
                               mg_dataset_file *f) {
  *f = (mg_dataset_file){
      .path = path,
      .access = *access,
      .max_bytes = access->max_bytes,
      .file = -1,
      .descriptor = descriptor,
      .form = {
          .reward_type = MG_FLOAT64, .action_rank = 2, .final_observation = true, .rewards = true}};
  if (access->task && access->max_steps == 0) f->access.max_steps = access->task->max_steps;
  const bool hdf5 = !is_zip(descriptor);
  MG_TRY(hdf5 ? open_hdf5(f) : check_archive(f));
  MG_TRY(recognise(f, hdf5));
  MG_TRY(open_layout(f));
  MG_TRY(sort(f));
  MG_TRY(apply_mask(f));
  MG_TRY(take_out(f));
  MG_TRY(mg_task_compare(f));
  remark_long(f);
  return MG_OK;
}

void mg_dataset_file_close(mg_dataset_file *f) {
  if (f->state && f->layout->read->close) f->layout->read->close(f);
  free(f->state);
  mg_h5_close(f->file);
  free(f->episode);
  f->state = NULL, f->episode = NULL, f->file = -1;
}

/* ---- values ---- */

/* Returns whose squares overflow have no spread. Rewards that are not finite were told of. */
static mg_status check_return(mg_dataset_file *f, const mg_episode *e, const double *rewards) {
  static const double MOST = 1e150;
  if (fabs(e->total_reward) <= MOST) return MG_OK;
  for (int64_t i = 0; i < e->steps; i++)
    if (!isfinite(rewards[i])) return MG_OK;
  return mg_dataset_wrong(f, "%s: its rewards sum to %g; expected a return within +-%g", e->name,
                          e->total_reward, MOST);
}

static mg_status load(mg_dataset_file *f, int64_t k, mg_trajectory *t) {
  mg_episode *e = &f->episode[k];
  t->id = e->id, t->steps = e->steps;
  MG_TRY(f->layout->read->load(f, k, t));
  size_t d = (size_t)f->form.observation_size, steps = (size_t)t->steps;
  if (!f->form.final_observation)
    memcpy(t->observations + steps * d, t->observations + (steps - 1) * d, d * sizeof(double));
  if (!f->form.rewards) memset(t->rewards, 0, steps * sizeof(double));
  t->total_reward = 0;
  for (size_t i = 0; i < steps; i++) t->total_reward += t->rewards[i];
  e->total_reward = t->total_reward;
  e->terminated = t->terminated, e->truncated = t->truncated;
  MG_TRY(check_return(f, e, t->rewards));
  return mg_task_check_choices(f, k, t);
}

mg_status mg_dataset_file_load(mg_dataset_file *f, int64_t k, mg_trajectory *t) {
  mg_dataset_begin(f, &f->episode[k]);
  MG_TRY(mg_dataset_end(f, load(f, k, t)));
  return f->episode[k].left_out ? MG_OK : mg_content_loaded(f, k, t);
}

mg_status mg_dataset_file_extras(mg_dataset_file *f, mg_extras *extras) {
  return f->layout->read->extras ? f->layout->read->extras(f, extras) : MG_OK;
}

mg_status mg_dataset_file_episode_extras(mg_dataset_file *f, int64_t k, mg_extras *extras) {
  const mg_layout_reader *read = f->layout->read;
  return read->episode_extras ? read->episode_extras(f, k, extras) : MG_OK;
}

mg_status mg_trajectory_allocate(const mg_dataset_file *f, mg_trajectory *t) {
  size_t longest = (size_t)f->longest;
  *t = (mg_trajectory){0};
  t->observations = calloc((longest + 1) * (size_t)f->form.observation_size, sizeof(double));
  t->actions = calloc(longest * (size_t)f->form.action_size + 1, sizeof(double));
  t->rewards = calloc(longest, sizeof(double));
  if (t->observations && t->actions && t->rewards) return MG_OK;
  mg_trajectory_free(t);
  return mg_fail(MG_ERR_DATA, "%s: an episode of %" PRIi64 " steps does not fit into memory",
                 f->path, f->longest);
}

void mg_trajectory_free(mg_trajectory *t) {
  free(t->observations);
  free(t->actions);
  free(t->rewards);
  *t = (mg_trajectory){0};
}
