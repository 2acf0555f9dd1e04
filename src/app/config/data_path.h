/* Where the demonstrations are: paths of the settings (rows of the table with `path`), and what to
 * do where there are none. Local. */
#ifndef MG_APP_DATA_PATH_H
#define MG_APP_DATA_PATH_H

#include "algo/settings.h"
#include "app/options.h"

/* path [MG_SETTING_PATH_MAX] <- what `value`, a path in the settings file `file`, stands for: a
 * relative one is beside that file; where nothing is there, but in the current directory, it is
 * that (files of 0.1.0). As it is where it is absolute, empty or too long. */
void mg_data_path_beside(const char *file, const char *value, char path[MG_SETTING_PATH_MAX]);

/* Makes data.expert absolute, so that a run can be read and resumed from anywhere; a path that the
 * settings would not hold then stays as it is. */
void mg_data_path_absolute(mg_settings *settings);

/* MG_ERR_NO_INPUT where the method imitates and the demonstrations that a --config file of the
 * arguments names are missing: with the command that makes them. */
mg_status mg_data_path_check(const mg_args *args, const mg_settings *settings);

#endif
