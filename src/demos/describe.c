#include "demos/describe.h"

#include "demos/layouts/layout.h"
#include "demos/metadata.h"
#include "demos/notes.h"
#include "files/h5_util.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static void tell_array(mg_notes *notes, const char *name, int size, bool choice,
                       mg_value_type type) {
  char text[64];
  snprintf(text, sizeof text, "%d %s%s", size, mg_value_type_name(type),
           choice ? " (a choice)" : "");
  mg_notes_tell(notes, MG_NOTE_FACT, name, text);
}

static void tell_attribute(mg_notes *notes, const mg_extra *item) {
  char text[512] = "", name[64];
  int64_t whole;
  if (item->type == MG_TEXT && item->count == 1)
    snprintf(text, sizeof text, "%s", ((char **)item->values)[0]);
  else if (mg_extra_integer(item, &whole))
    snprintf(text, sizeof text, "%" PRIi64, whole);
  else if (!isnan(mg_extra_number(item)))
    snprintf(text, sizeof text, "%.10g", mg_extra_number(item));
  else
    return;
  mg_make_printable(text);
  snprintf(name, sizeof name, "attribute %s", item->name);
  mg_notes_tell(notes, MG_NOTE_FACT, name, text);
}

static mg_status describe_open(mg_notes *notes, mg_dataset_file *f) {
  const mg_form *form = &f->form;
  mg_extras x = {0};
  mg_notes_tell(notes, MG_NOTE_FACT, "layout", f->layout->name);
  mg_notes_tell(notes, MG_NOTE_FACT, "task", *form->env_id ? form->env_id : "unknown");
  mg_notes_tell_number(notes, "episodes", f->episodes);
  tell_array(notes, "observations", form->observation_size, false, form->observation_type);
  tell_array(notes, "actions", form->action_size, form->discrete, form->action_type);
  mg_notes_tell(notes, MG_NOTE_FACT, "rewards",
                form->rewards ? mg_value_type_name(form->reward_type) : "none");
  mg_notes_tell(notes, MG_NOTE_FACT, "final observations",
                form->final_observation ? "known" : "not known");
  MG_TRY(mg_dataset_file_extras(f, &x));
  for (int64_t i = 0; i < x.count; i++)
    if (x.item[i].name && !*x.item[i].path) tell_attribute(notes, &x.item[i]);
  mg_extras_clear(&x);
  return MG_OK;
}

static mg_status describe(mg_notes *notes, void *user) {
  mg_dataset_file f;
  (void)user;
  MG_TRY(mg_notes_open(notes, &(mg_dataset_access){0}, &f));
  return describe_open(notes, &f);
}

mg_status mg_dataset_describe(const char *path, mg_note note, void *user) {
  return mg_notes_run(
      &(mg_notes_job){.path = path, .body = describe, .note = note, .note_user = user});
}

/* ---- the task ---- */

static mg_status tell_task(mg_notes *notes, void *user) {
  mg_dataset_file f;
  (void)user;
  mg_status status = mg_notes_open(notes, &(mg_dataset_access){0}, &f);
  const char *id = f.form.env_id;
  char beside[64] = "", kwargs[sizeof((mg_named_task *)0)->kwargs];
  /* A file that cannot be opened may still have metadata beside it. */
  if (status != MG_OK && mg_metadata_env_id(notes->path, beside, sizeof beside)) id = beside;
  mg_notes_tell(notes, MG_NOTE_FACT, "task", id);
  if (f.file >= 0 && mg_h5_read_text(f.file, "env_kwargs", kwargs, sizeof kwargs))
    mg_notes_tell(notes, MG_NOTE_FACT, "kwargs", kwargs);
  return MG_OK;
}

static void take_task(void *user, mg_note_kind kind, const char *name, const char *text) {
  mg_named_task *task = user;
  if (kind != MG_NOTE_FACT) return;
  if (strcmp(name, "task") == 0 && mg_is_env_id(text) && strcmp(text, "unknown") != 0)
    snprintf(task->env_id, sizeof task->env_id, "%s", text);
  if (strcmp(name, "kwargs") == 0) snprintf(task->kwargs, sizeof task->kwargs, "%s", text);
}

mg_status mg_dataset_named_task(const char *path, mg_named_task *task) {
  *task = (mg_named_task){.env_id = ""};
  return mg_notes_run(
      &(mg_notes_job){.path = path, .body = tell_task, .note = take_task, .note_user = task});
}
