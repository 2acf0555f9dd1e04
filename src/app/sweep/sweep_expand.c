#include "app/sweep/sweep_expand.h"

#include "app/config/config_table.h"
#include "app/config/data_path.h"
#include "app/config/settings_args.h"
#include "app/number.h"
#include "base/nearest.h"
#include "envs/env.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TEXT_MAX = 1024 };

/* The filled text of the last entry that fits; "" where there is none. */
static mg_status text_of(const mg_sweep_file *file, mg_sweep_section section, const char *key,
                         const mg_sweep_point *point, size_t capacity, char *text) {
  const mg_sweep_entry *entry;
  *text = '\0';
  MG_TRY(mg_sweep_file_find(file, section, key, point, &entry));
  if (!entry) return MG_OK;
  return mg_sweep_file_fail(file, entry, mg_sweep_fill(key, entry->value, point, capacity, text));
}

/* ---- settings ---- */

/* What train would be given; `word` holds the assignments. */
typedef struct order {
  mg_args *args;
  char preset[MG_PATH_MAX];
  char (*word)[2 * MG_SWEEP_VALUE_MAX + 2 * MG_SWEEP_AXIS_MAX];
  int words;
} order;

static void give(order *o, const char *option, const char *value) {
  o->args->given[o->args->count].name = option;
  o->args->given[o->args->count++].value = value;
}

/* A path is one beside the sweep file, as in any settings file. */
static mg_status give_setting(const mg_sweep_file *file, order *o, const char *key,
                              const char *value) {
  char section[MG_SWEEP_AXIS_MAX], path[MG_SETTING_PATH_MAX];
  snprintf(section, sizeof section, "%.*s", (int)strcspn(key, "."), key);
  const mg_config_row *row = mg_config_find(section, strchr(key, '.') + 1);
  if (row->path) {
    mg_data_path_beside(file->path, value, path);
    value = path;
  }
  char *word = o->word[o->words++];
  if ((size_t)snprintf(word, sizeof *o->word, "%s=%s", key, value) >= sizeof *o->word)
    return mg_fail(MG_ERR_CONFIG, "%s: a value of %zu bytes; expected at most %d", key,
                   strlen(value), MG_SWEEP_VALUE_MAX - 1);
  give(o, "set", word);
  return MG_OK;
}

static mg_status give_all(const mg_sweep_file *file, const mg_sweep_point *point, order *o) {
  for (int i = 0; i < point->axes; i++)
    if (strchr(point->axis[i].name, '.'))
      MG_TRY(give_setting(file, o, point->axis[i].name, point->axis[i].value));
  for (int i = 0; i < file->entries; i++) {
    const mg_sweep_entry *e = &file->entry[i];
    char value[TEXT_MAX];
    bool holds;
    if (e->section != MG_SWEEP_SET) continue;
    mg_status status = mg_sweep_condition_holds(e->when, point, &holds);
    if (status == MG_OK && holds)
      status = mg_sweep_fill(e->key, e->value, point, sizeof value, value);
    if (status == MG_OK && holds) status = give_setting(file, o, e->key, value);
    MG_TRY(mg_sweep_file_fail(file, e, status));
  }
  return MG_OK;
}

static mg_status check_task(const char *task) {
  const char *near = NULL;
  for (const char *const *id = mg_env_ids(); *id; id++) {
    if (strcmp(*id, task) == 0) return MG_OK;
    mg_nearest_offer(task, *id, &near);
  }
  return mg_fail(MG_ERR_CONFIG, "run.env = '%s': no such task%s%s%s; mgail info --tasks lists them",
                 task, near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

/* Also of a file that is not there yet. */
static mg_status make_absolute(mg_settings *settings) {
  char path[MG_PATH_MAX + MG_SETTING_PATH_MAX], here[MG_PATH_MAX];
  mg_data_path_absolute(settings);
  const char *expert = settings->data.expert;
  if (!*expert || *expert == '/' || !getcwd(here, sizeof here)) return MG_OK;
  snprintf(path, sizeof path, "%s/%s", here, expert);
  return mg_config_set("data", "expert", path, settings);
}

static mg_status apply(const mg_sweep_file *file, const mg_sweep_point *point, order *o,
                       mg_settings *settings, char *missing) {
  char preset[TEXT_MAX];
  MG_TRY(text_of(file, MG_SWEEP_SWEEP, "preset", point, sizeof preset, preset));
  const char *slash = strrchr(file->path, '/');
  const int length = slash && *preset != '/' ? (int)(slash + 1 - file->path) : 0;
  snprintf(o->preset, sizeof o->preset, "%.*s%s", length, file->path, preset);
  if (*preset) give(o, "config", o->preset);
  MG_TRY(give_all(file, point, o));
  *settings = mg_config_defaults();
  MG_TRY(mg_settings_apply(o->args, settings));
  MG_TRY(check_task(settings->run.env));
  if (mg_data_path_check(o->args, settings) != MG_OK)
    snprintf(missing, TEXT_MAX, "%s", mg_status_message());
  return make_absolute(settings);
}

mg_status mg_sweep_settings(const mg_sweep_file *file, const mg_sweep_point *point,
                            mg_settings *settings, char *said, size_t capacity, char *missing) {
  order o = {.args = calloc(1, sizeof *o.args),
             .word = calloc(MG_SWEEP_AXES_MAX + MG_SWEEP_ENTRIES_MAX, sizeof *o.word)};
  mg_status status =
      o.args && o.word ? MG_OK : mg_fail(MG_ERR_MEMORY, "out of memory for a run's settings");
  *missing = *said = '\0';
  if (status == MG_OK) status = apply(file, point, &o, settings, missing);
  size_t used = 0;
  for (int i = 0; status == MG_OK && i < o.args->count && used < capacity; i++)
    used += (size_t)snprintf(said + used, capacity - used, "%s%s", i ? " " : "",
                             o.args->given[i].value);
  free(o.args);
  free(o.word);
  return status;
}

/* ---- one run ---- */

/* "hopper-mgail-trajectories4-seed1" where the file gives no name. */
static void default_name(const mg_sweep_point *point, size_t capacity, char *name) {
  size_t used = 0;
  for (int i = 0; i < point->axes && used < capacity; i++) {
    const char *dot = strrchr(point->axis[i].name, '.');
    used += (size_t)snprintf(name + used, capacity - used, "%s%s%s", i ? "-" : "",
                             dot ? dot + 1 : "", point->axis[i].value);
  }
}

/* A folder's name: letters, digits and ._- as they are, all others as _. */
static mg_status name_of(const mg_sweep_file *file, const mg_sweep_point *point, char *name) {
  char text[TEXT_MAX];
  MG_TRY(text_of(file, MG_SWEEP_SWEEP, "name", point, sizeof text, text));
  if (!*text) default_name(point, sizeof text, text);
  if (strlen(text) >= MG_SWEEP_NAME_MAX || *text == '.')
    return mg_fail(MG_ERR_CONFIG, "%s: folder %.150s: expected a name of at most %d bytes",
                   file->path, text, MG_SWEEP_NAME_MAX - 1);
  for (char *c = text; *c; c++)
    if (!isalnum((unsigned char)*c) && !strchr("._-", *c)) *c = '_';
  strcpy(name, text);
  return MG_OK;
}

static mg_status resource(const mg_sweep_file *file, const mg_sweep_point *point, const char *key,
                          int fallback, int *value) {
  char text[TEXT_MAX];
  int64_t whole;
  *value = fallback;
  MG_TRY(text_of(file, MG_SWEEP_RESOURCES, key, point, sizeof text, text));
  if (!*text) return MG_OK;
  if (!mg_number_parse_whole(text, &whole) || whole < 1 || whole > 1000000)
    return mg_fail(MG_ERR_CONFIG,
                   "%s: [resources] %s = '%.100s': expected a whole number, 1 to 1000000",
                   file->path, key, text);
  *value = (int)whole;
  return MG_OK;
}

static mg_status axes_of(const mg_sweep_point *point, size_t capacity, char *axes) {
  size_t used = 0;
  *axes = '\0';
  for (int i = 0; i < point->axes && used < capacity; i++)
    used += (size_t)snprintf(axes + used, capacity - used, "%s%s=%s", i ? " " : "",
                             point->axis[i].name, point->axis[i].value);
  return used < capacity
             ? MG_OK
             : mg_fail(MG_ERR_CONFIG, "%.60s...: axes of more than %zu bytes", axes, capacity - 1);
}

static mg_status check_settings(const mg_sweep_file *file, const mg_sweep_point *point,
                                mg_sweep_run *run) {
  mg_settings settings;
  char missing[TEXT_MAX];
  const mg_status status =
      mg_sweep_settings(file, point, &settings, run->settings, sizeof run->settings, missing);
  if (status == MG_OK) return MG_OK;
  return mg_fail(status, "%s: run %s: %.700s", file->path, run->name, mg_status_message());
}

static mg_status check_unique(const mg_sweep_file *file, const mg_manifest *manifest,
                              const mg_sweep_run *run) {
  const int twin = mg_manifest_find(manifest, run->name);
  if (twin < 0) return MG_OK;
  return mg_fail(
      MG_ERR_CONFIG,
      "%s: two runs with one folder, %s: %.300s, and %.300s; expected [sweep] name to tell "
      "them apart",
      file->path, run->name, manifest->run[twin].axes, run->axes);
}

static mg_status add_run(const mg_sweep_file *file, const mg_sweep_point *point,
                         mg_manifest *manifest) {
  mg_sweep_run run = {.ranks = 1};
  MG_TRY(name_of(file, point, run.name));
  MG_TRY(axes_of(point, sizeof run.axes, run.axes));
  MG_TRY(check_unique(file, manifest, &run));
  MG_TRY(resource(file, point, "ranks", 1, &run.ranks));
  MG_TRY(resource(file, point, "minutes", 240, &run.minutes));
  MG_TRY(resource(file, point, "pack", 1, &run.pack));
  MG_TRY(text_of(file, MG_SWEEP_RESOURCES, "sbatch", point, sizeof run.sbatch, run.sbatch));
  MG_TRY(check_settings(file, point, &run));
  return mg_manifest_add(manifest, &run);
}

/* ---- all runs ---- */

static mg_status is_excluded(const mg_sweep_file *file, const mg_sweep_point *point,
                             bool *excluded) {
  *excluded = false;
  for (int i = 0; i < file->entries && !*excluded; i++) {
    const mg_sweep_entry *e = &file->entry[i];
    bool here;
    if (e->section != MG_SWEEP_EXCLUDE) continue;
    MG_TRY(mg_sweep_file_fail(file, e, mg_sweep_condition_holds(e->when, point, &here)));
    if (here)
      MG_TRY(mg_sweep_file_fail(file, e, mg_sweep_condition_holds(e->value, point, excluded)));
  }
  return MG_OK;
}

/* All values of the axes from the k-th on, behind those that the point has. */
static mg_status walk(const mg_sweep_file *file, int k, mg_sweep_point *point,
                      mg_manifest *manifest) {
  if (k == file->axes) {
    bool excluded;
    MG_TRY(is_excluded(file, point, &excluded));
    return excluded ? MG_OK : add_run(file, point, manifest);
  }
  const mg_sweep_entry *entry;
  MG_TRY(mg_sweep_file_find(file, MG_SWEEP_AXES, file->axis[k], point, &entry));
  if (!entry) return walk(file, k + 1, point, manifest); /* an axis of other runs only */
  mg_sweep_values values = {0};
  mg_status status = mg_sweep_values_parse(entry->key, entry->value, &values);
  for (int i = 0; i < values.count && status == MG_OK; i++) {
    strcpy(point->axis[point->axes].name, file->axis[k]);
    strcpy(point->axis[point->axes++].value, values.value[i]);
    status = walk(file, k + 1, point, manifest);
    point->axes--;
  }
  mg_sweep_values_free(&values);
  return status;
}

mg_status mg_sweep_expand(const mg_sweep_file *file, mg_manifest *manifest) {
  mg_sweep_point point = {0};
  *manifest = (mg_manifest){0};
  MG_TRY(walk(file, 0, &point, manifest));
  if (manifest->runs > 0) return MG_OK;
  return mg_fail(MG_ERR_CONFIG, "%s: no run is left; expected [exclude] to leave some", file->path);
}
