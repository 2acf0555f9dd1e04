/* What `mgail info` tells of where a recorded data set comes from. */
#ifndef MG_APP_INFO_INFO_ORIGIN_H
#define MG_APP_INFO_INFO_ORIGIN_H

#include "demos/recording/origin.h"

/* Some lines to standard output; none where the file does not tell. */
void mg_info_origin_print(const mg_dataset_origin *origin);

#endif
