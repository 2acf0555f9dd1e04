/* What a run imitates, for its files. */
#ifndef MG_APP_DEMONSTRATIONS_H
#define MG_APP_DEMONSTRATIONS_H

#include "algo/expert.h"
#include "base/status.h"

#include <cjson/cJSON.h>

/* text <- "fnv1a:0123456789abcdef" of the pairs that are used, bit for bit; "" where expert is
 * NULL. */
void mg_demonstrations_checksum(const mg_expert *expert, char text[32]);

/* {file, checksum, available, skipped, skipped_episodes (their names, if any), trajectories, ids, return {mean, sd, min, max}, steps, pairs,
 * validation_pairs, action_entries, action_entries_outside, clipped}. The caller frees it. */
cJSON *mg_demonstrations_json(const mg_expert *expert);

/* The same as one line; "" where expert is NULL. To be freed. MG_ERR_MEMORY. */
mg_status mg_demonstrations_text(const mg_expert *expert, char **text);

#endif
