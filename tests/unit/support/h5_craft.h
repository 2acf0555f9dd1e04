/* Small expert files, good ones and crafted ones, for tests of the reader. */
#ifndef MG_TESTS_H5_CRAFT_H
#define MG_TESTS_H5_CRAFT_H

#include <hdf5.h>

enum { CRAFT_STEPS = 3, CRAFT_OBSERVATION = 2, CRAFT_ACTION = 1 };

/* The type of float16; to be closed. */
hid_t craft_half(void);

/* A dataset of this file type, [rows] or [rows, columns] (columns > 0), entries 0, 1, 2, ... times
 * 0.5; replaces one of that name. `creation` Nullable (0). */
void craft_array(hid_t group, const char *name, hid_t type, hsize_t rows, hsize_t columns,
                 hid_t creation);

/* The same from values given. */
void craft_values(hid_t group, const char *name, hid_t type, hsize_t rows, hsize_t columns,
                  const double *values);

/* The same of up to three dimensions (dims [rank]). */
void craft_block(hid_t group, const char *name, hid_t type, int rank, const hsize_t *dims,
                 const double *values);

/* "episode_<k>" with attribute id: observations [steps+1, 2] float64, actions [steps, 1] float32,
 * rewards [steps] of `reward`, terminations and truncations [steps] int8, the last terminated. */
void craft_episode(hid_t file, int k, int64_t id, hsize_t steps, double reward);

void craft_id(hid_t group, int64_t id);

/* An attribute. */
void craft_text(hid_t object, const char *name, const char *text);

/* A new file with episode_0 (id 0); the caller closes it. */
hid_t craft_file(const char *path);

#endif
