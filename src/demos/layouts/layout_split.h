/* Where episodes end in layouts whose rows follow one another without a break. */
#ifndef MG_DEMOS_LAYOUT_SPLIT_H
#define MG_DEMOS_LAYOUT_SPLIT_H

#include "demos/layouts/layout.h"

/* What a file tells of a row; any of them may be wrong or missing. */
enum {
  MG_CLUE_TERMINAL = 1, /* the task ended the episode there */
  MG_CLUE_TIMEOUT = 2,  /* the time limit did */
  MG_CLUE_END = 4,      /* something did: the next row begins one, or there is none */
  MG_CLUE_BREAK = 8     /* the state that followed is not that of the next row */
};

/* Adds MG_CLUE_BREAK to clue [rows] where it belongs. */
typedef mg_status (*mg_find_breaks)(mg_dataset_file *file, uint8_t *clue);

/* Episodes <- the stretches of rows up to each end, weighing what there is. clue [rows] holds the
 * marks that the layout has; the last row ends the last episode, truncated if nothing else is said.
 *
 * Marks are believed, unless they are none at all beside terminals, or leave an episode that is
 * longer than the task's time limit: then breaks count too (find_breaks, Nullable: the layout has
 * no next observations), and where there are neither, the time limit itself. What was weighed is
 * remarked, and a last episode that the file may end in. MG_ERR_DATA where the outcome cannot be: breaks at most rows and nothing else to go by,
 * or an end at nearly every row. */
mg_status mg_layout_split(mg_dataset_file *file, int64_t rows, uint8_t *clue,
                          mg_find_breaks find_breaks);

#endif
