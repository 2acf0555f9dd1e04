/* A sweep file as it is written: which runs there are, in INI.
 *
 *   [sweep]                    preset = ../experiments/{task}-{method}.ini   name = {task}-{method}-s{run.seed}
 *   [axes]                     task = hopper, ant   method = mgail, bc   run.seed = 1..5
 *   [set]                      data.expert = ../build/demonstrations/{task}.h5
 *   [set method=none]          discriminator.updates = 0
 *   [exclude]                  when = method=bc run.seed=4..5
 *   [resources]                ranks = 4   minutes = 240   pack = 1   sbatch = --mem-per-cpu=1G
 *
 * Every combination of the axes' values is a run, but for excluded ones. An axis is a setting
 * ("run.seed") or a name that is used in braces or in a condition. A heading may hold a condition, for
 * the runs it fits; of two entries that fit the later one holds. Not by libinih, which cuts headings
 * at 50 bytes. Local. */
#ifndef MG_APP_SWEEP_FILE_H
#define MG_APP_SWEEP_FILE_H

#include "app/sweep/sweep_values.h"
#include "files/safe_file.h"

typedef enum mg_sweep_section {
  MG_SWEEP_SWEEP,
  MG_SWEEP_AXES,
  MG_SWEEP_SET,
  MG_SWEEP_EXCLUDE,
  MG_SWEEP_RESOURCES,
  MG_SWEEP_SECTIONS
} mg_sweep_section;

typedef struct mg_sweep_entry {
  mg_sweep_section section;
  const char *when; /* the heading's condition, "" if it has none */
  const char *key, *value;
  int line; /* 0: not of the file, but given by --set */
} mg_sweep_entry;

enum { MG_SWEEP_ENTRIES_MAX = 512, MG_SWEEP_GIVEN_MAX = 64 };

typedef struct mg_sweep_file {
  char path[MG_PATH_MAX];
  char *text; /* what the entries point into */
  int given;  /* of mg_sweep_file_set */
  const char *assignment[MG_SWEEP_GIVEN_MAX];
  char *word[MG_SWEEP_GIVEN_MAX]; /* copies, cut into keys and values */
  int entries;
  mg_sweep_entry entry[MG_SWEEP_ENTRIES_MAX];
  int axes; /* different keys of [axes], in the order in which they first appear */
  char axis[MG_SWEEP_AXES_MAX][MG_SWEEP_AXIS_MAX];
  mg_sweep_values values[MG_SWEEP_AXES_MAX]; /* all that any entry gives the axis */
} mg_sweep_file;

/* A setting for every run, "section.key=value", as if it stood at the end of the file. Before the file
 * is read; kept, not copied. */
mg_status mg_sweep_file_set(mg_sweep_file *file, const char *assignment);

/* *file: {0}, or what mg_sweep_file_set left. MG_ERR_NO_INPUT; MG_ERR_CONFIG with file and line for what is not of this form: unknown sections
 * and keys, keys given twice, axes that are used nowhere, conditions on axes or values that there are
 * not. To be freed whatever is returned. */
mg_status mg_sweep_file_read(const char *path, mg_sweep_file *file);
void mg_sweep_file_free(mg_sweep_file *file);

/* The last entry of this section and key that fits the point; NULL if none does. */
mg_status mg_sweep_file_find(const mg_sweep_file *file, mg_sweep_section section, const char *key,
                             const mg_sweep_point *point, const mg_sweep_entry **found);

/* MG_ERR_CONFIG unless each word of the condition names one of the axes [axes], and values it has. */
mg_status mg_sweep_condition_check(const char *condition, int axes, char (*axis)[MG_SWEEP_AXIS_MAX],
                                   const mg_sweep_values *values);

/* The sentence of the last failure with "<file>:<line>: " in front. */
mg_status mg_sweep_file_fail(const mg_sweep_file *file, const mg_sweep_entry *entry,
                             mg_status status);

#endif
