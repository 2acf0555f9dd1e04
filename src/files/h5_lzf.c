#include "files/h5_lzf.h"

#include <stdlib.h>
#include <string.h>

size_t mg_lzf_unpack(const uint8_t *from, size_t n, uint8_t *to, size_t room) {
  const uint8_t *const end = from + n;
  size_t used = 0;
  while (from < end) {
    const unsigned control = *from++;
    if (control < 32) {
      const size_t plain = control + 1;
      if (plain > (size_t)(end - from) || plain > room - used) return 0;
      memcpy(to + used, from, plain);
      from += plain, used += plain;
      continue;
    }
    size_t length = (control >> 5) + 2, back = (size_t)(control & 31) << 8;
    if (control >> 5 == 7) {
      if (from == end) return 0;
      length += *from++;
    }
    if (from == end) return 0;
    back += (size_t)*from++ + 1;
    if (back > used || length > room - used) return 0;
    for (; length > 0; length--, used++) to[used] = to[used - back]; /* they may overlap */
  }
  return used;
}

/* HDF5's form of it. parameter [3]: revision, version, bytes of a chunk. */
static size_t unpack(unsigned flags, size_t parameters, const unsigned *parameter, size_t bytes,
                     size_t *size, void **buffer) {
  if (!(flags & H5Z_FLAG_REVERSE) || parameters < 3 || parameter[2] == 0) return 0;
  const size_t room = parameter[2];
  uint8_t *unpacked = H5allocate_memory(room, false);
  const size_t used = unpacked ? mg_lzf_unpack(*buffer, bytes, unpacked, room) : 0;
  if (used != room) {
    H5free_memory(unpacked);
    return 0;
  }
  H5free_memory(*buffer);
  *buffer = unpacked, *size = room;
  return room;
}

void mg_h5_lzf_register(void) {
  const H5Z_class2_t filter = {.version = H5Z_CLASS_T_VERS,
                               .id = MG_H5_FILTER_LZF,
                               .encoder_present = 0,
                               .decoder_present = 1,
                               .name = "lzf",
                               .filter = unpack};
  H5Zregister(&filter);
}
