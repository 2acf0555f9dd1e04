/* What an exported C file is read by, for its check and tests. */
#ifndef MG_APP_EXPORT_FORMAT_C_H
#define MG_APP_EXPORT_FORMAT_C_H

#include <stdbool.h>
#include <stdint.h>

/* values [n] <- the constants of array `name` [n] in a text; false if they are not there. */
bool mg_c_constants(const char *text, const char *name, uint64_t n, double *values);

#endif
