/* A file of demonstrations as a list of items, good ones to begin with, which tests then make as
 * bad as they like before it is written: everything that HDF5's interface can write is possible,
 * the file's own structure stays whole. Fuzzing and tests/e2e/test_bad_data.sh share it. */
#ifndef MG_TESTS_DEMO_MODEL_H
#define MG_TESTS_DEMO_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DEMO_ITEMS = 192, DEMO_PATH = 128, DEMO_RANK = 6 };

typedef enum demo_kind {
  DEMO_DATASET,
  DEMO_ATTRIBUTE, /* of the object `path`, called `name` */
  DEMO_GROUP,
  DEMO_NAMED_TYPE,
  DEMO_SOFT, /* links to `target` */
  DEMO_HARD,
  DEMO_EXTERNAL, /* to /<target> in the file `text` */
  DEMO_ABSENT,
  DEMO_KINDS
} demo_kind;

/* Those from DEMO_TEXT on are no numbers. */
typedef enum demo_type {
  DEMO_F64,
  DEMO_F32,
  DEMO_I64,
  DEMO_I32,
  DEMO_I8,
  DEMO_BOOL, /* h5py's */
  DEMO_F64BE,
  DEMO_F32BE,
  DEMO_F16,
  DEMO_I16,
  DEMO_I64BE,
  DEMO_U8,
  DEMO_U64,
  DEMO_I13, /* 13 bits of 16 */
  DEMO_TEXT,
  DEMO_FIXED_TEXT,
  DEMO_VLEN,
  DEMO_COMPOUND,
  DEMO_OPAQUE,
  DEMO_BITFIELD,
  DEMO_ARRAY,
  DEMO_REFERENCE,
  DEMO_ENUM_ODD, /* two members, neither of which is 0 */
  DEMO_ENUM_MANY,
  DEMO_TYPES
} demo_type;

typedef enum demo_storage {
  DEMO_CONTIGUOUS,
  DEMO_CHUNKED, /* of `chunk` rows */
  DEMO_COMPACT,
  DEMO_SPARSE,   /* chunked, and only the first chunk is written */
  DEMO_UNSTORED, /* chunked, and nothing is written */
  DEMO_EXTERNAL_DATA,
  DEMO_VIRTUAL,
  DEMO_STORAGES
} demo_storage;

/* A bit each. */
enum {
  DEMO_DEFLATE = 1,
  DEMO_SHUFFLE = 2,
  DEMO_FLETCHER = 4,
  DEMO_NBIT = 8,
  DEMO_SCALE = 16,
  DEMO_FOREIGN = 32 /* of an id that no library has */
};

typedef enum demo_values {
  DEMO_RAMP,
  DEMO_CONSTANT,
  DEMO_LAST,
  DEMO_TRAJECTORIES, /* ends of episodes of this many */
  DEMO_FIRSTS,       /* and their starts, flagged */
  DEMO_STARTS,       /* and by row */
  DEMO_NEXT          /* the ramp from an observation on */
} demo_values;

typedef enum demo_role {
  DEMO_OTHER,
  DEMO_OBSERVATIONS, /* of the first episode, where there is one array each */
  DEMO_ACTIONS,
  DEMO_REWARDS,
  DEMO_ENDS,
  DEMO_EPISODE, /* the group */
  DEMO_LENGTHS,
  DEMO_COUNT /* an attribute: total_steps, num_samples */
} demo_role;

typedef struct demo_item {
  demo_kind kind;
  demo_role role;
  char path[DEMO_PATH], name[64];
  demo_type type;
  int rank; /* 0: a single value; -1: none */
  uint64_t dims[DEMO_RANK];
  demo_storage storage;
  uint64_t chunk;
  unsigned filters;
  demo_values values;
  double constant; /* of DEMO_CONSTANT; `period` of the others */
  int64_t at;      /* there the value is `becomes`; -1: nowhere */
  double becomes;
  char text[DEMO_PATH], target[DEMO_PATH];
} demo_item;

typedef struct demo_model {
  uint64_t most_written; /* entries of a dataset; larger ones are left unwritten */
  int copies;            /* further episodes, groups of links to the members of the first */
  int items;
  demo_item item[DEMO_ITEMS];
} demo_model;

typedef enum demo_layout {
  DEMO_MINARI,
  DEMO_D4RL,
  DEMO_GAIL,
  DEMO_ROBOMIMIC,
  DEMO_LAYOUTS
} demo_layout;

extern const char *const demo_layout_names[DEMO_LAYOUTS];

/* A good file of this layout, of CartPole-v1: `episodes` (1 to 4) of `steps` >= 1. */
void demo_model_make(demo_layout layout, int episodes, uint64_t steps, demo_model *model);

/* NULL if there is none. */
demo_item *demo_model_find(demo_model *model, demo_role role);

/* A new item at the end, or, when it is full, the last. */
demo_item *demo_model_add(demo_model *model, demo_kind kind, const char *path);

/* Entry i of n. */
double demo_item_value(const demo_item *item, uint64_t i, uint64_t n);

/* The file as bytes, to be freed; what cannot be written is left out. NULL if nothing was. */
void *demo_model_write(const demo_model *model, size_t *size);

#endif
