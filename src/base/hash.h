/* Hashes of bytes: whether two things are the same, not whether somebody meddled with them. */
#ifndef MG_BASE_HASH_H
#define MG_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* FNV-1a, 64 bits (Fowler, Noll, Vo), of bytes [n]. */
uint64_t mg_hash_bytes(const void *bytes, size_t n);

#endif
