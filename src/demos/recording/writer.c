#include "demos/recording/writer.h"

#include "demos/layouts/layout_minari.h"
#include "demos/metadata.h"
#include "demos/recording/origin_h5.h"
#include "files/h5_cause.h"
#include "files/h5_util.h"
#include "files/safe_file.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct mg_dataset_writer {
  char path[MG_PATH_MAX], temporary[MG_PATH_MAX], metadata[MG_PATH_MAX];
  mg_dataset_origin origin;
  bool discrete;
  hid_t file;
  int64_t episodes, steps;
  double squares;     /* of returns about their mean so far */
  mg_content content; /* of the episodes so far */
};

static void keep_text(char *field, size_t size, const char *text) {
  snprintf(field, size, "%s", text ? text : "");
}

static mg_dataset_origin make_origin(const mg_dataset_provenance *p) {
  mg_dataset_origin o = mg_dataset_origin_none();
  keep_text(o.env_id, sizeof o.env_id, p->env_id);
  keep_text(o.env_kwargs, sizeof o.env_kwargs, p->env_kwargs ? p->env_kwargs : "{}");
  keep_text(o.program, sizeof o.program, p->program);
  keep_text(o.simulator, sizeof o.simulator, p->simulator);
  keep_text(o.policy, sizeof o.policy, p->policy);
  keep_text(o.parameters, sizeof o.parameters, p->parameters);
  keep_text(o.algorithm, sizeof o.algorithm, p->algorithm);
  if (p->algorithm) o.trained_steps = p->trained_steps;
  o.policy_checksum = p->policy_checksum;
  o.seed = p->seed;
  o.observation_size = p->observation_size;
  o.action_size = p->action_size;
  if (p->by_return) o.minimum_return = p->minimum_return, o.rejected_episodes = 0;
  return o;
}

/* Welford's recurrences. */
static void count_return(mg_dataset_writer *w, const mg_trajectory *t) {
  double value = 0;
  for (int64_t i = 0; i < t->steps; i++) value += t->rewards[i];
  mg_dataset_origin *o = &w->origin;
  const bool first = w->episodes == 0;
  const double mean = first ? 0 : o->return_mean, delta = value - mean;
  o->return_mean = mean + delta / (double)(w->episodes + 1);
  w->squares += delta * (value - o->return_mean);
  o->return_min = first ? value : fmin(o->return_min, value);
  o->return_max = first ? value : fmax(o->return_max, value);
}

static mg_status create(mg_dataset_writer *w, const char *path, const mg_dataset_provenance *p) {
  w->origin = make_origin(p);
  w->discrete = p->discrete;
  if (strlen(path) >= sizeof w->path)
    return mg_fail(MG_ERR_CREATE, "%.64s...: the name is too long", path);
  strcpy(w->path, path);
  MG_TRY(mg_metadata_path(path, w->metadata, sizeof w->metadata));
  MG_TRY(mg_safe_temporary(path, w->temporary));
  mg_h5_quiet();
  return mg_h5_create_file(w->temporary, &w->file);
}

mg_status mg_dataset_writer_create(const char *path, const mg_dataset_provenance *provenance,
                                   mg_dataset_writer **writer) {
  mg_dataset_writer *w = calloc(1, sizeof *w);
  *writer = NULL;
  if (!w) return mg_fail(MG_ERR_MEMORY, "%s: no memory", path);
  w->file = -1;
  mg_status status = create(w, path, provenance);
  if (status == MG_OK)
    *writer = w;
  else
    mg_dataset_writer_close(w, false);
  return status;
}

static mg_form form_of(const mg_dataset_writer *w) {
  const mg_dataset_origin *o = &w->origin;
  return (mg_form){.observation_size = (int)o->observation_size,
                   .action_size = w->discrete ? 1 : (int)o->action_size,
                   .action_rank = w->discrete ? 1 : 2,
                   .observation_type = MG_FLOAT64,
                   .action_type = w->discrete ? MG_INT64 : MG_FLOAT64,
                   .reward_type = MG_FLOAT64,
                   .final_observation = true,
                   .rewards = true};
}

static bool write_episode(const mg_dataset_writer *w, hid_t group, const mg_form *form,
                          const mg_trajectory *t) {
  return mg_minari_write_arrays(group, form, t) && mg_h5_write_i64(group, "id", w->episodes) &&
         mg_h5_write_i64(group, "total_steps", t->steps) &&
         mg_h5_write_u64(group, "seed", w->origin.seed);
}

mg_status mg_dataset_writer_append(mg_dataset_writer *w, const mg_trajectory *t) {
  char name[32];
  snprintf(name, sizeof name, "episode_%" PRIi64, w->episodes);
  hid_t group = mg_h5_create_group(w->file, name);
  const mg_form form = form_of(w);
  bool ok = group >= 0 && write_episode(w, group, &form, t);
  ok = mg_h5_close(group) && ok;
  if (!ok) return mg_h5_write_failed(w->temporary, name);
  count_return(w, t);
  mg_content_add(&w->content, &form, t);
  w->episodes++;
  w->steps += t->steps;
  return MG_OK;
}

void mg_dataset_writer_reject(mg_dataset_writer *w) {
  w->origin.rejected_episodes++;
}

static mg_status write_metadata(const mg_dataset_writer *w) {
  char id[192];
  mg_metadata_dataset_id("recorded", w->origin.env_id, w->path, id);
  char *text = mg_metadata_text(&w->origin, w->discrete, id);
  if (!text) return mg_fail(MG_ERR_MEMORY, "%s: no memory", w->metadata);
  mg_status status = mg_safe_write_text(w->metadata, text);
  free(text);
  return status;
}

static mg_status finish(mg_dataset_writer *w) {
  mg_dataset_origin *o = &w->origin;
  o->total_episodes = w->episodes;
  o->total_steps = w->steps;
  o->return_sd = w->episodes > 1 ? sqrt(w->squares / (double)(w->episodes - 1)) : 0;
  bool ok = mg_dataset_origin_write(o, w->file) && mg_content_write(&w->content, w->file) &&
            H5Fflush(w->file, H5F_SCOPE_GLOBAL) >= 0;
  ok = mg_h5_close(w->file) && ok;
  w->file = -1;
  if (!ok) return mg_h5_write_failed(w->temporary, "");
  if (w->episodes == 0)
    return mg_fail(MG_ERR_DATA, "%s: no episodes were recorded; expected 1 or more", w->path);
  MG_TRY(write_metadata(w));
  return mg_safe_commit(w->temporary, w->path, false);
}

mg_status mg_dataset_writer_close(mg_dataset_writer *w, bool keep) {
  if (!w) return MG_OK;
  mg_status status = keep ? finish(w) : MG_OK;
  mg_h5_close(w->file);
  if ((!keep || status != MG_OK) && w->temporary[0]) unlink(w->temporary);
  free(w);
  return status;
}
