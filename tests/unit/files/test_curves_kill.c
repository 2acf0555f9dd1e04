/* Whoever is killed at any write of curves.h5 leaves a file that opens plainly, with every row that
 * was flushed. */
#define _GNU_SOURCE
#include "files/curves/curves.h"
#include "support/scratch_folder.h"

#include <criterion/criterion.h>
#include <hdf5.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Chunks are of 1024 rows and of 2 evaluations: each table begins more than one. */
enum { METRICS = 2, EPISODES = 512, ROWS = 1200, BLOCK = 300 };
static const mg_metric METRIC[METRICS] = {{"return", "reward", NULL}, {"loss", "nat", NULL}};

/* HDF5's own calls come here: the program's symbols go before the libraries'. */
static long writes_left = -1;

static void count_write(void) {
  if (writes_left == 0) raise(SIGKILL);
  if (writes_left > 0) writes_left--;
}

ssize_t pwrite(int file, const void *bytes, size_t size, off_t at) {
  count_write();
  return syscall(SYS_pwrite64, file, bytes, size, at);
}

int ftruncate(int file, off_t size) {
  count_write();
  return (int)syscall(SYS_ftruncate, file, size);
}

/* What the child has done, in memory that outlives it. */
typedef struct progress {
  bool created, closed;
  int rows, evaluations; /* flushed */
} progress;

static void evaluate(mg_curves *c, int row, progress *p) {
  static const double x[EPISODES];
  if (mg_curves_append_evaluation(c, row, row, row, x, x, x, x) != MG_OK) _exit(1);
  p->evaluations++;
}

static void train(const char *path, progress *p) {
  mg_curves *c;
  if (mg_curves_create(path, METRICS, METRIC, EPISODES, 0, NULL, 1e9, &c) != MG_OK) _exit(1);
  p->created = true;
  for (int row = 0; row < ROWS; row++) {
    const double x[METRICS] = {row, row};
    if (mg_curves_append(c, row, row, row, x) != MG_OK) _exit(1);
    if (row % BLOCK != BLOCK - 1) continue;
    if (mg_curves_flush(c) != MG_OK) _exit(1);
    p->rows = row + 1;
    evaluate(c, row, p);
  }
  if (mg_curves_close(c) != MG_OK) _exit(1);
  p->closed = true;
  _exit(0);
}

/* The first `rows` entries of a column are their row's number. */
static void assert_column(hid_t file, const char *name, int rows) {
  static double x[ROWS + BLOCK];
  hid_t data = H5Dopen2(file, name, H5P_DEFAULT), space = H5Dget_space(data);
  const hssize_t there = H5Sget_simple_extent_npoints(space);
  cr_assert(there >= rows && there <= ROWS + BLOCK, "%s has %d rows; expected %d", name, (int)there,
            rows);
  cr_assert(H5Dread(data, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, x) >= 0,
            "%s cannot be read", name);
  for (int i = 0; i < rows; i++) cr_assert(x[i] == i, "%s[%d] is %g", name, i, x[i]);
  H5Sclose(space);
  H5Dclose(data);
}

static void assert_whole(const char *path, const progress *p, long writes) {
  hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
  cr_assert(file >= 0, "killed at write %ld, after %d rows and %d evaluations: cannot be opened",
            writes, p->rows, p->evaluations);
  assert_column(file, "curves/iteration", p->rows);
  assert_column(file, "curves/loss", p->rows);
  H5Fclose(file);
  mg_curves *c;
  const mg_status status = mg_curves_reopen(path, METRICS, METRIC, EPISODES, ROWS, NULL, 1e9, &c);
  cr_assert(status == MG_OK, "killed at write %ld: %s", writes, mg_status_message());
  cr_assert(mg_curves_close(c) == MG_OK);
}

static void setup(void) {
  scratch_make();
}

TestSuite(curves_kill, .init = setup, .fini = scratch_remove);

Test(curves_kill, at_any_write_the_file_stays_readable) {
  progress *p = mmap(NULL, sizeof *p, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  cr_assert(p != MAP_FAILED);
  const char *path = scratch_path("curves.h5");
  long writes = 0;
  for (*p = (progress){0}; !p->closed; writes++) {
    *p = (progress){0};
    unlink(path);
    pid_t child = fork();
    if (child == 0) {
      writes_left = writes;
      train(path, p);
    }
    int status;
    waitpid(child, &status, 0);
    cr_assert(WIFSIGNALED(status) || p->closed, "the child ended with %d", WEXITSTATUS(status));
    if (p->created) assert_whole(path, p, writes);
  }
  cr_assert(writes > 100, "%ld writes only: not HDF5's", writes);
}
