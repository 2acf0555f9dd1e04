#include "app/run/run_folder.h"

#include "files/safe_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a run makes before its first checkpoint. */
static const char *const FIRST[] = {"config.ini", "curves.h5", "log.txt", "lock"};

mg_status mg_run_folder_file(const char *folder, const char *name, char *path, size_t capacity) {
  int length = snprintf(path, capacity, "%s/%s", folder, name);
  if (length >= 0 && (size_t)length < capacity) return MG_OK;
  return mg_fail(MG_ERR_CREATE, "%s: path of more than %zu bytes", folder, capacity - 1);
}

mg_status mg_make_folders(const char *path, bool *made) {
  char partial[MG_FOLDER_PATH_MAX];
  size_t length = strlen(path);
  bool fresh = false;
  if (length >= sizeof partial)
    return mg_fail(MG_ERR_CREATE, "%.64s...: the name is too long", path);
  for (size_t i = 1; i <= length; i++) {
    if (i < length && path[i] != '/') continue;
    memcpy(partial, path, i);
    partial[i] = '\0';
    fresh = mkdir(partial, 0777) == 0;
    if (!fresh && errno != EEXIST)
      return mg_fail(MG_ERR_CREATE, "%s: %s", partial, strerror(errno));
  }
  if (made) *made = fresh;
  return MG_OK;
}

/* "checkpoint.h5.tmp.123", and its link "….previous": what files/safe_file.h makes. */
static bool is_temporary(const char *name) {
  static const char *const written[] = {"checkpoint.h5", "config.ini", "curves.h5", "result.json"};
  for (size_t i = 0; i < sizeof written / sizeof *written; i++) {
    const size_t length = strlen(written[i]);
    if (strncmp(name, written[i], length) != 0 || strncmp(name + length, ".tmp.", 5) != 0) continue;
    const char *number = name + length + 5, *end = number + strspn(number, "0123456789");
    return end > number && (*end == '\0' || strcmp(end, ".previous") == 0);
  }
  return false;
}

/* Of a run that was killed before it had written its settings; if it is at work, it holds the lock. */
static bool is_left_over(const char *name) {
  return strcmp(name, "log.txt") == 0 || strcmp(name, "lock") == 0 || is_temporary(name);
}

static mg_status expect_empty(const char *path) {
  DIR *folder = opendir(path);
  if (!folder) return mg_fail(MG_ERR_CREATE, "%s: %s", path, strerror(errno));
  const struct dirent *entry;
  char found[256] = "";
  while (!*found && (entry = readdir(folder))) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    if (is_left_over(entry->d_name)) continue;
    snprintf(found, sizeof found, "%.255s", entry->d_name);
  }
  closedir(folder);
  if (!*found) return MG_OK;
  return mg_fail(MG_ERR_CREATE,
                 "%s: exists and is not empty (it holds %.100s); give another --output, or "
                 "--resume to go on",
                 path, found);
}

static mg_status take_lock(mg_run_folder *folder) {
  char path[MG_FOLDER_PATH_MAX];
  MG_TRY(mg_run_folder_file(folder->path, "lock", path, sizeof path));
  return mg_file_lock_take(path, folder->path, &folder->lock);
}

/* Whoever began these is dead: it would hold the lock. What cannot be removed stays, and harms
 * nobody. */
static void sweep(const char *path) {
  DIR *folder = opendir(path);
  if (!folder) return;
  const struct dirent *entry;
  while ((entry = readdir(folder)))
    if (is_temporary(entry->d_name)) unlinkat(dirfd(folder), entry->d_name, 0);
  closedir(folder);
}

static mg_status open_log(mg_run_folder *folder) {
  char path[MG_FOLDER_PATH_MAX];
  MG_TRY(mg_run_folder_file(folder->path, "log.txt", path, sizeof path));
  int file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
  folder->log = file >= 0 ? fdopen(file, "a") : NULL;
  if (folder->log) return MG_OK;
  mg_status status = mg_fail(MG_ERR_CREATE, "%s: %s", path,
                             errno == ELOOP ? "a link; expected a file" : strerror(errno));
  if (file >= 0) close(file);
  return status;
}

static mg_status set_path(const char *path, mg_run_folder *folder) {
  *folder = (mg_run_folder){.lock.file = -1};
  /* Room for the longest name that a temporary file of the folder gets. */
  if (strlen(path) + 64 > sizeof folder->path) {
    return mg_fail(MG_ERR_CREATE, "--output: path of %zu bytes; expected at most %zu", strlen(path),
                   sizeof folder->path - 64);
  }
  strcpy(folder->path, path);
  return MG_OK;
}

mg_status mg_run_folder_create(const char *path, mg_run_folder *folder) {
  MG_TRY(set_path(path, folder));
  MG_TRY(mg_make_folders(path, &folder->made));
  MG_TRY(expect_empty(path));
  mg_status status = take_lock(folder);
  const mg_status empty =
      status == MG_OK ? expect_empty(path) : status; /* what another did until now */
  if (empty == MG_OK) sweep(path);
  status = empty == MG_OK ? open_log(folder) : empty;
  if (status != MG_OK) mg_run_folder_close(folder, empty == MG_OK);
  return status;
}

mg_status mg_run_folder_reopen(const char *path, mg_run_folder *folder) {
  MG_TRY(set_path(path, folder));
  struct stat info;
  if (stat(path, &info) != 0 || !S_ISDIR(info.st_mode))
    return mg_fail(MG_ERR_NO_INPUT, "%s: no run folder to resume", path);
  mg_status status = take_lock(folder);
  if (status == MG_OK) sweep(path);
  if (status == MG_OK) status = open_log(folder);
  if (status != MG_OK) mg_run_folder_close(folder, false);
  return status;
}

static bool holds(const char *folder, const char *name) {
  char path[MG_FOLDER_PATH_MAX];
  struct stat info;
  return mg_run_folder_file(folder, name, path, sizeof path) != MG_OK || lstat(path, &info) == 0 ||
         errno != ENOENT;
}

bool mg_run_folder_is_new(const char *path) {
  static const char *const later[] = {"checkpoint.h5", "checkpoint.h5.previous", "result.json"};
  for (size_t i = 0; i < sizeof later / sizeof *later; i++)
    if (holds(path, later[i])) return false;
  for (size_t i = 0; i < sizeof FIRST / sizeof *FIRST; i++)
    if (holds(path, FIRST[i])) return true;
  return expect_empty(path) == MG_OK;
}

mg_status mg_run_folder_keep(const mg_run_folder *folder, const char *name, char *kept,
                             size_t capacity) {
  char from[MG_FOLDER_PATH_MAX], to[MG_FOLDER_PATH_MAX];
  MG_TRY(mg_run_folder_file(folder->path, name, from, sizeof from));
  int number = 1;
  do snprintf(kept, capacity, "%s.kept-%d", name, number);
  while (holds(folder->path, kept) && number++ < 1000);
  MG_TRY(mg_run_folder_file(folder->path, kept, to, sizeof to));
  if (rename(from, to) == 0 || errno == ENOENT) return MG_OK;
  return mg_fail(MG_ERR_IO, "%s: cannot be renamed to %s: %s", from, to, strerror(errno));
}

mg_status mg_run_folder_write(const mg_run_folder *folder, const char *name, const char *text) {
  char path[MG_FOLDER_PATH_MAX];
  MG_TRY(mg_run_folder_file(folder->path, name, path, sizeof path));
  return mg_safe_write_text(path, text);
}

void mg_run_folder_remove(const mg_run_folder *folder, const char *name) {
  char path[MG_FOLDER_PATH_MAX];
  if (mg_run_folder_file(folder->path, name, path, sizeof path) == MG_OK) unlink(path);
}

void mg_run_folder_close(mg_run_folder *folder, bool discard) {
  if (folder->log) fclose(folder->log);
  folder->log = NULL;
  if (folder->lock.file < 0) {
    if (discard && folder->made) rmdir(folder->path);
    return;
  }
  for (size_t i = 0; discard && i < sizeof FIRST / sizeof *FIRST; i++)
    if (strcmp(FIRST[i], "lock") != 0) mg_run_folder_remove(folder, FIRST[i]);
  mg_file_lock_release(&folder->lock);
  if (discard && folder->made) rmdir(folder->path);
}
