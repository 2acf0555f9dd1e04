/* metadata.json beside a file, of any bytes. */
#include "demos/metadata.h"
#include "fuzz_target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[64], beside[96];

static void clean_up(void) {
  unlink(beside);
  rmdir(folder);
}

static void set_up(void) {
  const char *base = getenv("TMPDIR");
  snprintf(folder, sizeof folder, "%.40s/mgail-fuzz-XXXXXX", base ? base : "/tmp");
  if (!mkdtemp(folder)) fuzz_fail("no folder");
  snprintf(beside, sizeof beside, "%s/metadata.json", folder);
  atexit(clean_up);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  char path[96], id[64] = "";
  if (!*folder) set_up();
  snprintf(path, sizeof path, "%s/main_data.hdf5", folder);
  FILE *file = fopen(beside, "wb");
  if (!file || fwrite(bytes, 1, size, file) != size || fclose(file) != 0) fuzz_fail("no file");
  if (mg_metadata_env_id(path, id, sizeof id) && !mg_is_env_id(id)) fuzz_fail("task '%s'", id);
  char *text = mg_metadata_beside(path);
  if (text && *text != '{') fuzz_fail("metadata that are no object");
  if (text) mg_metadata_is_generated(text);
  free(text);
  return 0;
}
