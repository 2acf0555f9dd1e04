#include "app/config/config_table.h"
#include "app/config/data_path.h"
#include "base/nearest.h"

#include <assert.h>
#include <errno.h>
#include <ini.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { ROWS_MAX = 256, FILE_MAX = 1 << 20 };

mg_settings mg_config_defaults(void) {
  mg_settings settings;
  memset(&settings, 0, sizeof settings);
  for (const mg_config_row *row = mg_config_table; row->section; row++) {
    mg_status status = mg_config_set_row(row, row->fallback, &settings);
    assert(status == MG_OK && "a default is a value its own row accepts");
    (void)status;
  }
  return settings;
}

static bool section_exists(const char *section) {
  for (const mg_config_row *row = mg_config_table; row->section; row++)
    if (strcmp(row->section, section) == 0) return true;
  return false;
}

/* What took the place of a key of earlier releases; NULL: it is none. Such keys changed how a run
 * was trained, not what acting needs. */
static const char *successor(const char *section, const char *key) {
  const bool average = strcmp(section, "policy") == 0 && strcmp(key, "average") == 0;
  return average ? "policy.average_steps, in environment steps" : NULL;
}

static mg_status fail_unknown(const char *section, const char *key) {
  const char *near = NULL, *instead = successor(section, key);
  if (instead) {
    return mg_fail(MG_ERR_CONFIG, "unknown key %s.%s, of an earlier release; now there is %s",
                   section, key, instead);
  }
  if (!section_exists(section)) {
    for (const mg_config_row *row = mg_config_table; row->section; row++)
      mg_nearest_offer(section, row->section, &near);
    return near ? mg_fail(MG_ERR_CONFIG, "unknown section [%s]; did you mean [%s]?", section, near)
                : mg_fail(MG_ERR_CONFIG,
                          "unknown section [%s]; mgail train --help lists all settings", section);
  }
  for (const mg_config_row *row = mg_config_table; row->section; row++)
    if (strcmp(row->section, section) == 0) mg_nearest_offer(key, row->key, &near);
  if (near) {
    return mg_fail(MG_ERR_CONFIG, "unknown key %s.%s; did you mean %s.%s?", section, key, section,
                   near);
  }
  /* Perhaps the right key under the wrong heading. */
  for (const mg_config_row *row = mg_config_table; row->section; row++)
    if (strcmp(row->key, key) == 0)
      return mg_fail(MG_ERR_CONFIG, "unknown key %s.%s; did you mean %s?", section, key, row->name);
  return mg_fail(MG_ERR_CONFIG, "unknown key %s.%s; mgail train --help lists all settings", section,
                 key);
}

mg_status mg_config_set(const char *section, const char *key, const char *value,
                        mg_settings *settings) {
  const mg_config_row *row = mg_config_find(section, key);
  return row ? mg_config_set_row(row, value, settings) : fail_unknown(section, key);
}

mg_status mg_config_assign(const char *assignment, mg_settings *settings) {
  const char *equals = strchr(assignment, '=');
  const char *dot = memchr(assignment, '.', equals ? (size_t)(equals - assignment) : 0);
  char section[64], key[64];
  if (!equals || !dot || (size_t)(dot - assignment) >= sizeof section ||
      (size_t)(equals - dot) > sizeof key)
    return mg_fail(MG_ERR_USAGE, "--set %.100s: expected section.key=value", assignment);
  snprintf(section, sizeof section, "%.*s", (int)(dot - assignment), assignment);
  snprintf(key, sizeof key, "%.*s", (int)(equals - dot - 1), dot + 1);
  return mg_config_set(section, key, equals + 1, settings);
}

/* ---- INI text ---- */

/* libinih asks for a line at a time; counting them here gives every message its line. */
typedef struct ini_source {
  const char *name, *rest; /* rest: what was not handed out yet */
  int line;
  mg_settings *settings;
  bool saved;         /* by a program, perhaps an earlier one */
  bool file;          /* name is a file's */
  int seen[ROWS_MAX]; /* line a row was set in, 0: not yet */
  mg_failure mistake; /* the first */
} ini_source;

static void note(ini_source *source, mg_status status) {
  if (status == MG_OK || source->mistake.status != MG_OK) return;
  mg_failure_note(&source->mistake, mg_fail(status, "%s:%d: %.800s", source->name, source->line,
                                            mg_status_message()));
}

/* Indented lines are not continuations here, and comments may be longer than libinih's lines. */
static char *read_line(char *line, int capacity, void *stream) {
  ini_source *source = stream;
  if (*source->rest == '\0') return NULL;
  source->line++;
  const char *start = source->rest + strspn(source->rest, " \t");
  size_t length = strcspn(start, "\n");
  source->rest = start + length + (start[length] == '\n');
  if (*start == ';' || *start == '#') length = 0;
  if (length + 2 > (size_t)capacity) {
    note(source,
         mg_fail(MG_ERR_CONFIG, "line of %zu bytes; expected at most %d", length, capacity - 2));
    length = 0;
  }
  memcpy(line, start, length);
  memcpy(line + length, "\n", 2);
  return line;
}

static int take_value(void *user, const char *section, const char *key, const char *value) {
  ini_source *source = user;
  if (source->mistake.status != MG_OK) return 0;
  mg_status status;
  const mg_config_row *row = mg_config_find(section, key);
  if (!row && source->saved && successor(section, key)) return 1;
  if (*section == '\0') {
    status = mg_fail(MG_ERR_CONFIG, "key %s stands before the first [section]", key);
  } else if (!row) {
    status = fail_unknown(section, key);
  } else if (source->seen[row - mg_config_table]) {
    status = mg_fail(MG_ERR_CONFIG, "%s was already set in line %d", row->name,
                     source->seen[row - mg_config_table]);
  } else {
    source->seen[row - mg_config_table] = source->line;
    char path[MG_SETTING_PATH_MAX];
    if (row->path && source->file) {
      mg_data_path_beside(source->name, value ? value : "", path);
      value = path;
    }
    status = mg_config_set_row(row, value ? value : "", source->settings);
  }
  note(source, status);
  return status == MG_OK;
}

typedef enum text_kind { PLAIN, SAVED, OF_FILE } text_kind;

static mg_status read_text(const char *name, const char *text, text_kind kind,
                           mg_settings *settings) {
  mg_settings read = *settings;
  ini_source source = {.name = name,
                       .rest = text,
                       .settings = &read,
                       .saved = kind == SAVED,
                       .file = kind == OF_FILE};
  int wrong = ini_parse_stream(read_line, &source, take_value, &source);
  MG_TRY(mg_failure_again(&source.mistake));
  if (wrong < 0) return mg_fail(MG_ERR_MEMORY, "%s: out of memory", name);
  if (wrong > 0) {
    return mg_fail(MG_ERR_CONFIG, "%s:%d: expected [section], key = value or a comment", name,
                   wrong);
  }
  *settings = read;
  return MG_OK;
}

mg_status mg_config_read_text(const char *name, const char *text, mg_settings *settings) {
  return read_text(name, text, PLAIN, settings);
}

mg_status mg_config_read_saved(const char *name, const char *text, mg_settings *settings) {
  return read_text(name, text, SAVED, settings);
}

static mg_status read_all(const char *path, FILE *file, char *text) {
  size_t length = fread(text, 1, FILE_MAX, file);
  if (ferror(file)) return mg_fail(MG_ERR_IO, "%s: %s", path, strerror(errno));
  if (length == FILE_MAX || memchr(text, '\0', length))
    return mg_fail(MG_ERR_CONFIG, "%s: expected a text file of less than %d bytes", path, FILE_MAX);
  text[length] = '\0';
  return MG_OK;
}

mg_status mg_config_read_file(const char *path, mg_settings *settings) {
  struct stat info;
  if (stat(path, &info) != 0) return mg_fail(MG_ERR_NO_INPUT, "%s: %s", path, strerror(errno));
  /* Before opening: a pipe would block. */
  if (!S_ISREG(info.st_mode)) return mg_fail(MG_ERR_NO_INPUT, "%s: expected a regular file", path);
  FILE *file = fopen(path, "r");
  if (!file) return mg_fail(MG_ERR_NO_INPUT, "%s: %s", path, strerror(errno));
  char *text = malloc(FILE_MAX + 1);
  mg_status status =
      text ? read_all(path, file, text) : mg_fail(MG_ERR_MEMORY, "%s: out of memory", path);
  fclose(file);
  if (status == MG_OK) status = read_text(path, text, OF_FILE, settings);
  free(text);
  return status;
}
