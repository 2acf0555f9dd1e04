#include "demos/convert.h"

#include "demos/judge/survey.h"
#include "demos/layouts/layout.h"
#include "demos/metadata.h"
#include "demos/notes.h"
#include "files/safe_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Reading and writing are both the child's work; the parent gives the finished file its name. */
typedef struct conversion {
  const char *input, *output;
  char temporary[MG_PATH_MAX], metadata[MG_PATH_MAX]; /* the latter: "" for layouts without */
  const mg_convert_options *options;
  const mg_layout *to;
  mg_note note;
  void *user;
  mg_convert_result *result;
  char *text; /* of metadata.json */
} conversion;

/* ---- in the child ---- */

static mg_status copy_episodes(mg_dataset_file *f, mg_sink *sink, mg_trajectory *t) {
  mg_extras extras = {.max_bytes = MG_NOTES_EPISODE_BYTES};
  mg_survey *survey;
  mg_status status = mg_survey_create(f, &survey);
  for (int64_t k = 0; k < f->episodes && status == MG_OK; k++) {
    status = mg_dataset_file_load(f, k, t);
    if (status == MG_OK) mg_survey_add(survey, f, k, t);
    if (status == MG_OK && sink->layout->hdf5)
      status = mg_dataset_file_episode_extras(f, k, &extras);
    if (status == MG_OK) status = mg_sink_append(sink, t, &extras);
    mg_extras_clear(&extras);
  }
  if (status == MG_OK) mg_survey_tell(survey, f);
  mg_survey_destroy(survey);
  return status;
}

static mg_status copy_all(mg_dataset_file *f, mg_sink *sink) {
  mg_extras extras = {0};
  mg_trajectory t = {0};
  mg_status status = mg_trajectory_allocate(f, &t);
  if (status == MG_OK) status = mg_dataset_file_leave_out(f, &t);
  if (status == MG_OK) status = mg_dataset_file_extras(f, &extras);
  sink->expected = f->episodes;
  if (status == MG_OK) status = mg_sink_create(sink, &extras);
  mg_extras_clear(&extras);
  if (status == MG_OK) status = copy_episodes(f, sink, &t);
  mg_trajectory_free(&t);
  mg_failure failure = {0};
  mg_failure_note(&failure, status);
  mg_failure_note(&failure, mg_sink_close(sink, status == MG_OK));
  return mg_failure_again(&failure);
}

static mg_status child(mg_notes *notes, void *user) {
  conversion *c = user;
  mg_dataset_file f;
  const mg_dataset_task *task = c->options->task;
  const mg_dataset_access access = {.task = task,
                                    .any_form = true,
                                    .skip_bad = c->options->skip_bad,
                                    .hint = "--skip-bad leaves such episodes out",
                                    .strict = true,
                                    .found = mg_notes_found};
  MG_TRY(mg_notes_open(notes, &access, &f));
  mg_sink sink = {.path = c->temporary,
                  .name = c->output,
                  .layout = c->to,
                  .form = f.form,
                  .longest = f.longest,
                  .file = -1};
  if (!*sink.form.env_id && c->options->env_id)
    snprintf(sink.form.env_id, sizeof sink.form.env_id, "%s", c->options->env_id);
  if (task && task->discrete) sink.form.choices = task->action_size;
  if (!c->to->hdf5 && f.layout->hdf5)
    mg_notes_tell(notes, MG_NOTE_REMARK, "",
                  "this layout has no place for attributes, infos and metadata; left out");
  MG_TRY(copy_all(&f, &sink));
  mg_notes_tell(notes, MG_NOTE_FACT, "from", f.layout->name);
  mg_notes_tell_number(notes, "episodes", sink.episodes);
  mg_notes_tell_number(notes, "steps", sink.steps);
  if (sink.metadata) mg_notes_tell(notes, MG_NOTE_FACT, "metadata", sink.metadata);
  return MG_OK;
}

/* ---- in the parent ---- */

static void take_note(void *user, mg_note_kind kind, const char *name, const char *text) {
  conversion *c = user;
  mg_convert_result *r = c->result;
  if (kind != MG_NOTE_FACT) {
    if (c->note) c->note(c->user, kind, name, text);
  } else if (strcmp(name, "from") == 0) {
    snprintf(r->from, sizeof r->from, "%s", text);
  } else if (strcmp(name, "episodes") == 0) {
    r->episodes = strtoll(text, NULL, 10);
  } else if (strcmp(name, "steps") == 0) {
    r->steps = strtoll(text, NULL, 10);
  } else if (strcmp(name, "metadata") == 0 && !c->text) {
    c->text = strdup(text);
  }
}

static mg_status refuse_existing(const char *path) {
  struct stat info;
  return lstat(path, &info) == 0 ? mg_fail(MG_ERR_CREATE, "%s: exists; give another name", path)
                                 : MG_OK;
}

static mg_status prepare(conversion *c) {
  c->to = mg_layout_of_name(c->output);
  if (c->options->layout) MG_TRY(mg_layout_find(c->options->layout, &c->to));
  MG_TRY(refuse_existing(c->output));
  if (c->to->metadata) {
    MG_TRY(mg_metadata_path(c->output, c->metadata, sizeof c->metadata));
    MG_TRY(refuse_existing(c->metadata));
  }
  return mg_safe_temporary(c->output, c->temporary);
}

static mg_status commit(const conversion *c) {
  if (*c->metadata) {
    if (!c->text) return mg_fail(MG_ERR_INTERNAL, "%s: no metadata came", c->output);
    MG_TRY(mg_safe_write_text(c->metadata, c->text));
  }
  mg_status status = mg_safe_commit(c->temporary, c->output, false);
  if (status != MG_OK && *c->metadata) unlink(c->metadata);
  return status;
}

/* What the child, ended at any moment, may have left behind: its file, and that file's own
 * temporary. */
static void remove_rest(const conversion *c, pid_t process) {
  char name[MG_PATH_MAX + 32];
  snprintf(name, sizeof name, "%s.tmp.%ld", c->temporary, (long)process);
  unlink(name);
  unlink(c->temporary);
}

mg_status mg_dataset_convert(const char *input, const char *output,
                             const mg_convert_options *options, mg_note note, void *user,
                             mg_convert_result *result) {
  conversion c = {.input = input,
                  .output = output,
                  .options = options,
                  .note = note,
                  .user = user,
                  .result = result};
  *result = (mg_convert_result){0};
  MG_TRY(prepare(&c));
  snprintf(result->to, sizeof result->to, "%s", c.to->name);
  mg_notes_job job = {.path = input,
                      .body = child,
                      .user = &c,
                      .note = take_note,
                      .note_user = &c,
                      .stopped = options->stopped};
  mg_status status = mg_notes_run(&job);
  if (status == MG_OK) status = commit(&c);
  if (status != MG_OK) remove_rest(&c, job.child);
  free(c.text);
  return status;
}
