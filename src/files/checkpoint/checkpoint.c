#include "files/checkpoint/checkpoint.h"

#include "files/checkpoint/checkpoint_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The order of collectives never depends on a rank's own status: a rank that failed goes on taking
 * part, without touching the file, until all agree. The table of fields is the same on all ranks
 * when loading, so what it says about names, types and sizes needs no agreement. */
typedef struct checkpoint {
  mg_archive archive;
  mg_comm *comm;
  char *path;
  mg_failure failure;      /* the first */
  mg_checkpoint_file file; /* rank 0; elsewhere only ranks and table */
} checkpoint;

static bool is_root(const checkpoint *a) {
  return a->comm->rank == 0;
}

static void note(checkpoint *a, mg_status status) {
  mg_failure_note(&a->failure, status);
}

static bool failed(const checkpoint *a) {
  return a->failure.status != MG_OK;
}

static mg_status agree(checkpoint *a) {
  mg_status agreed = mg_comm_agree(a->comm, mg_failure_again(&a->failure));
  note(a, agreed);
  return agreed;
}

static void destroy(checkpoint *a) {
  if (is_root(a))
    mg_checkpoint_file_close(&a->file);
  else
    free(a->file.table.field);
  free(a->path);
  free(a);
}

/* ---- saving ---- */

static void save_begin(checkpoint *a, const char *name, int type, bool local, size_t n) {
  if (is_root(a) && !failed(a)) note(a, mg_checkpoint_file_begin(&a->file, name, type, local, n));
}

static void save_row(checkpoint *a, int row, const void *bytes) {
  if (is_root(a) && !failed(a)) note(a, mg_checkpoint_file_write(&a->file, row, bytes));
  mg_comm_goes_on(a->comm); /* a slow disk is none that hangs */
}

static void save_end(checkpoint *a) {
  if (is_root(a) && !failed(a)) note(a, mg_checkpoint_file_end(&a->file));
}

static void save_shared(checkpoint *a, const char *name, int type, const void *data, size_t n) {
  save_begin(a, name, type, false, n);
  save_row(a, 0, data);
  save_end(a);
}

/* Memory for one other rank's row on rank 0, which is all that a local field needs. */
static void *make_row(checkpoint *a, size_t bytes) {
  if (!is_root(a) || a->comm->size == 1) return NULL;
  void *row = malloc(bytes ? bytes : 1);
  if (!row) note(a, mg_fail(MG_ERR_MEMORY, "%s: no memory for %zu bytes", a->path, bytes));
  return row;
}

static void save_local(checkpoint *a, const char *name, mg_type type, const void *data, size_t n) {
  size_t bytes = n * mg_type_size(type);
  void *row = make_row(a, bytes);
  save_begin(a, name, type, true, n);
  if (agree(a) == MG_OK) {
    save_row(a, 0, data);
    for (int r = 1; r < a->comm->size; r++) {
      mg_comm_gather(a->comm, data, bytes, r, row);
      save_row(a, r, row);
    }
    save_end(a);
  }
  free(row);
}

/* ---- loading ---- */

/* The field, or NULL with a failure that is the same on all ranks. */
static const mg_field *find(checkpoint *a, const char *name, int type, bool local) {
  const mg_field *field = mg_field_find(&a->file.table, name);
  if (!field) {
    note(a, mg_fail(MG_ERR_DATA, "%s: has no field %s", a->path, name));
  } else if (field->type != type) {
    note(a, mg_fail(MG_ERR_DATA, "%s: %s is %s; expected %s", a->path, name,
                    mg_type_name(field->type), mg_type_name(type)));
    field = NULL;
  } else if ((field->local != 0) != local) {
    note(a, mg_fail(MG_ERR_DATA, "%s: %s is %s; expected %s", a->path, name,
                    field->local ? "each rank's own" : "shared by all ranks",
                    local ? "each rank's own" : "shared by all ranks"));
    field = NULL;
  }
  return field;
}

static bool has_size(checkpoint *a, const mg_field *field, size_t n) {
  if (field->n == n) return true;
  note(a, mg_fail(MG_ERR_DATA, "%s: %s has %" PRIu64 " entries; expected %zu", a->path, field->name,
                  field->n, n));
  return false;
}

static void load_row(checkpoint *a, const mg_field *field, int row, void *bytes) {
  if (is_root(a) && !failed(a)) note(a, mg_checkpoint_file_read(&a->file, field, row, bytes));
}

static void load_shared(checkpoint *a, const char *name, int type, void *data, size_t n) {
  const mg_field *field = find(a, name, type, false);
  if (!field || !has_size(a, field, n)) return;
  load_row(a, field, 0, data);
  mg_comm_broadcast(a->comm, data, n * mg_type_size(type));
}

static void load_local(checkpoint *a, const char *name, mg_type type, void *data, size_t n) {
  const mg_field *field = find(a, name, type, true);
  if (!field || !has_size(a, field, n)) return;
  if (a->file.ranks != a->comm->size) {
    note(a, mg_fail(MG_ERR_DATA, "%s: %s was written by %d ranks; expected %d", a->path, name,
                    a->file.ranks, a->comm->size));
    return;
  }
  size_t bytes = n * mg_type_size(type);
  void *row = make_row(a, bytes);
  if (agree(a) == MG_OK) {
    load_row(a, field, 0, data);
    for (int r = 1; r < a->comm->size; r++) {
      load_row(a, field, r, row);
      mg_comm_scatter(a->comm, data, bytes, r, row);
    }
  }
  free(row);
}

/* ---- as an archive ---- */

static void visit_shared(mg_archive *archive, const char *name, mg_type type, void *data,
                         size_t n) {
  checkpoint *a = (checkpoint *)archive;
  if (archive->loading)
    load_shared(a, name, type, data, n);
  else
    save_shared(a, name, type, data, n);
}

static void visit_local(mg_archive *archive, const char *name, mg_type type, void *data, size_t n) {
  checkpoint *a = (checkpoint *)archive;
  if (archive->loading)
    load_local(a, name, type, data, n);
  else
    save_local(a, name, type, data, n);
}

static void load_text(checkpoint *a, const char *name, char *text, size_t capacity) {
  const mg_field *field = find(a, name, MG_TYPE_TEXT, false);
  if (!field) return;
  if (field->n >= capacity) {
    note(a, mg_fail(MG_ERR_DATA, "%s: %s has %" PRIu64 " bytes; expected fewer than %zu", a->path,
                    name, field->n, capacity));
    return;
  }
  text[field->n] = 0;
  load_shared(a, name, MG_TYPE_TEXT, text, (size_t)field->n);
}

static void visit_text(mg_archive *archive, const char *name, char *text, size_t capacity) {
  checkpoint *a = (checkpoint *)archive;
  if (archive->loading)
    load_text(a, name, text, capacity);
  else
    save_shared(a, name, MG_TYPE_TEXT, text, strnlen(text, capacity));
}

static bool has(const mg_archive *archive, const char *name) {
  return mg_field_find(&((const checkpoint *)archive)->file.table, name) != NULL;
}

static size_t count(const mg_archive *archive, const char *name) {
  const mg_field *field = mg_field_find(&((const checkpoint *)archive)->file.table, name);
  return field ? (size_t)field->n : 0;
}

static mg_status status_of(mg_archive *archive) {
  return agree((checkpoint *)archive);
}

static const mg_archive_class class_of_checkpoints = {
    .shared = visit_shared,
    .local = visit_local,
    .text = visit_text,
    .has = has,
    .count = count,
    .status = status_of,
};

/* ---- one checkpoint ---- */

/* All ranks or none. */
static mg_status make(const char *path, mg_comm *comm, bool loading, checkpoint **made) {
  checkpoint *a = calloc(1, sizeof *a);
  char *copy = malloc(strlen(path) + 1);
  mg_status status = MG_OK;
  if (!a || !copy) status = mg_fail(MG_ERR_MEMORY, "%s: no memory", path);
  status = mg_comm_agree(comm, status);
  if (status != MG_OK || !a || !copy) {
    free(a);
    free(copy);
    return status;
  }
  strcpy(copy, path);
  *a = (checkpoint){
      .archive = {.class_ = &class_of_checkpoints, .loading = loading, .ranks = comm->size},
      .comm = comm,
      .path = copy};
  a->file.file = a->file.data = -1;
  a->file.ranks = comm->size;
  *made = a;
  return MG_OK;
}

/* Hands the archive over, or destroys it. */
static mg_status begin(checkpoint *a, mg_archive **archive) {
  mg_status status = agree(a);
  *archive = status == MG_OK ? &a->archive : NULL;
  if (status != MG_OK) destroy(a);
  return status;
}

mg_status mg_checkpoint_create(const char *path, mg_comm *comm, mg_archive **archive) {
  checkpoint *a = NULL;
  *archive = NULL;
  MG_TRY(make(path, comm, false, &a));
  if (is_root(a)) note(a, mg_checkpoint_file_create(&a->file, a->path, comm->size));
  return begin(a, archive);
}

mg_status mg_checkpoint_open(const char *path, mg_comm *comm, mg_archive **archive) {
  checkpoint *a = NULL;
  *archive = NULL;
  MG_TRY(make(path, comm, true, &a));
  if (is_root(a)) note(a, mg_checkpoint_file_open(&a->file, a->path));
  if (agree(a) != MG_OK) return begin(a, archive);

  int head[2] = {a->file.ranks, a->file.table.count};
  mg_comm_broadcast(comm, head, sizeof head);
  size_t bytes = (size_t)head[1] * sizeof(mg_field);
  if (!is_root(a)) {
    a->file.ranks = head[0];
    a->file.table.field = malloc(bytes ? bytes : 1);
    if (!a->file.table.field) note(a, mg_fail(MG_ERR_MEMORY, "%s: no memory", path));
  }
  if (agree(a) != MG_OK) return begin(a, archive);
  a->file.table.count = head[1];
  a->archive.ranks = head[0];
  mg_comm_broadcast(comm, a->file.table.field, bytes);
  return begin(a, archive);
}

mg_status mg_checkpoint_close(mg_archive *archive) {
  checkpoint *a = (checkpoint *)archive;
  if (!a) return MG_OK;
  mg_status status = agree(a);
  if (status == MG_OK && !archive->loading) {
    if (is_root(a)) note(a, mg_checkpoint_file_commit(&a->file));
    status = agree(a);
  }
  destroy(a);
  return status;
}
