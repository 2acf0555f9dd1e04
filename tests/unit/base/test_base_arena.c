#include "base/arena.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

static bool is_zero(const void *bytes, size_t n) {
  const unsigned char *at = bytes;
  for (size_t i = 0; i < n; i++)
    if (at[i]) return false;
  return true;
}

Test(base_arena, memory_is_aligned_zeroed_and_disjoint) {
  enum { COUNT = 500 };
  mg_arena *arena = mg_arena_create();
  unsigned char *part[COUNT];
  size_t size[COUNT];
  for (int i = 0; i < COUNT; i++) {
    size[i] = (size_t)i * 97 % 9000;
    part[i] = mg_arena_alloc(arena, size[i], 1);
    cr_assert_not_null(part[i]);
    cr_assert_eq((uintptr_t)part[i] % 64, 0);
    cr_assert(is_zero(part[i], size[i]));
    memset(part[i], i % 251 + 1, size[i]);
  }
  for (int i = 0; i < COUNT; i++)
    for (size_t k = 0; k < size[i]; k++) cr_assert_eq(part[i][k], i % 251 + 1);
  cr_assert_eq(mg_arena_status(arena), MG_OK);
  mg_arena_destroy(arena);
}

Test(base_arena, a_request_larger_than_a_block_is_met) {
  mg_arena *arena = mg_arena_create();
  char *small = MG_NEW(arena, char, 10);
  double *large = MG_NEW(arena, double, 3000000);
  cr_assert_not_null(large);
  cr_assert(is_zero(large, 3000000 * sizeof *large));
  large[2999999] = 1;
  small[9] = 1;
  cr_assert_eq(mg_arena_used(arena), 64 + 24000000);
  mg_arena_destroy(arena);
}

Test(base_arena, nothing_is_a_valid_pointer) {
  mg_arena *arena = mg_arena_create();
  cr_assert_not_null(mg_arena_alloc(arena, 0, 8));
  cr_assert_not_null(mg_arena_alloc(arena, 8, 0));
  cr_assert_eq(mg_arena_used(arena), 0);
  mg_arena_destroy(arena);
  mg_arena_destroy(NULL);
}

static void expect_failure(size_t count, size_t size, const char *sentence_part) {
  mg_arena *arena = mg_arena_create();
  cr_assert_not_null(MG_NEW(arena, int, 5));
  cr_assert_null(mg_arena_alloc(arena, count, size));
  cr_assert_null(MG_NEW(arena, int, 1), "a failure stays");
  cr_assert_eq(mg_arena_status(arena), MG_ERR_MEMORY);
  cr_assert_not_null(strstr(mg_status_message(), sentence_part), "got: %s", mg_status_message());
  mg_arena_destroy(arena);
}

Test(base_arena, overflow_of_the_product_fails) {
  expect_failure(SIZE_MAX / 4 + 2, 4, "4611686018427387905 elements of 4 bytes");
}

Test(base_arena, overflow_by_rounding_up_fails) {
  expect_failure(SIZE_MAX, 1, "18446744073709551615 elements of 1 bytes");
}

Test(base_arena, more_than_the_machine_has_fails) {
  expect_failure((size_t)1 << 60, 1, "1152921504606846976 elements");
}

Test(base_arena, marks_nest_and_memory_is_used_again) {
  mg_arena *arena = mg_arena_create();
  char *kept = MG_NEW(arena, char, 100);
  memset(kept, 7, 100);
  size_t used = mg_arena_used(arena);
  mg_arena_mark outer = mg_arena_get_mark(arena);
  char *scratch = MG_NEW(arena, char, 1000);
  mg_arena_mark inner = mg_arena_get_mark(arena);
  memset(MG_NEW(arena, char, 5000000), 9, 5000000); /* into another block */
  mg_arena_release(arena, inner);
  memset(scratch, 8, 1000);
  mg_arena_release(arena, outer);
  cr_assert_eq(mg_arena_used(arena), used);
#ifndef NDEBUG
  float released;
  memcpy(&released, scratch, sizeof released);
  cr_assert(released != released, "released memory is NaN in debug builds");
#endif
  char *again = MG_NEW(arena, char, 1000);
  cr_assert_eq(again, scratch);
  cr_assert(is_zero(again, 1000));
  cr_assert_eq(kept[99], 7);
  mg_arena_destroy(arena);
}

Test(base_arena, a_loop_over_scratch_allocates_once) {
  mg_arena *arena = mg_arena_create();
  mg_arena_mark mark = mg_arena_get_mark(arena); /* of an arena without any block yet */
  void *first[3] = {0};
  for (int round = 0; round < 4; round++) {
    const size_t size[3] = {900000, 5000000, 100000};
    for (int i = 0; i < 3; i++) {
      void *memory = mg_arena_alloc(arena, size[i], 1);
      cr_assert(is_zero(memory, size[i]));
      memset(memory, 5, size[i]);
      if (round == 0) first[i] = memory;
      cr_assert_eq(memory, first[i], "round %d, part %d moved", round, i);
    }
    mg_arena_release(arena, mark);
    cr_assert_eq(mg_arena_used(arena), 0);
  }
  mg_arena_destroy(arena);
}
