/* Which trajectories of a file are held. */
#ifndef MG_DEMOS_CHOOSE_H
#define MG_DEMOS_CHOOSE_H

#include "demos/dataset.h"
#include "demos/demo_file.h"

/* chosen [0..*count) <- indices into file->episode, ascending by id. chosen has room for all. Needs
 * total_reward for MG_CHOICE_BEST and by_return. MG_ERR_DATA when there are fewer candidates than
 * asked for. */
mg_status mg_dataset_choose(const mg_dataset_file *file, const mg_dataset_options *options,
                            int64_t *chosen, int64_t *count);

#endif
