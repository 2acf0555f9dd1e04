#include "nn/paramset.h"

#include <assert.h>
#include <string.h>

size_t mg_paramset_padded(size_t n) {
  enum { ALIGNMENT = 16 };
  return (n + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

int mg_paramset_add(mg_paramset *set, const char *name, size_t size) {
  assert(set->slices < MG_PARAMSET_MAX && !set->theta);
  mg_slice *slice = &set->slice[set->slices];
  assert(strlen(name) < sizeof slice->name);
  strncpy(slice->name, name, sizeof slice->name - 1);
  slice->offset = set->size;
  slice->size = size;
  set->size += mg_paramset_padded(size);
  return set->slices++;
}

void mg_paramset_allocate(mg_paramset *set, size_t behind, mg_arena *arena) {
  set->theta = MG_NEW(arena, mg_real, set->size + behind);
  set->gradient = MG_NEW(arena, mg_real, set->size);
}

mg_real *mg_paramset_theta(const mg_paramset *set, int slice) {
  assert(0 <= slice && slice < set->slices);
  return set->theta + set->slice[slice].offset;
}

mg_real *mg_paramset_gradient(const mg_paramset *set, int slice) {
  assert(0 <= slice && slice < set->slices);
  return set->gradient + set->slice[slice].offset;
}
