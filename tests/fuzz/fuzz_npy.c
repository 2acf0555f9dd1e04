/* Headers of .npy members, from any bytes; and the values behind them. */
#include "demos/numpy/npy.h"
#include "fuzz_target.h"

#include <stdlib.h>
#include <string.h>

static void check_problem(const mg_npy_problem *p) {
  if (strlen(p->text) < 8 || strlen(p->text) >= sizeof p->text)
    fuzz_fail("no sentence: '%s'", p->text);
}

static void decode(const mg_npy_header *header, const uint8_t *bytes, size_t size) {
  size_t one = mg_npy_type_size(header->type), n = one ? size / one : 0;
  if (n == 0) return;
  uint8_t *copy = malloc(n * one);
  double *values = malloc(n * sizeof *values);
  if (!copy || !values) fuzz_fail("no memory");
  memcpy(copy, bytes, n * one);
  if (mg_npy_decode(header, copy, n, values) > n) fuzz_fail("more values than there are");
  free(copy);
  free(values);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  mg_npy_problem problem = {""};
  mg_npy_header header;
  char text[256];
  if (size < MG_NPY_PREFIX) return -1;
  size_t length = mg_npy_header_size(bytes, &problem);
  if (length == 0) return check_problem(&problem), 0;
  if (length > MG_NPY_MAX_HEADER) fuzz_fail("a header of %zu bytes", length);
  if (length > size) return 0;
  uint8_t *exact = malloc(length); /* so that a byte too many is seen */
  if (!exact) fuzz_fail("no memory");
  memcpy(exact, bytes, length);
  bool ok = mg_npy_header_parse(exact, length, &header, &problem);
  free(exact);
  if (!ok) return check_problem(&problem), 0;
  if (header.rank < 0 || header.rank > MG_NPY_MAX_RANK) fuzz_fail("rank %d", header.rank);
  mg_npy_header_describe(&header, text, sizeof text);
  decode(&header, bytes + length, size - length);
  return 0;
}
