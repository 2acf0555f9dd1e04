#include "app/commands/run_folders.h"

#include "app/run/run_folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

mg_status mg_run_folders_put(mg_run_folders *f, const char *path, const char *reason) {
  struct stat info = {0};
  bool exists = !reason && stat(path, &info) == 0;
  for (int i = 0; exists && i < f->count; i++)
    if (f->run[i].inode == info.st_ino && f->run[i].device == info.st_dev) return MG_OK;
  if (f->count == f->capacity) {
    int capacity = f->capacity ? 2 * f->capacity : 64;
    void *larger = realloc(f->run, (size_t)capacity * sizeof *f->run);
    if (!larger) return mg_fail(MG_ERR_MEMORY, "out of memory for %d folders", capacity);
    f->run = larger, f->capacity = capacity;
  }
  char *copy = strdup(path);
  if (!copy) return mg_fail(MG_ERR_MEMORY, "out of memory for a folder's name");
  f->run[f->count].path = copy;
  f->run[f->count].reason = reason;
  f->run[f->count].device = info.st_dev;
  f->run[f->count++].inode = exists ? info.st_ino : 0;
  return MG_OK;
}

static bool holds(const char *folder, const char *name) {
  char path[MG_FOLDER_PATH_MAX];
  struct stat info;
  return mg_run_folder_file(folder, name, path, sizeof path) == MG_OK && stat(path, &info) == 0;
}

bool mg_is_run_folder(const char *folder) {
  return holds(folder, "config.ini") || holds(folder, "curves.h5") || holds(folder, "result.json");
}

static int is_visible(const struct dirent *entry) {
  return entry->d_name[0] != '.';
}

mg_status mg_run_folders_add(mg_run_folders *f, const char *word) {
  struct stat info;
  if (mg_is_run_folder(word) || stat(word, &info) != 0 || !S_ISDIR(info.st_mode))
    return mg_run_folders_put(f, word, NULL);
  struct dirent **entries;
  int n = scandir(word, &entries, is_visible, alphasort);
  if (n < 0) return mg_fail(MG_ERR_NO_INPUT, "%s: %s", word, strerror(errno));
  mg_status status = MG_OK;
  int found = 0;
  for (int i = 0; i < n; i++) {
    char path[MG_FOLDER_PATH_MAX];
    if (status == MG_OK &&
        mg_run_folder_file(word, entries[i]->d_name, path, sizeof path) == MG_OK &&
        mg_is_run_folder(path)) {
      status = mg_run_folders_put(f, path, NULL);
      found++;
    }
    free(entries[i]);
  }
  free(entries);
  return status == MG_OK && found == 0 ? mg_run_folders_put(f, word, NULL) : status;
}

size_t mg_same_folder(const char *a, const char *b, size_t length) {
  size_t same = 0;
  while (same < length && a[same] && a[same] == b[same]) same++;
  while (same > 0 && a[same - 1] != '/') same--;
  return same;
}

void mg_run_folders_free(mg_run_folders *f) {
  for (int i = 0; i < f->count; i++) free(f->run[i].path);
  free(f->run);
  *f = (mg_run_folders){0};
}
