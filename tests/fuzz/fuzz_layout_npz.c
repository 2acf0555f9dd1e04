/* Layouts in NumPy archives: bytes change a good archive, member by member. */
#include "demo_zip.h"
#include "fuzz_target.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_CHANGES = 24 };

static const char *const DESCRS[] = {
    "", "<f8", ">f4", "<i4", "|b1", "<f2", "|O", "<U8", "<c16", "[('a', '<f8')]", "", NULL};
static const char *const SHAPES[] = {"",  "4,",  "3, 4", "1152921504606846976, 4", "-1, 4",
                                     "4", "(4)", "0, 4", "18446744073709551616,",  NULL};
static const char *const ORDERS[] = {"False", "True", "None", "", NULL};
static const char *const MEMBERS[] = {"obs.npy",
                                      "acts.npy",
                                      "actions.npy",
                                      "rewards.npy",
                                      "rews.npy",
                                      "terminal.npy",
                                      "indices.npy",
                                      "infos.npy",
                                      "episode_starts.npy",
                                      "../obs.npy",
                                      "obs",
                                      "final_observations_repeated.npy",
                                      "rewards_absent.npy",
                                      "acs.npy",
                                      NULL};

static void (*const MAKE[3])(int episodes, uint64_t steps, demo_archive *archive) = {
    demo_archive_sb2, demo_archive_imitation, demo_archive_baselines};

static void change_array(fuzz_source *s, demo_item *a) {
  switch (fuzz_below(s, 5)) {
  case 0:
    a->type = (demo_type)fuzz_below(s, DEMO_TYPES);
    break;
  case 1:
    a->rank = (int)fuzz_below(s, 5);
    break;
  case 2:
    a->dims[fuzz_below(s, 3)] = fuzz_size(s);
    break;
  case 3:
    a->values = (demo_values)fuzz_below(s, 6), a->constant = fuzz_number(s);
    break;
  default:
    a->at = (int64_t)fuzz_size(s), a->becomes = fuzz_number(s);
  }
}

static void change_claims(fuzz_source *s, demo_member *m) {
  switch (fuzz_below(s, 9)) {
  case 0:
    m->pickle = !m->pickle;
    break;
  case 1:
    m->wrong_checksum = !m->wrong_checksum;
    break;
  case 2:
    m->claimed = fuzz_size(s);
    break;
  case 3:
    m->missing = (int64_t)fuzz_byte(s);
    break;
  case 4:
    m->method = fuzz_byte(s);
    break;
  case 5:
    m->flags = fuzz_byte(s);
    break;
  case 6:
    m->version = fuzz_byte(s) % 5;
    break;
  case 7:
    m->zeros = fuzz_below(s, 3);
    break;
  default:
    m->deflate = !m->deflate;
  }
}

static void change(fuzz_source *s, demo_archive *a) {
  demo_member *m = &a->member[fuzz_below(s, (unsigned)a->members)];
  switch (fuzz_below(s, 8)) {
  case 0:
    fuzz_text(s, MEMBERS, m->name, sizeof m->name);
    break;
  case 1:
    fuzz_text(s, DESCRS, m->descr, sizeof m->descr);
    break;
  case 2:
    fuzz_text(s, SHAPES, m->shape, sizeof m->shape);
    break;
  case 3:
    fuzz_text(s, ORDERS, m->order, sizeof m->order);
    break;
  case 4:
    change_claims(s, m);
    break;
  case 5:
    if (a->members == DEMO_MEMBERS) break;
    a->member[a->members] = *m;
    fuzz_text(s, MEMBERS, a->member[a->members++].name, sizeof m->name);
    break;
  default:
    change_array(s, &m->array);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  demo_archive a;
  fuzz_source s = {bytes, size};
  unsigned kind = fuzz_byte(&s);
  MAKE[kind % 3](1 + (int)(kind / 3 % 3), 1 + kind / 9, &a);
  for (int i = 0; i < MOST_CHANGES && s.left > 0; i++) change(&s, &a);
  size_t length;
  void *file = demo_archive_write(&a, &length);
  mg_status status = fuzz_read_dataset(file, length);
  free(file);
  if (size <= 1 && status != MG_OK)
    fuzz_fail("a good archive was refused: %s", mg_status_message());
  return 0;
}
