/* What other layouts have no place for, kept in their HDF5 files below metadata/minari, so that
 * nothing is lost on the way there and back.
 *
 *   metadata/minari/metadata.json        the text beside Minari's file
 *   metadata/minari/episode_K            attributes of the episode
 *   metadata/minari/episode_K/whole/...  its members that the layout has no place for
 *   metadata/minari/episode_K/final/...  the last row of an array of one row more than steps
 *   metadata/minari/episode_K/absent     names of columns that this episode lacks
 *
 * Attributes and members of the root stay where they are. */
#ifndef MG_DEMOS_LAYOUT_KEEP_H
#define MG_DEMOS_LAYOUT_KEEP_H

#include "demos/extras/h5_extras.h"
#include "demos/layouts/layout.h"

/* Root and metadata.json; false if writing failed. */
bool mg_keep_write_file(mg_sink *sink, const mg_extras *extras);

/* Attributes and, whole, members of the next episode. Nothing is written for an episode that has no
 * more than id and total_steps as they would be given anyway. */
bool mg_keep_write_episode(const mg_sink *sink, int64_t steps, const mg_extras *extras);

/* The group of the next episode, made where it is missing; to be closed. */
hid_t mg_keep_episode_group(const mg_sink *sink);

/* One item under `whole` or `final`. */
bool mg_keep_write_item(hid_t episode, const char *folder, const mg_extra *item);

/* Root without the layout's own names, marks, and what is kept. */
mg_status mg_keep_read_file(mg_dataset_file *f, mg_h5_skip skip, const void *user, mg_extras *x);

/* Attributes and whole members of episode k. */
mg_status mg_keep_read_episode(mg_dataset_file *f, int64_t k, mg_extras *x);

/* metadata/minari itself: made where it is missing, or < 0 if it is. To be closed. */
hid_t mg_keep_make(const mg_sink *sink);
hid_t mg_keep_open(const mg_dataset_file *file);

/* The group of episode k, < 0 if nothing was kept. To be closed. */
hid_t mg_keep_open_episode(const mg_dataset_file *file, int64_t k);

#endif
