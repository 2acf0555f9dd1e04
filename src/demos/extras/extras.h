/* What a file carries beside observations, actions, rewards and ends: attributes, infos, metadata.
 * A flat list of items in memory, of a whole file or of one episode, in whatever layout. */
#ifndef MG_DEMOS_EXTRAS_H
#define MG_DEMOS_EXTRAS_H

#include "base/status.h"
#include "files/value_type.h"

#include <stdint.h>

enum { MG_EXTRA_MAX_RANK = 8, MG_EXTRAS_MAX_ITEMS = 100000 };

/* path: names joined by '/', relative to the file's root or the episode's group. An attribute has
 * the path of its owner ("" for root or episode itself) and a name; a dataset or a group has its
 * own path and name NULL. Groups come before their members. */
typedef struct mg_extra {
  char *path, *name;
  bool group; /* then without values */
  mg_value_type type;
  int rank; /* 0: a single value; -1: none at all (HDF5's null dataspace) */
  uint64_t dims[MG_EXTRA_MAX_RANK];
  uint64_t count;     /* of values */
  void *values;       /* [count]; texts: char *[count] */
  uint64_t text_size; /* bytes of a text of fixed length; 0: of any length */
  bool ascii;         /* encoding of texts; else UTF-8 */
} mg_extra;

typedef struct mg_extras {
  int64_t count, capacity;
  mg_extra *item;
  uint64_t bytes, max_bytes; /* held, and the most that may be (0: 64 MiB) */
  char *metadata;            /* Nullable: text of Minari's metadata.json */
  bool generated;            /* that text was made by a conversion: another would make it anew */
} mg_extras;

/* Adds an item with memory for its values, zeroed; NULL if memory or the limit is out.
 * name Nullable. The pointer is valid until the next addition. */
mg_extra *mg_extras_add(mg_extras *extras, const char *path, const char *name, mg_value_type type,
                        int rank, const uint64_t *dims);
mg_extra *mg_extras_add_group(mg_extras *extras, const char *path);

/* A text of an item that holds texts <- a copy; false if memory is out. */
bool mg_extra_set_text(mg_extras *extras, mg_extra *item, uint64_t index, const char *text);

/* NULL if there is none of this path and name (name Nullable: a dataset or group). */
const mg_extra *mg_extras_find(const mg_extras *extras, const char *path, const char *name);

/* A single integer; false if it is something else. */
bool mg_extra_integer(const mg_extra *item, int64_t *value);

/* A single number; NaN if it is none. item Nullable. */
double mg_extra_number(const mg_extra *item);

/* A single whole number, as integer or as float; false if it is something else. */
bool mg_extra_whole(const mg_extra *item, int64_t *value);

/* *value <- a number that is whole and that doubles tell from its neighbours; false if not. */
bool mg_is_whole(double number, int64_t *value);

void mg_extras_clear(mg_extras *extras); /* keeps max_bytes */

#endif
