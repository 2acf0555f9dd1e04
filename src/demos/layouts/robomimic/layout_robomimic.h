/* Parts of robomimic's layout. */
#ifndef MG_DEMOS_LAYOUT_ROBOMIMIC_H
#define MG_DEMOS_LAYOUT_ROBOMIMIC_H

#include "demos/layouts/layout_groups.h"

enum { ROBOMIMIC_MAX_KEYS = 64, ROBOMIMIC_MAX_KEY = 64 };

typedef struct mg_robomimic {
  hid_t data;
  int keys; /* those of obs that are vectors */
  char key[ROBOMIMIC_MAX_KEYS][ROBOMIMIC_MAX_KEY];
  int width[ROBOMIMIC_MAX_KEYS];
  double *scratch; /* one key of the longest episode */
} mg_robomimic;

/* Keys and form, from the group of the first episode; what is no vector, as images are, is remarked
 * and passed over. */
mg_status mg_robomimic_find_keys(mg_dataset_file *file, const mg_episode *first, hid_t demo);

/* Marks what mask/<name> does not list; MG_ERR_DATA if there is no such list. */
mg_status mg_robomimic_mask(mg_dataset_file *file, const char *name);

/* Of lists that were not asked for. */
void mg_robomimic_remark_masks(mg_dataset_file *file);

extern const mg_layout_writer mg_robomimic_writer;

#endif
