#include "demos/demo_file.h"
#include "demos/layouts/layout.h"
#include "fuzz_target.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of a folder that is not there: nothing stands beside it. */
static const char PATH[] = "/no-such-folder/input.h5";

enum { MOST_BYTES = 1 << 20 };

void fuzz_fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fputc('\n', stderr);
  abort();
}

static void check_sentence(const char *sentence) {
  if (strlen(sentence) < 8) fuzz_fail("no sentence: '%s'", sentence);
  for (const unsigned char *c = (const unsigned char *)sentence; *c; c++)
    if (*c < ' ' || *c == 127) fuzz_fail("a sentence with control characters: '%s'", sentence);
}

void fuzz_check_status(mg_status status, const char *path) {
  if (status == MG_OK) return;
  const char *sentence = mg_status_message();
  check_sentence(sentence);
  if (status != MG_ERR_DATA && status != MG_ERR_NO_INPUT && status != MG_ERR_CONFIG)
    fuzz_fail("status %d of bad input: '%s'", (int)status, sentence);
  if (!strstr(sentence, path)) fuzz_fail("a sentence that does not name %s: '%s'", path, sentence);
}

static char own_file[96];

static void remove_own_file(void) {
  unlink(own_file);
}

/* In memory, where the system has such a folder. */
static void make_own_file(void) {
  const char *base = getenv("TMPDIR");
  if (!base) base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
  snprintf(own_file, sizeof own_file, "%.64s/mgail-fuzz-XXXXXX", base);
  int file = mkstemp(own_file);
  if (file < 0) fuzz_fail("%s: cannot be created", own_file);
  close(file);
  atexit(remove_own_file);
}

const char *fuzz_file_path(void) {
  return own_file;
}

int fuzz_file(const void *bytes, size_t size) {
  if (!*own_file) make_own_file();
  int file = open(own_file, O_RDWR | O_TRUNC | O_CLOEXEC);
  if (file < 0 || write(file, bytes, size) != (ssize_t)size) fuzz_fail("%s: no room", own_file);
  return file;
}

void *fuzz_file_bytes(size_t *size) {
  struct stat about;
  int file = open(own_file, O_RDONLY | O_CLOEXEC);
  if (file < 0 || fstat(file, &about) != 0) fuzz_fail("%s: not there", own_file);
  *size = (size_t)about.st_size;
  void *bytes = malloc(*size);
  if (!bytes || read(file, bytes, *size) != about.st_size) fuzz_fail("%s: not read", own_file);
  close(file);
  return bytes;
}

/* ---- reading a data set ---- */

static void found(void *user, mg_note_kind kind, const char *sentence) {
  if (strlen(sentence) < 8) fuzz_fail("no sentence: '%s'", sentence);
  if (strstr(sentence, PATH)) fuzz_fail("names the file once more: '%s'", sentence);
  *(int64_t *)user += kind == MG_NOTE_PROBLEM;
}

static mg_status read_extras(mg_dataset_file *f) {
  mg_extras x = {.max_bytes = MOST_BYTES};
  mg_status status = mg_dataset_file_extras(f, &x);
  if (x.bytes > MOST_BYTES) fuzz_fail("%llu bytes beside", (unsigned long long)x.bytes);
  mg_extras_clear(&x);
  for (int64_t k = 0; k < f->episodes && status == MG_OK; k++) {
    if (f->episode[k].broken) continue;
    status = mg_dataset_file_episode_extras(f, k, &x);
    mg_extras_clear(&x);
  }
  return status;
}

/* What a reader that said MG_OK promises. */
static void check_values(const mg_dataset_file *f, const mg_trajectory *t) {
  double sum = 0;
  size_t d = (size_t)f->form.observation_size, m = (size_t)f->form.action_size;
  for (size_t i = 0; i < ((size_t)t->steps + 1) * d; i++) sum += 0 * t->observations[i];
  for (size_t i = 0; i < (size_t)t->steps * m; i++) sum += 0 * t->actions[i];
  for (size_t i = 0; i < (size_t)t->steps; i++) sum += 0 * t->rewards[i];
  if (sum != 0) fuzz_fail("values that are not finite were let through");
}

static mg_status load_all(mg_dataset_file *f) {
  mg_trajectory t = {0};
  if (f->longest < 1) return MG_OK; /* all are broken */
  mg_status status = mg_trajectory_allocate(f, &t);
  if (status == MG_OK) status = mg_dataset_file_leave_out(f, &t);
  for (int64_t k = 0; k < f->episodes && status == MG_OK; k++) {
    if (f->episode[k].broken) continue;
    if (t.steps > f->longest) fuzz_fail("an episode longer than the longest");
    status = mg_dataset_file_load(f, k, &t);
    if (f->episode[k].left_out) fuzz_fail("%s was good before", f->episode[k].name);
    if (status == MG_OK && !f->access.collect) check_values(f, &t);
  }
  mg_trajectory_free(&t);
  return status;
}

typedef enum reading { TRAIN, SKIP, CONVERT, VALIDATE } reading;

static mg_status read_once(int file, reading way, int64_t *problems) {
  const bool collect = way == VALIDATE, strict = way == CONVERT || collect, extras = strict;
  const mg_dataset_access access = {.max_bytes = collect ? UINT64_C(1) << 50 : MOST_BYTES,
                                    .max_episode_bytes = MOST_BYTES,
                                    .max_steps = strict ? 500 : 0,
                                    .strict = strict,
                                    .collect = collect,
                                    .skip_bad = way == SKIP,
                                    .found = strict ? found : NULL,
                                    .user = problems};
  mg_dataset_file f;
  mg_status status = mg_dataset_file_open(file, PATH, &access, &f);
  if (status == MG_OK && f.bytes > f.max_bytes) fuzz_fail("more than the limit was accepted");
  if (status == MG_OK) status = load_all(&f);
  if (status == MG_OK && extras) status = read_extras(&f);
  fuzz_check_status(status, PATH);
  mg_dataset_file_close(&f);
  ssize_t open = H5Fget_obj_count((hid_t)H5F_OBJ_ALL, H5F_OBJ_ALL);
  if (open > 0) fuzz_fail("%zd objects were left open: %s", open, mg_status_message());
  return status;
}

mg_status fuzz_read_dataset(const void *bytes, size_t size) {
  int64_t remarks = 0, problems = 0;
  int file = fuzz_file(bytes, size);
  mg_status train = read_once(file, TRAIN, &remarks);
  mg_status skip = read_once(file, SKIP, &remarks);
  mg_status convert = read_once(file, CONVERT, &remarks);
  mg_status validate = read_once(file, VALIDATE, &problems);
  close(file);
  if (train == MG_OK && skip != MG_OK)
    fuzz_fail("good, but not where bad episodes are passed over: %s", mg_status_message());
  if (remarks > 0) fuzz_fail("problems were told that should have ended the reading");
  if (convert != MG_OK && validate == MG_OK && problems == 0)
    fuzz_fail("refused, but validation finds nothing: %s", mg_status_message());
  return train;
}

void fuzz_changed_file(fuzz_source source, const uint8_t *good, size_t size) {
  uint8_t *file = malloc(size);
  if (!file) fuzz_fail("no memory");
  memcpy(file, good, size);
  fuzz_overwrite(&source, file, size);
  close(fuzz_file(file, size));
  free(file);
}

int fuzz_layout(demo_layout layout, const uint8_t *bytes, size_t size) {
  static demo_model model;
  fuzz_source source = {bytes, size};
  size_t length = 0;
  demo_model_make(layout, 1 + (int)fuzz_below(&source, 3), 1 + fuzz_below(&source, 8), &model);
  fuzz_change_model(&source, &model);
  void *file = demo_model_write(&model, &length);
  if (!file) return -1;
  mg_status status = fuzz_read_dataset(file, length);
  free(file);
  if (size <= 2 && status != MG_OK)
    fuzz_fail("a good file of layout %s was refused: %s", demo_layout_names[layout],
              mg_status_message());
  return 0;
}
