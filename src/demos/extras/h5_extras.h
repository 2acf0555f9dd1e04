/* Extras (extras.h) out of HDF5 groups and into them.
 *
 * Files come from strangers: what data sets may be, extras may be: hard links, storage within the
 * file, the filters of files/h5_array.h; plain numbers, booleans and texts of rank 8 at most. What
 * is something else is left out with a remark. */
#ifndef MG_DEMOS_H5_EXTRAS_H
#define MG_DEMOS_H5_EXTRAS_H

#include "demos/demo_file.h"
#include "files/h5_value.h"

/* True for a member or an attribute of the top group that is not to be taken. */
typedef bool (*mg_h5_skip)(const void *user, const char *name);

/* Such a one: its user is a NULL-terminated list of names. */
bool mg_h5_skip_names(const void *names, const char *name);

/* Adds the attributes of `group` and, if `members`, all that is below it. `where` is what sentences
 * call the group; path is its own in the extras ("" for root or episode). skip Nullable. */
mg_status mg_h5_extras_read(mg_dataset_file *file, hid_t group, const char *where, const char *path,
                            bool members, mg_h5_skip skip, const void *user, mg_extras *extras);

/* One dataset with its attributes. Nothing is added (and that remarked on) if it is not allowed. */
mg_status mg_h5_extras_read_dataset(mg_dataset_file *file, hid_t group, const char *name,
                                    const char *where, const char *path, mg_extras *extras);

/* The marks that converted files carry as attributes of the root, and so the next reader knows. */
extern const char MG_MARK_FINAL_REPEATED[], MG_MARK_NO_REWARDS[];
void mg_h5_read_marks(mg_dataset_file *file);
bool mg_h5_write_marks(hid_t file, const mg_form *form);
bool mg_h5_is_mark(const char *name);

/* Writes all items; false if that failed. */
bool mg_h5_extras_write(hid_t group, const mg_extras *extras);

/* One item as attribute or dataset `name` of `object`. */
bool mg_h5_extra_write_attribute(hid_t object, const mg_extra *item);
bool mg_h5_extra_write_dataset(hid_t group, const char *path, const mg_extra *item);

#endif
