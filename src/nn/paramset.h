/* Named slices of one flat vector: all networks of a run live in one block, so that a
 * synchronisation is one allreduce and a checkpoint one array.
 *
 *   theta = [ policy | value | discriminator | forward_model ] */
#ifndef MG_NN_PARAMSET_H
#define MG_NN_PARAMSET_H

#include "base/arena.h"
#include "math/real.h"

enum { MG_PARAMSET_MAX = 8 };

typedef struct mg_slice {
  char name[24];
  size_t offset, size;
} mg_slice;

typedef struct mg_paramset {
  int slices;
  mg_slice slice[MG_PARAMSET_MAX];
  size_t size;       /* of all slices, padding included */
  mg_real *theta;    /* [size], and what the caller has behind it */
  mg_real *gradient; /* [size] */
} mg_paramset;

/* n rounded up to what a vector begins at: 16 entries. */
size_t mg_paramset_padded(size_t n);

/* Declare the slices first (each offset is padded; size 0 is allowed), then allocate once. Returns the
 * slice's index. */
int mg_paramset_add(mg_paramset *set, const char *name, size_t size);

/* behind: entries for the caller behind theta, for what is averaged together with it. */
void mg_paramset_allocate(mg_paramset *set, size_t behind, mg_arena *arena);

mg_real *mg_paramset_theta(const mg_paramset *set, int slice);
mg_real *mg_paramset_gradient(const mg_paramset *set, int slice);

#endif
