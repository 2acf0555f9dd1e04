#include "files/h5_cause.h"

#include "files/safe_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Per thread, as errno is. */
static _Thread_local struct {
  mg_h5_cause cause;
  int error; /* the system's, of MG_H5_SYSTEM; else 0 */
  char text[200];
} last;

/* ---- listening ---- */

static bool has(const char *text, const char *words) {
  return text && strstr(text, words);
}

static mg_h5_cause cause_of_error(int error) {
  switch (error) {
  case EAGAIN:
    return MG_H5_IN_USE;
  case ENOLCK:
  case ENOSYS:
  case EOPNOTSUPP:
    return MG_H5_LOCKLESS;
  case ENOMEM:
    return MG_H5_MEMORY;
  default:
    return MG_H5_SYSTEM;
  }
}

/* From the innermost function outwards; the first that says something we know, counts. */
static herr_t look(unsigned n, const H5E_error2_t *e, void *user) {
  mg_h5_cause *cause = user;
  (void)n;
  if (*cause != MG_H5_DAMAGED) return 0;
  const char *number = e->desc ? strstr(e->desc, "errno = ") : NULL;
  if (number && (last.error = (int)strtol(number + strlen("errno = "), NULL, 10)) != 0)
    *cause = cause_of_error(last.error);
  else if (has(e->desc, "already open for write") || has(e->desc, "unable to lock"))
    *cause = MG_H5_IN_USE;
  else if (has(e->desc, "bad version") || has(e->desc, "unknown version") ||
           has(e->desc, "version number"))
    *cause = MG_H5_NEWER;
  else if (e->min_num == H5E_NOSPACE || e->min_num == H5E_CANTALLOC)
    *cause = MG_H5_MEMORY;
  else if (has(e->desc, "required filter") || has(e->desc, "filter is not available"))
    *cause = MG_H5_STORAGE;
  return 0;
}

static herr_t remember(hid_t stack, void *user) {
  (void)user;
  last.cause = MG_H5_DAMAGED, last.error = 0;
  H5Ewalk2(stack, H5E_WALK_UPWARD, look, &last.cause);
  return 0;
}

void mg_h5_listen(void) {
  H5Eset_auto2(H5E_DEFAULT, remember, NULL);
}

void mg_h5_forget(void) {
  last.cause = MG_H5_DAMAGED, last.error = 0;
}

void mg_h5_met_storage(void) {
  last.cause = MG_H5_STORAGE, last.error = 0;
}

mg_h5_cause mg_h5_last_cause(void) {
  return last.cause;
}

/* "1.10.8" */
static void find_release(char text[32]) {
  unsigned major = 0, minor = 0, release = 0;
  H5get_libversion(&major, &minor, &release);
  snprintf(text, 32, "%u.%u.%u", major, minor, release);
}

const char *mg_h5_reason(void) {
  char release[32];
  switch (last.cause) {
  case MG_H5_DAMAGED:
    return "damaged";
  case MG_H5_IN_USE:
    return "in use by its writer";
  case MG_H5_LOCKLESS:
    return "on a file system without locks";
  case MG_H5_MEMORY:
    return "more than there is memory for";
  case MG_H5_STORAGE:
    return "packed by a filter that is not at hand";
  case MG_H5_SYSTEM:
    return strerror(last.error);
  case MG_H5_NEWER:
    break;
  }
  find_release(release);
  snprintf(last.text, sizeof last.text,
           "of a newer HDF5 than this program's %s (rewrite the file where it was made: h5repack "
           "--high=2 FILE NEW, or h5py without libver)",
           release);
  return last.text;
}

/* ---- opening ---- */

static hid_t without_locks(void) {
  hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  H5Pset_file_locking(access, false, true);
  return access;
}

static hid_t open_unlocked(const char *path) {
  hid_t access = without_locks(), file = H5Fopen(path, H5F_ACC_RDONLY, access);
  H5Pclose(access);
  return file;
}

hid_t mg_h5_open_file(const char *path) {
  hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
  return file < 0 && last.cause == MG_H5_LOCKLESS ? open_unlocked(path) : file;
}

/* A file may begin with a block of somebody else's, of 512 bytes or twice, four times, ... that. */
static bool has_signature(const char *path) {
  static const char signature[] = "\211HDF\r\n\032\n";
  char start[8];
  int file;
  if (mg_safe_open_input(path, &file) != MG_OK) return false;
  bool found = false, more = true;
  for (off_t at = 0; more && !found; at = at == 0 ? 512 : 2 * at) {
    more = pread(file, start, sizeof start, at) == sizeof start;
    found = more && memcmp(start, signature, sizeof start) == 0;
  }
  close(file);
  return found;
}

mg_status mg_h5_open_failed(const char *path) {
  const mg_h5_cause cause = last.cause;
  switch (cause) {
  case MG_H5_IN_USE:
    return mg_fail(MG_ERR_NO_INPUT, "%s: in use by its writer; expected a file that is closed%s",
                   path, last.error ? "" : " (of a writer that died: h5clear -s FILE)");
  case MG_H5_MEMORY:
    return mg_fail(MG_ERR_DATA, "%s: opening it needs more memory than is allowed", path);
  case MG_H5_LOCKLESS:
  case MG_H5_SYSTEM:
    return mg_fail(last.error == EIO ? MG_ERR_IO : MG_ERR_NO_INPUT, "%s: %s", path,
                   strerror(last.error));
  case MG_H5_NEWER:
    return mg_fail(MG_ERR_DATA, "%s: %s", path, mg_h5_reason());
  case MG_H5_STORAGE:
  case MG_H5_DAMAGED:
    break;
  }
  return mg_fail(MG_ERR_DATA,
                 has_signature(path) ? "%s: an HDF5 file that is truncated or damaged"
                                     : "%s: not an HDF5 file (nor an .npz archive)",
                 path);
}

mg_status mg_h5_create_file(const char *path, hid_t *file) {
  hid_t access = without_locks();
  last.error = 0;
  *file = H5Fcreate(path, H5F_ACC_EXCL, H5P_DEFAULT, access);
  H5Pclose(access);
  if (*file >= 0) return MG_OK;
  return mg_fail(MG_ERR_CREATE, "%s: cannot be created%s%s", path, last.error ? ": " : "",
                 last.error ? strerror(last.error) : "");
}

mg_status mg_h5_write_failed(const char *path, const char *what) {
  return mg_fail(MG_ERR_IO, "%s: writing%s%s failed: %s", path, *what ? " " : "", what,
                 last.error ? strerror(last.error) : "HDF5 gives no reason");
}
