/* What `collect` does, for `report` too. */
#ifndef MG_APP_COLLECT_H
#define MG_APP_COLLECT_H

#include "app/commands/command.h"

/* Writes the runs of words [n], run folders or folders of them, into the file `output`, and a line
 * about it to standard output. Local. What mgail collect --help says of folders and failures; partial:
 * folders that were skipped are none. */
mg_status mg_collect_runs(mg_app *app, int words, const char *const *word, bool partial,
                          const char *output);

#endif
