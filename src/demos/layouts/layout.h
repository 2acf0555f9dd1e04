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
  int64_t episodes, steps;   /* so far */
  mg_content content;        /* of these */
  void *state;               /* the layout's own */
  hid_t file;                /* HDF5; -1: none */
  char *metadata;            /* after finish, Nullable: text for Minari's metadata.json */
} mg_sink;

typedef struct mg_layout_reader {
  size_t state; /* bytes of file->state: zeroed before open, freed after close */
  bool (*recognise)(const mg_dataset_file *file);
  mg_status (*open)(mg_dataset_file *file);
  mg_status (*load)(mg_dataset_file *file, int64_t k, mg_trajectory *trajectory);
  mg_status (*extras)(mg_dataset_file *file, mg_extras *extras);                    /* Nullable */
  mg_status (*episode_extras)(mg_dataset_file *file, int64_t k, mg_extras *extras); /* Nullable */
  void (*close)(mg_dataset_file *file); /* Nullable; also after an open that failed */
  /* Nullable: the file may list episodes by a name: `unlisted` <- those not on the list. */
  mg_status (*mask)(mg_dataset_file *file, const char *name);
} mg_layout_reader;

typedef struct mg_layout_writer {
  size_t state; /* bytes of sink->state: zeroed before create, freed after discard */
  mg_status (*create)(mg_sink *sink, const mg_extras *extras);
  mg_status (*append)(mg_sink *sink, const mg_trajectory *trajectory, const mg_extras *extras);
  mg_status (*finish)(mg_sink *sink); /* Nullable */
  void (*discard)(mg_sink *sink);     /* Nullable; after finish or a failure */
} mg_layout_writer;

typedef struct mg_layout {
  const char *name;   /* for --to */
  const char *ending; /* of file names */
  const char *signs;  /* what recognise looks for, for sentences */
  bool hdf5;          /* file->file and sink->file are open */
  bool metadata;      /* metadata.json stands beside */
  const mg_layout_reader *read;
  const mg_layout_writer *write; /* Nullable: read only */
} mg_layout;

/* NULL-terminated, in the order in which they are tried. */
extern const mg_layout *const mg_layouts[];

/* One to write, by name; MG_ERR_USAGE with the names there are. */
mg_status mg_layout_find(const char *name, const mg_layout **layout);

/* By a file name's ending: .npz gives the first of that ending, all others Minari's. */
const mg_layout *mg_layout_of_name(const char *path);

mg_status mg_sink_create(mg_sink *sink, const mg_extras *extras);
mg_status mg_sink_append(mg_sink *sink, const mg_trajectory *trajectory, const mg_extras *extras);
/* Finishes if `keep`, closes, frees. The metadata stay with the caller, to be freed. */
mg_status mg_sink_close(mg_sink *sink, bool keep);

/* ---- for layouts ---- */

/* MG_OK, or why HDF5 did not write. */
mg_status mg_sink_wrote(const mg_sink *sink, bool ok);

/* form.env_id <- the task that an HDF5 file's attributes, or else the metadata beside it, name. */
bool mg_layout_find_env_id(mg_dataset_file *file);

/* Where ends are not stored: an episode as long as the task's time limit, or, where that is not
 * known, of `longest` steps, is truncated, a shorter one terminated. */
void mg_layout_guess_ends(mg_dataset_file *file, int64_t longest);

/* Loads an episode from its parts: `read` gets the values of one, MG_PART_FINAL being the last
 * observation if that is known (and did not come with the others). Ends are those of the episode;
 * `actions` is what sentences call them. */
typedef enum mg_part {
  MG_PART_OBSERVATIONS,
  MG_PART_ACTIONS,
  MG_PART_REWARDS,
  MG_PART_FINAL
} mg_part;
typedef mg_status (*mg_part_reader)(mg_dataset_file *file, const mg_episode *episode, mg_part part,
                                    double *values);
mg_status mg_layout_load_parts(mg_dataset_file *file, int64_t k, const char *actions,
                               mg_part_reader read, mg_trajectory *trajectory);

#endif
