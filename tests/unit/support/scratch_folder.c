#include "scratch_folder.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[512];

const char *scratch_make(void) {
  const char *base = getenv("TMPDIR");
  snprintf(folder, sizeof folder, "%s/mgail-test-XXXXXX", base ? base : "/tmp");
  return mkdtemp(folder);
}

const char *scratch_path(const char *name) {
  static char paths[8][1024];
  static int next;
  char *path = paths[next++ % 8];
  snprintf(path, sizeof paths[0], "%s/%s", folder, name);
  return path;
}

/* Entries other than . and ..; removed one by one if asked for. */
static int visit(bool and_remove) {
  int count = 0;
  DIR *dir = opendir(folder);
  if (!dir) return 0;
  for (struct dirent *entry; (entry = readdir(dir));) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    count++;
    if (and_remove) remove(scratch_path(entry->d_name));
  }
  closedir(dir);
  return count;
}

int scratch_count(void) {
  return visit(false);
}

void scratch_remove(void) {
  visit(true);
  rmdir(folder);
}

unsigned char *file_read(const char *path, size_t *length) {
  FILE *file = fopen(path, "rb");
  if (!file) return NULL;
  fseek(file, 0, SEEK_END);
  *length = (size_t)ftell(file);
  rewind(file);
  unsigned char *bytes = malloc(*length + 1);
  *length = fread(bytes, 1, *length, file);
  fclose(file);
  return bytes;
}

bool file_write(const char *path, const void *bytes, size_t length) {
  FILE *file = fopen(path, "wb");
  if (!file) return false;
  bool ok = fwrite(bytes, 1, length, file) == length;
  return fclose(file) == 0 && ok;
}
