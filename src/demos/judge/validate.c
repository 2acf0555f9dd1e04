#include "demos/judge/validate.h"

#include "demos/judge/survey.h"
#include "demos/layouts/layout.h"
#include "demos/notes.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Sums over all episodes. */
typedef struct tally {
  int64_t steps; /* -1: not known, for one of them is broken */
  int64_t unended;
  int64_t entries, outside; /* of actions */
  double lowest, highest;
  mg_survey *survey;
} tally;

/* ---- one episode ---- */

static void check_actions(const mg_dataset_file *f, const mg_trajectory *t, tally *sum) {
  const mg_dataset_task *task = f->task;
  int m = f->form.action_size;
  if (!task || task->discrete || !task->action_low) return;
  for (int64_t i = 0; i < t->steps * m; i++) {
    double value = t->actions[i];
    sum->entries++;
    sum->outside += value < task->action_low[i % m] || value > task->action_high[i % m];
    sum->lowest = fmin(sum->lowest, value), sum->highest = fmax(sum->highest, value);
  }
}

static mg_status check_attributes(mg_dataset_file *f, int64_t k) {
  const mg_episode *e = &f->episode[k];
  mg_extras x = {.max_bytes = MG_NOTES_EPISODE_BYTES};
  mg_status status = mg_dataset_forward(f, mg_dataset_file_episode_extras(f, k, &x));
  double said = mg_extra_number(mg_extras_find(&x, "", "total_reward"));
  if (status == MG_OK && f->form.rewards && isfinite(said) &&
      fabs(said - e->total_reward) > 1e-6 * fmax(1, fabs(e->total_reward)))
    status =
        mg_dataset_wrong(f, "%s: its rewards sum to %.10g, its attribute total_reward says %.10g",
                         e->name, e->total_reward, said);
  mg_extras_clear(&x);
  return status;
}

static mg_status check_episode(mg_dataset_file *f, int64_t k, mg_trajectory *t, tally *sum) {
  const mg_episode *e = &f->episode[k];
  if (e->broken) return MG_OK;
  MG_TRY(mg_dataset_file_load(f, k, t));
  sum->unended += !e->terminated && !e->truncated;
  check_actions(f, t, sum);
  mg_survey_add(sum->survey, f, k, t);
  return check_attributes(f, k);
}

/* ---- the file ---- */

static mg_status check_ids(mg_dataset_file *f) {
  int64_t gaps = 0, first = -1;
  for (int64_t k = 0; k < f->episodes; k++)
    if (f->episode[k].id != (k == 0 ? 0 : f->episode[k - 1].id + 1) &&
        (k == 0 || f->episode[k].id != f->episode[k - 1].id) && gaps++ == 0)
      first = k;
  if (gaps == 0) return MG_OK;
  return mg_dataset_wrong(f,
                          "the ids of the episodes are not 0, 1, 2, ...: %s has %" PRIi64
                          " where %" PRIi64 " was expected (%" PRIi64 " %s)",
                          f->episode[first].name, f->episode[first].id,
                          first == 0 ? 0 : f->episode[first - 1].id + 1, gaps,
                          gaps == 1 ? "gap" : "gaps");
}

static mg_status check_total(mg_dataset_file *f, const char *where, const char *name, double said,
                             int64_t counted) {
  if (isnan(said) || counted < 0 || said == (double)counted) return MG_OK;
  return mg_dataset_wrong(f, "%s %s is %.10g; the file has %" PRIi64, where, name, said, counted);
}

static mg_status check_metadata(mg_dataset_file *f, const mg_extras *x, const tally *sum) {
  if (!x->metadata)
    return f->layout->metadata
               ? mg_dataset_wrong(f, "there is no metadata beside it; expected .metadata.json in "
                                     "place of .h5, or metadata.json beside main_data.hdf5")
               : MG_OK;
  cJSON *root = cJSON_Parse(x->metadata);
  if (!root) return mg_dataset_wrong(f, "the metadata are not JSON");
  const cJSON *episodes = cJSON_GetObjectItemCaseSensitive(root, "total_episodes");
  const cJSON *steps = cJSON_GetObjectItemCaseSensitive(root, "total_steps");
  mg_status status =
      check_total(f, "the metadata's", "total_episodes",
                  cJSON_IsNumber(episodes) ? episodes->valuedouble : NAN, f->episodes);
  if (status == MG_OK)
    status = check_total(f, "the metadata's", "total_steps",
                         cJSON_IsNumber(steps) ? steps->valuedouble : NAN, sum->steps);
  cJSON_Delete(root);
  return status;
}

static mg_status check_file(mg_dataset_file *f, const tally *sum) {
  mg_extras x = {0};
  MG_TRY(check_ids(f));
  mg_status status = mg_dataset_forward(f, mg_dataset_file_extras(f, &x));
  if (status == MG_OK)
    status = check_total(f, "the attribute", "total_episodes",
                         mg_extra_number(mg_extras_find(&x, "", "total_episodes")), f->episodes);
  if (status == MG_OK)
    status = check_total(f, "the attribute", "total_steps",
                         mg_extra_number(mg_extras_find(&x, "", "total_steps")), sum->steps);
  if (status == MG_OK) status = check_metadata(f, &x, sum);
  mg_extras_clear(&x);
  return status;
}

static void make_remarks(mg_dataset_file *f, const tally *sum) {
  const bool one_hot = f->task && f->task->discrete && f->form.action_size > 1;
  if (!*f->form.env_id) mg_dataset_remark(f, "names no task");
  if (!f->form.final_observation)
    mg_dataset_remark(f, "the observation after an episode's last step is not known");
  if (!f->form.rewards) mg_dataset_remark(f, "there are no rewards");
  if (one_hot) mg_dataset_remark(f, "choices are one-hot rows");
  if (sum->outside > 0)
    mg_dataset_remark(f,
                      "%.1f %% of the actions' entries are outside of the task's box, from %.4g to "
                      "%.4g",
                      100 * (double)sum->outside / (double)sum->entries, sum->lowest, sum->highest);
  if (sum->unended > 0)
    mg_dataset_remark(f, "%" PRIi64 " %s neither terminated nor truncated", sum->unended,
                      sum->unended == 1 ? "episode ends" : "episodes end");
  mg_survey_tell(sum->survey, f);
}

static int64_t count_steps(const mg_dataset_file *f) {
  int64_t steps = 0;
  for (int64_t k = 0; k < f->episodes; k++) {
    if (f->episode[k].broken) return -1;
    steps += f->episode[k].steps;
  }
  return steps;
}

static mg_status validate_open(mg_dataset_file *f) {
  tally sum = {.steps = count_steps(f)};
  mg_trajectory t = {0};
  mg_status status = mg_survey_create(f, &sum.survey);
  if (status == MG_OK && f->longest > 0) status = mg_trajectory_allocate(f, &t);
  for (int64_t k = 0; k < f->episodes && status == MG_OK && f->longest > 0; k++)
    status = check_episode(f, k, &t, &sum);
  if (status == MG_OK) status = check_file(f, &sum);
  if (status == MG_OK) make_remarks(f, &sum);
  mg_survey_destroy(sum.survey);
  mg_trajectory_free(&t);
  return status;
}

static mg_status validate(mg_notes *notes, void *user) {
  const mg_dataset_access access = {
      .task = user, .strict = true, .collect = true, .found = mg_notes_found};
  mg_dataset_file f;
  mg_status status = mg_notes_open(notes, &access, &f);
  if (status == MG_OK) status = validate_open(&f);
  mg_dataset_file_close(&f);
  /* What ended the reading is the last of the problems. */
  status = mg_dataset_forward(&f, status);
  mg_notes_tell_number(notes, "problems", notes->problems);
  return status;
}

/* ---- in the parent ---- */

typedef struct count {
  mg_note note;
  void *user;
  int64_t problems;
} count;

static void pass_on(void *user, mg_note_kind kind, const char *name, const char *text) {
  count *c = user;
  if (kind == MG_NOTE_FACT && strcmp(name, "problems") == 0)
    c->problems = strtoll(text, NULL, 10);
  else
    c->note(c->user, kind, name, text);
}

mg_status mg_dataset_validate(const char *path, const mg_dataset_task *task, mg_note note,
                              void *user, int64_t *problems) {
  count c = {.note = note, .user = user};
  mg_status status = mg_notes_run(&(mg_notes_job){.path = path,
                                                  .body = validate,
                                                  .user = (void *)(uintptr_t)task,
                                                  .note = pass_on,
                                                  .note_user = &c});
  *problems = c.problems;
  return status;
}
