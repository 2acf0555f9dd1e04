#include "files/checkpoint/checkpoint.h"

#include "base/arena.h"
#include "files/checkpoint/checkpoint_file.h"
#include "files/checkpoint/checkpoint_rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bytes that pass through rank 0, or that a rank writes, at once. */
enum { PIECE = 8 << 20 };

/* Who writes the rows of divided fields: not known before the first of them. */
typedef enum writers { WRITERS_UNKNOWN, WRITER_ROOT, WRITERS_ALL } writers;

/* The order of collectives never depends on a rank's own status: a rank that failed goes on taking
 * part, without touching the file, until all agree. The table of fields is the same on all ranks
 * when loading, so what it says about names, types and sizes needs no agreement. */
typedef struct checkpoint {
  mg_archive archive;
  mg_comm *comm;
  char *path;
  mg_failure failure;      /* the first */
  mg_checkpoint_file file; /* rank 0; elsewhere only ranks and table */
  writers writers;
  mg_own_rows own; /* WRITERS_ALL */
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
  mg_own_rows_close(&a->own);
  free(a->path);
  free(a);
}

/* ---- saving ---- */

static void save_begin(checkpoint *a, const char *name, int type, uint64_t rows, uint64_t n) {
  if (is_root(a) && !failed(a)) note(a, mg_checkpoint_file_begin(&a->file, name, type, rows, n));
}

static void save_piece(checkpoint *a, mg_piece piece, const void *bytes) {
  if (is_root(a) && !failed(a)) note(a, mg_checkpoint_file_write(&a->file, piece, bytes));
  mg_comm_goes_on(a->comm); /* a slow disk is none that hangs */
}

static void save_end(checkpoint *a) {
  if (is_root(a) && !failed(a)) note(a, mg_checkpoint_file_end(&a->file));
}

static void save_shared(checkpoint *a, const char *name, int type, const void *data, size_t n) {
  save_begin(a, name, type, 0, n);
  save_piece(a, (mg_piece){.rows = 1, .count = n}, data);
  save_end(a);
}

/* ---- loading ---- */

static const char *describe_rows(uint64_t rows, const char *of, char text[64]) {
  if (rows == 0) return "shared";
  snprintf(text, 64, "of %" PRIu64 " %s", rows, of);
  return text;
}

/* The field, or NULL with a failure that is the same on all ranks. */
static const mg_field *find(checkpoint *a, const char *name, int type, uint64_t rows) {
  const mg_field *field = mg_field_find(&a->file.table, name);
  if (!field) {
    note(a, mg_fail(MG_ERR_DATA, "%s: has no field %s", a->path, name));
  } else if (field->type != type) {
    note(a, mg_fail(MG_ERR_DATA, "%s: %s is %s; expected %s", a->path, name,
                    mg_type_name(field->type), mg_type_name(type)));
    field = NULL;
  } else if (field->rows != rows || (rows > 0 && a->file.by_rank)) {
    char is[64], expected[64];
    note(a, mg_fail(MG_ERR_DATA, "%s: %s is %s; expected %s", a->path, name,
                    describe_rows(field->rows, a->file.by_rank ? "ranks" : "environments", is),
                    describe_rows(rows, "environments", expected)));
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

static void load_piece(checkpoint *a, const mg_field *field, mg_piece piece, void *bytes) {
  if (is_root(a) && !failed(a)) note(a, mg_checkpoint_file_read(&a->file, field, piece, bytes));
  mg_comm_goes_on(a->comm);
}

static void load_shared(checkpoint *a, const char *name, int type, void *data, size_t n) {
  const mg_field *field = find(a, name, type, 0);
  if (!field || !has_size(a, field, n)) return;
  load_piece(a, field, (mg_piece){.rows = 1, .count = n}, data);
  mg_comm_broadcast(a->comm, data, n * mg_type_size(type));
}

/* ---- divided fields ---- */

/* A field of environments, and memory for a piece of it in the file's order, in which each rank has the
 * places of its rows and rank 0 all of them. */
typedef struct divided {
  const mg_share *share;
  size_t steps, record; /* bytes that an environment has of a step */
  char *data;           /* [steps, share->count, record] */
  char *piece;
} divided;

static bool next_piece(const divided *d, mg_piece *piece) {
  const size_t most = PIECE / d->record;
  return mg_piece_next(piece, (uint64_t)d->share->total, d->steps, most ? most : 1);
}

static mg_rows rows_of(const divided *d, mg_piece p) {
  return (mg_rows){.total = d->share->total,
                   .first = (int64_t)p.row,
                   .count = (int64_t)p.rows,
                   .size = p.count * d->record,
                   .bytes = d->piece};
}

/* Copies what this rank has of the piece, into or out of it. */
static void copy_piece(const divided *d, mg_piece p, bool saving) {
  int64_t from;
  const int64_t rows = mg_share_overlap(d->share, (int64_t)p.row, (int64_t)p.rows, &from);
  if (rows == 0) return;
  char *at = d->piece + (size_t)(from - (int64_t)p.row) * p.count * d->record;
  for (int64_t row = from; row < from + rows; row++)
    for (size_t t = p.first; t < p.first + p.count; t++, at += d->record) {
      const size_t n = t * (size_t)d->share->count + (size_t)(row - d->share->first);
      char *own = d->data + n * d->record;
      memcpy(saving ? at : own, saving ? own : at, d->record);
    }
}

/* Memory for a piece, on all ranks or none. */
static mg_status make_piece(checkpoint *a, divided *d) {
  mg_piece largest = {0};
  next_piece(d, &largest); /* the first one; a rank's own are no larger */
  const size_t bytes = largest.rows * largest.count * d->record;
  d->piece = mg_memory_take(1, bytes);
  if (!d->piece) note(a, mg_fail(MG_ERR_MEMORY, "%s: no memory for %zu bytes", a->path, bytes));
  return agree(a);
}

static void save_by_root(checkpoint *a, int type, const divided *d) {
  for (mg_piece p = {0}; next_piece(d, &p);) {
    const mg_rows rows = rows_of(d, p);
    if (d->share->own) copy_piece(d, p, true);
    mg_comm_gather_rows(a->comm, &rows);
    const size_t entries = d->record / mg_type_size(type);
    save_piece(a, (mg_piece){p.row, p.rows, p.first * entries, p.count * entries}, d->piece);
  }
}

/* Each rank its own rows (checkpoint_rows.h). */
static void save_by_all(checkpoint *a, const divided *d) {
  mg_own_field field = {.total = d->share->total, .row_bytes = d->steps * d->record};
  field.offset = MG_NO_OFFSET;
  if (is_root(a) && !failed(a)) {
    field.index = a->file.table.count - 1;
    field.offset = mg_checkpoint_file_offset(&a->file);
    if (field.offset == MG_NO_OFFSET)
      note(a, mg_fail(MG_ERR_IO, "%s: a field has no place in the file", a->path));
  }
  note(a, mg_own_rows_begin(&a->own, a->comm, field));
  if (failed(a) || !d->share->own || a->own.field[a->own.count - 1].offset == MG_NO_OFFSET) return;
  const size_t most = PIECE / d->record;
  for (mg_piece p = {0};
       mg_piece_next(&p, (uint64_t)d->share->count, d->steps, most ? most : 1) && !failed(a);) {
    mg_piece global = p;
    global.row += (uint64_t)d->share->first;
    copy_piece(d, global, true);
    const uint64_t at = (global.row * d->steps + p.first) * d->record;
    note(a, mg_own_rows_write(&a->own, at, d->piece, p.rows * p.count * d->record));
    mg_comm_goes_on(a->comm);
  }
}

/* All ranks, where there are several and each can open the file. */
static writers find_writers(checkpoint *a) {
  if (a->archive.gathered || a->comm->size == 1) return WRITER_ROOT;
  const bool all = mg_own_rows_open(&a->own, a->comm, a->path);
  a->file.rows_aside = all;
  return all ? WRITERS_ALL : WRITER_ROOT;
}

static void save_divided(checkpoint *a, const char *name, int type, divided *d, size_t n) {
  if (a->writers == WRITERS_UNKNOWN) a->writers = find_writers(a);
  save_begin(a, name, type, (uint64_t)d->share->total, n);
  if (make_piece(a, d) != MG_OK) return;
  if (a->writers == WRITERS_ALL)
    save_by_all(a, d);
  else
    save_by_root(a, type, d);
  save_end(a);
}

static void load_divided(checkpoint *a, const char *name, int type, divided *d, size_t n) {
  const mg_field *field = find(a, name, type, (uint64_t)d->share->total);
  if (!field || !has_size(a, field, n) || make_piece(a, d) != MG_OK) return;
  for (mg_piece p = {0}; next_piece(d, &p);) {
    const mg_rows rows = rows_of(d, p);
    const size_t entries = d->record / mg_type_size(type);
    load_piece(a, field, (mg_piece){p.row, p.rows, p.first * entries, p.count * entries}, d->piece);
    mg_comm_scatter_rows(a->comm, &rows);
    copy_piece(d, p, false);
  }
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

static void visit_divided(mg_archive *archive, const char *name, mg_type type, void *data,
                          const mg_share *share, size_t steps, size_t entries) {
  checkpoint *a = (checkpoint *)archive;
  divided d = {
      .share = share, .steps = steps, .record = entries * mg_type_size(type), .data = data};
  const size_t n = steps * entries;
  if (n == 0 && !archive->loading) {
    save_begin(a, name, type, (uint64_t)share->total, 0);
    save_end(a);
  } else if (n == 0) {
    const mg_field *field = find(a, name, type, (uint64_t)share->total);
    if (field) has_size(a, field, 0);
  } else if (archive->loading) {
    load_divided(a, name, type, &d, n);
  } else {
    save_divided(a, name, type, &d, n);
  }
  free(d.piece);
}

static void load_text(checkpoint *a, const char *name, char *text, size_t capacity) {
  const mg_field *field = find(a, name, MG_TYPE_TEXT, 0);
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
    .divided = visit_divided,
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
      .path = copy,
      .own.file = -1};
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

  int head[3] = {a->file.ranks, a->file.table.count, a->file.by_rank};
  mg_comm_broadcast(comm, head, sizeof head);
  size_t bytes = (size_t)head[1] * sizeof(mg_field);
  if (!is_root(a)) {
    a->file.ranks = head[0];
    a->file.table.field = malloc(bytes ? bytes : 1);
    if (!a->file.table.field) note(a, mg_fail(MG_ERR_MEMORY, "%s: no memory", path));
  }
  if (agree(a) != MG_OK) return begin(a, archive);
  a->file.table.count = head[1];
  a->file.by_rank = head[2];
  a->archive.ranks = head[0];
  a->archive.by_rank = head[2];
  mg_comm_broadcast(comm, a->file.table.field, bytes);
  return begin(a, archive);
}

/* What the ranks wrote, under one checksum a field; then the file, read back by all of them; then its name. */
static mg_status complete(checkpoint *a) {
  const bool all = a->writers == WRITERS_ALL;
  if (all) note(a, mg_own_rows_flush(&a->own));
  MG_TRY(agree(a));
  if (all) note(a, mg_own_rows_join(&a->own, a->comm, &a->file.table));
  if (is_root(a) && !failed(a)) note(a, mg_checkpoint_file_finish(&a->file));
  MG_TRY(agree(a));
  if (all) note(a, mg_own_rows_verify(&a->own, a->comm));
  MG_TRY(agree(a));
  if (is_root(a)) note(a, mg_checkpoint_file_commit(&a->file));
  return agree(a);
}

mg_status mg_checkpoint_close(mg_archive *archive) {
  checkpoint *a = (checkpoint *)archive;
  if (!a) return MG_OK;
  mg_status status = agree(a);
  if (status == MG_OK && !archive->loading) status = complete(a);
  destroy(a);
  return status;
}
