#include "files/curves/curves_end.h"

enum { TAIL_BYTES = 2048, HOLES = 16 };

/* So many bytes of the file, until it is closed; *address: where. */
static hid_t take_bytes(hid_t file, hsize_t bytes, H5D_fill_time_t fill, haddr_t *address) {
  hid_t space = H5Screate_simple(1, &bytes, NULL), creation = H5Pcreate(H5P_DATASET_CREATE);
  hid_t data = -1;
  if (H5Pset_alloc_time(creation, H5D_ALLOC_TIME_EARLY) >= 0 &&
      H5Pset_fill_time(creation, fill) >= 0)
    data = H5Dcreate_anon(file, H5T_STD_U8LE, space, creation, H5P_DEFAULT);
  mg_h5_close(creation);
  mg_h5_close(space);
  *address = data >= 0 ? H5Dget_offset(data) : HADDR_UNDEF;
  return data;
}

/* Makes bytes beyond `body` the tail, and the file as long as that. */
static bool move_tail(mg_curves_end *end, hid_t file, haddr_t body) {
  hid_t hole[HOLES]; /* bytes that were free amid the file */
  int holes = 0;
  haddr_t at;
  hid_t tail = take_bytes(file, TAIL_BYTES, H5D_FILL_TIME_ALLOC, &at);
  for (; tail >= 0 && at < body && holes < HOLES; holes++) {
    hole[holes] = tail;
    tail = take_bytes(file, TAIL_BYTES, H5D_FILL_TIME_ALLOC, &at);
  }
  while (holes > 0) mg_h5_close(hole[--holes]);
  mg_h5_close(end->tail);
  end->tail = tail, end->at = at;
  return tail >= 0;
}

/* The bytes are taken, made known, and given back for the chunks. */
bool mg_curves_end_reserve(mg_curves_end *end, hid_t file, hsize_t bytes) {
  if (bytes == 0) return true;
  haddr_t at;
  hid_t body = take_bytes(file, bytes, H5D_FILL_TIME_NEVER, &at);
  bool ok = body >= 0 && (at < end->at || move_tail(end, file, at)) &&
            H5Fflush(file, H5F_SCOPE_GLOBAL) >= 0;
  return mg_h5_close(body) && ok;
}

bool mg_curves_end_close(mg_curves_end *end) {
  bool ok = end->tail < 0 || H5Oincr_refcount(end->tail) >= 0;
  ok = mg_h5_close(end->tail) && ok;
  *end = MG_CURVES_END;
  return ok;
}
