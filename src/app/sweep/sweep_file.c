#include "app/sweep/sweep_file.h"

#include "app/config/config_table.h"
#include "base/nearest.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MAX = 1 << 20 };

/* Which keys a section has; NULL: any. */
static const struct {
  const char *name;
  const char *const *keys;
} sections[MG_SWEEP_SECTIONS] = {
    [MG_SWEEP_SWEEP] = {"sweep", (const char *const[]){"preset", "name", NULL}},
    [MG_SWEEP_AXES] = {"axes", NULL},
    [MG_SWEEP_SET] = {"set", NULL},
    [MG_SWEEP_EXCLUDE] = {"exclude", (const char *const[]){"when", NULL}},
    [MG_SWEEP_RESOURCES] = {"resources",
                            (const char *const[]){"ranks", "minutes", "pack", "sbatch", NULL}},
};

mg_status mg_sweep_file_fail(const mg_sweep_file *file, const mg_sweep_entry *entry,
                             mg_status status) {
  if (status == MG_OK) return MG_OK;
  if (entry->line == 0) return mg_fail(status, "--set %s: %.800s", entry->key, mg_status_message());
  return mg_fail(status, "%s:%d: %.800s", file->path, entry->line, mg_status_message());
}

/* ---- lines ---- */

static char *trim(char *text) {
  while (isspace((unsigned char)*text)) text++;
  char *end = text + strlen(text);
  while (end > text && isspace((unsigned char)end[-1])) *--end = '\0';
  return text;
}

static mg_status begin_section(char *heading, mg_sweep_entry *entry) {
  char *close = strrchr(heading, ']');
  if (!close || close[1])
    return mg_fail(MG_ERR_CONFIG, "expected [section] or [section CONDITION]");
  *close = '\0';
  char *name = trim(heading + 1), *when = name + strcspn(name, " \t");
  if (*when) *when++ = '\0';
  entry->when = trim(when);
  const char *near = NULL;
  for (int s = 0; s < MG_SWEEP_SECTIONS; s++) {
    mg_nearest_offer(name, sections[s].name, &near);
    if (strcmp(sections[s].name, name) == 0) return entry->section = (mg_sweep_section)s, MG_OK;
  }
  return mg_fail(MG_ERR_CONFIG, "unknown section [%.60s]; did you mean [%s]?", name,
                 near ? near : sections[0].name);
}

static mg_status check_key(const mg_sweep_entry *entry) {
  const char *const *keys = sections[entry->section].keys, *near = NULL;
  if (entry->section == MG_SWEEP_SET || (!keys && strchr(entry->key, '.'))) {
    const char *dot = strchr(entry->key, '.');
    char section[64];
    snprintf(section, sizeof section, "%.*s", dot ? (int)(dot - entry->key) : 0, entry->key);
    if (!dot) return mg_fail(MG_ERR_CONFIG, "unknown key %.60s; expected section.key", entry->key);
    if (mg_config_find(section, dot + 1)) return MG_OK;
    mg_settings settings = mg_config_defaults();
    return mg_config_set(section, dot + 1, "", &settings); /* fails, and names the nearest */
  }
  if (!keys) {
    if (strlen(entry->key) < MG_SWEEP_AXIS_MAX && !entry->key[strcspn(entry->key, " \t={}\"")])
      return MG_OK;
    return mg_fail(MG_ERR_CONFIG, "axis '%.80s': expected a word of at most %d bytes", entry->key,
                   MG_SWEEP_AXIS_MAX - 1);
  }
  for (int k = 0; keys[k]; k++) {
    mg_nearest_offer(entry->key, keys[k], &near);
    if (strcmp(keys[k], entry->key) == 0) return MG_OK;
  }
  return mg_fail(MG_ERR_CONFIG, "unknown key %.60s of [%s]; did you mean %s?", entry->key,
                 sections[entry->section].name, near ? near : keys[0]);
}

static mg_status add_entry(mg_sweep_file *file, mg_sweep_entry *entry, char *line) {
  char *equals = strchr(line, '=');
  if (!equals) return mg_fail(MG_ERR_CONFIG, "expected [section], key = value or a comment");
  *equals = '\0';
  entry->key = trim(line);
  entry->value = trim(equals + 1);
  if (entry->section == MG_SWEEP_SECTIONS)
    return mg_fail(MG_ERR_CONFIG, "key %.60s stands before the first [section]", entry->key);
  MG_TRY(check_key(entry));
  for (int i = 0; i < file->entries; i++) {
    const mg_sweep_entry *e = &file->entry[i];
    if (entry->line && entry->section != MG_SWEEP_EXCLUDE && e->section == entry->section &&
        strcmp(e->when, entry->when) == 0 && strcmp(e->key, entry->key) == 0)
      return mg_fail(MG_ERR_CONFIG, "%s was already set in line %d", entry->key, e->line);
  }
  if (file->entries == MG_SWEEP_ENTRIES_MAX)
    return mg_fail(MG_ERR_CONFIG, "more than %d entries", MG_SWEEP_ENTRIES_MAX);
  file->entry[file->entries++] = *entry;
  return MG_OK;
}

/* "; comment" from a blank on, as in the settings' files. */
static void cut_comment(char *line) {
  for (char *c = line; *c; c++)
    if (*c == ';' && (c == line || isspace((unsigned char)c[-1]))) *c = '\0';
  if (*line == '#') *line = '\0';
}

static mg_status read_lines(mg_sweep_file *file) {
  mg_sweep_entry entry = {.section = MG_SWEEP_SECTIONS, .when = ""};
  for (char *line = file->text, *next; line; line = next) {
    next = strchr(line, '\n');
    if (next) *next++ = '\0';
    entry.line++;
    line = trim(line);
    cut_comment(line);
    line = trim(line);
    if (*line)
      MG_TRY(mg_sweep_file_fail(file, &entry,
                                *line == '[' ? begin_section(line, &entry)
                                             : add_entry(file, &entry, line)));
  }
  return MG_OK;
}

/* ---- axes ---- */

static mg_status add_axis(mg_sweep_file *file, const mg_sweep_entry *entry) {
  int k = 0;
  while (k < file->axes && strcmp(file->axis[k], entry->key) != 0) k++;
  if (k == MG_SWEEP_AXES_MAX) return mg_fail(MG_ERR_CONFIG, "more than %d axes", MG_SWEEP_AXES_MAX);
  if (k == file->axes) snprintf(file->axis[file->axes++], MG_SWEEP_AXIS_MAX, "%s", entry->key);
  mg_sweep_values values = {0};
  mg_status status = mg_sweep_values_parse(entry->key, entry->value, &values);
  for (int i = 0; i < values.count && status == MG_OK; i++) {
    const char *value = values.value[i];
    if (value[strcspn(value, " \t=")])
      status = mg_fail(MG_ERR_CONFIG, "%s: value '%s': expected one without blanks and '='",
                       entry->key, value);
    if (status == MG_OK && !mg_sweep_values_have(&file->values[k], value))
      status = mg_sweep_values_add(&file->values[k], value);
  }
  mg_sweep_values_free(&values);
  return status;
}

/* In braces where it changes a run, or in a condition; a setting is one by itself. */
static bool is_used(const mg_sweep_file *file, const char *axis) {
  if (strchr(axis, '.')) return true;
  char word[MG_SWEEP_AXIS_MAX + 2];
  snprintf(word, sizeof word, "%s=", axis);
  for (int i = 0; i < file->entries; i++) {
    const mg_sweep_entry *e = &file->entry[i];
    const bool filled = e->section == MG_SWEEP_SET || e->section == MG_SWEEP_RESOURCES ||
                        (e->section == MG_SWEEP_SWEEP && strcmp(e->key, "name") != 0);
    const char *at = strstr(e->when, word);
    if (at && (at == e->when || at[-1] == ' ' || at[-1] == '\t')) return true;
    if (filled && mg_sweep_mentions(e->value, axis)) return true;
  }
  return false;
}

mg_status mg_sweep_condition_check(const char *condition, int axes, char (*axis)[MG_SWEEP_AXIS_MAX],
                                   const mg_sweep_values *values) {
  for (;;) {
    char name[MG_SWEEP_AXIS_MAX];
    const char *near = NULL;
    mg_sweep_values asked = {0};
    bool found;
    mg_status status = mg_sweep_condition_next(&condition, name, &asked, &found);
    int k = 0;
    while (status == MG_OK && found && k < axes && strcmp(axis[k], name) != 0)
      mg_nearest_offer(name, axis[k++], &near);
    if (status == MG_OK && found && k == axes)
      status = mg_fail(MG_ERR_CONFIG, "condition %s=...: no such axis%s%s%s", name,
                       near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    for (int i = 0; i < asked.count && status == MG_OK; i++) {
      near = NULL;
      if (mg_sweep_values_have(&values[k], asked.value[i])) continue;
      for (int v = 0; v < values[k].count; v++)
        mg_nearest_offer(asked.value[i], values[k].value[v], &near);
      status =
          mg_fail(MG_ERR_CONFIG, "condition %s=%s: the axis has no such value%s%s%s", name,
                  asked.value[i], near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    }
    mg_sweep_values_free(&asked);
    if (status != MG_OK || !found) return status;
  }
}

/* Of axes, only those before them have a value already. */
static mg_status check_conditions(mg_sweep_file *file) {
  for (int i = 0; i < file->entries; i++) {
    const mg_sweep_entry *e = &file->entry[i];
    int axes = file->axes;
    for (int k = 0; e->section == MG_SWEEP_AXES && k < file->axes; k++)
      if (strcmp(file->axis[k], e->key) == 0) axes = k;
    mg_status status = mg_sweep_condition_check(e->when, axes, file->axis, file->values);
    if (status == MG_OK && e->section == MG_SWEEP_EXCLUDE)
      status = mg_sweep_condition_check(e->value, axes, file->axis, file->values);
    if (status == MG_OK && e->section == MG_SWEEP_SET)
      for (int k = 0; k < file->axes && status == MG_OK; k++)
        if (strcmp(file->axis[k], e->key) == 0)
          status = mg_fail(MG_ERR_CONFIG, "%s is an axis; expected it in one place", e->key);
    MG_TRY(mg_sweep_file_fail(file, e, status));
  }
  return MG_OK;
}

static mg_status find_axes(mg_sweep_file *file) {
  for (int i = 0; i < file->entries; i++)
    if (file->entry[i].section == MG_SWEEP_AXES)
      MG_TRY(mg_sweep_file_fail(file, &file->entry[i], add_axis(file, &file->entry[i])));
  if (file->axes == 0)
    return mg_fail(MG_ERR_CONFIG,
                   "%s: no axis; expected some under [axes], such as run.seed = 1..5", file->path);
  for (int k = 0; k < file->axes; k++)
    if (!is_used(file, file->axis[k]))
      return mg_fail(MG_ERR_CONFIG,
                     "%s: axis %s changes no run: expected {%s} in preset, [set] or [resources], "
                     "[section %s=...], or a setting with its section, such as run.%s",
                     file->path, file->axis[k], file->axis[k], file->axis[k], file->axis[k]);
  return check_conditions(file);
}

/* ---- all of it ---- */

mg_status mg_sweep_file_set(mg_sweep_file *file, const char *assignment) {
  if (file->given == MG_SWEEP_GIVEN_MAX)
    return mg_fail(MG_ERR_USAGE, "--set: more than %d settings", MG_SWEEP_GIVEN_MAX);
  file->assignment[file->given++] = assignment;
  return MG_OK;
}

/* Behind the file's own. */
static mg_status read_given(mg_sweep_file *file) {
  for (int i = 0; i < file->given; i++) {
    mg_sweep_entry entry = {.section = MG_SWEEP_SET, .when = ""};
    char *word = file->word[i] = strdup(file->assignment[i]);
    if (!word) return mg_fail(MG_ERR_MEMORY, "out of memory for a setting");
    entry.key = word;
    if (!strchr(word, '='))
      return mg_fail(MG_ERR_USAGE, "--set %.100s: expected section.key=value", word);
    MG_TRY(mg_sweep_file_fail(file, &entry, add_entry(file, &entry, word)));
  }
  return MG_OK;
}

mg_status mg_sweep_file_read(const char *path, mg_sweep_file *file) {
  if (strlen(path) >= sizeof file->path)
    return mg_fail(MG_ERR_NO_INPUT, "%.64s...: the name is too long", path);
  strcpy(file->path, path);
  MG_TRY(mg_safe_read_text(path, FILE_MAX, &file->text));
  MG_TRY(read_lines(file));
  MG_TRY(read_given(file));
  return find_axes(file);
}

void mg_sweep_file_free(mg_sweep_file *file) {
  for (int k = 0; k < file->axes; k++) mg_sweep_values_free(&file->values[k]);
  for (int i = 0; i < file->given; i++) free(file->word[i]);
  free(file->text);
}

mg_status mg_sweep_file_find(const mg_sweep_file *file, mg_sweep_section section, const char *key,
                             const mg_sweep_point *point, const mg_sweep_entry **found) {
  *found = NULL;
  for (int i = 0; i < file->entries; i++) {
    const mg_sweep_entry *e = &file->entry[i];
    bool holds;
    if (e->section != section || strcmp(e->key, key) != 0) continue;
    MG_TRY(mg_sweep_file_fail(file, e, mg_sweep_condition_holds(e->when, point, &holds)));
    if (holds) *found = e;
  }
  return MG_OK;
}
