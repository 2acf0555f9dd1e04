/* Hashes of bytes: whether two things are the same, not whether somebody meddled with them. */
#ifndef MG_BASE_HASH_H
#define MG_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* FNV-1a, 64 bits (Fowler, Noll, Vo), of bytes [n]. */
uint64_t mg_hash_bytes(const void *bytes, size_t n);

/* The same of what was hashed before (MG_HASH_EMPTY: nothing) and these bytes behind it. */
#define MG_HASH_EMPTY UINT64_C(0xcbf29ce484222325)
uint64_t mg_hash_more(uint64_t hash, const void *bytes, size_t n);

#endif
