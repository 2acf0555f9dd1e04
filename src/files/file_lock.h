/* One process at a time: a lock on a file that names its holder, "<process> on <host> since <start>".
 *
 * The system's lock (flock) ends with its process, whatever way that ends. Some network file systems
 * have none. There the file itself is the lock: made by one process only, touched while that works,
 * removed at its end. One that is left is taken over when its process on this host is dead, or when
 * it has not been touched for MG_FILE_LOCK_SILENT seconds, by the file system's own clock; a holder
 * that finds its lock taken over has to stop. Local. */
#ifndef MG_FILES_FILE_LOCK_H
#define MG_FILES_FILE_LOCK_H

#include "base/status.h"
#include "files/safe_file.h"

#include <stdbool.h>

enum { MG_FILE_LOCK_SILENT = 600 };

typedef struct mg_file_lock {
  int file;       /* descriptor; < 0: not held */
  bool own;       /* of this program's making, for want of the system's */
  double touched; /* [s] of mg_timer_now */
  char path[MG_PATH_MAX];
  char remark[512]; /* "" or what the user should know of this lock */
} mg_file_lock;

/* `what` the lock is for begins the sentence. MG_ERR_CREATE if another process holds it, naming that,
 * or if the file cannot be made. */
mg_status mg_file_lock_take(const char *path, const char *what, mg_file_lock *lock);

/* Whether a process holds the lock of this file now. A holder that comes at the same moment may find
 * this look in its way, and has to try again. */
bool mg_file_lock_is_held(const char *path);

/* Who holds a lock, without taking or changing anything. */
typedef enum mg_lock_state {
  MG_LOCK_ABSENT,
  MG_LOCK_HELD,     /* by a process of this host that lives */
  MG_LOCK_DEAD,     /* left by one that does not */
  MG_LOCK_ELSEWHERE /* by one of another host, or one that the file does not name */
} mg_lock_state;
mg_lock_state mg_file_lock_look(const char *path);

/* To be called more often than every MG_FILE_LOCK_SILENT seconds; seldom does anything.
 * MG_ERR_CREATE if another process has taken the lock over. */
mg_status mg_file_lock_touch(mg_file_lock *lock);

/* Removes the file; no-op if it is not held. */
void mg_file_lock_release(mg_file_lock *lock);

#endif
