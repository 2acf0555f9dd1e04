#include "files/checkpoint/checkpoint.h"

#include "base/rng.h"
#include "files/h5_util.h"
#include "support/scratch_folder.h"
#include "support/thread_comm.h"

#include <criterion/criterion.h>
#include <hdf5.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
  THETA = 1000,
  ENVIRONMENTS = 5,
  STEPS = 20,
  ENTRIES = 3,
  ROWS = ENVIRONMENTS * STEPS * ENTRIES
};

typedef struct state {
  float theta[THETA];
  double mean[7];
  int64_t iteration;
  uint64_t counter[2];
  unsigned char flags[5];
  mg_share share;
  float rows[ROWS]; /* [STEPS, share.count, ENTRIES] */
  char config[64];
} state;

/* Of global environment e at step t. */
static float row_value(double offset, int64_t e, int t, int i) {
  return (float)(offset + 1000 * (double)e + 10 * t + i);
}

static void fill_on(state *s, const mg_comm *comm, double offset) {
  memset(s, 0, sizeof *s);
  s->share = mg_share_of(ENVIRONMENTS, comm->rank, comm->size);
  for (int i = 0; i < THETA; i++) s->theta[i] = (float)(offset + 0.1 * i);
  for (int i = 0; i < 7; i++) s->mean[i] = offset - i;
  s->iteration = -42 + (int64_t)offset;
  s->counter[0] = UINT64_MAX, s->counter[1] = 7;
  for (int i = 0; i < 5; i++) s->flags[i] = (unsigned char)(250 + i);
  const int64_t N = s->share.count;
  for (int t = 0; t < STEPS; t++)
    for (int64_t n = 0; n < N; n++)
      for (int i = 0; i < ENTRIES; i++)
        s->rows[(t * N + n) * ENTRIES + i] = row_value(offset, s->share.first + n, t, i);
  strcpy(s->config, "seed = 1\nname = h\xc3\xbcpfer");
}

static void fill(state *s, double offset) {
  const mg_comm alone = mg_comm_self();
  fill_on(s, &alone, offset);
}

static void visit(mg_archive *a, state *s) {
  mg_archive_shared(a, "policy/theta", MG_TYPE_F32, s->theta, THETA);
  mg_archive_shared(a, "normaliser/mean", MG_TYPE_F64, s->mean, 7);
  mg_archive_shared(a, "iteration", MG_TYPE_I64, &s->iteration, 1);
  mg_archive_shared(a, "random/counter", MG_TYPE_U64, s->counter, 2);
  mg_archive_shared(a, "flags", MG_TYPE_U8, s->flags, 5);
  mg_archive_divided(a, "replay/rows", MG_TYPE_F32, s->rows, &s->share, STEPS, ENTRIES);
  mg_archive_divided(a, "empty/divided", MG_TYPE_F64, NULL, &s->share, 0, 3);
  mg_archive_shared(a, "empty/shared", MG_TYPE_F32, NULL, 0);
  mg_archive_text(a, "config", s->config, sizeof s->config);
}

static mg_status save(const char *path, mg_comm *comm, state *s) {
  mg_archive *a;
  MG_TRY(mg_checkpoint_create(path, comm, &a));
  cr_assert(!mg_archive_is_loading(a));
  visit(a, s);
  return mg_checkpoint_close(a);
}

static mg_status load(const char *path, mg_comm *comm, state *s) {
  mg_archive *a;
  MG_TRY(mg_checkpoint_open(path, comm, &a));
  s->share = mg_share_of(ENVIRONMENTS, comm->rank, comm->size);
  visit(a, s);
  return mg_checkpoint_close(a);
}

static void assert_same(const state *a, const state *b) {
  cr_assert(memcmp(a->theta, b->theta, sizeof a->theta) == 0);
  cr_assert(memcmp(a->mean, b->mean, sizeof a->mean) == 0);
  cr_assert(a->iteration == b->iteration);
  cr_assert(memcmp(a->counter, b->counter, sizeof a->counter) == 0);
  cr_assert(memcmp(a->flags, b->flags, sizeof a->flags) == 0);
  cr_assert(memcmp(a->rows, b->rows, sizeof a->rows) == 0);
  cr_assert(strcmp(a->config, b->config) == 0, "%s", b->config);
}

static void assert_fails(mg_status status, mg_status expected, const char *words) {
  cr_assert(status == expected, "%d: %s", status, mg_status_message());
  cr_assert(strstr(mg_status_message(), words), "'%s' lacks '%s'", mg_status_message(), words);
}

static void round_trip(mg_comm *comm, void *user) {
  state *s = malloc(sizeof *s), *t = calloc(1, sizeof *t);
  fill_on(s, comm, 3);
  mg_status status = save(user, comm, s);
  cr_assert(status == MG_OK, "%s", mg_status_message());
  /* Other ranks' shared fields come from rank 0: spoil what they hold. */
  status = load(user, comm, t);
  cr_assert(status == MG_OK, "%s", mg_status_message());
  assert_same(s, t);
  free(s);
  free(t);
}

static void setup(void) {
  scratch_make();
}

TestSuite(checkpoint, .init = setup, .fini = scratch_remove);

Test(checkpoint, comes_back_bit_for_bit_on_any_number_of_ranks) {
  for (int ranks = 1; ranks <= 4; ranks++) {
    char path[1024];
    snprintf(path, sizeof path, "%s.%d", scratch_path("c.h5"), ranks);
    run_ranks(ranks, round_trip, path);
  }
  cr_assert(scratch_count() == 4, "no temporary is left");
}

/* HDF5 1.10 reads a damaged heap for ever, and a heap has no checksum. That of a variable text, which
 * checkpoints of 0.1.0 have, is left alone. */
Test(checkpoint, has_no_heap_and_reads_none) {
  static char bytes[1 << 16];
  mg_comm comm = mg_comm_self();
  state s, t = {0};
  const char *path = scratch_path("c.h5");
  fill(&s, 3);
  cr_assert(save(path, &comm, &s) == MG_OK);
  FILE *file = fopen(path, "rb");
  const size_t size = fread(bytes, 1, sizeof bytes, file);
  fclose(file);
  cr_assert(size > 1000);
  for (size_t i = 0; i + 4 <= size; i++) cr_assert(memcmp(bytes + i, "GCOL", 4) != 0);

  hid_t old = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
  cr_assert(mg_h5_write_text(old, "format", "mgail checkpoint"));
  H5Fclose(old);
  cr_assert(load(path, &comm, &t) == MG_OK, "%s", mg_status_message());
  assert_same(&s, &t);
  old = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
  cr_assert(H5Adelete(old, "format") >= 0 && mg_h5_write_fixed_text(old, "format", "another"));
  H5Fclose(old);
  assert_fails(load(path, &comm, &t), MG_ERR_DATA, "not a checkpoint of this program");
}

Test(checkpoint, divided_fields_are_by_environment) {
  /* The same through h5py's eyes. */
  char path[1024];
  snprintf(path, sizeof path, "%s", scratch_path("c.h5"));
  run_ranks(3, round_trip, path);
  hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
  hid_t format = H5Aopen(file, "format", H5P_DEFAULT), type = H5Aget_type(format);
  cr_assert(H5Tis_variable_str(type) == 0); /* all that is read is under a checksum */
  H5Tclose(type);
  H5Aclose(format);
  hid_t data = H5Dopen2(file, "replay/rows", H5P_DEFAULT), space = H5Dget_space(data);
  hsize_t dims[2] = {0};
  cr_assert(H5Sget_simple_extent_ndims(space) == 2);
  H5Sget_simple_extent_dims(space, dims, NULL);
  cr_assert(dims[0] == ENVIRONMENTS && dims[1] == STEPS * ENTRIES);
  static float rows[ENVIRONMENTS][STEPS][ENTRIES];
  H5Dread(data, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, rows);
  for (int e = 0; e < ENVIRONMENTS; e++)
    for (int t = 0; t < STEPS; t++)
      for (int i = 0; i < ENTRIES; i++) cr_assert(rows[e][t][i] == row_value(3, e, t, i));
  H5Sclose(space);
  H5Dclose(data);
  H5Fclose(file);
}

static char *index_of(const char *path) {
  hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
  hid_t data = H5Dopen2(file, "index", H5P_DEFAULT), space = H5Dget_space(data);
  char *text = calloc((size_t)H5Sget_simple_extent_npoints(space) + 1, 1);
  H5Dread(data, H5T_NATIVE_UINT8, H5S_ALL, H5S_ALL, H5P_DEFAULT, text);
  H5Sclose(space);
  H5Dclose(data);
  H5Fclose(file);
  return text;
}

static void load_elsewhere(mg_comm *comm, void *user) {
  state *s = malloc(sizeof *s), *t = calloc(1, sizeof *t);
  fill_on(s, comm, 3);
  const mg_status status = load(user, comm, t);
  cr_assert(status == MG_OK, "%s", mg_status_message());
  assert_same(s, t);
  free(s);
  free(t);
}

/* More ranks than environments, too: those that share one all get it, and the first one's is kept. */
Test(checkpoint, does_not_know_how_the_work_was_divided) {
  static const int ranks[] = {1, 2, 3, 5, 7, 12};
  char path[1024], *first = NULL;
  snprintf(path, sizeof path, "%s", scratch_path("c.h5"));
  for (int i = 0; i < 6; i++) {
    run_ranks(ranks[i], round_trip, path);
    char *index = index_of(path); /* names, types, sizes and checksums of all fields */
    if (!first) first = index;
    cr_assert(strcmp(index, first) == 0, "on %d ranks:\n%s", ranks[i], index);
    if (index != first) free(index);
    for (int j = 0; j < 6; j++) run_ranks(ranks[j], load_elsewhere, path);
  }
  free(first);
}

/* What is larger than a piece: of one environment, and of several at once. */
typedef struct large_case {
  int64_t environments;
  size_t steps, entries;
  char path[1024];
} large_case;

static unsigned char *make_large(const large_case *c, const mg_share *share, bool filled) {
  const size_t N = (size_t)share->count;
  unsigned char *data = calloc(c->steps * N, c->entries);
  for (size_t t = 0; filled && t < c->steps; t++)
    for (size_t n = 0; n < N; n++)
      memset(data + (t * N + n) * c->entries, (int)(7 * t + 31 * ((size_t)share->first + n) + 1),
             c->entries);
  return data;
}

static void large_round_trip(mg_comm *comm, void *user) {
  const large_case *c = user;
  const mg_share share = mg_share_of(c->environments, comm->rank, comm->size);
  unsigned char *data = make_large(c, &share, true), *back = make_large(c, &share, false);
  mg_archive *a;
  cr_assert(mg_checkpoint_create(c->path, comm, &a) == MG_OK);
  mg_archive_divided(a, "large", MG_TYPE_U8, data, &share, c->steps, c->entries);
  cr_assert(mg_checkpoint_close(a) == MG_OK, "%s", mg_status_message());
  cr_assert(mg_checkpoint_open(c->path, comm, &a) == MG_OK, "%s", mg_status_message());
  mg_archive_divided(a, "large", MG_TYPE_U8, back, &share, c->steps, c->entries);
  cr_assert(mg_checkpoint_close(a) == MG_OK, "%s", mg_status_message());
  cr_assert(memcmp(data, back, c->steps * (size_t)share.count * c->entries) == 0);
  free(data);
  free(back);
}

Test(checkpoint, large_fields_pass_in_pieces) {
  large_case cases[] = {{.environments = 3, .steps = 5, .entries = 3 << 20},
                        {.environments = 20, .steps = 1, .entries = 1 << 20},
                        {.environments = 2, .steps = 1, .entries = 9 << 20}};
  for (int k = 0; k < 3; k++) {
    snprintf(cases[k].path, sizeof cases[k].path, "%s", scratch_path("c.h5"));
    run_ranks(1, large_round_trip, &cases[k]);
    run_ranks(3, large_round_trip, &cases[k]);
  }
}

/* Of 6 environments, and of as many with other steps. */
static void expect_refused(mg_comm *comm, void *user) {
  state *s = malloc(sizeof *s);
  for (int k = 0; k < 2; k++) {
    mg_archive *a;
    const mg_share share = mg_share_of(k == 0 ? 6 : 5, comm->rank, comm->size);
    cr_assert(mg_checkpoint_open(user, comm, &a) == MG_OK);
    mg_archive_divided(a, "replay/rows", MG_TYPE_F32, s->rows, &share, k == 0 ? STEPS : STEPS - 1,
                       ENTRIES);
    assert_fails(mg_checkpoint_close(a), MG_ERR_DATA,
                 k == 0 ? "replay/rows is of 5 environments; expected of 6 environments"
                        : "replay/rows has 60 entries; expected 57");
  }
  free(s);
}

Test(checkpoint, divided_fields_of_other_sizes_are_refused) {
  char path[1024];
  snprintf(path, sizeof path, "%s", scratch_path("c.h5"));
  run_ranks(3, round_trip, path);
  run_ranks(2, expect_refused, path);
}

Test(checkpoint, closes_every_id) {
  mg_comm comm = mg_comm_self();
  state *s = malloc(sizeof *s);
  fill(s, 1);
  const char *path = scratch_path("c.h5");
  cr_assert(save(path, &comm, s) == MG_OK && load(path, &comm, s) == MG_OK);
  cr_assert(H5Fget_obj_count((hid_t)H5F_OBJ_ALL, H5F_OBJ_ALL) == 0);
  free(s);
}

Test(checkpoint, fields_load_in_any_order_and_some_only) {
  mg_comm comm = mg_comm_self();
  state *s = malloc(sizeof *s);
  fill(s, 1);
  const char *path = scratch_path("c.h5");
  cr_assert(save(path, &comm, s) == MG_OK);
  mg_archive *a;
  cr_assert(mg_checkpoint_open(path, &comm, &a) == MG_OK);
  cr_assert(mg_archive_is_loading(a) && mg_archive_ranks(a) == 1);
  cr_assert(mg_archive_has(a, "policy/theta") && !mg_archive_has(a, "policy"));
  int64_t iteration = 0;
  unsigned char flags[5] = {0};
  mg_archive_shared(a, "flags", MG_TYPE_U8, flags, 5);
  mg_archive_shared(a, "iteration", MG_TYPE_I64, &iteration, 1);
  cr_assert(mg_archive_status(a) == MG_OK && mg_checkpoint_close(a) == MG_OK);
  cr_assert(iteration == s->iteration && memcmp(flags, s->flags, 5) == 0);
  free(s);
}

Test(checkpoint, refuses_what_does_not_fit) {
  mg_comm comm = mg_comm_self();
  state *s = malloc(sizeof *s);
  fill(s, 1);
  const char *path = scratch_path("c.h5");
  cr_assert(save(path, &comm, s) == MG_OK);
  mg_archive *a;
#define REFUSES(visit_one, words)                                                                  \
  cr_assert(mg_checkpoint_open(path, &comm, &a) == MG_OK);                                         \
  visit_one;                                                                                       \
  mg_archive_shared(a, "flags", MG_TYPE_U8, s->flags, 5); /* sticky */                             \
  assert_fails(mg_archive_status(a), MG_ERR_DATA, words);                                          \
  assert_fails(mg_checkpoint_close(a), MG_ERR_DATA, words)
  REFUSES(mg_archive_shared(a, "policy/phi", MG_TYPE_F32, s->theta, 1), "has no field policy/phi");
  REFUSES(mg_archive_shared(a, "policy/theta", MG_TYPE_F32, s->theta, THETA - 1),
          "policy/theta has 1000 entries; expected 999");
  REFUSES(mg_archive_shared(a, "policy/theta", MG_TYPE_F64, s->theta, THETA),
          "policy/theta is float32; expected float64");
  REFUSES(mg_archive_divided(a, "policy/theta", MG_TYPE_F32, s->theta, &s->share, 1, THETA / 5),
          "policy/theta is shared; expected of 5 environments");
  REFUSES(mg_archive_text(a, "config", s->config, 10), "config has 23 bytes; expected fewer");
  free(s);
}

static void open_missing(mg_comm *comm, void *user) {
  mg_archive *a;
  assert_fails(mg_checkpoint_open(user, comm, &a), MG_ERR_NO_INPUT, "No such file");
  cr_assert(a == NULL);
  assert_fails(mg_checkpoint_create(scratch_path("no/such/folder"), comm, &a), MG_ERR_CREATE,
               "cannot be created");
}

Test(checkpoint, failures_of_rank_0_are_known_to_all) {
  char path[1024];
  snprintf(path, sizeof path, "%s", scratch_path("missing.h5"));
  run_ranks(3, open_missing, path);
}

Test(checkpoint, keeps_the_previous_one) {
  mg_comm comm = mg_comm_self();
  state *s = malloc(sizeof *s), *t = malloc(sizeof *t);
  char path[1024], previous[1100];
  snprintf(path, sizeof path, "%s", scratch_path("c.h5"));
  snprintf(previous, sizeof previous, "%s.previous", path);
  for (int k = 1; k <= 3; k++) {
    fill(s, k);
    cr_assert(save(path, &comm, s) == MG_OK);
    cr_assert(load(path, &comm, t) == MG_OK && t->theta[0] == (float)k);
    if (k > 1) cr_assert(load(previous, &comm, t) == MG_OK && t->theta[0] == (float)(k - 1));
  }
  cr_assert(scratch_count() == 2);
  free(s);
  free(t);
}

Test(checkpoint, a_damaged_one_never_replaces_the_previous_one) {
  mg_comm comm = mg_comm_self();
  state *s = malloc(sizeof *s), *t = malloc(sizeof *t);
  char path[1024], previous[1100];
  snprintf(path, sizeof path, "%s", scratch_path("c.h5"));
  snprintf(previous, sizeof previous, "%s.previous", path);
  for (int k = 1; k <= 2; k++) {
    fill(s, k);
    cr_assert(save(path, &comm, s) == MG_OK);
  }
  size_t length;
  unsigned char *bytes = file_read(path, &length);
  for (int k = 0; k < 2; k++) { /* half of the file, then nothing of it */
    cr_assert(file_write(path, bytes, k ? 0 : length / 2));
    cr_assert(load(path, &comm, t) == MG_ERR_DATA);
    fill(s, 3 + k);
    cr_assert(save(path, &comm, s) == MG_OK);
    cr_assert(load(path, &comm, t) == MG_OK && t->theta[0] == (float)(3 + k));
    cr_assert(load(previous, &comm, t) == MG_OK && t->theta[0] == 1, "the good one is lost");
  }
  free(bytes);
  free(s);
  free(t);
}

Test(checkpoint, a_failed_save_leaves_the_old_one) {
  mg_comm comm = mg_comm_self();
  state *s = malloc(sizeof *s), *t = malloc(sizeof *t);
  const char *path = scratch_path("c.h5");
  fill(s, 1);
  cr_assert(save(path, &comm, s) == MG_OK);
  /* Writes past a limit fail, as on a full disk. */
  signal(SIGXFSZ, SIG_IGN);
  struct rlimit old;
  getrlimit(RLIMIT_FSIZE, &old);
  for (rlim_t limit = 0; limit < 14000; limit += 700) {
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){limit, old.rlim_max});
    fill(s, 2);
    mg_status status = save(path, &comm, s);
    setrlimit(RLIMIT_FSIZE, &old);
    if (status == MG_OK) {
      cr_assert(limit > 5000);
      break;
    }
    cr_assert(status == MG_ERR_IO || status == MG_ERR_CREATE, "%d at %ld", status, (long)limit);
    cr_assert(scratch_count() == 1, "temporary left at %ld", (long)limit);
    cr_assert(load(path, &comm, t) == MG_OK && t->theta[0] == 1);
  }
  free(s);
  free(t);
}

Test(checkpoint, the_temporary_follows_no_link) {
  mg_comm comm = mg_comm_self();
  state *s = malloc(sizeof *s);
  fill(s, 1);
  char link_name[1024], target[1024];
  snprintf(target, sizeof target, "%s", scratch_path("precious"));
  snprintf(link_name, sizeof link_name, "%s.tmp.%ld", scratch_path("c.h5"), (long)getpid());
  cr_assert(file_write(target, "gold", 4) && symlink(target, link_name) == 0);
  cr_assert(save(scratch_path("c.h5"), &comm, s) == MG_OK);
  size_t length;
  unsigned char *bytes = file_read(target, &length);
  cr_assert(length == 4 && memcmp(bytes, "gold", 4) == 0);
  free(bytes);
  free(s);
}

Test(checkpoint, refuses_other_files) {
  mg_comm comm = mg_comm_self();
  state *s = malloc(sizeof *s);
  const char *path = scratch_path("x.h5");
  file_write(path, "", 0);
  assert_fails(load(path, &comm, s), MG_ERR_DATA, "not a checkpoint");
  remove(path);
  hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  H5Fclose(file);
  assert_fails(load(path, &comm, s), MG_ERR_DATA, "not a checkpoint");
  assert_fails(load(scratch_path("."), &comm, s), MG_ERR_NO_INPUT, "not a regular file");
  cr_assert(mkfifo(scratch_path("fifo"), 0600) == 0);
  assert_fails(load(scratch_path("fifo"), &comm, s), MG_ERR_NO_INPUT, "not a regular file");
  free(s);
}

static void set_version(const char *path, int64_t version) {
  hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
  hid_t attribute = H5Aopen(file, "format_version", H5P_DEFAULT);
  H5Awrite(attribute, H5T_NATIVE_INT64, &version);
  H5Aclose(attribute);
  H5Fclose(file);
}

/* What a file of our own making would have to get past: HDF5 itself finds nothing wrong. */
static void set_entry(const char *path, const char *name, double value) {
  hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
  hid_t data = H5Dopen2(file, name, H5P_DEFAULT);
  static double all[THETA];
  H5Dread(data, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, all);
  all[3] = value;
  H5Dwrite(data, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, all);
  H5Dclose(data);
  H5Fclose(file);
}

Test(checkpoint, detects_edits) {
  mg_comm comm = mg_comm_self();
  state *s = malloc(sizeof *s);
  fill(s, 1);
  const char *path = scratch_path("c.h5");
  cr_assert(save(path, &comm, s) == MG_OK);
  set_entry(path, "policy/theta", 5);
  assert_fails(load(path, &comm, s), MG_ERR_DATA, "the checksum of policy/theta is wrong");
  fill(s, 1);
  cr_assert(save(path, &comm, s) == MG_OK);
  set_version(path, 3);
  assert_fails(load(path, &comm, s), MG_ERR_DATA, "format version 3; expected at most 2");
  cr_assert(save(path, &comm, s) == MG_OK);
  hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
  H5Ldelete(file, "flags", H5P_DEFAULT);
  H5Fclose(file);
  assert_fails(load(path, &comm, s), MG_ERR_DATA, "flags cannot be read");
  free(s);
}

Test(checkpoint, bit_flips_and_truncation_are_detected_or_harmless) {
  mg_comm comm = mg_comm_self();
  state *s = malloc(sizeof *s), *t = malloc(sizeof *t);
  fill(s, 1);
  const char *path = scratch_path("c.h5"), *bad = scratch_path("bad.h5");
  cr_assert(save(path, &comm, s) == MG_OK);
  size_t length;
  unsigned char *bytes = file_read(path, &length);
  mg_rng rng = mg_rng_at(5, MG_RNG_TEST, 0, 0);
  int detected = 0;
  for (int k = 0; k < 400; k++) {
    /* Half of them in the first 2 KB, where HDF5's own structures are dense. */
    size_t at = (size_t)mg_rng_below(&rng, k % 2 ? length : 2048);
    unsigned char bit = (unsigned char)(1u << mg_rng_below(&rng, 8));
    bytes[at] ^= bit;
    cr_assert(file_write(bad, bytes, length));
    bytes[at] ^= bit;
    memset(t, 0, sizeof *t);
    mg_status status = load(bad, &comm, t);
    if (status == MG_OK)
      assert_same(s, t);
    else
      cr_assert(status == MG_ERR_DATA, "flip at %zu: %d %s", at, status, mg_status_message());
    detected += status != MG_OK;
  }
  cr_assert(detected > 250, "only %d of 400 flips detected", detected);
  for (int k = 0; k < 20; k++) {
    cr_assert(file_write(bad, bytes, length * (size_t)k / 20));
    cr_assert(load(bad, &comm, t) == MG_ERR_DATA, "truncated to %d/20", k);
  }
  free(bytes);
  free(s);
  free(t);
}
