/* A layout: how demonstrations stand in a file. One file a layout, one row in layouts.c.
 *
 * Reading: `recognise` looks at content, never at names; `open` checks the headers of all episodes
 * (file->form, file->episode, ...) and reads no observations; `load` reads one episode. Writing:
 * `create`, `append` one episode after the other, `finish`. What a file carries beside (extras.h)
 * goes along where the layout has a place for it. */
#ifndef MG_DEMOS_LAYOUT_H
#define MG_DEMOS_LAYOUT_H

#include "demos/demo_file.h"

/* A file being written. */
typedef struct mg_sink {
  const char *path; /* of the temporary file, also for sentences */
  const char *name; /* of the file to be: data sets are called after it */
  const struct mg_layout *layout;
  mg_form form;
  int64_t expected, longest; /* episodes to come, and steps of the longest */
  int64_t expected_steps;    /* of all */
  int64_t episodes, steps;   /* so far */
  void *state;               /* the layout's own */
  hid_t file;                /* HDF5; -1: none */
  char *metadata;            /* after finish, Nullable: text for Minari's metadata.json */
} mg_sink;

typedef struct mg_layout {
  const char *name;   /* for --to */
  const char *ending; /* of file names */
  const char *signs;  /* what recognise looks for, for sentences */
  bool hdf5;          /* file->file and sink->file are open */

  bool (*recognise)(const mg_dataset_file *file);
  mg_status (*open)(mg_dataset_file *file);
  mg_status (*load)(mg_dataset_file *file, int64_t k, mg_trajectory *trajectory);
  mg_status (*extras)(mg_dataset_file *file, mg_extras *extras);                    /* Nullable */
  mg_status (*episode_extras)(mg_dataset_file *file, int64_t k, mg_extras *extras); /* Nullable */
  void (*close)(mg_dataset_file *file);                                             /* Nullable */

  mg_status (*create)(mg_sink *sink, const mg_extras *extras);
  mg_status (*append)(mg_sink *sink, const mg_trajectory *trajectory, const mg_extras *extras);
  mg_status (*finish)(mg_sink *sink); /* Nullable */
  void (*discard)(mg_sink *sink);     /* Nullable: frees state, after finish or a failure */
} mg_layout;

extern const mg_layout mg_layout_minari, mg_layout_d4rl, mg_layout_gail, mg_layout_robomimic,
    mg_layout_sb2, mg_layout_imitation;

/* NULL-terminated, in the order in which they are tried. */
extern const mg_layout *const mg_layouts[];

/* By name; MG_ERR_USAGE with the names there are. */
mg_status mg_layout_find(const char *name, const mg_layout **layout);

/* By a file name's ending: .npz gives the first of that ending, all others Minari's. */
const mg_layout *mg_layout_of_name(const char *path);

mg_status mg_sink_create(mg_sink *sink, const mg_extras *extras);
mg_status mg_sink_append(mg_sink *sink, const mg_trajectory *trajectory, const mg_extras *extras);
/* Finishes if `keep`, closes, frees. The metadata stay with the caller, to be freed. */
mg_status mg_sink_close(mg_sink *sink, bool keep);

#endif
