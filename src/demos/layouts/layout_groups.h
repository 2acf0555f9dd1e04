/* What layouts share that have a group for each episode, called by a prefix and a number. */
#ifndef MG_DEMOS_LAYOUT_GROUPS_H
#define MG_DEMOS_LAYOUT_GROUPS_H

#include "demos/layouts/layout_arrays.h"

/* The prefix and 1 to 18 digits. */
bool mg_groups_is_name(const char *prefix, const char *name);

/* True if a member of `parent` is called so. */
bool mg_groups_found(hid_t parent, const char *prefix);

/* A new episode for each such member, with its name and, as id, its number. `where` is what
 * sentences call the parent. */
mg_status mg_groups_collect(mg_dataset_file *file, hid_t parent, const char *where,
                            const char *prefix);

/* Opens `name`, which has to be a group of this file; to be closed, if it was opened. */
mg_status mg_groups_open(const mg_dataset_file *file, hid_t parent, const char *where,
                         const char *name, hid_t *group);

/* Does `body` with an episode's group open. */
typedef mg_status (*mg_groups_body)(mg_dataset_file *file, mg_episode *episode, hid_t group,
                                    void *user);
mg_status mg_groups_visit(mg_dataset_file *file, hid_t parent, int64_t k, mg_groups_body body,
                          void *user);

/* The same with the groups of all episodes: each is broken until `body` says that it is not, and
 * one that cannot be opened is a problem of the file. */
mg_status mg_groups_check(mg_dataset_file *file, hid_t parent, mg_groups_body body);

/* An attribute that is one whole number, as integer or, as Python's division leaves it, as float. */
bool mg_groups_read_whole(hid_t group, const char *attribute, int64_t *value);

/* The attribute that tells an episode's steps, if there is one, agrees with its actions. */
mg_status mg_groups_check_steps(mg_dataset_file *file, const mg_episode *episode, hid_t group,
                                const char *attribute);

/* values [rows, columns] <- an array whose header was checked. *got is false where it is not of
 * this shape: then the file changed, or, while problems are collected, it was told of. */
mg_status mg_groups_read(mg_dataset_file *file, const mg_episode *episode, hid_t group,
                         const char *name, const mg_array_use *use, int64_t rows, int columns,
                         double *values, bool *got);

/* What an episode carries beside its `known` members (NULL-terminated names). */
mg_status mg_groups_extras(mg_dataset_file *file, hid_t parent, int64_t k, const char *const *known,
                           mg_extras *extras);

#endif
