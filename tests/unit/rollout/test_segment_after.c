#include "rollout/segment_after.h"

#include <criterion/criterion.h>
#include <string.h>

enum { H = 4, PARTS = 3, T = H * PARTS, N = 3, S = 2 };

/* Numbered states; environment 1 ends at steps 1, 3 (a segment's last) and 6, environment 2 at 9. */
static mg_segment make(mg_arena *arena) {
  mg_segment s = mg_segment_make(T, N, S, 1, arena);
  cr_assert(mg_arena_status(arena) == MG_OK);
  s.terminated[1 * N + 1] = s.truncated[3 * N + 1] = s.terminated[6 * N + 1] = 1;
  s.truncated[9 * N + 2] = 1;
  mg_real number = 1;
  for (int i = 0; i < T * N * S; i++) s.x[i] = number++;
  for (int t = 0; t < T; t++)
    for (int n = 0; n < N; n++)
      for (int j = 0; j < S; j++) {
        const int row = t * N + n;
        const bool on = t % H < H - 1 && !s.terminated[row] && !s.truncated[row];
        s.next_x[row * S + j] = on ? s.x[(row + N) * S + j] : number++;
      }
  return s;
}

Test(segment_after, counts_what_is_not_the_next_state) {
  mg_arena *arena = mg_arena_create();
  mg_segment s = make(arena);
  cr_assert_eq(mg_segment_after_most(&s, H), PARTS + 2);
  mg_segment early = mg_segment_part(&s, 0, H);
  cr_assert_eq(mg_segment_after_most(&early, H), 2);
  mg_segment none = mg_segment_part(&s, 0, 0);
  cr_assert_eq(mg_segment_after_most(&none, H), 0);
  mg_arena_destroy(arena);
}

Test(segment_after, packs_in_the_order_of_time) {
  enum { K = PARTS + 2 };
  mg_arena *arena = mg_arena_create();
  mg_segment s = make(arena);
  mg_real after[K * N * S];
  memset(after, 0x7f, sizeof after);
  mg_segment_after_pack(&s, H, K, after);
  static const int steps[N][K] = {{3, 7, 11, -1, -1}, {1, 3, 6, 7, 11}, {3, 7, 9, 11, -1}};
  for (int n = 0; n < N; n++)
    for (int k = 0; k < K; k++)
      for (int j = 0; j < S; j++) {
        const mg_real is = after[(k * N + n) * S + j];
        const mg_real expected = steps[n][k] < 0 ? 0 : s.next_x[(steps[n][k] * N + n) * S + j];
        cr_assert_eq(is, expected, "environment %d, state %d", n, k);
      }
  mg_arena_destroy(arena);
}

/* Of K above what this rank needs, too: another rank has more. */
Test(segment_after, comes_back_bit_for_bit) {
  for (int more = 0; more < 2; more++) {
    mg_arena *arena = mg_arena_create();
    mg_segment s = make(arena), same = make(arena);
    const size_t K = mg_segment_after_most(&s, H) + (size_t)more;
    mg_real *after = MG_NEW(arena, mg_real, K * N * S);
    cr_assert(mg_arena_status(arena) == MG_OK);
    mg_segment_after_pack(&s, H, K, after);
    memset(same.next_x, 0x7f, T * N * S * sizeof(mg_real));
    mg_segment_after_unpack(&same, H, K, after);
    cr_assert_arr_eq(same.next_x, s.next_x, T * N * S * sizeof(mg_real));
    mg_arena_destroy(arena);
  }
}

/* As of a file that could not be read. */
Test(segment_after, too_few_are_no_reason_to_read_on) {
  mg_arena *arena = mg_arena_create();
  mg_segment s = make(arena), same = make(arena);
  mg_real after[(PARTS + 2) * N * S] = {0};
  mg_segment_after_unpack(&s, H, 2, after);
  const size_t row = 3 * N, last = 11 * N;
  cr_assert_eq(s.next_x[row * S], 0);
  cr_assert_eq(s.next_x[last * S], same.next_x[last * S]);
  mg_arena_destroy(arena);
}
