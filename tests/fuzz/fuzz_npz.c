/* NumPy archives of any bytes: all members, all rows, forwards and once more from the start. */
#include "demos/numpy/npz_archive.h"
#include "fuzz_target.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char PATH[] = "input.npz";

enum { MOST_BYTES = 1 << 20 };

static void read_member(mg_npz *npz, const mg_npz_member *m) {
  mg_npz_stream *stream = NULL;
  mg_status status = mg_npz_stream_open(npz, m->name, &stream);
  fuzz_check_status(status, PATH);
  if ((status == MG_OK) != (*m->problem.text == 0)) fuzz_fail("%s: not as it was listed", m->name);
  if (status != MG_OK) return;
  if (m->rows > MOST_BYTES / 8 || (m->rows && m->row_size > MOST_BYTES / 8 / m->rows))
    fuzz_fail("more than the limit was accepted");
  double *values = malloc((m->rows * m->row_size + 1) * sizeof *values);
  if (!values) fuzz_fail("no memory");
  uint64_t half = m->rows / 2;
  status = mg_npz_stream_read(stream, half, m->rows - half, values);
  fuzz_check_status(status, PATH);
  status = mg_npz_stream_read(stream, 0, m->rows, values);
  fuzz_check_status(status, PATH);
  if (m->row_size == 1) { /* there is room for one more */
    status = mg_npz_stream_read(stream, m->rows, 1, values);
    if (status == MG_OK) fuzz_fail("%s: a row more than there are", m->name);
    fuzz_check_status(status, PATH);
  }
  mg_npz_stream_close(stream);
  free(values);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  mg_npz *npz = NULL;
  int file = fuzz_file(bytes, size);
  mg_status status = mg_npz_open(file, PATH, MOST_BYTES, &npz);
  fuzz_check_status(status, PATH);
  if ((npz != NULL) != (status == MG_OK)) fuzz_fail("neither opened nor refused");
  for (int i = 0; npz && i < npz->count; i++) read_member(npz, &npz->entry[i].member);
  mg_npz_close(npz);
  close(file);
  return 0;
}
