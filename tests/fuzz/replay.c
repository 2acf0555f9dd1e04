/* Runs a target over files, for builds without libFuzzer: replay FILE-OR-FOLDER...; nothing at all
 * is an input too. Fails where there is no file. */
#include "fuzz_target.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int run_file(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file) return 0;
  uint8_t *bytes = NULL;
  size_t size = 0, got;
  do {
    bytes = realloc(bytes, size + 65536);
    if (!bytes) abort();
    got = fread(bytes + size, 1, 65536, file);
    size += got;
  } while (got > 0);
  fclose(file);
  uint8_t *exact = malloc(size ? size : 1); /* so that a sanitizer sees a byte too many */
  if (!exact) abort();
  memcpy(exact, bytes, size);
  free(bytes);
  fprintf(stderr, "%s\n", path); /* the last one said is the one that failed */
  LLVMFuzzerTestOneInput(exact, size);
  free(exact);
  return 1;
}

static int run(const char *path) {
  DIR *folder = opendir(path);
  int files = 0;
  if (!folder) return run_file(path);
  for (struct dirent *entry; (entry = readdir(folder));) {
    char name[4096];
    if (entry->d_name[0] == '.') continue;
    snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
    files += run_file(name);
  }
  closedir(folder);
  return files;
}

int main(int argc, char **argv) {
  int files = 0;
  LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
  for (int i = 1; i < argc; i++) files += run(argv[i]);
  printf("%d files\n", files);
  return files > 0 ? 0 : 1;
}
