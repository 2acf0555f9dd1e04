#include "files/checkpoint/checkpoint_rows.h"

#include "support/scratch_folder.h"
#include "support/thread_comm.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Two divided fields, of which one has another number of rows, with one that all ranks have between them. */
enum { ROWS = 5, STEPS = 7, ENTRIES = 3, COUNTS = 9 };

typedef struct rank_state {
  mg_share share, count_share;
  float x[STEPS * ROWS * ENTRIES]; /* [STEPS, share.count, ENTRIES] */
  int64_t count[COUNTS];
} rank_state;

typedef struct job {
  char folder[2][1024]; /* of rank 0, and of the others */
  double offset;
  bool gathered;
  const double *reach; /* of the ranks that save */
  mg_status status;
  char said[256];
} job;

static void path_of(const job *j, const mg_comm *comm, char path[1100]) {
  snprintf(path, 1100, "%s/c.h5", j->folder[comm->rank > 0]);
}

static void fill(rank_state *s, const mg_comm *comm, double offset) {
  memset(s, 0, sizeof *s);
  s->share = mg_comm_share(comm, ROWS, comm->rank);
  s->count_share = mg_comm_share(comm, COUNTS, comm->rank);
  const int64_t N = s->share.count;
  for (int64_t t = 0; t < STEPS; t++)
    for (int64_t n = 0; n < N; n++)
      for (int64_t i = 0; i < ENTRIES; i++)
        s->x[(t * N + n) * ENTRIES + i] =
            (float)(offset + 100 * (double)(s->share.first + n) + (double)(10 * t + i));
  for (int64_t n = 0; n < s->count_share.count; n++)
    s->count[n] = (int64_t)offset + 1000 * (s->count_share.first + n);
}

static void visit(mg_archive *a, rank_state *s) {
  int64_t between = 42;
  mg_archive_divided(a, "x", MG_TYPE_F32, s->x, &s->share, STEPS, ENTRIES);
  mg_archive_shared(a, "between", MG_TYPE_I64, &between, 1);
  mg_archive_divided(a, "deeper/count", MG_TYPE_I64, s->count, &s->count_share, 1, 1);
}

static void save(mg_comm *comm, void *user) {
  job *j = user;
  rank_state s;
  char path[1100];
  path_of(j, comm, path);
  comm->reach = j->reach;
  fill(&s, comm, j->offset);
  mg_archive *a;
  cr_assert(mg_checkpoint_create(path, comm, &a) == MG_OK, "%s", mg_status_message());
  a->gathered = j->gathered;
  visit(a, &s);
  const mg_status status = mg_checkpoint_close(a);
  if (comm->rank > 0) return;
  j->status = status;
  if (status != MG_OK) snprintf(j->said, sizeof j->said, "%s", mg_status_message());
}

static void expect(mg_comm *comm, void *user) {
  const job *j = user;
  rank_state s, back;
  char path[1100];
  snprintf(path, sizeof path, "%s/c.h5", j->folder[0]);
  fill(&s, comm, j->offset);
  fill(&back, comm, -1);
  mg_archive *a;
  cr_assert(mg_checkpoint_open(path, comm, &a) == MG_OK, "%s", mg_status_message());
  visit(a, &back);
  cr_assert(mg_checkpoint_close(a) == MG_OK, "%s", mg_status_message());
  cr_assert(memcmp(s.x, back.x, sizeof s.x) == 0);
  cr_assert(memcmp(s.count, back.count, sizeof s.count) == 0);
}

static job job_in(const char *others) {
  job j = {.offset = 3};
  snprintf(j.folder[0], sizeof j.folder[0], "%s", scratch_path("run"));
  snprintf(j.folder[1], sizeof j.folder[1], "%s", scratch_path(others));
  mkdir(j.folder[0], 0777);
  mkdir(j.folder[1], 0777);
  return j;
}

static unsigned char *read_checkpoint(const job *j, size_t *length) {
  char path[1100];
  snprintf(path, sizeof path, "%s/c.h5", j->folder[0]);
  return file_read(path, length);
}

static int entries_of(const job *j) {
  char command[1200];
  snprintf(command, sizeof command, "ls -A '%s' | wc -l", j->folder[0]);
  FILE *out = popen(command, "r");
  int count = -1;
  cr_assert(fscanf(out, "%d", &count) == 1);
  pclose(out);
  return count;
}

static void setup(void) {
  scratch_make();
}

TestSuite(checkpoint_rows, .init = setup, .fini = scratch_remove);

/* But for the number of ranks that the file names: shares of one size and of two, and more ranks than rows. */
Test(checkpoint_rows, by_all_ranks_is_what_rank_0_writes) {
  static const int ranks[] = {2, 3, 5, 7, 12};
  for (int k = 0; k < 5; k++) {
    job j = job_in("run");
    size_t size[2];
    unsigned char *bytes[2];
    for (int gathered = 0; gathered < 2; gathered++) {
      j.gathered = gathered;
      run_ranks(ranks[k], save, &j);
      cr_assert(j.status == MG_OK, "%s", j.said);
      if (k == 0 && !gathered) sleep(1); /* nor does it tell the time */
      bytes[gathered] = read_checkpoint(&j, &size[gathered]);
      run_ranks(gathered ? 2 : 4, expect, &j);
    }
    cr_assert(size[0] == size[1] && memcmp(bytes[0], bytes[1], size[0]) == 0, "%d ranks", ranks[k]);
    free(bytes[0]);
    free(bytes[1]);
  }
}

/* Three ranks, of which one is three times as fast as the others: 1, 3 and 1 rows of 5. */
Test(checkpoint_rows, shares_by_speed_are_no_other_file) {
  static const double reach[] = {0, 0.2, 0.8, 1};
  job j = job_in("run");
  run_ranks(3, save, &j);
  size_t size[3];
  unsigned char *bytes[3];
  bytes[0] = read_checkpoint(&j, &size[0]);
  j.reach = reach;
  for (int gathered = 0; gathered < 2; gathered++) {
    j.gathered = gathered;
    run_ranks(3, save, &j);
    cr_assert(j.status == MG_OK, "%s", j.said);
    bytes[1 + gathered] = read_checkpoint(&j, &size[1 + gathered]);
    cr_assert(size[0] == size[1 + gathered] && memcmp(bytes[0], bytes[1 + gathered], size[0]) == 0);
  }
  run_ranks(2, expect, &j);
  for (int k = 0; k < 3; k++) free(bytes[k]);
}

/* As where the run's folder is not shared by all nodes: rank 0 writes everything. */
Test(checkpoint_rows, a_file_that_not_all_see_is_written_by_rank_0) {
  job j = job_in("elsewhere");
  run_ranks(3, save, &j);
  cr_assert(j.status == MG_OK, "%s", j.said);
  run_ranks(3, expect, &j);
  cr_assert(entries_of(&j) == 1, "no temporary is left");
}

/* As where nodes see different contents under one name. */
Test(checkpoint_rows, what_is_written_elsewhere_is_noticed) {
  job j = job_in("run");
  run_ranks(3, save, &j);
  cr_assert(j.status == MG_OK);
  size_t length, later;
  unsigned char *good = read_checkpoint(&j, &length);

  job other = job_in("elsewhere");
  char taken[1200];
  snprintf(taken, sizeof taken, "%s/c.h5.tmp.%ld", other.folder[1], (long)getpid());
  cr_assert(file_write(taken, "", 0));
  other.offset = 4;
  run_ranks(3, save, &other);
  cr_assert(other.status == MG_ERR_IO && strstr(other.said, "c.h5.tmp."), "%s", other.said);
  unsigned char *still = read_checkpoint(&j, &later);
  cr_assert(length == later && memcmp(good, still, length) == 0, "the old one has changed");
  cr_assert(entries_of(&j) == 1, "no temporary is left");
  other.gathered = true;
  run_ranks(3, save, &other);
  cr_assert(other.status == MG_OK);
  run_ranks(3, expect, &other);
  free(good);
  free(still);
}

/* One that this process wrote is not verified again, unless it was changed. */
Test(checkpoint_rows, a_changed_one_does_not_become_the_previous_one) {
  job j = job_in("run");
  char path[1100], previous[1200];
  snprintf(path, sizeof path, "%s/c.h5", j.folder[0]);
  snprintf(previous, sizeof previous, "%s.previous", path);
  run_ranks(2, save, &j);
  nanosleep(&(struct timespec){.tv_nsec = 50000000},
            NULL); /* more than a tick of the file system's clock */
  size_t length;
  unsigned char *bytes = file_read(path, &length);
  float last = 0; /* of x: in its rows, where HDF5 notices nothing */
  rank_state s;
  const mg_comm alone = mg_comm_self();
  fill(&s, &alone, j.offset);
  last = s.x[STEPS * ROWS * ENTRIES - 1];
  size_t at = 0;
  while (at + sizeof last <= length && memcmp(bytes + at, &last, sizeof last) != 0) at++;
  cr_assert(at + sizeof last <= length);
  FILE *file = fopen(path, "r+b");
  fseek(file, (long)at, SEEK_SET);
  fputc(bytes[at] ^ 1, file);
  fclose(file);
  run_ranks(2, save, &j);
  cr_assert(j.status == MG_OK && access(previous, F_OK) != 0, "what was damaged was kept");
  run_ranks(2, save, &j);
  cr_assert(j.status == MG_OK && access(previous, F_OK) == 0, "what is good was not kept");
  free(bytes);
}
