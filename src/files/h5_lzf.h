/* h5py's own compression, LZF, which other programs' HDF5 lacks: unpacked only. */
#ifndef MG_FILES_H5_LZF_H
#define MG_FILES_H5_LZF_H

#include <hdf5.h>
#include <stddef.h>
#include <stdint.h>

#define MG_H5_FILTER_LZF 32000 /* as registered with the HDF Group */

/* to [room] <- the text packed in from [n]; how long it is, 0 if it is damaged or too long.
 * A byte c < 32 heads c + 1 plain bytes; another heads a copy of (c >> 5) + 2 bytes (of 7: the next
 * byte more) from ((c & 31) << 8) + the last byte + 1 before. Source: M. Lehmann, LibLZF 3. */
size_t mg_lzf_unpack(const uint8_t *from, size_t n, uint8_t *to, size_t room);

/* Tells HDF5 of the filter. */
void mg_h5_lzf_register(void);

#endif
