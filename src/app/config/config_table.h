/* Every setting of a run in one table: the parser, --set and the shorthands, --help, the dump, the
 * pages of the manual, what a resumed run may change and what makes runs alike all come from it. A new
 * setting is a field of mg_settings and a row here. */
#ifndef MG_APP_CONFIG_TABLE_H
#define MG_APP_CONFIG_TABLE_H

#include "algo/settings.h"
#include "base/status.h"
#include "envs/env.h"

#include <stddef.h>
#include <stdio.h>

typedef enum mg_config_type {
  MG_CONFIG_INT,     /* int */
  MG_CONFIG_INT64,   /* int64_t */
  MG_CONFIG_NUMBER,  /* double */
  MG_CONFIG_SWITCH,  /* bool: on, off */
  MG_CONFIG_CHOICE,  /* int: index into choices */
  MG_CONFIG_TEXT,    /* char[max] */
  MG_CONFIG_LAYERS,  /* mg_layers: widths, "64,64"; "none" */
  MG_CONFIG_ARGUMENT /* char[MG_ENV_OPTION_MAX]: of the task (envs/env_options.h); "": its own */
} mg_config_type;

typedef struct mg_config_row {
  const char *section, *key, *name; /* name: "section.key" */
  size_t offset;                    /* in mg_settings */
  const char *fallback;             /* the default, as one would write it */
  double min, max;                  /* both allowed; of a text: unused and its capacity in bytes */
  const char *unit;                 /* "" if it has none */
  const char *const *choices;       /* NULL-terminated, of a choice */
  const char *help;
  const char *option; /* there is --KEY as a shorthand: what its value is called; else NULL */
  mg_config_type type;
  bool resumable;  /* may change on --resume: the curves so far keep their meaning. run.steps and
                         bc.epochs stretch the learning rates' way from there on */
  bool incidental; /* runs that differ in it alone are of the same settings (collection.h) */
  bool path;       /* a text that names a file: in a settings file, beside that (data_path.h) */
} mg_config_row;

/* Ends with a row whose section is NULL; rows of a section stand together. */
extern const mg_config_row mg_config_table[];

/* NULL if there is none. */
const mg_config_row *mg_config_find(const char *section, const char *key);

/* One line about a section, for headings. */
const char *mg_config_section_help(const char *section);

/* ---- one value (config_value.c) ---- */

enum { MG_CONFIG_VALUE_MAX = 181 }; /* bytes of a value as text, final 0 included */

/* MG_ERR_CONFIG naming key, value and what is expected; settings are unchanged then. */
mg_status mg_config_set_row(const mg_config_row *row, const char *value, mg_settings *settings);

/* The value as one would write it. */
void mg_config_format(const mg_config_row *row, const mg_settings *settings,
                      char text[MG_CONFIG_VALUE_MAX]);

/* "0 to 1", "on, off", "mgail|ppo", "path": what may be written. */
void mg_config_expected(const mg_config_row *row, char *text, size_t capacity);

/* ---- all of them ---- */

mg_settings mg_config_defaults(void);

/* section and key by name: MG_ERR_CONFIG with the nearest if there is none (config_parse.c). */
mg_status mg_config_set(const char *section, const char *key, const char *value,
                        mg_settings *settings);

/* "section.key=value", as --set takes it. */
mg_status mg_config_assign(const char *assignment, mg_settings *settings);

/* An INI file, or a text of that form; each key at most once. The sentence of an error begins with
 * "<name>:<line>: ". MG_ERR_NO_INPUT if the file is not there or not a regular file. */
mg_status mg_config_read_file(const char *path, mg_settings *settings);
mg_status mg_config_read_text(const char *name, const char *text, mg_settings *settings);

/* The settings inside a checkpoint: keys that earlier releases had, and this one has not, are
 * passed over. */
mg_status mg_config_read_saved(const char *name, const char *text, mg_settings *settings);

/* ---- showing (config_dump.c) ---- */

enum { MG_CONFIG_TEXT_MAX = 16384 };

/* All settings as an INI file that reads back to the same; bytes written, final 0 not counted. */
size_t mg_config_to_text(const mg_settings *settings, char text[MG_CONFIG_TEXT_MAX]);

/* The table for people: plain for --help, with the arguments of one task and their defaults under
 * [env]. */
void mg_config_print_help(const char *task, FILE *to);

/* True where a section begins in the table. */
bool mg_config_begins_section(const mg_config_row *row);

/* The default as people read it. An argument's is the task's: of env, which is Nullable. False if
 * that task has no such argument. */
bool mg_config_default(const mg_config_row *row, const mg_env *env, char text[MG_CONFIG_VALUE_MAX]);

/* "default 1; a whole number, 0 to 9; --seed; may change on --resume". As mg_config_default. */
bool mg_config_describe(const mg_config_row *row, const mg_env *env, char *text, size_t capacity);

#endif
