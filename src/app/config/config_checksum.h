/* The settings of a run in its folder, behind a checksum: config.ini alone says what the run was, and
 * a digit of it that is damaged is another setting. */
#ifndef MG_APP_CONFIG_CHECKSUM_H
#define MG_APP_CONFIG_CHECKSUM_H

#include "app/config/config_table.h"

/* A comment with the checksum, and what mg_config_to_text gives. */
enum { MG_CONFIG_SEALED_MAX = MG_CONFIG_TEXT_MAX + 64 };
void mg_config_seal(const mg_settings *settings, char text[MG_CONFIG_SEALED_MAX]);

/* MG_ERR_DATA: the file is not what was written. One of release 0.1.0 has no checksum, and passes. */
mg_status mg_config_check_seal(const char *path);

#endif
