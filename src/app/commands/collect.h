/* What `collect` and `report` do, for other commands too. */
#ifndef MG_APP_COLLECT_H
#define MG_APP_COLLECT_H

#include "app/commands/command.h"

/* Writes the runs of words [n], run folders or folders of them, into the file `output`, and a line
 * about it to standard output. Local. What mgail collect --help says of folders and failures; partial:
 * folders that were skipped are none. */
mg_status mg_collect_runs(mg_app *app, int words, const char *const *word, bool partial,
                          const char *output);

/* The same of folders [n]; one with a reason is not read, but skipped with that sentence, and without a
 * warning, for whoever gives it knows. */
typedef struct mg_collect_folder {
  const char *path, *reason; /* reason: Nullable */
} mg_collect_folder;
mg_status mg_collect_folders(mg_app *app, int n, const mg_collect_folder *folder,
                             const char *output);

/* The report of a collected file into a folder, as mgail report makes it without further options. */
mg_status mg_report_make(mg_app *app, const char *collected, const char *folder);

#endif
