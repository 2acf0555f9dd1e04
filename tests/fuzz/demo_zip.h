/* NumPy archives as lists of members, good ones to begin with; claims may differ from what is
 * there. Written byte by byte, for no library writes what tests need. */
#ifndef MG_TESTS_DEMO_ZIP_H
#define MG_TESTS_DEMO_ZIP_H

#include "demo_model.h"

enum { DEMO_MEMBERS = 12 };

typedef struct demo_member {
  char name[64];                        /* with ".npy" */
  demo_item array;                      /* type, rank, dims, values */
  char descr[48], shape[64], order[16]; /* as in the header; "": what is true */
  unsigned char version;
  bool deflate, wrong_checksum, pickle; /* pickle: of an object that runs a command */
  uint64_t zeros;                       /* MiB of them are the values instead, deflated */
  uint64_t claimed;                     /* bytes inflated, says the directory; 0: the truth */
  int64_t missing;                      /* values' bytes at the end that are left out */
  unsigned method, flags;               /* are added to what the directory says */
} demo_member;

typedef struct demo_archive {
  uint64_t most_written; /* entries of an array; of larger ones none are */
  int members;
  demo_member member[DEMO_MEMBERS];
} demo_archive;

/* A good archive, of CartPole's sizes. */
void demo_archive_sb2(int episodes, uint64_t steps, demo_archive *archive);
void demo_archive_imitation(int episodes, uint64_t steps, demo_archive *archive);
void demo_archive_baselines(int episodes, uint64_t steps, demo_archive *archive);

demo_member *demo_archive_find(demo_archive *archive, const char *name);

/* To be freed. */
void *demo_archive_write(const demo_archive *archive, size_t *size);

#endif
