#include "base/hash.h"

#include <criterion/criterion.h>

/* Answers published with the algorithm. */
Test(hash, fowler_noll_vo) {
  cr_assert_eq(mg_hash_bytes("", 0), UINT64_C(0xcbf29ce484222325));
  cr_assert_eq(mg_hash_bytes("a", 1), UINT64_C(0xaf63dc4c8601ec8c));
  cr_assert_eq(mg_hash_bytes("foobar", 6), UINT64_C(0x85944171f73967e8));
}
