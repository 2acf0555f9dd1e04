#include "files/checkpoint/checkpoint_rows.h"

#include "base/arena.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum { PIECE = 1 << 20 }; /* [bytes] read back at once */

/* ---- writing ---- */

bool mg_own_rows_open(mg_own_rows *own, mg_comm *comm, const char *path) {
  int64_t process = getpid();
  mg_comm_broadcast(comm, &process, sizeof process);
  own->file = -1;
  if (mg_safe_temporary_of(path, (long)process, own->path) == MG_OK)
    own->file = open(own->path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
  double seen = own->file >= 0;
  mg_comm_reduce_f64(comm, MG_REDUCE_MIN, &seen, 1);
  if (seen < 1 && own->file >= 0) close(own->file);
  if (seen < 1) own->file = -1;
  return seen >= 1;
}

mg_status mg_own_rows_begin(mg_own_rows *own, mg_comm *comm, mg_own_field field) {
  uint64_t place[2] = {(uint64_t)field.index, field.offset};
  mg_comm_broadcast(comm, place, sizeof place);
  field.index = (int)place[0];
  field.offset = place[1];
  field.crc = (uint32_t)crc32(0, NULL, 0);
  mg_own_field *room = own->field;
  if (own->count == own->capacity) {
    const int capacity = own->capacity ? 2 * own->capacity : 64;
    room = mg_memory_grow(own->field, (size_t)capacity * sizeof *room);
    if (room) own->field = room, own->capacity = capacity;
  }
  const mg_status status =
      room ? MG_OK : mg_fail(MG_ERR_MEMORY, "%s: no memory for its fields", own->path);
  MG_TRY(mg_comm_agree(comm, status));
  own->field[own->count++] = field;
  return MG_OK;
}

mg_status mg_own_rows_write(mg_own_rows *own, uint64_t at, const void *bytes, size_t size) {
  mg_own_field *field = &own->field[own->count - 1];
  field->crc = (uint32_t)crc32_z(field->crc, bytes, size);
  const char *from = bytes;
  for (uint64_t to = field->offset + at; size > 0;) {
    const ssize_t put = pwrite(own->file, from, size, (off_t)to);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return mg_fail(MG_ERR_IO, "%s: writing failed: %s", own->path, strerror(errno));
    from += put, to += (uint64_t)put, size -= (size_t)put;
  }
  return MG_OK;
}

mg_status mg_own_rows_flush(mg_own_rows *own) {
  if (own->file < 0) return MG_OK;
  int result = fsync(own->file), error = errno;
  if (close(own->file) != 0 && result == 0) result = -1, error = errno;
  own->file = -1;
  if (result == 0) return MG_OK;
  return mg_fail(MG_ERR_IO, "%s: cannot be flushed to disk: %s", own->path, strerror(error));
}

/* ---- checksums ---- */

static mg_share share_of(const mg_own_field *field, int rank, const mg_comm *comm) {
  return mg_comm_share(comm, field->total, rank);
}

/* Bytes of a rank's rows in the file; of rows that several ranks hold the first one writes. */
static uint64_t bytes_of(const mg_own_field *field, int rank, const mg_comm *comm) {
  const mg_share share = share_of(field, rank, comm);
  return share.own ? (uint64_t)share.count * field->row_bytes : 0;
}

/* Whose rows this rank reads back. */
static int partner_of(const mg_comm *comm, int rank) {
  return (rank + comm->size / 2) % comm->size;
}

/* The sums of all ranks [ranks, fields] become those of the fields: in the order of ranks, which is the file's. */
static void join_sums(const mg_own_rows *own, const mg_comm *comm, const uint32_t *sums,
                      mg_field_table *table) {
  for (int k = 0; k < own->count; k++) {
    const mg_own_field *field = &own->field[k];
    uLong joined = crc32(0, NULL, 0);
    for (int rank = 0; rank < comm->size; rank++) {
      const uLong sum = sums[(size_t)rank * (size_t)own->count + (size_t)k];
      joined = crc32_combine(joined, sum, (z_off_t)bytes_of(field, rank, comm));
    }
    table->field[field->index].crc = (uint32_t)joined;
  }
}

/* Row r [fields] becomes what rank r is to find. */
static void hand_to_readers(const mg_comm *comm, size_t fields, const uint32_t *sums,
                            uint32_t *to) {
  for (int rank = 0; rank < comm->size; rank++)
    memcpy(to + (size_t)rank * fields, sums + (size_t)partner_of(comm, rank) * fields,
           fields * sizeof *to);
}

mg_status mg_own_rows_join(mg_own_rows *own, mg_comm *comm, mg_field_table *table) {
  const size_t fields = (size_t)own->count, ranks = (size_t)comm->size;
  uint32_t *sums = mg_memory_take(2 * ranks * fields + 1, sizeof *sums);
  mg_status status = MG_OK;
  if (!sums) status = mg_fail(MG_ERR_MEMORY, "%s: no memory for its checksums", own->path);
  status = mg_comm_agree(comm, status);
  if (status != MG_OK || !sums) {
    free(sums);
    return status;
  }
  uint32_t *expected = sums + ranks * fields;
  mg_rows rows = {.total = comm->size, .count = comm->size, .size = fields * sizeof *sums};
  const size_t own_row = (size_t)comm->rank * fields;
  for (size_t k = 0; k < fields; k++) sums[own_row + k] = own->field[k].crc;
  rows.bytes = (char *)sums;
  mg_comm_gather_rows(comm, &rows);
  if (comm->rank == 0) {
    join_sums(own, comm, sums, table);
    hand_to_readers(comm, fields, sums, expected);
  }
  rows.bytes = (char *)expected;
  mg_comm_scatter_rows(comm, &rows);
  for (size_t k = 0; k < fields; k++) own->field[k].crc = expected[own_row + k];
  free(sums);
  return MG_OK;
}

/* ---- reading back ---- */

static mg_status add_up(const mg_own_rows *own, int file, uint64_t from, uint64_t size, char *piece,
                        uint32_t *crc) {
  uLong sum = crc32(0, NULL, 0);
  while (size > 0) {
    const ssize_t got = pread(file, piece, size < PIECE ? (size_t)size : PIECE, (off_t)from);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0)
      return mg_fail(MG_ERR_IO, "%s: what was written does not read back: %s", own->path,
                     got < 0 ? strerror(errno) : "the file ends early");
    sum = crc32_z(sum, (const Bytef *)piece, (size_t)got);
    from += (uint64_t)got, size -= (uint64_t)got;
  }
  *crc = (uint32_t)sum;
  return MG_OK;
}

static mg_status verify_all(const mg_own_rows *own, const mg_comm *comm, int file, char *piece) {
  const int writer = partner_of(comm, comm->rank);
  for (int k = 0; k < own->count; k++) {
    const mg_own_field *field = &own->field[k];
    const uint64_t first = (uint64_t)share_of(field, writer, comm).first;
    uint32_t crc = 0;
    MG_TRY(add_up(own, file, field->offset + first * field->row_bytes,
                  bytes_of(field, writer, comm), piece, &crc));
    if (crc != field->crc && !comm->alone)
      return mg_fail(MG_ERR_IO, "%s: rank %d reads other bytes than rank %d has written", own->path,
                     comm->rank, writer);
  }
  return MG_OK;
}

mg_status mg_own_rows_verify(const mg_own_rows *own, const mg_comm *comm) {
  char *piece = mg_memory_take(1, PIECE);
  if (!piece) return mg_fail(MG_ERR_MEMORY, "%s: no memory to read it back", own->path);
  int file = -1;
  const mg_status opened = mg_safe_open_input(own->path, &file);
  mg_status status = opened == MG_OK ? verify_all(own, comm, file, piece)
                                     : mg_fail(MG_ERR_IO, "%s", mg_status_message());
  if (file >= 0) close(file);
  free(piece);
  return status;
}

void mg_own_rows_close(mg_own_rows *own) {
  if (own->file >= 0) close(own->file);
  free(own->field);
  *own = (mg_own_rows){.file = -1};
}
