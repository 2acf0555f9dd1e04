/* A good curve file with bytes overwritten, as `info` reads it and as a resumed run goes on with it:
 * refused, or of the sum that the checkpoint knows. */
#include "files/curves/curves.h"
#include "files/curves/curves_summary.h"
#include "files/guard.h"
#include "fuzz_target.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { METRICS = 2, ROWS = 20, EPISODES = 3 };

static const mg_metric metric[METRICS] = {{"loss", "", "of nothing"}, {"seconds", "s", "of time"}};
static uint64_t checksum; /* of the good one */

static void append_rows(mg_curves *curves) {
  const double returns[EPISODES] = {1, 2, 3}, lengths[EPISODES] = {4, 5, 6};
  for (int i = 0; i < ROWS; i++) {
    mg_curves_append(curves, i, 100 * i, 0.5 * i, (const double[METRICS]){i, -i});
    if (i % 5 == 0)
      mg_curves_append_evaluation(curves, i, 100 * i, 0.5 * i, returns, lengths, NULL, NULL);
  }
}

/* The bytes of a good one; stays the process's. */
static const uint8_t *good_file(size_t *size) {
  static uint8_t *bytes;
  static size_t length;
  if (!bytes) {
    const mg_attribute attribute = {"program", "mgail"};
    mg_curves *curves;
    close(fuzz_file("", 0));
    unlink(fuzz_file_path()); /* it must be new */
    if (mg_curves_create(fuzz_file_path(), METRICS, metric, EPISODES, 1, &attribute, 1e9,
                         &curves) != MG_OK)
      fuzz_fail("no good curves: %s", mg_status_message());
    append_rows(curves);
    if (mg_curves_flush(curves) != MG_OK) fuzz_fail("no good curves: %s", mg_status_message());
    checksum = mg_curves_checksum(curves);
    if (mg_curves_close(curves) != MG_OK) fuzz_fail("no good curves: %s", mg_status_message());
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

static void summarise(int pipe, void *user) {
  static const char *const attributes[] = {"program", "seed"};
  char value[2][256];
  mg_curves_summary summary;
  (void)user;
  mg_guard_tell(pipe, mg_curves_summarise(fuzz_file_path(), 2, attributes, value, &summary));
}

/* In a child, as in the program: texts stand in a heap without a checksum. */
static mg_status read_summary(void) {
  const mg_guard_limits limits = {.bytes = UINT64_C(2) << 30, .seconds = 2};
  mg_guard guard;
  mg_status status;
  if (mg_guard_start(&guard, fuzz_file_path(), &limits, summarise, NULL) != MG_OK)
    fuzz_fail("no child: %s", mg_status_message());
  const bool heard = mg_guard_hear(&guard, &status);
  const mg_status end = mg_guard_end(&guard, heard);
  return heard ? status : end;
}

static mg_status go_on(void) {
  mg_curves *curves;
  MG_TRY(mg_curves_reopen(fuzz_file_path(), METRICS, metric, EPISODES, ROWS - 1, &checksum, 1e9,
                          &curves));
  if (mg_curves_checksum(curves) != checksum) fuzz_fail("other values were let through");
  append_rows(curves);
  return mg_curves_close(curves);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  write_changed((fuzz_source){bytes, size});
  mg_status status = read_summary();
  fuzz_check_status(status, fuzz_file_path());
  if (status != MG_OK && size == 0) fuzz_fail("good curves were refused: %s", mg_status_message());
  status = go_on();
  fuzz_check_status(status, fuzz_file_path());
  if (status != MG_OK && size == 0) fuzz_fail("no going on: %s", mg_status_message());
  return 0;
}
