#include "data/checkpoint.h"

#include "data/checkpoint_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The order of collectives never depends on a rank's own status: a rank that failed goes on taking
 * part, without touching the file, until all agree. The table of fields is the same on all ranks
 * when loading, so what it says about names, types and sizes needs no agreement. */
struct mg_archive {
  mg_comm *comm;
  bool loading;
  char *path;
  mg_status status;
  char message[1024];      /* of status */
  mg_checkpoint_file file; /* rank 0; elsewhere only ranks and table */
};

static bool is_root(const mg_archive *a) {
  return a->comm->rank == 0;
}

/* Keeps the first failure. */
static void note(mg_archive *a, mg_status status) {
  if (status == MG_OK || a->status != MG_OK) return;
  a->status = status;
  snprintf(a->message, sizeof a->message, "%s", mg_status_message());
}

mg_status mg_archive_status(mg_archive *a) {
  if (a->status != MG_OK) mg_fail(a->status, "%s", a->message);
  mg_status agreed = mg_comm_agree(a->comm, a->status);
  if (agreed != MG_OK && a->status == MG_OK) note(a, agreed);
  return agreed;
}

static void destroy(mg_archive *a) {
  if (is_root(a))
    mg_checkpoint_file_close(&a->file);
  else
    free(a->file.table.field);
  free(a->path);
  free(a);
}

/* All ranks or none. */
static mg_status make(const char *path, mg_comm *comm, bool loading, mg_archive **archive) {
  mg_archive *a = calloc(1, sizeof *a);
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
  *a = (mg_archive){.comm = comm, .loading = loading, .path = copy};
  a->file.file = a->file.data = -1;
  a->file.ranks = comm->size;
  *archive = a;
  return MG_OK;
}

/* Hands the archive over, or destroys it. */
static mg_status begin(mg_archive *a, mg_archive **archive) {
  mg_status status = mg_archive_status(a);
  *archive = status == MG_OK ? a : NULL;
  if (status != MG_OK) destroy(a);
  return status;
}

mg_status mg_archive_create(const char *path, mg_comm *comm, mg_archive **archive) {
  mg_archive *a = *archive = NULL;
  MG_TRY(make(path, comm, false, &a));
  if (is_root(a)) note(a, mg_checkpoint_file_create(&a->file, a->path, comm->size));
  return begin(a, archive);
}

mg_status mg_archive_open(const char *path, mg_comm *comm, mg_archive **archive) {
  mg_archive *a = *archive = NULL;
  MG_TRY(make(path, comm, true, &a));
  if (is_root(a)) note(a, mg_checkpoint_file_open(&a->file, a->path));
  if (mg_archive_status(a) != MG_OK) return begin(a, archive);

  int head[2] = {a->file.ranks, a->file.table.count};
  mg_comm_broadcast(comm, head, sizeof head);
  size_t bytes = (size_t)head[1] * sizeof(mg_field);
  if (!is_root(a)) {
    a->file.ranks = head[0];
    a->file.table.field = malloc(bytes ? bytes : 1);
    if (!a->file.table.field) note(a, mg_fail(MG_ERR_MEMORY, "%s: no memory", path));
  }
  if (mg_archive_status(a) != MG_OK) return begin(a, archive);
  a->file.table.count = head[1];
  mg_comm_broadcast(comm, a->file.table.field, bytes);
  return begin(a, archive);
}

bool mg_archive_is_loading(const mg_archive *a) {
  return a->loading;
}

int mg_archive_ranks(const mg_archive *a) {
  return a->file.ranks;
}

bool mg_archive_has(mg_archive *a, const char *name) {
  return mg_field_find(&a->file.table, name) != NULL;
}

/* ---- saving ---- */

static void save_begin(mg_archive *a, const char *name, int type, bool local, size_t n) {
  if (is_root(a) && a->status == MG_OK)
    note(a, mg_checkpoint_file_begin(&a->file, name, type, local, n));
}

static void save_row(mg_archive *a, int row, const void *bytes) {
  if (is_root(a) && a->status == MG_OK) note(a, mg_checkpoint_file_write(&a->file, row, bytes));
}

static void save_end(mg_archive *a) {
  if (is_root(a) && a->status == MG_OK) note(a, mg_checkpoint_file_end(&a->file));
}

static void save_shared(mg_archive *a, const char *name, int type, const void *data, size_t n) {
  save_begin(a, name, type, false, n);
  save_row(a, 0, data);
  save_end(a);
}

/* Memory for one other rank's row on rank 0, which is all that a local field needs. */
static void *make_row(mg_archive *a, size_t bytes) {
  if (!is_root(a) || a->comm->size == 1) return NULL;
  void *row = malloc(bytes ? bytes : 1);
  if (!row) note(a, mg_fail(MG_ERR_MEMORY, "%s: no memory for %zu bytes", a->path, bytes));
  return row;
}

static void save_local(mg_archive *a, const char *name, mg_type type, const void *data, size_t n) {
  size_t bytes = n * mg_type_size(type);
  void *row = make_row(a, bytes);
  save_begin(a, name, type, true, n);
  if (mg_archive_status(a) == MG_OK) {
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
static const mg_field *find(mg_archive *a, const char *name, int type, bool local) {
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

static bool has_size(mg_archive *a, const mg_field *field, size_t n) {
  if (field->n == n) return true;
  note(a, mg_fail(MG_ERR_DATA, "%s: %s has %" PRIu64 " entries; expected %zu", a->path, field->name,
                  field->n, n));
  return false;
}

static void load_row(mg_archive *a, const mg_field *field, int row, void *bytes) {
  if (is_root(a) && a->status == MG_OK)
    note(a, mg_checkpoint_file_read(&a->file, field, row, bytes));
}

static void load_shared(mg_archive *a, const char *name, int type, void *data, size_t n) {
  const mg_field *field = find(a, name, type, false);
  if (!field || !has_size(a, field, n)) return;
  load_row(a, field, 0, data);
  mg_comm_broadcast(a->comm, data, n * mg_type_size(type));
}

static void load_local(mg_archive *a, const char *name, mg_type type, void *data, size_t n) {
  const mg_field *field = find(a, name, type, true);
  if (!field || !has_size(a, field, n)) return;
  if (a->file.ranks != a->comm->size) {
    note(a, mg_fail(MG_ERR_DATA, "%s: %s was written by %d ranks; expected %d", a->path, name,
                    a->file.ranks, a->comm->size));
    return;
  }
  size_t bytes = n * mg_type_size(type);
  void *row = make_row(a, bytes);
  if (mg_archive_status(a) == MG_OK) {
    load_row(a, field, 0, data);
    for (int r = 1; r < a->comm->size; r++) {
      load_row(a, field, r, row);
      mg_comm_scatter(a->comm, data, bytes, r, row);
    }
  }
  free(row);
}

/* ---- one field ---- */

void mg_archive_shared(mg_archive *a, const char *name, mg_type type, void *data, size_t n) {
  if (a->loading)
    load_shared(a, name, type, data, n);
  else
    save_shared(a, name, type, data, n);
}

void mg_archive_local(mg_archive *a, const char *name, mg_type type, void *data, size_t n) {
  if (a->loading)
    load_local(a, name, type, data, n);
  else
    save_local(a, name, type, data, n);
}

void mg_archive_text(mg_archive *a, const char *name, char *text, size_t capacity) {
  if (!a->loading) {
    save_shared(a, name, MG_TYPE_TEXT, text, strnlen(text, capacity));
    return;
  }
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

mg_status mg_archive_close(mg_archive *a) {
  if (!a) return MG_OK;
  mg_status status = mg_archive_status(a);
  if (status == MG_OK && !a->loading) {
    if (is_root(a)) note(a, mg_checkpoint_file_commit(&a->file));
    status = mg_archive_status(a);
  }
  destroy(a);
  return status;
}
