/* What a checkpoint is to those whose state it holds.
 *
 * A checkpoint is visited, not written and read: one function per object names its fields once and
 * the archive's direction decides which way the bytes go.
 *
 *   mg_archive_shared(a, "theta", MG_TYPE_F32, theta, n);         the same on all ranks: once
 *   mg_archive_divided(a, "state", MG_TYPE_F64, x, &share, h, d); of environments: [total, h d]
 *
 * It does not tell how the work was divided: a field is either the same on all ranks, or of
 * environments, by their global index, and can be loaded on any number of ranks.
 * Errors are sticky: visit all, then ask once. All functions are Collective. The file behind it is
 * files/checkpoint/checkpoint.h's. */
#ifndef MG_BASE_ARCHIVE_H
#define MG_BASE_ARCHIVE_H

#include "base/comm.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

/* MG_TYPE_REAL, the type of mg_real, is math/real.h's. */
typedef enum mg_type { MG_TYPE_F32, MG_TYPE_F64, MG_TYPE_I64, MG_TYPE_U64, MG_TYPE_U8 } mg_type;

typedef struct mg_archive mg_archive;

typedef struct mg_archive_class {
  void (*shared)(mg_archive *, const char *name, mg_type type, void *data, size_t n);
  void (*divided)(mg_archive *, const char *name, mg_type type, void *data, const mg_share *share,
                  size_t steps, size_t entries);
  void (*text)(mg_archive *, const char *name, char *text, size_t capacity);
  bool (*has)(const mg_archive *, const char *name);
  size_t (*count)(const mg_archive *, const char *name);
  mg_status (*status)(mg_archive *);
} mg_archive_class;

/* What every archive begins with. */
struct mg_archive {
  const mg_archive_class *class_;
  bool loading;
  bool
      lean; /* saving: what a run can do without, if not bit for bit, is left out; false at first */
  bool gathered; /* saving: rank 0 writes all, not each rank its own rows; false at first */
  int ranks;     /* that wrote the file being loaded */
  bool by_rank;  /* loading: of a release whose files held what each rank had, by rank; only what is
                   shared can be had of it */
};

static inline bool mg_archive_is_loading(const mg_archive *archive) {
  return archive->loading;
}
static inline bool mg_archive_is_lean(const mg_archive *archive) {
  return archive->lean;
}
static inline int mg_archive_ranks(const mg_archive *archive) {
  return archive->ranks;
}

/* One field of n entries, n the same on all ranks, of which rank 0's are kept; names are unique, below
 * 128 bytes, not "index". Fields can be loaded in any order; loading checks name, type and size
 * (MG_ERR_DATA, sticky). */
void mg_archive_shared(mg_archive *archive, const char *name, mg_type type, void *data, size_t n);

/* One field of share->total environments, of which this rank holds share->count: data [steps, count,
 * entries], in the file [total, steps x entries]. steps and entries are the same on all ranks. Of an
 * environment that several ranks hold the first one's is kept, and all of them get it. */
void mg_archive_divided(mg_archive *archive, const char *name, mg_type type, void *data,
                        const mg_share *share, size_t steps, size_t entries);

/* A text, shared; loading writes at most `capacity` bytes with the final 0. */
void mg_archive_text(mg_archive *archive, const char *name, char *text, size_t capacity);

/* True if the file being loaded has this field. The same on all ranks. */
bool mg_archive_has(const mg_archive *archive, const char *name);

/* Entries of this field of the file being loaded, of an environment if it is divided; 0 if it has
 * none. The same on all ranks. */
size_t mg_archive_count(const mg_archive *archive, const char *name);

/* First failure so far, the same on all ranks. */
mg_status mg_archive_status(mg_archive *archive);

#endif
