#define _XOPEN_SOURCE 700 /* nftw */
#include "scratch_folder.h"

#include <dirent.h>
#include <ftw.h>
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

int scratch_count(void) {
  int count = 0;
  DIR *dir = opendir(folder);
  if (!dir) return 0;
  for (struct dirent *entry; (entry = readdir(dir));)
    count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
  closedir(dir);
  return count;
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *at) {
  (void)info, (void)type, (void)at;
  return remove(path);
}

void scratch_remove(void) {
  nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
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
