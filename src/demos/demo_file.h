/* The episodes of one expert file, in whatever layout, as the child process sees them. */
#ifndef MG_DEMOS_DEMO_FILE_H
#define MG_DEMOS_DEMO_FILE_H

#include "base/trajectory.h"
#include "demos/describe.h"
#include "demos/extras/extras.h"
#include "demos/judge/content.h"
#include "demos/judge/task.h"
#include "files/value_type.h"

#include <hdf5.h>

struct mg_layout;

enum { MG_SKIPPED_MAX = 256 };

typedef struct mg_episode {
  char name[32]; /* in the file, for sentences: "episode_7", "demo_7", "row 1000" */
  int64_t id, steps;
  int64_t place;       /* where the layout finds it: an index, or the first row */
  double total_reward; /* this and the next: once loaded */
  bool terminated, truncated;
  bool broken;   /* while problems are collected: has one that bars loading */
  bool left_out; /* is bad and passed over */
  bool unlisted; /* not one of those that access.mask names */
} mg_episode;

/* What all episodes of a file share. */
typedef struct mg_form {
  char env_id[64]; /* "" if unknown */
  int observation_size;
  int action_size; /* discrete: 1 */
  bool discrete;
  int action_rank; /* of the stored array of one episode: [T] or [T,m] */
  mg_value_type observation_type, action_type, reward_type;
  bool final_observation; /* s_T is known; else its place repeats s_{T-1} */
  bool rewards;           /* else they are zeros */
  int choices;            /* discrete, if known; else 0 */
} mg_form;

/* Is told of remarks; and of problems where all of them are wanted, which else end the reading. */
typedef void (*mg_found)(void *user, mg_note_kind kind, const char *sentence);

typedef struct mg_dataset_access {
  uint64_t max_bytes;          /* of all episodes in memory */
  uint64_t max_episode_bytes;  /* of one, and of one chunk; 0: as max_bytes */
  int64_t max_steps;           /* the task's time limit; 0: that of `task`, or unknown */
  const mg_dataset_task *task; /* Nullable: what to compare with */
  bool any_form;               /* where sizes and names do not fit, that is remarked, not refused */
  const char *mask;            /* Nullable, "": all; else the episodes that the file lists so */
  bool strict;                 /* refuse what is read past in training: ends marked in the middle */
  bool collect;                /* problems go to `found` and the reading goes on */
  bool skip_bad;               /* episodes with problems are passed over, and `found` is told */
  const char *hint; /* Nullable: goes behind a sentence that skip_bad would have spared */
  mg_found found;   /* Nullable */
  void *user;
} mg_dataset_access;

typedef struct mg_dataset_file {
  const char *path; /* for sentences */
  mg_dataset_access access;
  uint64_t max_bytes; /* = access.max_bytes */
  const struct mg_layout *layout;
  void *state;    /* the layout's own */
  hid_t file;     /* -1: not HDF5 */
  int descriptor; /* the open file, -1: none */
  mg_form form;
  int64_t episodes;
  int64_t longest;                    /* steps */
  uint64_t bytes;                     /* of all episodes in memory */
  mg_episode *episode;                /* by id */
  int64_t capacity;                   /* of episode */
  int64_t available;                  /* episodes that the file has, left out or not */
  mg_episode *at;                     /* Nullable: what is wrong now is wrong with this one */
  const mg_dataset_task *task;        /* access.task, if the file fits it */
  mg_content content;                 /* of what was loaded */
  int64_t skipped;                    /* bad ones that were passed over, */
  char skipped_names[MG_SKIPPED_MAX]; /* which: "episode_3, episode_7" */
  /* Remarked already: dimensions of size 1, episodes without an id, marks within an episode. */
  bool squeezed, unnamed, ended_inside;
} mg_dataset_file;

/* Opens the file `descriptor` (which `path` names in sentences), recognises its layout by content
 * and checks the headers of all episodes; nothing of the size of the data is allocated.
 * To be closed, also after a failure. */
mg_status mg_dataset_file_open(int descriptor, const char *path, const mg_dataset_access *access,
                               mg_dataset_file *file);

/* Reads episode k into arrays that the caller provides (mg_trajectory_allocate) and judges it. The
 * content's checksum, if the file has one, is compared once the last has been loaded in order.
 * A bad one that is passed over is marked (episode[k].left_out), its values are not to be used. */
mg_status mg_dataset_file_load(mg_dataset_file *file, int64_t k, mg_trajectory *trajectory);

/* Where bad ones are passed over: finds them, loading each, and takes them out of the list.
 * MG_ERR_DATA if none is left. */
mg_status mg_dataset_file_leave_out(mg_dataset_file *file, mg_trajectory *scratch);

/* What the file carries beside; of what is left out, `found` is told. */
mg_status mg_dataset_file_extras(mg_dataset_file *file, mg_extras *extras);
mg_status mg_dataset_file_episode_extras(mg_dataset_file *file, int64_t k, mg_extras *extras);

void mg_dataset_file_close(mg_dataset_file *file);

/* Arrays for the longest episode. MG_ERR_DATA if they do not fit. */
mg_status mg_trajectory_allocate(const mg_dataset_file *file, mg_trajectory *trajectory);
void mg_trajectory_free(mg_trajectory *trajectory);

/* ---- for layouts ---- */

/* Says what is wrong: MG_ERR_DATA with the sentence, or MG_OK where problems are collected. */
mg_status mg_dataset_wrong(mg_dataset_file *file, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The same with a failure that a function has reported: its sentence. */
mg_status mg_dataset_forward(mg_dataset_file *file, mg_status status);

/* What is wrong from here on is wrong with this episode; and the end of that: the status, unless
 * the episode is passed over. */
void mg_dataset_begin(mg_dataset_file *file, mg_episode *episode);
mg_status mg_dataset_end(mg_dataset_file *file, mg_status status);

/* True where the reading goes on after a problem. */
bool mg_dataset_goes_on(const mg_dataset_file *file);

/* To `found`, if there is one; nothing else. */
void mg_dataset_remark(mg_dataset_file *file, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A new episode at the end, zeroed; NULL if memory is out. */
mg_episode *mg_dataset_new_episode(mg_dataset_file *file);

/* A new episode of `steps` rows from `first` on, which its name tells; the ids are in order. It
 * ends as it is told to afterwards. */
mg_status mg_dataset_add_rows(mg_dataset_file *file, int64_t first, int64_t steps);

/* The most bytes that one episode may take, as doubles. */
uint64_t mg_dataset_most_bytes(const mg_dataset_file *file);

/* Once an episode's steps are known: at least one, within the limits; counted in. */
mg_status mg_dataset_count_episode(mg_dataset_file *file, mg_episode *episode);

/* Discrete actions [T] are choices from 0. */
mg_status mg_dataset_check_choices(mg_dataset_file *file, const mg_episode *episode,
                                   const char *name, const double *actions);

#endif
