/* Settings as the command line gives them: defaults or a checkpoint's, then --config files, then
 * --set and the shorthands in their order. */
#ifndef MG_APP_SETTINGS_ARGS_H
#define MG_APP_SETTINGS_ARGS_H

#include "algo/settings.h"
#include "app/options.h"

/* options [room] <- --config, --set and the table's shorthands, ended by a row without a name. */
void mg_settings_options(mg_option *options, int room);

/* Applies what was given to *settings and checks what the table cannot: the algorithm's name.
 * MG_ERR_CONFIG, MG_ERR_NO_INPUT, MG_ERR_USAGE. */
mg_status mg_settings_apply(const mg_args *args, mg_settings *settings);

#endif
