/* Whether two HDF5 files hold the same: members, types, dimensions, values, attributes. */
#ifndef MG_TESTS_H5_SAME_H
#define MG_TESTS_H5_SAME_H

#include <stdbool.h>
#include <stddef.h>

/* what [capacity] <- the first difference, by its path; "" if there is none. */
bool h5_same(const char *a, const char *b, char *what, size_t capacity);

#endif
