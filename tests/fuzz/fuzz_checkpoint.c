/* A good checkpoint with bytes overwritten: it is refused, or gives back what was saved. */
#include "base/comm.h"
#include "files/checkpoint/checkpoint.h"
#include "fuzz_target.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct state {
  float theta[300];
  double mean[7];
  int64_t iteration;
  uint64_t counter[2];
  unsigned char flags[5];
  char config[64];
} state;

static void visit(mg_archive *a, state *s) {
  mg_archive_shared(a, "policy/theta", MG_TYPE_F32, s->theta, 300);
  mg_archive_shared(a, "normaliser/mean", MG_TYPE_F64, s->mean, 7);
  mg_archive_shared(a, "iteration", MG_TYPE_I64, &s->iteration, 1);
  const mg_share share = mg_share_of(5, 0, 1);
  mg_archive_shared(a, "random/counter", MG_TYPE_U64, s->counter, 2);
  mg_archive_divided(a, "flags", MG_TYPE_U8, s->flags, &share, 1, 1);
  mg_archive_text(a, "config", s->config, sizeof s->config);
}

static void fill(state *s) {
  memset(s, 0, sizeof *s);
  for (int i = 0; i < 300; i++) s->theta[i] = 0.1f * (float)i;
  for (int i = 0; i < 7; i++) s->mean[i] = -i;
  s->iteration = 42, s->counter[0] = UINT64_MAX;
  memset(s->flags, 250, sizeof s->flags);
  strcpy(s->config, "seed = 1");
}

/* The bytes of a good one; stays the process's. */
static const uint8_t *good_file(size_t *size) {
  static uint8_t *bytes;
  static size_t length;
  if (!bytes) {
    state s;
    mg_comm comm = mg_comm_self();
    mg_archive *a;
    fill(&s);
    close(fuzz_file("", 0));
    mg_status status = mg_checkpoint_create(fuzz_file_path(), &comm, &a);
    if (status == MG_OK) {
      visit(a, &s);
      status = mg_checkpoint_close(a);
    }
    if (status != MG_OK) fuzz_fail("no good checkpoint: %s", mg_status_message());
    bytes = fuzz_file_bytes(&length);
  }
  *size = length;
  return bytes;
}

static void write_changed(fuzz_source s) {
  size_t size;
  const uint8_t *good = good_file(&size);
  fuzz_changed_file(s, good, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  write_changed((fuzz_source){bytes, size});
  state saved, loaded;
  mg_comm comm = mg_comm_self();
  mg_archive *a;
  fill(&saved);
  memset(&loaded, 0, sizeof loaded);
  mg_status status = mg_checkpoint_open(fuzz_file_path(), &comm, &a);
  if (status == MG_OK) {
    visit(a, &loaded);
    status = mg_checkpoint_close(a);
  }
  fuzz_check_status(status, fuzz_file_path());
  if (status == MG_OK && memcmp(&saved, &loaded, sizeof saved) != 0)
    fuzz_fail("other values were let through");
  if (status != MG_OK && size == 0)
    fuzz_fail("a good checkpoint was refused: %s", mg_status_message());
  return 0;
}
