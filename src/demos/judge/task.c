#include "demos/judge/task.h"

#include "demos/demo_file.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* The name without what stands before a slash or colon and after the first hyphen. */
static size_t stem(const char **id) {
  for (const char *c = *id; *c; c++)
    if (*c == '/' || *c == ':') *id = c + 1;
  return strcspn(*id, "-");
}

bool mg_same_task(const char *a, const char *b) {
  const size_t n = stem(&a);
  if (n != stem(&b)) return false;
  for (size_t i = 0; i < n; i++)
    if (tolower((unsigned char)a[i]) != tolower((unsigned char)b[i])) return false;
  return true;
}

/* What of a file does not fit. */
typedef struct misfit {
  char text[400]; /* "" if nothing */
} misfit;

static void compare_observations(const mg_form *form, const mg_dataset_task *task, misfit *m) {
  const int size = form->observation_size;
  char advice[160];
  if (size == task->observation_size) return;
  int n = snprintf(m->text, sizeof m->text, "observations have %d entries; expected %d, as %s has",
                   size, task->observation_size, task->env_id);
  if (task->advise && task->advise(task->user, size, advice, sizeof advice))
    snprintf(m->text + n, sizeof m->text - (size_t)n, " (%s)", advice);
}

static void compare_actions(const mg_form *form, const mg_dataset_task *task, misfit *m) {
  const bool choices = task->discrete && (form->discrete || form->action_size == 1);
  if (choices || (!form->discrete && form->action_size == task->action_size)) return;
  if (form->discrete)
    snprintf(m->text, sizeof m->text, "actions are discrete; expected continuous ones, as %s has",
             task->env_id);
  else
    snprintf(m->text, sizeof m->text, "actions have %d entries; expected %s%d%s, as %s has",
             form->action_size, task->discrete ? "1, or one-hot rows of " : "", task->action_size,
             task->discrete ? " choices" : "", task->env_id);
}

static void compare_names(const mg_form *form, const mg_dataset_task *task, misfit *m) {
  if (!*form->env_id || task->any || mg_same_task(form->env_id, task->env_id)) return;
  snprintf(m->text, sizeof m->text,
           "is of %s; expected demonstrations of %s (data.any_task = on takes those of any task "
           "that has the same sizes)",
           form->env_id, task->env_id);
}

mg_status mg_task_compare(mg_dataset_file *f) {
  static void (*const compare[])(const mg_form *, const mg_dataset_task *,
                                 misfit *) = {compare_names, compare_observations, compare_actions};
  if (!f->access.task || f->form.observation_size == 0) return MG_OK; /* or said already */
  bool fits = true;
  for (size_t i = 0; i < sizeof compare / sizeof *compare; i++) {
    misfit m = {""};
    compare[i](&f->form, f->access.task, &m);
    if (!*m.text) continue;
    fits = false;
    if (f->access.any_form)
      mg_dataset_remark(f, "%s", m.text);
    else
      MG_TRY(mg_dataset_wrong(f, "%s", m.text));
  }
  if (fits) f->task = f->access.task;
  return MG_OK;
}

/* ---- choices ---- */

/* The column of the only 1 among 0s in row [columns]; -1 if the row is something else. */
static int one_hot_index(const double *row, int columns) {
  int one = -1;
  for (int i = 0; i < columns; i++) {
    if (row[i] == 0) continue;
    if (row[i] != 1 || one >= 0) return -1;
    one = i;
  }
  return one;
}

mg_status mg_task_check_choices(mg_dataset_file *f, int64_t k, const mg_trajectory *t) {
  const mg_dataset_task *task = f->task;
  const int columns = f->form.action_size;
  const char *name = f->episode[k].name;
  if (!task || !task->discrete) return MG_OK;
  for (int64_t i = 0; i < t->steps; i++) {
    const double *row = t->actions + i * columns;
    if (columns == 1 && (*row != floor(*row) || *row < 0 || *row >= task->action_size))
      return mg_dataset_wrong(f, "%s: action %" PRIi64 " is %g; expected 0..%d, as %s has", name, i,
                              *row, task->action_size - 1, task->env_id);
    if (columns > 1 && one_hot_index(row, columns) < 0)
      return mg_dataset_wrong(f,
                              "%s: action %" PRIi64
                              " is not one 1 among %d 0s; expected one-hot choices, as %s is "
                              "discrete",
                              name, i, columns - 1, task->env_id);
  }
  return MG_OK;
}

void mg_task_index_choices(const mg_dataset_file *f, mg_trajectory *t) {
  const int columns = f->form.action_size;
  if (!f->task || !f->task->discrete || columns == 1) return;
  for (int64_t i = 0; i < t->steps; i++)
    t->actions[i] = one_hot_index(t->actions + i * columns, columns);
}
