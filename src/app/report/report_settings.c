/* Which settings differ: between the methods on a task, and between the runs of one. */
#include "app/methods.h"
#include "app/report/report.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST = 2, METHODS = MG_TABLE_COLUMNS_MAX - FIRST, VALUES = 160, LISTED = 8 };

/* Of one task. */
typedef struct compared {
  const char *task;
  int methods;
  const char *method[METHODS];
  bool *of[METHODS]; /* [settings of the collection]: a run of this method has them */
} compared;

/* value <- that of "section.key" among lines "section.key=value\n"; false: it is not there. */
static bool find_value(const char *text, const char *key, size_t length, const char **value,
                       size_t *size) {
  for (const char *line = text; *line;) {
    const size_t end = strcspn(line, "\n");
    if (end > length && strncmp(line, key, length) == 0 && line[length] == '=') {
      *value = line + length + 1, *size = end - length - 1;
      return true;
    }
    line += end + (line[end] == '\n');
  }
  return false;
}

/* Whether a method reads this setting, "section.key". */
static bool reads(const char *method, const char *key) {
  const char *sections = mg_method_named(method)->sections;
  char name[64];
  snprintf(name, sizeof name, " %.*s ", (int)strcspn(key, "."), key);
  return !sections || strstr(sections, name);
}

/* What tells cells apart is no difference between them. */
static bool names_the_cell(const char *key, size_t length) {
  static const char *const keys[] = {"run.env", "run.algorithm", "data.trajectories"};
  for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
    if (strlen(keys[k]) == length && strncmp(keys[k], key, length) == 0) return true;
  return false;
}

/* values <- the different ones that a method's runs have, with commas between, up to LISTED of them; how
 * many. */
static int list_values(const mg_report *report, const compared *c, int m, const char *key,
                       size_t length, char values[VALUES]) {
  const mg_collection *all = report->collection;
  int different = 0;
  size_t used = 0;
  values[0] = '\0';
  for (int i = 0; i < all->settings && different <= LISTED; i++) {
    const char *value, *before;
    size_t size, size_before;
    if (!c->of[m][i] || !find_value(all->setting[i].text, key, length, &value, &size)) continue;
    bool known = false;
    for (int j = 0; j < i && !known; j++)
      known = c->of[m][j] && find_value(all->setting[j].text, key, length, &before, &size_before) &&
              size == size_before && strncmp(value, before, size) == 0;
    if (known) continue;
    char one[VALUES];
    const int written = snprintf(one, sizeof one, "%s%.*s", different ? ", " : "",
                                 size ? (int)size : 7, size ? value : "(empty)");
    const bool fits = different < LISTED && (size_t)written + sizeof ", ..." <= VALUES - used;
    strcpy(values + used, fits ? one : ", ...");
    used += strlen(values + used);
    different = fits ? different + 1 : LISTED + 1;
  }
  return different;
}

/* A row, where the methods that read the setting do not all have one and the same value. */
static void compare_setting(const mg_report *report, const compared *c, const char *key,
                            size_t length, bool *group, mg_text_table *table) {
  char values[METHODS][VALUES], name[128];
  snprintf(name, sizeof name, "%.*s", (int)length, key);
  const char *first = NULL;
  bool differ = false;
  for (int m = 0; m < c->methods; m++) {
    strcpy(values[m], "–");
    if (!reads(c->method[m], name)) continue;
    const int different = list_values(report, c, m, key, length, values[m]);
    if (different == 0) strcpy(values[m], "–"); /* runs of a release without it */
    if (different == 0) continue;
    differ |= different > 1 || (first && strcmp(first, values[m]) != 0);
    first = values[m];
  }
  if (!differ) return;
  mg_table_add_row(table, *group);
  *group = false;
  mg_table_set(table, 0, "%s", c->task);
  mg_table_set(table, 1, "%s", name);
  for (int k = FIRST; k < table->columns; k++) {
    mg_table_set(table, k, "–");
    for (int m = 0; m < c->methods; m++)
      if (strcmp(c->method[m], table->head[k]) == 0) mg_table_set(table, k, "%s", values[m]);
  }
}

/* Every key of any of the settings, once: those of the first that has it. */
static void compare_task(const mg_report *report, const compared *c, mg_text_table *table) {
  const mg_collection *all = report->collection;
  bool group = true;
  for (int i = 0; i < all->settings; i++) {
    bool shown = false;
    for (int m = 0; m < c->methods; m++) shown |= c->of[m][i];
    for (const char *line = shown ? all->setting[i].text : ""; *line;) {
      const size_t end = strcspn(line, "\n"), length = strcspn(line, "=\n");
      bool known = length == end || names_the_cell(line, length);
      const char *value;
      size_t size;
      for (int j = 0; j < i && !known; j++) {
        bool counts = false;
        for (int m = 0; m < c->methods; m++) counts |= c->of[m][j];
        known = counts && find_value(all->setting[j].text, line, length, &value, &size);
      }
      if (!known) compare_setting(report, c, line, length, &group, table);
      line += end + (line[end] == '\n');
    }
  }
}

/* of <- who has which settings on this task; room [METHODS, settings]. */
static void gather(const mg_report *report, const char *task, const mg_text_table *table,
                   bool *room, compared *c) {
  const mg_collection *all = report->collection;
  *c = (compared){.task = task};
  memset(room, 0, (size_t)METHODS * (size_t)all->settings * sizeof *room);
  for (int k = FIRST; k < table->columns; k++) {
    bool any = false;
    bool *of = room + (size_t)c->methods * (size_t)all->settings;
    for (int r = 0; r < all->runs; r++) {
      const mg_collected_run *run = &all->run[r];
      if (strcmp(run->task, task) != 0 || strcmp(run->method, table->head[k]) != 0) continue;
      any = true;
      for (int i = 0; i < all->settings; i++)
        of[i] |= strcmp(all->setting[i].checksum, run->settings) == 0;
    }
    if (!any) continue;
    c->method[c->methods] = table->head[k];
    c->of[c->methods++] = of;
  }
}

mg_text_table mg_report_settings_table(const mg_report *report) {
  mg_text_table table = {.columns = FIRST, .left = ~0U, .grouped = 1, .head = {"task", "setting"}};
  const int settings = report->collection->settings;
  if (settings == 0) return table;
  /* A column for each method that has runs, in the order of the methods. */
  for (const mg_method *m = mg_methods; *m->name; m++) {
    bool any = false;
    for (int k = 0; k < report->cells; k++)
      any |= strcmp(report->cell[k].method, m->name) == 0 &&
             report->cell[k].finished + report->cell[k].partial > 0;
    if (any && table.columns < MG_TABLE_COLUMNS_MAX) table.head[table.columns++] = m->name;
  }
  bool *room = malloc((size_t)METHODS * (size_t)settings * sizeof *room);
  table.failed = !room;
  const char *last = "";
  for (int k = 0; room && k < report->cells; k++) {
    const char *task = report->cell[k].task;
    if (strcmp(last, task) == 0) continue;
    compared c;
    gather(report, task, &table, room, &c);
    compare_task(report, &c, &table);
    last = task;
  }
  free(room);
  return table;
}
