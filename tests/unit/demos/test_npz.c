/* NumPy archives that we write come back, in pieces and in any order. */
#include "demos/numpy/npz_archive.h"
#include "demos/numpy/npz_writer.h"

#include "support/scratch_folder.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void setup(void) {
  scratch_make();
}

TestSuite(npz, .init = setup, .fini = scratch_remove);

static const uint64_t LIMIT = 1 << 28;
enum { ROWS = 30000, COLUMNS = 5 }; /* 1.2 MB: several buffers */

/* What row r holds in column c; to be told apart from all others. */
static double observation(uint64_t r, uint64_t c) {
  return sin((double)(r * COLUMNS + c)) * 1e3;
}

static void good(mg_status status) {
  cr_assert_eq(status, MG_OK, "%s", mg_status_message());
}

static void refused(mg_status status, mg_status expected, const char *words) {
  cr_assert_eq(status, expected, "status %d: %s", status, mg_status_message());
  cr_assert(strstr(mg_status_message(), words), "'%s' lacks '%s'", mg_status_message(), words);
}

/* obs [ROWS,COLUMNS] and four of rank 1, appended in pieces of changing size. */
static void write_archive(const char *path, bool deflate) {
  mg_npz_writer *w;
  int obs, single, action, start, none;
  good(mg_npz_writer_create(path, deflate, &w));
  good(mg_npz_writer_add(w, "obs", MG_NPY_F64, COLUMNS, &obs));
  good(mg_npz_writer_add(w, "single", MG_NPY_F32, 0, &single));
  good(mg_npz_writer_add(w, "action", MG_NPY_I64, 0, &action));
  good(mg_npz_writer_add(w, "start", MG_NPY_BOOL, 0, &start));
  good(mg_npz_writer_add(w, "none", MG_NPY_F32, 2, &none));
  double values[1000 * COLUMNS];
  for (uint64_t r = 0, n = 1; r < ROWS; r += n, n = n * 3 % 1000) {
    if (n > ROWS - r) n = ROWS - r;
    for (uint64_t i = 0; i < n * COLUMNS; i++)
      values[i] = observation(r + i / COLUMNS, i % COLUMNS);
    good(mg_npz_writer_append(w, obs, n, values));
    good(mg_npz_writer_append(w, single, n, values));
    for (uint64_t i = 0; i < n; i++) values[i] = (double)(r + i) - 100;
    good(mg_npz_writer_append(w, action, n, values));
    for (uint64_t i = 0; i < n; i++) values[i] = (r + i) % 7 == 0;
    good(mg_npz_writer_append(w, start, n, values));
  }
  good(mg_npz_writer_close(w, true));
  cr_assert_eq(scratch_count(), 1, "temporary files are left");
}

static mg_npz *open_archive(const char *path) {
  mg_npz *npz;
  int file = open(path, O_RDONLY);
  good(mg_npz_open(file, path, LIMIT, &npz));
  close(file);
  return npz;
}

static void check_rows(mg_npz_stream *s, uint64_t first, uint64_t n) {
  double *values = malloc((n * COLUMNS + 1) * sizeof *values);
  values[n * COLUMNS] = -7;
  good(mg_npz_stream_read(s, first, n, values));
  for (uint64_t i = 0; i < n * COLUMNS; i++)
    cr_assert(values[i] == observation(first + i / COLUMNS, i % COLUMNS), "row %d of %d + %d",
              (int)(i / COLUMNS), (int)first, (int)n);
  cr_assert(values[n * COLUMNS] == -7);
  free(values);
}

static void check_archive(mg_npz *npz) {
  cr_assert_eq(npz->count, 5);
  cr_assert_null(mg_npz_find(npz, "obs.npy"));
  const mg_npz_member *m = mg_npz_find(npz, "obs");
  cr_assert(m == &npz->entry[0].member && m->header.type == MG_NPY_F64 && m->rows == ROWS);
  cr_assert(m->row_size == COLUMNS && m->header.rank == 2 && !m->problem.text[0]);
  m = mg_npz_find(npz, "none");
  cr_assert(m->rows == 0 && m->row_size == 2);

  mg_npz_stream *obs, *single, *action, *start, *none;
  good(mg_npz_stream_open(npz, "obs", &obs));
  good(mg_npz_stream_open(npz, "single", &single));
  good(mg_npz_stream_open(npz, "action", &action));
  good(mg_npz_stream_open(npz, "start", &start));
  good(mg_npz_stream_open(npz, "none", &none));
  cr_assert_eq(mg_npz_stream_member(action)->rows, ROWS);
  good(mg_npz_stream_read(none, 0, 0, NULL));
  for (uint64_t r = 0, n = 7; r < ROWS; r += n) { /* side by side */
    double values[7];
    if (n > ROWS - r) n = ROWS - r;
    check_rows(obs, r, n);
    good(mg_npz_stream_read(action, r, n, values));
    for (uint64_t i = 0; i < n; i++) cr_assert(values[i] == (double)(r + i) - 100);
    good(mg_npz_stream_read(start, r, n, values));
    for (uint64_t i = 0; i < n; i++) cr_assert(values[i] == ((r + i) % 7 == 0));
  }
  double value;
  good(mg_npz_stream_read(single, ROWS - 1, 1, &value));
  cr_assert(isfinite(value) && value == (double)(float)value);
  /* Back, forward, nothing, everything. */
  check_rows(obs, 0, 1);
  check_rows(obs, 20000, 3);
  check_rows(obs, 19999, 4);
  check_rows(obs, ROWS, 0);
  check_rows(obs, 12345, 5000);
  check_rows(obs, ROWS - 1, 1);
  check_rows(obs, 0, ROWS);
  mg_npz_stream_close(obs);
  mg_npz_stream_close(single);
  mg_npz_stream_close(action);
  mg_npz_stream_close(start);
  mg_npz_stream_close(none);
  mg_npz_close(npz);
}

Test(npz, deflated) {
  write_archive(scratch_path("a.npz"), true);
  check_archive(open_archive(scratch_path("a.npz")));
}

Test(npz, stored) {
  write_archive(scratch_path("a.npz"), false);
  check_archive(open_archive(scratch_path("a.npz")));
}

Test(npz, the_same_values_give_the_same_bytes) {
  size_t n[2];
  unsigned char *bytes[2];
  for (int i = 0; i < 2; i++) {
    write_archive(scratch_path("a.npz"), true);
    bytes[i] = file_read(scratch_path("a.npz"), &n[i]);
    remove(scratch_path("a.npz"));
  }
  cr_assert(n[0] == n[1] && memcmp(bytes[0], bytes[1], n[0]) == 0);
  free(bytes[0]);
  free(bytes[1]);
}

/* By descriptor and by its name under /proc, both of a file that has no name any more, and without
 * use of the descriptor's position. */
Test(npz, descriptors) {
  char name[64];
  mg_npz *npz;
  write_archive(scratch_path("a.npz"), true);
  int file = open(scratch_path("a.npz"), O_RDONLY);
  cr_assert(file >= 0 && lseek(file, 77, SEEK_SET) == 77);
  unlink(scratch_path("a.npz"));
  good(mg_npz_open(file, "expert.npz", LIMIT, &npz));
  snprintf(name, sizeof name, "/proc/self/fd/%d", file);
  mg_npz *twin = open_archive(name);
  cr_assert_eq(lseek(file, 0, SEEK_CUR), 77);
  close(file);
  check_archive(npz);
  check_archive(twin);
}

/* If single rows were inflated from the start this would take an hour. */
Test(npz, forward_reading_inflates_once) {
  enum { MANY = 200000 };
  mg_npz_writer *w;
  mg_npz_stream *s;
  int x;
  good(mg_npz_writer_create(scratch_path("a.npz"), true, &w));
  good(mg_npz_writer_add(w, "x", MG_NPY_F64, 4, &x));
  for (int r = 0; r < MANY; r++)
    good(mg_npz_writer_append(w, x, 1, (double[]){r, sin(r), cos(r), 1}));
  good(mg_npz_writer_close(w, true));
  mg_npz *npz = open_archive(scratch_path("a.npz"));
  good(mg_npz_stream_open(npz, "x", &s));
  for (uint64_t r = 0; r < MANY; r++) {
    double row[4];
    good(mg_npz_stream_read(s, r, 1, row));
    cr_assert(row[0] == (double)r && row[3] == 1);
  }
  mg_npz_stream_close(s);
  mg_npz_close(npz);
}

Test(npz, abandoned_writer_leaves_nothing) {
  mg_npz_writer *w;
  int x;
  good(mg_npz_writer_create(scratch_path("a.npz"), true, &w));
  good(mg_npz_writer_add(w, "x", MG_NPY_I64, 2, &x));
  good(mg_npz_writer_append(w, x, 2, (double[]){1, 2, 3, 4}));
  cr_assert(access(scratch_path("a.npz"), F_OK) != 0);
  refused(mg_npz_writer_append(w, x, 2, (double[]){1, 2, 3, 4.5}), MG_ERR_DATA,
          "member x: row 3 has 4.5; expected a whole number");
  good(mg_npz_writer_close(w, false));
  cr_assert_eq(scratch_count(), 0);
}

Test(npz, an_archive_is_replaced_only_when_complete) {
  const char *path = scratch_path("a.npz");
  mg_npz_writer *w;
  struct stat info;
  int x;
  cr_assert(file_write(path, "old", 3));
  good(mg_npz_writer_create(path, true, &w));
  good(mg_npz_writer_add(w, "x", MG_NPY_F64, 0, &x));
  cr_assert(stat(path, &info) == 0 && info.st_size == 3);
  good(mg_npz_writer_close(w, true));
  cr_assert(stat(path, &info) == 0 && info.st_size > 128);
  mg_npz_close(open_archive(path));
}

Test(npz, no_folder) {
  mg_npz_writer *w;
  refused(mg_npz_writer_create(scratch_path("no/a.npz"), true, &w), MG_ERR_CREATE, "no/a.npz");
  cr_assert_null(w);
}

/* ---- NumPy itself ---- */

/* Runs the program in the scratch folder. */
static void python(const char *program) {
  if (system("python3 -c 'import numpy' 2>/dev/null") != 0)
    cr_skip_test("NumPy is not there (apt-get install python3-numpy)");
  char command[4096];
  cr_assert(file_write(scratch_path("p.py"), program, strlen(program)));
  snprintf(command, sizeof command, "cd %s && python3 p.py", scratch_path("."));
  cr_assert_eq(system(command), 0);
  remove(scratch_path("p.py"));
}

Test(npz, numpy_reads_what_we_write) {
  for (int deflate = 0; deflate < 2; deflate++) {
    write_archive(scratch_path("a.npz"), deflate);
    python("import numpy as np\n"
           "n, i = 30000, np.arange(30000)\n"
           "a = np.load('a.npz', allow_pickle=False)\n"
           "assert a.files == ['obs', 'single', 'action', 'start', 'none'], a.files\n"
           "types = {k: (str(a[k].dtype), a[k].shape) for k in a.files}\n"
           "assert types == {'obs': ('float64', (n, 5)), 'single': ('float32', (n,)),\n"
           "  'action': ('int64', (n,)), 'start': ('bool', (n,)),\n"
           "  'none': ('float32', (0, 2))}, types\n"
           "x = np.sin(np.arange(5 * n).astype(float)).reshape(n, 5) * 1e3\n"
           "assert np.allclose(a['obs'], x, rtol=0, atol=1e-9)\n"
           "assert a['obs'][0, 0] == 0 and len(np.unique(a['obs'])) == 5 * n\n"
           "assert (a['action'] == i - 100).all() and (a['start'] == (i % 7 == 0)).all()\n"
           "import zipfile\n"
           "assert zipfile.ZipFile('a.npz').testzip() is None\n");
    remove(scratch_path("a.npz"));
  }
}

Test(npz, we_read_what_numpy_writes) {
  python("import numpy as np\n"
         "x = np.arange(60000, dtype=float).reshape(20000, 3) - 50\n"
         "d = {str(t): x.astype(t) for t in ['i4', 'i8', 'f4', 'f8', '>f4', '>i8']}\n"
         "d.update(small=(x % 100).astype('i1'), half=(x % 1000).astype('f2'), bits=x > 0,\n"
         "  byte=(x % 100).astype('u1'), zero=np.float64(4.5), cube=x.reshape(10000, 3, 2),\n"
         "  infos=np.array([{}, {}], dtype=object), name=np.array('Hopper-v4'),\n"
         "  columns=np.asfortranarray(x), big=np.array([2**53 + 1]),\n"
         "  u8=np.array([[1, 2], [3, 2**63]], dtype='u8'))\n"
         "np.savez('stored.npz', **d)\n"
         "np.savez_compressed('deflated.npz', **d)\n");
  const char *files[] = {"stored.npz", "deflated.npz"};
  const char *same[] = {"i4", "i8", "f4", "f8", ">f4", ">i8", "cube"};
  static double values[60000];
  mg_npz_stream *s;
  for (int f = 0; f < 2; f++) {
    mg_npz *npz = open_archive(scratch_path(files[f]));
    for (size_t k = 0; k < sizeof same / sizeof *same; k++) {
      good(mg_npz_stream_open(npz, same[k], &s));
      good(mg_npz_stream_read(s, 0, mg_npz_stream_member(s)->rows, values));
      for (int i = 0; i < 60000; i++) cr_assert(values[i] == i - 50, "%s[%d]", same[k], i);
      mg_npz_stream_close(s);
    }
    const char *modulo[] = {"small", "byte", "half", "bits"};
    for (int k = 0; k < 4; k++) {
      good(mg_npz_stream_open(npz, modulo[k], &s));
      good(mg_npz_stream_read(s, 100, 19000, values));
      for (int i = 0; i < 57000; i++)
        cr_assert(values[i] == (k == 3 ? 1 : (i + 250) % (k == 2 ? 1000 : 100)), "%s", modulo[k]);
      mg_npz_stream_close(s);
    }
    good(mg_npz_stream_open(npz, "zero", &s));
    good(mg_npz_stream_read(s, 0, 1, values));
    cr_assert(values[0] == 4.5);
    mg_npz_stream_close(s);
    const mg_npz_member *cube = mg_npz_find(npz, "cube");
    cr_assert(cube->rows == 10000 && cube->row_size == 6 && cube->header.rank == 3);
    cr_assert_eq(mg_npz_find(npz, "infos")->header.type, MG_NPY_OBJECTS);
    refused(mg_npz_stream_open(npz, "infos", &s), MG_ERR_DATA, "member infos: holds Python obj");
    refused(mg_npz_stream_open(npz, "name", &s), MG_ERR_DATA, "member name: is <U9 []; expected");
    refused(mg_npz_stream_open(npz, "columns", &s), MG_ERR_DATA, "Fortran order");
    good(mg_npz_stream_open(npz, "big", &s));
    refused(mg_npz_stream_read(s, 0, 1, values), MG_ERR_DATA, "row 0 has an integer beyond");
    mg_npz_stream_close(s);
    good(mg_npz_stream_open(npz, "u8", &s));
    refused(mg_npz_stream_read(s, 0, 2, values), MG_ERR_DATA, "row 1 has an integer beyond");
    mg_npz_stream_close(s);
    mg_npz_close(npz);
  }
}
