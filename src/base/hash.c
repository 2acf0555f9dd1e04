#include "base/hash.h"

uint64_t mg_hash_more(uint64_t hash, const void *bytes, size_t n) {
  const unsigned char *at = bytes;
  for (size_t i = 0; i < n; i++) hash = (hash ^ at[i]) * 0x100000001b3u;
  return hash;
}

uint64_t mg_hash_bytes(const void *bytes, size_t n) {
  return mg_hash_more(MG_HASH_EMPTY, bytes, n);
}
